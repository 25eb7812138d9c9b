//! `CREATE TABLE`, from its text to a table.

use schema_model::catalog::{Check, ColumnType, Constraint, ConstraintKind, Key, Table, TableOptions};
use schema_model::ident::quote;
use schema_model::{DialectKind, Name, ObjectName};

use super::column::{
    ColumnDefinition, deferrable, definition, direction, is_nameless, on_conflict, references,
};
use super::cursor::Cursor;
use super::same;
use crate::sql::cursor::{Read, Source, Spelled};

/// What follows `CREATE [TEMP] TABLE`.
pub(super) struct CreateTable {
    pub name: Spelled,
    pub if_not_exists: bool,
    pub table: Table,
    /// Where the query of `AS SELECT` starts, in tokens.
    pub query: Option<usize>,
}

/// The table that a stored `CREATE TABLE` text stands for.
#[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "the live database's reader asks for it"))]
pub(crate) fn table_from_text(text: &str, source: Source) -> Read<Table> {
    let mut cursor = Cursor::new(text, source);
    cursor.expect(&["CREATE"])?;
    let temporary = cursor.take(&["TEMP"]) || cursor.take(&["TEMPORARY"]);
    cursor.expect(&["TABLE"])?;
    let mut read = create_table(&mut cursor)?;
    read.table.options.temporary = temporary;
    Ok(read.table)
}

pub(super) fn create_table(cursor: &mut Cursor<'_>) -> Read<CreateTable> {
    let if_not_exists = cursor.take(&["IF", "NOT", "EXISTS"]);
    let name = cursor.object()?;
    let table = Table::new(ObjectName::bare(name.name.clone()));
    let mut read = CreateTable { name, if_not_exists, table, query: None };
    read.table.origin = cursor.origin(0, cursor.len());
    if cursor.take(&["AS"]) {
        read.query = Some(cursor.position());
        cursor.go_to(cursor.len());
        return Ok(read);
    }
    cursor.expect_mark("(")?;
    elements(cursor, &mut read.table)?;
    cursor.expect_mark(")")?;
    options(cursor, &mut read.table.options)?;
    settle(&mut read.table);
    Ok(read)
}

/// Columns, then table constraints, between which SQLite does not insist on commas.
fn elements(cursor: &mut Cursor<'_>, table: &mut Table) -> Read<()> {
    loop {
        if starts_constraint(cursor) {
            table_constraint(cursor, table)?;
            while starts_constraint(cursor) {
                table_constraint(cursor, table)?;
            }
        } else {
            let start = cursor.position();
            let read = definition(cursor)?;
            if table.columns.iter().any(|known| same(&known.name, &read.column.name)) {
                let message = format!("column `{}` is there twice", read.column.name);
                return Err(cursor.refused(message, start, start + 1));
            }
            add_definition(table, read);
        }
        if !cursor.take_mark(",") {
            return Ok(());
        }
    }
}

/// Puts a column with its constraints at the end of a table.
pub(super) fn add_definition(table: &mut Table, read: ColumnDefinition) {
    table.options.autoincrement |= read.autoincrement;
    table.columns.push(read.column);
    table.constraints.extend(read.constraints);
}

fn starts_constraint(cursor: &Cursor<'_>) -> bool {
    cursor.is_word(0, "CONSTRAINT")
        || cursor.is_words(&["PRIMARY", "KEY"])
        || cursor.is_word(0, "UNIQUE")
        || cursor.is_word(0, "CHECK")
        || cursor.is_words(&["FOREIGN", "KEY"])
}

fn table_constraint(cursor: &mut Cursor<'_>, table: &mut Table) -> Read<()> {
    let start = cursor.position();
    let name = if cursor.take(&["CONSTRAINT"]) { Some(cursor.name()?) } else { None };
    if name.is_some() && is_nameless(cursor) {
        return Ok(());
    }
    let mut constraint = constraint(cursor, table, name)?;
    constraint.origin = cursor.origin(start, cursor.position());
    table.constraints.push(constraint);
    Ok(())
}

