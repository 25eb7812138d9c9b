//! Constraints as they are written, and the names they get.

use schema_model::catalog::{
    Check, Constraint, ConstraintKind, Deferrable, Exclude, ExcludePart, ForeignKey, IndexTerm, Key,
    ReferentialAction, Table,
};
use schema_model::{Name, ObjectName, Origin, Span};

use super::names::{Taken, addition, constraint_name, index_columns, relation_name};
use super::{figure, index, table};
use crate::sql::cursor::{Cursor, Read, ReadError, Spelled};
use crate::sql::replay::Replayer;

/// A constraint that has been read but not named.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) name: Option<Name>,
    pub(super) kind: PendingKind,
    pub(super) deferrable: Deferrable,
    pub(super) validated: bool,
    /// The position of its first token.
    pub(super) start: usize,
    pub(super) span: Span,
}

#[derive(Clone)]
pub(super) enum PendingKind {
    Key {
        primary: bool,
        key: Key,
    },
    /// `PRIMARY KEY|UNIQUE USING INDEX`.
    KeyUsing {
        primary: bool,
        index: Spelled,
    },
    ForeignKey {
        key: Box<ForeignKey>,
        table: Spelled,
    },
    Check(Check),
    Exclude(Exclude),
}

impl Pending {
    pub(super) fn new(name: Option<Name>, kind: PendingKind, start: usize, span: Span) -> Self {
        Pending { name, kind, deferrable: Deferrable::No, validated: true, start, span }
    }
}

/// Whether a table constraint comes next, and no column.
pub(super) fn is_table_constraint(cursor: &Cursor<'_>) -> bool {
    cursor.is("constraint")
        || cursor.are("primary key")
        || cursor.are("foreign key")
        || cursor.is("unique")
        || cursor.is("check")
        || cursor.is("exclude") && (cursor.is_at(1, "using") || cursor.is_punct_at(1, "("))
}

/// A table constraint with its name and attributes, up to the end.
pub(super) fn table_constraint(cursor: &mut Cursor<'_>) -> Read<Option<Pending>> {
    let start = cursor.position();
    let name = if cursor.accept("constraint") { Some(cursor.name()?) } else { None };
    let kind = if cursor.accept("primary key") {
        key(cursor, true, None)?
    } else if cursor.accept("unique") {
        key(cursor, false, None)?
    } else if cursor.is("check") {
        check(cursor)?
    } else if cursor.accept("foreign key") {
        let columns = cursor.names()?;
        references(cursor, columns)?
    } else if cursor.is("exclude") {
        exclude(cursor)?
    } else if cursor.accept("not null") {
        // PostgreSQL 18 lets a table constraint say it; the column's flag is what counts.
        return Err(cursor.unknown("NOT NULL as a table constraint is not read"));
    } else {
        return Err(cursor.unknown("not a table constraint"));
    };
    let mut pending = Pending::new(name, kind, start, cursor.span_since(start));
    while attribute(cursor, &mut pending) {}
    cursor.expect_done()?;
    pending.span = cursor.span_since(start);
    Ok(Some(pending))
}

/// One of `DEFERRABLE`, `INITIALLY …`, `NOT VALID`, `NO INHERIT`.
pub(super) fn attribute(cursor: &mut Cursor<'_>, pending: &mut Pending) -> bool {
    if cursor.accept("not deferrable") {
        pending.deferrable = Deferrable::No;
    } else if cursor.accept("deferrable") {
        if pending.deferrable == Deferrable::No {
            pending.deferrable = Deferrable::Immediate;
        }
    } else if cursor.accept("initially deferred") {
        pending.deferrable = Deferrable::Deferred;
    } else if cursor.accept("not valid") {
        pending.validated = false;
    } else {
        return cursor
            .accept_any(&["initially immediate", "no inherit", "enforced", "not enforced"])
            .is_some();
    }
    true
}

/// After `PRIMARY KEY` or `UNIQUE`: columns (given for a column constraint), `INCLUDE`, `WITH`, tablespace.
pub(super) fn key(cursor: &mut Cursor<'_>, primary: bool, own: Option<Vec<Name>>) -> Read<PendingKind> {
    if cursor.accept("using index") && !cursor.is("tablespace") {
        return Ok(PendingKind::KeyUsing { primary, index: cursor.object()? });
    }
    let nulls_not_distinct = cursor.accept("nulls not distinct");
    cursor.accept("nulls distinct");
    let columns = match own {
        Some(columns) => columns,
        None => cursor.names()?,
    };
    let mut key = Key { nulls_not_distinct, ..Key::over(columns) };
    if cursor.accept("include") {
        key.include = cursor.names()?;
    }
    key_suffix(cursor, &mut key)?;
    Ok(PendingKind::Key { primary, key })
}

