//! Sequences: their options, `CREATE`, `ALTER`.

use schema_model::catalog::{ColumnType, Sequence, SequenceOptions};
use schema_model::{Name, ObjectName, Origin};

use crate::change::Change;
use crate::sql::cursor::{Cursor, Read, Spelled};
use crate::sql::relations::{Relation, RelationKind};
use crate::sql::replay::Replayer;

/// Options as they are written, in any order (pg_dump's too).
#[derive(Clone, Default)]
pub(super) struct Options {
    bits: Option<u8>,
    increment: Option<i64>,
    /// `MINVALUE n`, or `NO MINVALUE`.
    min: Option<Option<i64>>,
    max: Option<Option<i64>>,
    start: Option<i64>,
    cache: Option<i64>,
    cycle: Option<bool>,
    /// `OWNED BY table.column`, or `NONE`.
    owned_by: Option<Option<(Spelled, Name)>>,
    /// `SEQUENCE NAME`, of an identity column.
    pub(super) name: Option<Spelled>,
    unlogged: Option<bool>,
}

impl Options {
    /// What a new sequence gets (PostgreSQL's `init_params`).
    pub(super) fn create(&self, bits: u8, replayer: &Replayer) -> Read<SequenceOptions> {
        let bits = self.bits.unwrap_or(bits);
        let increment = self.increment.unwrap_or(1);
        let plain =
            if increment < 0 { SequenceOptions::descending(bits) } else { SequenceOptions::ascending(bits) };
        let min = self.min.flatten().unwrap_or(plain.min);
        let max = self.max.flatten().unwrap_or(plain.max);
        let options = SequenceOptions {
            bits,
            start: self.start.unwrap_or(if increment < 0 { max } else { min }),
            increment,
            min,
            max,
            cache: self.cache.unwrap_or(1),
            cycle: self.cycle.unwrap_or(false),
        };
        possible(options, replayer)
    }

    /// What an existing one becomes. Bounds that were those of the old type become those of the new.
    pub(super) fn alter(&self, old: &SequenceOptions, replayer: &Replayer) -> Read<SequenceOptions> {
        let bits = self.bits.unwrap_or(old.bits);
        let increment = self.increment.unwrap_or(old.increment);
        let retyped = bits != old.bits;
        let reset_max = retyped && old.max == SequenceOptions::type_max(old.bits);
        let reset_min = retyped && old.min == SequenceOptions::type_min(old.bits);
        let max = match self.max {
            Some(Some(max)) => max,
            None if !reset_max => old.max,
            _ if increment > 0 || reset_max => SequenceOptions::type_max(bits),
            _ => -1,
        };
        let min = match self.min {
            Some(Some(min)) => min,
            None if !reset_min => old.min,
            _ if increment < 0 || reset_min => SequenceOptions::type_min(bits),
            _ => 1,
        };
        let options = SequenceOptions {
            bits,
            start: self.start.unwrap_or(old.start),
            increment,
            min,
            max,
            cache: self.cache.unwrap_or(old.cache),
            cycle: self.cycle.unwrap_or(old.cycle),
        };
        possible(options, replayer)
    }

    /// Those of another sequence, written out.
    pub(super) fn like(known: &SequenceOptions) -> Self {
        Options {
            // The clone is made without `AS`: it counts in bigint, within the old bounds.
            bits: Some(64),
            increment: Some(known.increment),
            min: Some(Some(known.min)),
            max: Some(Some(known.max)),
            start: Some(known.start),
            cache: Some(known.cache),
            cycle: Some(known.cycle),
            ..Options::default()
        }
    }

    /// `AS type` alone, for an identity column whose type changes.
    pub(super) fn of_type(bits: u8) -> Self {
        Options { bits: Some(bits), ..Options::default() }
    }
}

/// The options, unless PostgreSQL refuses such bounds.
fn possible(options: SequenceOptions, replayer: &Replayer) -> Read<SequenceOptions> {
    let within = options.min..=options.max;
    if options.increment == 0 || options.min >= options.max || !within.contains(&options.start) {
        return Err(replayer.refused("the sequence's bounds, start or increment are impossible"));
    }
    Ok(options)
}

