//! `CREATE …`.

use schema_model::catalog::{Column, ColumnType, Constraint, OpaqueKind, Table, TableKind};
use schema_model::{Name, ObjectName};

use super::cursor::Cursor;
use super::table::create_table;
use super::{in_session, index, new_name, query, same, trigger, view, virtual_table};
use crate::change::Change;
use crate::change::query::Body;
use crate::sql::cursor::{Read, ReadError};
use crate::sql::relations::RelationKind;
use crate::sql::replay::Replayer;

pub(super) fn statement(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let temporary = cursor.take(&["TEMP"]) || cursor.take(&["TEMPORARY"]);
    if cursor.take(&["TABLE"]) {
        table(replayer, cursor, temporary)
    } else if cursor.take(&["VIEW"]) {
        create_view(replayer, cursor, temporary)
    } else if cursor.take(&["TRIGGER"]) {
        create_trigger(replayer, cursor, temporary)
    } else if cursor.take(&["VIRTUAL", "TABLE"]) {
        create_virtual_table(replayer, cursor)
    } else if cursor.take(&["UNIQUE", "INDEX"]) {
        create_index(replayer, cursor, true)
    } else if cursor.take(&["INDEX"]) {
        create_index(replayer, cursor, false)
    } else {
        Err(cursor.unknown(format!("SQLite has no CREATE {}", cursor.ahead(0))))
    }
}

/// Whether the name is free: `false` when it is taken and `IF NOT EXISTS` lets that pass, and for SQLite's own tables, which
/// `.schema` prints and no script can make.
fn is_free(replayer: &Replayer, cursor: &Cursor<'_>, name: &ObjectName, if_not_exists: bool) -> Read<bool> {
    if name.name.as_str().get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_")) {
        return Ok(false);
    }
    let Some(known) = replayer.relations().get(name) else { return Ok(true) };
    // IF NOT EXISTS looks for tables and views when one of them is made.
    if if_not_exists && known.kind != RelationKind::Index {
        return Ok(false);
    }
    let kind = if known.kind == RelationKind::Index { "an index" } else { "a table or view" };
    Err(cursor.refused(format!("{kind} `{name}` already exists"), 0, cursor.len()))
}

fn table(replayer: &mut Replayer, cursor: &mut Cursor<'_>, temporary: bool) -> Read<()> {
    let read = create_table(cursor)?;
    let name = new_name(replayer, cursor, read.name, temporary)?;
    if !is_free(replayer, cursor, &name, read.if_not_exists)? {
        return Ok(());
    }
    let mut table = read.table;
    table.options.temporary = name.schema.is_some();
    table.name = name;
    replayer.note_temporary(&table.options);
    let Some(start) = read.query else { return replayer.emit(Change::CreateTable(Box::new(table))) };
    let columns = query::table_columns(replayer.catalog(), cursor.raw_to_end(start));
    let known = columns.is_some();
    table.columns = columns.unwrap_or_default();
    let name = table.name.clone();
    replayer.emit(Change::CreateTable(Box::new(table)))?;
    if !known {
        let reason = format!("the columns of `{name}` cannot be told from the query");
        replayer.add_gap(cursor.raw(0, start.saturating_sub(1)), &reason, cursor.source());
    }
    Ok(())
}

fn create_view(replayer: &mut Replayer, cursor: &mut Cursor<'_>, temporary: bool) -> Read<()> {
    let read = view::create_view(cursor)?;
    let name = new_name(replayer, cursor, read.name, temporary)?;
    if !is_free(replayer, cursor, &name, read.if_not_exists)? {
        return Ok(());
    }
    let view = view::settle(replayer.catalog(), read.view, name);
    replayer.emit(Change::CreateView(Box::new(view)))
}

fn create_trigger(replayer: &mut Replayer, cursor: &mut Cursor<'_>, temporary: bool) -> Read<()> {
    let read = trigger::create_trigger(cursor)?;
    let temporary =
        temporary || replayer.find_relation(&read.table).is_some_and(|table| table.name.schema.is_some());
    let spelled = in_session(cursor, read.name)?;
    if super::trigger(replayer, &spelled).is_some() {
        if read.if_not_exists {
            return Ok(());
        }
        let message = format!("trigger `{}` already exists", spelled.name);
        return Err(cursor.refused(message, 0, cursor.len()));
    }
    let name = new_name(replayer, cursor, spelled, temporary)?;
    let Some(table) = replayer.find_relation(&read.table).map(|table| table.name.clone()) else {
        return Err(replayer.no_such(&read.table, "table"));
    };
    let object = trigger::settle(replayer.catalog(), read.definition, name, table, cursor);
    replayer.emit(Change::CreateOpaque(Box::new(object)))
}