fn key_suffix(cursor: &mut Cursor<'_>, key: &mut Key) -> Read<()> {
    if cursor.is("with") && cursor.is_punct_at(1, "(") {
        cursor.bump();
        let mut options = Vec::new();
        for mut item in cursor.group()?.items() {
            let (name, value) = table::storage_parameter(&mut item)?;
            options.push(format!("{name}={value}"));
        }
        key.suffix = Some(format!("WITH ({})", options.join(", ")));
    }
    if cursor.accept("using index tablespace") || cursor.accept("tablespace") {
        cursor.name()?;
    }
    Ok(())
}

pub(super) fn check(cursor: &mut Cursor<'_>) -> Read<PendingKind> {
    cursor.expect("check")?;
    let expr = cursor.expr_group()?;
    let no_inherit = cursor.accept("no inherit");
    Ok(PendingKind::Check(Check { expr, no_inherit }))
}

/// `REFERENCES table [(columns)] …`.
pub(super) fn references(cursor: &mut Cursor<'_>, columns: Vec<Name>) -> Read<PendingKind> {
    cursor.expect("references")?;
    let table = cursor.object()?;
    let mut key = ForeignKey {
        columns,
        table: table.shown(),
        referenced: if cursor.is_punct("(") { cursor.names()? } else { Vec::new() },
        on_delete: ReferentialAction::NoAction,
        on_update: ReferentialAction::NoAction,
        on_delete_columns: Vec::new(),
        match_full: false,
    };
    loop {
        if cursor.accept("match") {
            key.match_full = cursor.accept("full");
            if !key.match_full {
                cursor.accept_any(&["simple", "partial"]);
            }
        } else if cursor.accept("on delete") {
            key.on_delete = action(cursor)?;
            if cursor.is_punct("(") {
                key.on_delete_columns = cursor.names()?;
            }
        } else if cursor.accept("on update") {
            key.on_update = action(cursor)?;
        } else {
            return Ok(PendingKind::ForeignKey { key: Box::new(key), table });
        }
    }
}

fn action(cursor: &mut Cursor<'_>) -> Read<ReferentialAction> {
    let words = ["no action", "restrict", "cascade", "set null", "set default"];
    Ok(match cursor.accept_any(&words) {
        Some("no action") => ReferentialAction::NoAction,
        Some("restrict") => ReferentialAction::Restrict,
        Some("cascade") => ReferentialAction::Cascade,
        Some("set null") => ReferentialAction::SetNull,
        Some(_) => ReferentialAction::SetDefault,
        None => return Err(cursor.unknown("expected a referential action")),
    })
}

fn exclude(cursor: &mut Cursor<'_>) -> Read<PendingKind> {
    cursor.expect("exclude")?;
    let method = if cursor.accept("using") { cursor.name()? } else { Name::new("btree") };
    let mut parts = Vec::new();
    for mut item in cursor.group()?.items() {
        let part = index::part(&mut item)?;
        item.expect("with")?;
        let operator = item.take_rest();
        parts.push(ExcludePart { part, operator });
    }
    let mut exclude = Exclude { method, parts, include: Vec::new(), predicate: None };
    if cursor.accept("include") {
        exclude.include = cursor.names()?;
    }
    let mut ignored = Key::default();
    key_suffix(cursor, &mut ignored)?;
    if cursor.accept("where") {
        exclude.predicate = Some(cursor.expr_group()?);
    }
    Ok(PendingKind::Exclude(exclude))
}

