//! A column's definition, as `CREATE TABLE` and `ADD COLUMN` have it.

use schema_model::catalog::{Column, ColumnType, Generated, Identity, Sequence, SequenceOptions, Storage};
use schema_model::ident::{quote_object, quote_string};
use schema_model::{DialectKind, Expr, Name, ObjectName, Origin};

use super::constraint::{self, Pending, PendingKind};
use super::names::{Taken, relation_name};
use super::sequence;
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// What may follow a column's type or default.
const OPTION_WORDS: [&str; 18] = [
    "constraint",
    "not null",
    "null",
    "check",
    "unique",
    "primary key",
    "references",
    "default",
    "generated",
    "collate",
    "deferrable",
    "not deferrable",
    "initially",
    "storage",
    "compression",
    "enforced",
    "not enforced",
    "options",
];

/// A column as it is written.
pub(super) struct ColumnDef {
    pub(super) column: Column,
    /// `DEFAULT NULL`: a parent's default does not come through.
    pub(super) null_default: bool,
    /// `serial` and its kin: the width of the sequence.
    pub(super) serial: Option<u8>,
    pub(super) identity: Option<IdentityDef>,
    pub(super) constraints: Vec<Pending>,
}

/// `GENERATED … AS IDENTITY (…)`.
pub(super) struct IdentityDef {
    pub(super) always: bool,
    pub(super) options: sequence::Options,
}