fn create_index(replayer: &mut Replayer, cursor: &mut Cursor<'_>, unique: bool) -> Read<()> {
    let read = index::create_index(cursor)?;
    let spelled = in_session(cursor, read.name)?;
    let on = in_session(cursor, read.table)?;
    let table = replayer.table(&on)?;
    let name = ObjectName { schema: table.schema.clone(), name: spelled.name.clone() };
    if let Some(known) = replayer.relations().get(&name) {
        if known.kind == RelationKind::Index && read.if_not_exists {
            return Ok(());
        }
        let kind = if known.kind == RelationKind::Index { "index" } else { "a table or view called" };
        return Err(cursor.refused(format!("{kind} `{name}` already exists"), 0, cursor.len()));
    }
    let Some(own) = replayer.catalog().tables.get(&table) else { return Err(replayer.no_such(&on, "table")) };
    let index = index::index(cursor, spelled.name, unique, own)?;
    check_terms(replayer, own, &index)?;
    replayer.emit(Change::CreateIndex { table, index: Box::new(index) })
}

/// A term that is one bare word has to be a column.
fn check_terms(
    replayer: &Replayer,
    table: &Table,
    index: &schema_model::catalog::Index,
) -> Result<(), ReadError> {
    use schema_model::catalog::IndexTerm;
    if table.columns.is_empty() || table.options.kind != TableKind::Plain {
        return Ok(());
    }
    for part in &index.parts {
        if let IndexTerm::Expr(expr) = &part.term
            && is_bare_word(expr.as_str())
        {
            return Err(replayer.refused(format!("table `{}` has no column `{expr}`", table.name)));
        }
    }
    Ok(())
}

fn is_bare_word(text: &str) -> bool {
    let word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    word && text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit()) && !is_constant_word(text)
}

/// Words that are values, and the rowid, which SQLite refuses with a message of its own.
fn is_constant_word(text: &str) -> bool {
    ["null", "true", "false", "current_date", "current_time", "current_timestamp"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

fn create_virtual_table(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let read = virtual_table::create_virtual_table(cursor)?;
    let name = new_name(replayer, cursor, read.name, false)?;
    if !is_free(replayer, cursor, &name, read.if_not_exists)? {
        return Ok(());
    }
    let (table, shadows) = virtual_table::tables(&name, &read.module, read.table);
    replayer.emit(Change::CreateTable(Box::new(table)))?;
    for shadow in shadows {
        replayer.emit(Change::CreateTable(Box::new(shadow)))?;
    }
    Ok(())
}

/// A column whose type is known by its text only.
pub(super) fn column(name: impl Into<Name>, ty: &str) -> Column {
    Column::new(name, ColumnType::Other(ty.to_owned()))
}

/// The triggers of a table or view.
pub(super) fn triggers_on(replayer: &Replayer, table: &ObjectName) -> Vec<Change> {
    let own = |object: &&schema_model::catalog::OpaqueObject| {
        object.id.kind == OpaqueKind::Trigger && object.id.on.as_ref() == Some(table)
    };
    let triggers = replayer.catalog().opaque.values().filter(own);
    triggers.map(|object| Change::DropOpaque(Box::new(object.clone()))).collect()
}

/// The constraints of a table that name a column of it.
pub(super) fn constraints_over<'t>(table: &'t Table, column: &Name) -> impl Iterator<Item = &'t Constraint> {
    use schema_model::catalog::ConstraintKind;
    table.constraints.iter().filter(move |constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            key.columns.iter().any(|name| same(name, column))
        }
        ConstraintKind::ForeignKey(key) => key.columns.iter().any(|name| same(name, column)),
        ConstraintKind::Check(check) => query::names_column(&check.expr, column),
        ConstraintKind::Exclude(_) => false,
    })
}

/// The tables and views that a text names, as the catalog spells them.
pub(super) fn touched(
    catalog: &schema_model::catalog::Catalog,
    text: &str,
) -> std::collections::BTreeSet<ObjectName> {
    let body = Body::new(text);
    body.tables().map(|used| query::spelled(catalog, &used.name)).collect()
}