/// Checks the constraint against the table and the catalog, and names it.
pub(super) fn settle(
    replayer: &Replayer,
    table: &Table,
    taken: &mut Taken,
    pending: &Pending,
) -> Read<Constraint> {
    let refused = |message: String| ReadError::Refused { message, span: pending.span };
    let known = |columns: &[Name]| match columns.iter().find(|name| table.column(name.as_str()).is_none()) {
        Some(name) => Err(refused(format!("column `{}.{name}` does not exist", table.name))),
        None => Ok(()),
    };
    let kind = match &pending.kind {
        PendingKind::Key { primary, key } => {
            known(&key.columns)?;
            known(&key.include)?;
            if *primary && table.primary_key().is_some() {
                return Err(refused(format!("table `{}` already has a primary key", table.name)));
            }
            match primary {
                true => ConstraintKind::PrimaryKey(key.clone()),
                false => ConstraintKind::Unique(key.clone()),
            }
        }
        PendingKind::KeyUsing { index, .. } => {
            return Err(refused(format!("index `{}` cannot be used here", index.name)));
        }
        PendingKind::ForeignKey { key, table: spelled } => {
            known(&key.columns)?;
            ConstraintKind::ForeignKey(foreign_key(replayer, table, key, spelled)?)
        }
        PendingKind::Check(check) => ConstraintKind::Check(check.clone()),
        PendingKind::Exclude(exclude) => ConstraintKind::Exclude(column_terms(replayer, exclude, table)),
    };
    let name = match &pending.name {
        Some(name) => name.clone(),
        None => generated_name(replayer, table, taken, &kind),
    };
    let constraint = Constraint {
        deferrable: pending.deferrable,
        validated: pending.validated,
        origin: Origin::from(pending.span),
        ..Constraint::new(Some(name.clone()), kind)
    };
    if constraint.owns_index() {
        let relation = table.name.sibling(name.clone());
        if !replayer.relations().is_free(&relation) {
            return Err(refused(format!("relation `{relation}` already exists")));
        }
        taken.relation(relation);
    }
    taken.constraint(table.name.sibling(name));
    Ok(constraint)
}

/// Terms that are a column in parentheses are that column.
fn column_terms(replayer: &Replayer, exclude: &Exclude, table: &Table) -> Exclude {
    let mut exclude = exclude.clone();
    let method = exclude.method.clone();
    exclude.parts.iter_mut().for_each(|part| index::settle_part(replayer, &mut part.part, table, &method));
    exclude
}

/// The referenced table looked up, and its key's columns filled in.
fn foreign_key(replayer: &Replayer, table: &Table, key: &ForeignKey, spelled: &Spelled) -> Read<ForeignKey> {
    let mut key = key.clone();
    let own = replayer.candidates(spelled).contains(&table.name)
        && !replayer.catalog().tables.contains_key(&table.name);
    let name: ObjectName = if own { table.name.clone() } else { replayer.table(spelled)? };
    let target = if name == table.name { table } else { replayer.known_table(&name)? };
    if key.referenced.is_empty() {
        let primary = target.primary_key().map(|key| key.columns.clone());
        key.referenced = primary.ok_or_else(|| {
            replayer.refused_at(spelled, format!("table `{name}` has no primary key to reference"))
        })?;
    } else if let Some(missing) =
        key.referenced.iter().find(|column| target.column(column.as_str()).is_none())
    {
        return Err(replayer.refused_at(spelled, format!("column `{name}.{missing}` does not exist")));
    }
    key.table = name;
    Ok(key)
}

/// The name that PostgreSQL gives a constraint whose author gave none.
pub(super) fn generated_name(
    replayer: &Replayer,
    table: &Table,
    taken: &Taken,
    kind: &ConstraintKind,
) -> Name {
    let all = replayer.relations();
    let joined = |names: Vec<String>| addition(names.iter().map(String::as_str));
    match kind {
        ConstraintKind::PrimaryKey(_) => relation_name(all, taken, &table.name, None, "pkey", true),
        ConstraintKind::Unique(key) => {
            let columns = key.columns.iter().chain(&key.include).map(|name| Some(name.to_string()));
            let middle = joined(index_columns(columns));
            relation_name(all, taken, &table.name, Some(&middle), "key", true)
        }
        ConstraintKind::Exclude(exclude) => {
            let terms = exclude.parts.iter().map(|part| match &part.part.term {
                IndexTerm::Column(name) => Some(name.to_string()),
                IndexTerm::Expr(expr) => figure::index_column(expr),
            });
            let include = exclude.include.iter().map(|name| Some(name.to_string()));
            let middle = joined(index_columns(terms.chain(include)));
            relation_name(all, taken, &table.name, Some(&middle), "excl", true)
        }
        ConstraintKind::ForeignKey(key) => {
            let middle = addition(key.columns.iter().map(Name::as_str));
            constraint_name(all, taken, &table.name, Some(&middle), "fkey")
        }
        ConstraintKind::Check(check) => {
            let columns = table.columns.iter().map(|column| &column.name);
            let used = figure::columns_used(&check.expr, table.name.name.as_str(), columns);
            let middle = match used.as_slice() {
                [only] => Some(only.as_str()),
                _ => None,
            };
            constraint_name(all, taken, &table.name, middle, "check")
        }
    }
}