/// The width of a sequence for a column of this type.
pub(super) fn bits_of(ty: &ColumnType) -> u8 {
    match ty {
        ColumnType::Integer { bits } => *bits,
        _ => 64,
    }
}

/// Sequence options up to the end or to something that is none.
pub(super) fn options(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<Options> {
    let mut options = Options::default();
    while option(replayer, cursor, &mut options)? {}
    Ok(options)
}

/// One option, if one comes next.
pub(super) fn option(replayer: &Replayer, cursor: &mut Cursor<'_>, options: &mut Options) -> Read<bool> {
    if cursor.accept("as") {
        let ty = super::column::any_type(replayer, cursor)?;
        options.bits = Some(bits_of(&ty));
    } else if cursor.accept("increment") {
        cursor.accept("by");
        options.increment = Some(cursor.integer()?);
    } else if cursor.accept("minvalue") {
        options.min = Some(Some(cursor.integer()?));
    } else if cursor.accept("no minvalue") {
        options.min = Some(None);
    } else if cursor.accept("maxvalue") {
        options.max = Some(Some(cursor.integer()?));
    } else if cursor.accept("no maxvalue") {
        options.max = Some(None);
    } else if cursor.accept("start") {
        cursor.accept("with");
        options.start = Some(cursor.integer()?);
    } else if cursor.accept("restart") {
        if cursor.accept("with") || cursor.integer_follows() {
            cursor.integer()?;
        }
    } else if cursor.accept("cache") {
        options.cache = Some(cursor.integer()?);
    } else if cursor.accept("no cycle") {
        options.cycle = Some(false);
    } else if cursor.accept("cycle") {
        options.cycle = Some(true);
    } else if cursor.accept("owned by") {
        options.owned_by = Some(owner(cursor)?);
    } else if cursor.accept("sequence name") {
        options.name = Some(cursor.object()?);
    } else if let Some(word) = cursor.accept_any(&["set logged", "set unlogged", "logged", "unlogged"]) {
        options.unlogged = Some(word.ends_with("unlogged"));
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// `NONE`, or `[schema.]table.column`.
fn owner(cursor: &mut Cursor<'_>) -> Read<Option<(Spelled, Name)>> {
    if cursor.accept("none") {
        return Ok(None);
    }
    let start = cursor.position();
    let mut parts = vec![cursor.name()?];
    while cursor.accept_punct(".") {
        parts.push(cursor.name()?);
    }
    let span = cursor.span_since(start);
    match (parts.pop(), parts.pop()) {
        (Some(column), Some(name)) => Ok(Some((Spelled { schema: parts.pop(), name, span }, column))),
        _ => Err(cursor.unknown("expected `table.column`")),
    }
}

fn owned_by(replayer: &Replayer, owner: &Option<(Spelled, Name)>) -> Read<Option<(ObjectName, Name)>> {
    let Some((spelled, column)) = owner else { return Ok(None) };
    let table = replayer.table(spelled)?;
    if replayer.known_table(&table)?.column(column.as_str()).is_none() {
        return Err(replayer.refused_at(spelled, format!("column `{table}.{column}` does not exist")));
    }
    Ok(Some((table, column.clone())))
}

/// `CREATE [TEMP | UNLOGGED] SEQUENCE`, from after `SEQUENCE` on.
pub(super) fn create(
    replayer: &mut Replayer,
    cursor: &mut Cursor<'_>,
    temporary: bool,
    unlogged: bool,
) -> Read<()> {
    let start = cursor.position();
    let if_not_exists = cursor.accept("if not exists");
    let spelled = cursor.object()?;
    let name = replayer.for_new_relation(&spelled, temporary);
    if !replayer.relations().is_free(&name) {
        return replayer.exists_already(&spelled, &name, if_not_exists);
    }
    let options = options(replayer, cursor)?;
    cursor.expect_done()?;
    let sequence = Sequence {
        options: options.create(64, replayer)?,
        owned_by: match &options.owned_by {
            Some(owner) => owned_by(replayer, owner)?,
            None => None,
        },
        name,
        unlogged: unlogged || options.unlogged.unwrap_or(false),
        comment: None,
        origin: Origin::from(cursor.span_since(start)),
    };
    replayer.emit(Change::CreateSequence(Box::new(sequence)))
}

/// `ALTER SEQUENCE`, from after these words on.
pub(super) fn alter(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let if_exists = cursor.accept("if exists");
    let spelled = cursor.object()?;
    let found = replayer.find_relation(&spelled).cloned();
    match found {
        Some(Relation { kind: RelationKind::Sequence, name, .. }) => alter_known(replayer, cursor, &name),
        Some(Relation { kind: RelationKind::IdentitySequence, name, table: Some(table) }) => {
            alter_identity(replayer, cursor, &name, &table)
        }
        Some(_) => Err(replayer.refused_at(&spelled, format!("`{}` is not a sequence", spelled.shown()))),
        None if if_exists => {
            cursor.finish();
            Ok(())
        }
        None => Err(replayer.no_such(&spelled, "sequence")),
    }
}

fn alter_known(replayer: &mut Replayer, cursor: &mut Cursor<'_>, name: &ObjectName) -> Read<()> {
    if cursor.accept("rename to") {
        let to = name.sibling(cursor.name()?);
        return rename(replayer, name, to);
    }
    if cursor.accept("set schema") {
        let schema = cursor.name()?;
        let to = ObjectName { schema: replayer.existing_schema(&schema)?, name: name.name.clone() };
        return rename(replayer, name, to);
    }
    if cursor.accept("owner to") {
        cursor.finish();
        return Ok(());
    }
    let options = options(replayer, cursor)?;
    cursor.expect_done()?;
    let Some(old) = replayer.catalog().sequences.get(name).cloned() else { return Ok(()) };
    let mut new = old.clone();
    new.options = options.alter(&old.options, replayer)?;
    if let Some(owner) = &options.owned_by {
        new.owned_by = owned_by(replayer, owner)?;
    }
    new.unlogged = options.unlogged.unwrap_or(old.unlogged);
    if new == old {
        return Ok(());
    }
    new.origin = Origin::from(replayer.here());
    replayer.emit(Change::AlterSequence { old: Box::new(old), new: Box::new(new) })
}

/// Renames or moves a sequence.
pub(super) fn rename(replayer: &mut Replayer, from: &ObjectName, to: ObjectName) -> Read<()> {
    if *from == to {
        return Ok(());
    }
    if !replayer.relations().is_free(&to) {
        return Err(replayer.refused(format!("relation `{to}` already exists")));
    }
    replayer.emit(Change::RenameSequence { from: from.clone(), to })
}

/// The sequence of an identity column, altered under its own name.
fn alter_identity(
    replayer: &mut Replayer,
    cursor: &mut Cursor<'_>,
    sequence: &ObjectName,
    table: &ObjectName,
) -> Read<()> {
    let known = replayer.known_table(table)?.columns.iter();
    let of_sequence = |identity: &schema_model::catalog::Identity| identity.sequence == *sequence;
    let Some(old) = known.clone().find(|column| column.identity.as_ref().is_some_and(of_sequence)).cloned()
    else {
        return Ok(());
    };
    let mut new = old.clone();
    let renamed = if cursor.accept("rename to") { Some(sequence.sibling(cursor.name()?)) } else { None };
    if cursor.accept("owner to") {
        cursor.finish();
    }
    let options = options(replayer, cursor)?;
    cursor.expect_done()?;
    if let Some(identity) = &mut new.identity {
        identity.options = options.alter(&identity.options, replayer)?;
        identity.sequence = renamed.unwrap_or_else(|| sequence.clone());
    }
    if new == old {
        return Ok(());
    }
    replayer.emit(Change::AlterColumn { table: table.clone(), old: Box::new(old), new: Box::new(new) })
}