/// `name type …`.
pub(super) fn definition(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<ColumnDef> {
    let start = cursor.position();
    let name = cursor.name()?;
    let (ty, serial) = column_type(replayer, cursor)?;
    let mut def = ColumnDef {
        column: Column::new(name, ty),
        null_default: false,
        serial,
        identity: None,
        constraints: Vec::new(),
    };
    def.column.nullable = serial.is_none();
    options(replayer, cursor, &mut def)?;
    def.column.origin = Origin::from(cursor.span_since(start));
    Ok(def)
}

/// A column's type; a serial word gives its integer and the sequence's width.
pub(super) fn column_type(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<(ColumnType, Option<u8>)> {
    let serial = match cursor.word(0).to_ascii_lowercase().as_str() {
        "serial" | "serial4" => Some(32),
        "bigserial" | "serial8" => Some(64),
        "smallserial" | "serial2" => Some(16),
        _ => None,
    };
    if let Some(bits) = serial
        && !cursor.is_punct_at(1, ".")
        && replayer.find_type(&cursor.clone().object()?).is_none()
    {
        cursor.bump();
        return Ok((ColumnType::Integer { bits }, Some(bits)));
    }
    Ok((any_type(replayer, cursor)?, None))
}

/// A type, its user-defined name looked up.
pub(super) fn any_type(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<ColumnType> {
    let mut ty = cursor.ty()?;
    resolve(replayer, &mut ty);
    Ok(ty)
}

/// The type's user-defined name by the search path.
pub(super) fn resolve(replayer: &Replayer, ty: &mut ColumnType) {
    if let Some(name) = ty.user_type_mut()
        && name.schema.is_none()
        && let Some(found) = replayer.find_type_named(&name.name)
    {
        *name = found;
    }
}

/// Column constraints and the like, up to the end.
pub(super) fn options(replayer: &Replayer, cursor: &mut Cursor<'_>, def: &mut ColumnDef) -> Read<()> {
    while !cursor.is_done() {
        let start = cursor.position();
        let name = if cursor.accept("constraint") { Some(cursor.name()?) } else { None };
        if !option(replayer, cursor, def, name)? {
            return Err(cursor.unknown("not a column constraint"));
        }
        if let Some(last) = def.constraints.last_mut()
            && last.start == start
        {
            last.span = cursor.span_since(start);
        }
    }
    Ok(())
}

fn option(
    replayer: &Replayer,
    cursor: &mut Cursor<'_>,
    def: &mut ColumnDef,
    name: Option<Name>,
) -> Read<bool> {
    let start = cursor.position().saturating_sub(if name.is_some() { 2 } else { 0 });
    let own = || vec![def.column.name.clone()];
    let kind = if cursor.accept("not null") {
        def.column.nullable = false;
        cursor.accept("no inherit");
        return Ok(true);
    } else if cursor.accept("null") {
        return Ok(true);
    } else if cursor.accept("default") {
        def.column.default = default_value(replayer, cursor, &def.column.ty)?;
        def.null_default = def.column.default.is_none();
        return Ok(true);
    } else if cursor.accept("collate") {
        def.column.collation = collation(replayer, cursor)?;
        return Ok(true);
    } else if cursor.accept("generated") {
        generated(replayer, cursor, def)?;
        return Ok(true);
    } else if cursor.accept("storage") {
        let word = cursor.name()?.as_str().to_ascii_uppercase();
        let own = Storage::own_strategy(&def.column.ty) == Some(&word) || word == "DEFAULT";
        def.column.storage.strategy = (!own).then_some(word);
        return Ok(true);
    } else if cursor.accept("compression") {
        let method = cursor.name()?.as_str().to_ascii_lowercase();
        def.column.storage.compression = (method != "default").then_some(method);
        return Ok(true);
    } else if cursor.accept("options") {
        cursor.group()?;
        return Ok(true);
    } else if cursor.accept("primary key") {
        def.column.nullable = false;
        constraint::key(cursor, true, Some(own()))?
    } else if cursor.accept("unique") {
        constraint::key(cursor, false, Some(own()))?
    } else if cursor.is("check") {
        constraint::check(cursor)?
    } else if cursor.is("references") {
        constraint::references(cursor, own())?
    } else {
        return Ok(attributes(cursor, def));
    };
    def.constraints.push(Pending::new(name, kind, start, cursor.span_since(start)));
    Ok(true)
}

/// `DEFERRABLE` and the like, which stand behind the constraint that they are about.
fn attributes(cursor: &mut Cursor<'_>, def: &mut ColumnDef) -> bool {
    let Some(last) = def.constraints.last_mut() else {
        return cursor.accept_any(&["enforced", "not enforced"]).is_some();
    };
    constraint::attribute(cursor, last)
}

/// The expression after `DEFAULT`, where it says more than none.
pub(super) fn default_value(
    replayer: &Replayer,
    cursor: &mut Cursor<'_>,
    ty: &ColumnType,
) -> Read<Option<Expr>> {
    // The first item is the value even where its word could start an option: `DEFAULT NULL`.
    let start = *cursor;
    cursor.skip_item();
    cursor.skip_until(&OPTION_WORDS);
    let mut value = start.upto(cursor);
    let expr = value.expr_rest()?;
    Ok((!replayer.catalog().is_no_default(&expr, ty)).then_some(expr))
}

/// A collation's name; the default one is none.
pub(super) fn collation(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<Option<ObjectName>> {
    let spelled = cursor.object()?;
    let system = spelled.schema.as_ref().is_some_and(|schema| schema.as_str() == "pg_catalog");
    if spelled.name.as_str() == "default" {
        return Ok(None);
    }
    let schema = spelled.schema.as_ref().filter(|_| !system).and_then(|schema| replayer.schema_of(schema));
    Ok(Some(ObjectName { schema, name: spelled.name }))
}

fn generated(replayer: &Replayer, cursor: &mut Cursor<'_>, def: &mut ColumnDef) -> Read<()> {
    let always = cursor.accept("always");
    if !always {
        cursor.expect("by default")?;
    }
    cursor.expect("as")?;
    if cursor.accept("identity") {
        let mut options = sequence::Options::default();
        if cursor.is_punct("(") {
            options = sequence::options(replayer, &mut cursor.group()?)?;
        }
        def.column.nullable = false;
        def.identity = Some(IdentityDef { always, options });
        return Ok(());
    }
    let expr = cursor.expr_group()?;
    let stored = cursor.accept("stored");
    if !stored {
        cursor.accept("virtual");
    }
    def.column.generated = Some(Generated { expr, stored });
    Ok(())
}

/// `nextval('…'::regclass)`, as PostgreSQL writes a serial column's default.
pub(super) fn nextval(sequence: &ObjectName) -> Expr {
    let quoted = quote_string(&quote_object(sequence, DialectKind::Postgres), DialectKind::Postgres);
    Expr::new(format!("nextval({quoted}::regclass)"))
}

/// Makes the sequence of a serial column, chooses that of an identity column, and finishes the column.
pub(super) fn finish(
    replayer: &mut Replayer,
    table: &ObjectName,
    def: &mut ColumnDef,
    unlogged: bool,
    taken: &mut Taken,
) -> Read<()> {
    let column = def.column.name.clone();
    let choose = |replayer: &Replayer, taken: &Taken| {
        let name = relation_name(replayer.relations(), taken, table, Some(column.as_str()), "seq", false);
        table.sibling(name)
    };
    if let Some(bits) = def.serial {
        let name = choose(replayer, taken);
        def.column.default = Some(nextval(&name));
        replayer.emit(Change::CreateSequence(Box::new(Sequence {
            name,
            options: SequenceOptions::ascending(bits),
            owned_by: Some((table.clone(), column.clone())),
            unlogged,
            comment: None,
            origin: def.column.origin,
        })))?;
    }
    if let Some(identity) = &def.identity {
        let sequence = match &identity.options.name {
            Some(spelled) => replayer.for_new(spelled),
            None => choose(replayer, taken),
        };
        taken.relation(sequence.clone());
        let bits = sequence::bits_of(&def.column.ty);
        let options = identity.options.create(bits, replayer)?;
        def.column.identity = Some(Identity { always: identity.always, sequence, options });
    }
    Ok(())
}

/// The names of the columns that the primary key among these constraints has.
pub(super) fn key_columns(constraints: &[Pending]) -> Vec<Name> {
    let keys = constraints.iter().filter_map(|pending| match &pending.kind {
        PendingKind::Key { primary: true, key } => Some(key.columns.clone()),
        _ => None,
    });
    keys.flatten().collect()
}
