//! A live SQLite database as a catalog. `sqlite_schema` keeps the text of every statement, up to date with all renames:
//! it is read by the reader that replays migrations. Where a text is beyond it, the PRAGMAs tell what they can.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};
use schema_model::catalog::{
    Catalog, Column, ColumnType, Constraint, ConstraintKind, ForeignKey, Gap, Generated, Index, IndexPart,
    IndexTerm, Key, ReferentialAction, Table, TableKind,
};
use schema_model::{Expr, Name, ObjectName, Origin};

use super::IntrospectError;
use crate::sql::read::sqlite as read;

/// One row of `sqlite_schema`.
struct Entry {
    kind: String,
    name: String,
    table: String,
    sql: String,
}

/// The catalog of the main database, SQLite's own tables left out.
pub fn catalog(connection: &Connection) -> Result<Catalog, IntrospectError> {
    let entries = entries(connection)?;
    let mut catalog = Catalog::default();
    for entry in entries.iter().filter(|entry| entry.kind == "table") {
        let table = match table(connection, entry)? {
            Ok(table) => table,
            Err(table) => {
                catalog.gaps.push(gap(entry, "the stored text is not understood".to_owned()));
                table
            }
        };
        catalog.tables.insert(table.name.clone(), table);
    }
    mark_shadows(connection, &mut catalog)?;
    for entry in entries.iter().filter(|entry| entry.kind == "index") {
        let name = ObjectName::bare(entry.table.as_str());
        let Some(table) = catalog.tables.get_mut(&name) else { continue };
        let index = match read::index_from_text(&entry.sql, table) {
            Ok(index) => index,
            Err(error) => {
                catalog.gaps.push(gap(entry, error.to_string()));
                index_from_pragmas(connection, entry)?
            }
        };
        table.indexes.push(index);
    }
    for entry in &entries {
        body(&mut catalog, entry);
    }
    Ok(catalog)
}

fn entries(connection: &Connection) -> Result<Vec<Entry>, IntrospectError> {
    let query = "SELECT type, name, tbl_name, sql FROM sqlite_master \
                 WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid";
    let read = |row: &Row<'_>| {
        Ok(Entry { kind: row.get(0)?, name: row.get(1)?, table: row.get(2)?, sql: row.get(3)? })
    };
    Ok(connection.prepare(query)?.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// Views and triggers; one whose text is not read is a gap.
fn body(catalog: &mut Catalog, entry: &Entry) {
    let outcome = match entry.kind.as_str() {
        "view" => read::view_from_text(catalog, &entry.sql).map(|view| {
            catalog.views.insert(view.name.clone(), view);
        }),
        "trigger" => read::trigger_from_text(catalog, &entry.sql).map(|trigger| {
            catalog.opaque.insert(trigger.id.clone(), trigger);
        }),
        _ => return,
    };
    if let Err(error) = outcome {
        catalog.gaps.push(gap(entry, error.to_string()));
    }
}

/// What is claimed about an object whose text is beyond the reader: nothing.
fn gap(entry: &Entry, reason: String) -> Gap {
    Gap {
        statement: entry.sql.clone(),
        reason,
        touches: [&entry.name, &entry.table].map(|name| ObjectName::bare(name.as_str())).into(),
        origin: Origin::NONE,
    }
}

/// The table; as far as the PRAGMAs tell when its text is not read.
fn table(connection: &Connection, entry: &Entry) -> Result<Result<Table, Table>, IntrospectError> {
    let shown = columns(connection, &entry.name)?;
    let read = match read::virtual_table_from_text(&entry.sql) {
        Ok(mut table) => {
            // What columns a module declares is the module's secret; the hidden ones are not the user's.
            let own = shown.into_iter().filter(|column| column.hidden != 1);
            table.columns = own.map(|column| column.column).collect();
            return Ok(Ok(table));
        }
        Err(_) => read::table_from_text(&entry.sql, read::NOWHERE),
    };
    let agrees = |table: &Table| {
        table.columns.len() == shown.len()
            && table.columns.iter().zip(&shown).all(|(own, shown)| own.name == shown.column.name)
    };
    match read {
        Ok(mut table) if agrees(&table) => {
            forget_places(&mut table);
            Ok(Ok(table))
        }
        _ => table_from_pragmas(connection, entry, shown).map(Err),
    }
}

fn forget_places(table: &mut Table) {
    table.origin = Origin::NONE;
    table.columns.iter_mut().for_each(|column| column.origin = Origin::NONE);
    table.constraints.iter_mut().for_each(|constraint| constraint.origin = Origin::NONE);
}

/// A row of `PRAGMA table_xinfo`.
struct Shown {
    column: Column,
    /// Position in the primary key, from 1.
    key: i64,
    /// 1 hidden, 2 generated when read, 3 generated and stored.
    hidden: i64,
}

fn columns(connection: &Connection, table: &str) -> Result<Vec<Shown>, IntrospectError> {
    let query =
        "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1) ORDER BY cid";
    let read = |row: &Row<'_>| {
        let (name, ty): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        let mut column = Column::new(name, ColumnType::Other(ty.unwrap_or_default()));
        column.nullable = row.get::<_, i64>(2)? == 0;
        column.default = row.get::<_, Option<String>>(3)?.map(Expr::new);
        Ok(Shown { column, key: row.get(4)?, hidden: row.get(5)? })
    };
    Ok(connection.prepare(query)?.query_map([table], read)?.collect::<Result<_, _>>()?)
}

