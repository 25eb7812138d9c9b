//! `CREATE TABLE`.

mod build;
mod like;

use schema_model::catalog::{Column, Table, TableKind, TableOptions};
use schema_model::{Name, Origin};

use super::column::{self, ColumnDef};
use super::constraint::{self, Pending};
use super::{partition, query};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read, Spelled};
use crate::sql::replay::Replayer;

pub(super) use build::{Builder, inherited_checks};

/// What stands between `CREATE` and `TABLE`.
#[derive(Clone, Copy, Default)]
pub(super) struct Modifiers {
    pub(super) temporary: bool,
    pub(super) unlogged: bool,
    pub(super) foreign: bool,
}

impl Modifiers {
    /// Passes over them.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Self {
        let mut modifiers = Modifiers::default();
        while let Some(word) =
            cursor.accept_any(&["global", "local", "temporary", "temp", "unlogged", "foreign"])
        {
            modifiers.temporary |= word.starts_with("temp");
            modifiers.unlogged |= word == "unlogged";
            modifiers.foreign |= word == "foreign";
        }
        modifiers
    }
}

/// From after `TABLE` on.
pub(super) fn create(replayer: &mut Replayer, cursor: &mut Cursor<'_>, modifiers: Modifiers) -> Read<()> {
    let if_not_exists = cursor.accept("if not exists");
    let spelled = cursor.object()?;
    let name = replayer.for_new_relation(&spelled, modifiers.temporary);
    if !replayer.relations().is_free(&name) {
        cursor.finish();
        return replayer.exists_already(&spelled, &name, if_not_exists);
    }
    let mut table = Table::new(name);
    table.origin = Origin::from(replayer.here());
    table.options.unlogged = modifiers.unlogged;
    table.options.temporary = modifiers.temporary;
    if cursor.accept("partition of") {
        return partition::create_of(replayer, cursor, table);
    }
    if cursor.is("of") {
        return Err(cursor.unknown("tables of a type are not read"));
    }
    if cursor.has_ahead("as") && (cursor.is_punct("(") || !cursor.is_done()) {
        return create_as(replayer, cursor, table);
    }
    let mut builder = Builder::new(table);
    for item in cursor.group()?.items() {
        element(replayer, item, &mut builder)?;
    }
    tail(replayer, cursor, &mut builder)?;
    if modifiers.foreign {
        builder.table.options.kind = TableKind::Foreign(cursor.take_rest());
    }
    cursor.expect_done()?;
    builder.finish(replayer)
}

fn element(replayer: &Replayer, mut item: Cursor<'_>, builder: &mut Builder) -> Read<()> {
    if item.accept("like") {
        return like::read(replayer, &mut item, builder);
    }
    if constraint::is_table_constraint(&item) {
        builder.pending.extend(constraint::table_constraint(&mut item)?);
        return Ok(());
    }
    let mut def = column::definition(replayer, &mut item)?;
    if builder.defs.iter().any(|known| known.column.name == def.column.name) {
        return Err(replayer.refused(format!("column `{}` is given twice", def.column.name)));
    }
    builder.pending.append(&mut def.constraints);
    builder.defs.push(def);
    Ok(())
}

/// `INHERITS`, `PARTITION BY`, `USING`, `WITH`, `ON COMMIT`, `TABLESPACE`.
pub(super) fn tail(replayer: &Replayer, cursor: &mut Cursor<'_>, builder: &mut Builder) -> Read<()> {
    loop {
        if cursor.accept("inherits") {
            for mut parent in cursor.group()?.items() {
                let name = replayer.table(&parent.object()?)?;
                builder.inherit(replayer.known_table(&name)?);
            }
        } else if cursor.accept("partition by") {
            builder.table.options.kind = TableKind::Partitioned(partition::key(cursor)?);
        } else if !option(cursor, &mut builder.table.options)? {
            return Ok(());
        }
    }
}

fn option(cursor: &mut Cursor<'_>, options: &mut TableOptions) -> Read<bool> {
    if cursor.accept("using") {
        cursor.name()?;
    } else if cursor.is("with") && cursor.is_punct_at(1, "(") {
        cursor.bump();
        storage_parameters(&mut cursor.group()?, options)?;
    } else if cursor.accept("tablespace") {
        options.tablespace = Some(cursor.name()?);
    } else {
        let words = [
            "without oids",
            "with oids",
            "on commit drop",
            "on commit delete rows",
            "on commit preserve rows",
        ];
        return Ok(cursor.accept_any(&words).is_some());
    }
    Ok(true)
}

/// `(name = value, …)` into the table's options.
pub(super) fn storage_parameters(group: &mut Cursor<'_>, options: &mut TableOptions) -> Read<()> {
    for mut item in group.items() {
        let (name, value) = storage_parameter(&mut item)?;
        options.with.insert(name, value);
    }
    Ok(())
}

/// `name [= value]`; a name alone is true.
pub(super) fn storage_parameter(item: &mut Cursor<'_>) -> Read<(String, String)> {
    let mut name = item.name()?.to_string();
    while item.accept_punct(".") {
        name = format!("{name}.{}", item.name()?);
    }
    let value = match item.accept_punct("=") {
        true => item.take_rest().trim_matches('\'').to_owned(),
        false => "true".to_owned(),
    };
    Ok((name, value))
}

/// `[(columns)] … AS query [WITH [NO] DATA]`.
fn create_as(replayer: &mut Replayer, cursor: &mut Cursor<'_>, mut table: Table) -> Read<()> {
    let names = if cursor.is_punct("(") { cursor.names()? } else { Vec::new() };
    while option(cursor, &mut table.options)? {}
    cursor.expect("as")?;
    let query = cursor.take_rest();
    let columns = query::query_columns(replayer, &query);
    create_from_query(replayer, table, names, columns)
}

/// A table with a query's columns; a gap when they are not known.
pub(super) fn create_from_query(
    replayer: &mut Replayer,
    mut table: Table,
    names: Vec<Name>,
    columns: Option<Vec<Column>>,
) -> Read<()> {
    let name = table.name.clone();
    let known = columns.is_some();
    table.columns = columns.unwrap_or_default();
    for (column, name) in table.columns.iter_mut().zip(names) {
        column.name = name;
    }
    replayer.emit(Change::CreateTable(Box::new(table)))?;
    if !known {
        replayer.note_gap(&name, "the columns of the query are not known");
    }
    Ok(())
}

/// The definition of one column, for those that add columns elsewhere.
pub(super) struct Added {
    pub(super) def: ColumnDef,
    pub(super) pending: Vec<Pending>,
}

/// `ADD COLUMN`'s definition.
pub(super) fn added(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<Added> {
    let mut def = column::definition(replayer, cursor)?;
    let pending = std::mem::take(&mut def.constraints);
    Ok(Added { def, pending })
}

/// The table that a name spells, for statements about one.
pub(super) fn spelled_table(cursor: &mut Cursor<'_>) -> Read<Spelled> {
    let parenthesised = cursor.accept("only") && cursor.accept_punct("(");
    let spelled = cursor.object()?;
    if parenthesised {
        cursor.expect_punct(")")?;
    }
    cursor.accept_punct("*");
    Ok(spelled)
}