fn constraint(cursor: &mut Cursor<'_>, table: &mut Table, name: Option<Name>) -> Read<Constraint> {
    if cursor.take(&["PRIMARY", "KEY"]) {
        let mut key = key(cursor, &mut table.options.autoincrement)?;
        key.suffix = on_conflict(cursor)?;
        let alias = key.columns.len() == 1
            && table
                .columns
                .iter()
                .any(|column| same(&column.name, &key.columns[0]) && is_integer(&column.ty));
        if alias {
            // `PRIMARY KEY (id DESC)` over an INTEGER column is the rowid all the same.
            key.column_suffixes.clear();
        }
        return Ok(Constraint::new(name, ConstraintKind::PrimaryKey(key)));
    }
    if cursor.take(&["UNIQUE"]) {
        let mut key = key(cursor, &mut false)?;
        key.suffix = on_conflict(cursor)?;
        return Ok(Constraint::new(name, ConstraintKind::Unique(key)));
    }
    if cursor.take(&["CHECK"]) {
        let expr = cursor.parens_expr()?;
        on_conflict(cursor)?;
        return Ok(Constraint::new(name, ConstraintKind::Check(Check { expr, no_inherit: false })));
    }
    cursor.expect(&["FOREIGN", "KEY"])?;
    let columns = cursor.names()?;
    let mut constraint = Constraint::new(name, ConstraintKind::ForeignKey(references(cursor, columns)?));
    constraint.deferrable = deferrable(cursor)?;
    Ok(constraint)
}

/// In a key and in an index.
pub(super) const NO_NULLS_ORDER: &str = "SQLite has no NULLS FIRST or NULLS LAST here";

/// `(a COLLATE NOCASE DESC, b)`.
fn key(cursor: &mut Cursor<'_>, autoincrement: &mut bool) -> Read<Key> {
    cursor.expect_mark("(")?;
    let mut key = Key::default();
    let mut suffixes = Vec::new();
    loop {
        key.columns.push(cursor.name()?);
        let mut suffix = Vec::new();
        if cursor.take(&["COLLATE"]) {
            suffix.push(format!("COLLATE {}", quote(&cursor.name()?, DialectKind::Sqlite)));
        }
        if direction(cursor) == Some("DESC") {
            suffix.push("DESC".to_owned());
        }
        if cursor.is_word(0, "NULLS") {
            return Err(cursor.refused(NO_NULLS_ORDER, cursor.position(), cursor.position() + 2));
        }
        suffixes.push(suffix.join(" "));
        *autoincrement |= cursor.take(&["AUTOINCREMENT"]);
        if !cursor.take_mark(",") {
            break;
        }
    }
    cursor.expect_mark(")")?;
    if suffixes.iter().any(|suffix| !suffix.is_empty()) {
        key.column_suffixes = suffixes;
    }
    Ok(key)
}

fn options(cursor: &mut Cursor<'_>, options: &mut TableOptions) -> Read<()> {
    while !cursor.at_end() {
        if cursor.take(&["WITHOUT"]) {
            let word = cursor.name()?;
            options.without_rowid |= word.as_str().eq_ignore_ascii_case("rowid");
        } else if cursor.take(&["STRICT"]) {
            options.strict = true;
        } else {
            return Err(cursor.unknown(format!("`{}` is no table option", cursor.ahead(0))));
        }
        if !cursor.take_mark(",") {
            break;
        }
    }
    if cursor.at_end() { Ok(()) } else { Err(cursor.unknown("expected the end of the statement")) }
}

/// Whether a primary key column of this type is the rowid.
pub(super) fn is_integer(ty: &ColumnType) -> bool {
    matches!(ty, ColumnType::Other(text) if text.eq_ignore_ascii_case("INTEGER"))
}

/// What the parts of a table imply for each other: names in constraints get the columns' spelling, and the columns of
/// a primary key are NOT NULL where SQLite makes them so (WITHOUT ROWID and STRICT tables).
fn settle(table: &mut Table) {
    let spelled: Vec<Name> = table.columns.iter().map(|column| column.name.clone()).collect();
    let respell = |names: &mut Vec<Name>| {
        for name in names {
            if let Some(own) = spelled.iter().find(|own| same(own, name)) {
                name.clone_from(own);
            }
        }
    };
    for constraint in &mut table.constraints {
        match &mut constraint.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => respell(&mut key.columns),
            ConstraintKind::ForeignKey(key) => respell(&mut key.columns),
            ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => {}
        }
    }
    let Some(key) = table.primary_key().map(|key| key.columns.clone()) else { return };
    let alias = is_rowid_alias(table);
    let (without_rowid, strict) = (table.options.without_rowid, table.options.strict);
    for column in table.columns.iter_mut().filter(|column| key.contains(&column.name)) {
        if without_rowid || strict && !alias {
            column.nullable = false;
        }
    }
}

/// Whether the table's primary key is another name for the rowid (SQLite, "Rowid Tables").
pub(crate) fn is_rowid_alias(table: &Table) -> bool {
    let Some(key) = table.primary_key() else { return false };
    let [column] = key.columns.as_slice() else { return false };
    !table.options.without_rowid
        && key.column_suffixes.is_empty()
        && table.columns.iter().any(|known| same(&known.name, column) && is_integer(&known.ty))
}