/// Since 3.37 SQLite says which tables a virtual table keeps; before, their names do.
fn mark_shadows(connection: &Connection, catalog: &mut Catalog) -> Result<(), IntrospectError> {
    let is_virtual = |table: &&Table| matches!(table.options.kind, TableKind::Virtual(_));
    let owners: Vec<Name> =
        catalog.tables.values().filter(is_virtual).map(|table| table.name.name.clone()).collect();
    if owners.is_empty() {
        return Ok(());
    }
    let query = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'";
    let told: Option<Vec<String>> = match connection.prepare(query) {
        Ok(mut statement) => Some(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?),
        Err(_) => None,
    };
    for table in catalog.tables.values_mut() {
        let name = table.name.name.as_str();
        let told = told.as_ref().is_none_or(|all| all.iter().any(|shadow| shadow == name));
        let owner = owners.iter().filter(|owner| {
            name.get(..owner.as_str().len()).is_some_and(|start| start.eq_ignore_ascii_case(owner.as_str()))
                && name.as_bytes().get(owner.as_str().len()) == Some(&b'_')
        });
        if let Some(owner) = owner.max_by_key(|owner| owner.as_str().len()).filter(|_| told) {
            table.options.kind = TableKind::Shadow(owner.clone());
        }
    }
    Ok(())
}

/// The table without what no PRAGMA tells: checks, collations, names of constraints.
fn table_from_pragmas(
    connection: &Connection,
    entry: &Entry,
    shown: Vec<Shown>,
) -> Result<Table, IntrospectError> {
    let mut table = Table::new(ObjectName::bare(entry.name.as_str()));
    let mut key: BTreeMap<i64, Name> = BTreeMap::new();
    for Shown { mut column, key: position, hidden } in shown {
        if position > 0 {
            key.insert(position, column.name.clone());
        }
        if hidden >= 2 {
            column.generated = Some(Generated { expr: Expr::new("NULL"), stored: hidden == 3 });
        }
        table.columns.push(column);
    }
    if !key.is_empty() {
        let kind = ConstraintKind::PrimaryKey(Key::over(key.into_values()));
        table.constraints.push(Constraint::new(None, kind));
    }
    for (name, origin) in index_list(connection, &entry.name)? {
        if origin == "u" {
            let kind =
                ConstraintKind::Unique(Key::over(index_columns(connection, &name)?.into_iter().flatten()));
            table.constraints.push(Constraint::new(None, kind));
        }
    }
    table.constraints.extend(foreign_keys(connection, &entry.name)?);
    Ok(table)
}

fn index_list(connection: &Connection, table: &str) -> Result<Vec<(String, String)>, IntrospectError> {
    let query = "SELECT name, origin FROM pragma_index_list(?1) ORDER BY seq DESC";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    Ok(connection.prepare(query)?.query_map([table], read)?.collect::<Result<_, _>>()?)
}

/// The columns of an index; none for an expression.
fn index_columns(connection: &Connection, index: &str) -> Result<Vec<Option<Name>>, IntrospectError> {
    let query = "SELECT name FROM pragma_index_info(?1) ORDER BY seqno";
    let read = |row: &Row<'_>| Ok(row.get::<_, Option<String>>(0)?.map(Name::from));
    Ok(connection.prepare(query)?.query_map([index], read)?.collect::<Result<_, _>>()?)
}

fn index_from_pragmas(connection: &Connection, entry: &Entry) -> Result<Index, IntrospectError> {
    let mut index = Index::over(entry.name.as_str(), []);
    let query = "SELECT \"unique\" FROM pragma_index_list(?1) WHERE name = ?2";
    index.unique = connection.query_row(query, [&entry.table, &entry.name], |row| row.get(0))?;
    let terms = index_columns(connection, &entry.name)?.into_iter();
    index.parts = terms
        .map(|name| IndexPart::of(name.map_or_else(|| IndexTerm::Expr(Expr::new("NULL")), IndexTerm::Column)))
        .collect();
    Ok(index)
}

fn foreign_keys(connection: &Connection, table: &str) -> Result<Vec<Constraint>, IntrospectError> {
    let query = "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM pragma_foreign_key_list(?1) \
                 ORDER BY id DESC, seq";
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([table])?;
    let mut all: Vec<(i64, ForeignKey)> = Vec::new();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if all.last().is_none_or(|(last, _)| *last != id) {
            let key = ForeignKey {
                columns: Vec::new(),
                table: ObjectName::bare(row.get::<_, String>(1)?),
                referenced: Vec::new(),
                on_update: action(&row.get::<_, String>(4)?),
                on_delete: action(&row.get::<_, String>(5)?),
                on_delete_columns: Vec::new(),
                match_full: false,
            };
            all.push((id, key));
        }
        if let Some((_, key)) = all.last_mut() {
            key.columns.push(Name::from(row.get::<_, String>(2)?));
            key.referenced.extend(row.get::<_, Option<String>>(3)?.map(Name::from));
        }
    }
    Ok(all.into_iter().map(|(_, key)| Constraint::new(None, ConstraintKind::ForeignKey(key))).collect())
}

fn action(words: &str) -> ReferentialAction {
    use ReferentialAction::{Cascade, NoAction, Restrict, SetDefault, SetNull};
    let all = [NoAction, Restrict, Cascade, SetNull, SetDefault];
    all.into_iter().find(|action| action.as_sql() == words).unwrap_or_default()
}
