//! Rows for plans to keep.

use std::collections::BTreeMap;

use rusqlite::Connection;
use schema_core::model::DialectKind;
use schema_core::model::catalog::{Catalog, Table, TableKind};
use schema_core::model::ident::quote;

/// Puts a few rows into every table, foreign keys obeyed; a row that does not fit is left out.
pub fn fill(connection: &Connection, catalog: &Catalog) {
    let _ = connection.execute_batch("PRAGMA foreign_keys = on");
    let values = ["1", "'two'", "3.5", "NULL", "'2024-01-01'", "7", "x'00ff'", "'TWO'"];
    filled(catalog).for_each(|(table, _)| fill_virtual(connection, table));
    for round in 0..6usize {
        for table in plain(catalog) {
            let columns: Vec<_> = table.columns.iter().filter(|column| column.generated.is_none()).collect();
            let names: Vec<String> =
                columns.iter().map(|column| quote(&column.name, DialectKind::Sqlite)).collect();
            let row: Vec<&str> =
                (0..columns.len()).map(|index| values[(round * 3 + index * 5) % values.len()]).collect();
            let integers: Vec<String> =
                (0..columns.len()).map(|index| (round * 10 + index).to_string()).collect();
            let table = quote(&table.name.name, DialectKind::Sqlite);
            for row in [row.join(", "), integers.join(", ")] {
                let sql = format!("INSERT INTO {table} ({}) VALUES ({row})", names.join(", "));
                let _ = connection.execute_batch(&sql);
            }
        }
    }
}

/// What virtual tables can be filled with, by the columns that are there.
fn fill_virtual(connection: &Connection, table: &Table) {
    let columns = table.columns.iter().map(|column| quote(&column.name, DialectKind::Sqlite));
    let columns: Vec<String> = columns.collect();
    let values: Vec<String> = (1..=columns.len()).map(|value| value.to_string()).collect();
    let name = quote(&table.name.name, DialectKind::Sqlite);
    let sql = format!("INSERT INTO {name} ({}) VALUES ({})", columns.join(", "), values.join(", "));
    let _ = connection.execute_batch(&sql);
}

/// The virtual tables that keep rows themselves.
fn filled(catalog: &Catalog) -> impl Iterator<Item = (&Table, &str)> {
    catalog.tables.values().filter_map(|table| match &table.options.kind {
        TableKind::Virtual(module) if !module.contains("content") => Some((table, module.get(..3)?)),
        _ => None,
    })
}

/// The rows of virtual tables of one family that both have, in the columns that both have.
fn shared_virtual_rows(
    connection: &Connection,
    old: &Catalog,
    new: &Catalog,
    all: &mut BTreeMap<String, Vec<String>>,
) -> rusqlite::Result<()> {
    for (table, family) in filled(old) {
        let Some((other, _)) = filled(new).find(|(other, own)| other.name == table.name && *own == family)
        else {
            continue;
        };
        let both = table.columns.iter().filter(|column| other.column(column.name.as_str()).is_some());
        let shown: Vec<String> =
            both.map(|column| format!("quote({})", quote(&column.name, DialectKind::Sqlite))).collect();
        if shown.is_empty() {
            continue;
        }
        let name = quote(&table.name.name, DialectKind::Sqlite);
        let sql = format!("SELECT {} FROM {name}", shown.join(" || '|' || "));
        let rows = connection.prepare(&sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        all.insert(table.name.to_string(), rows);
    }
    Ok(())
}

fn plain(catalog: &Catalog) -> impl Iterator<Item = &Table> {
    catalog.tables.values().filter(|table| table.options.kind == TableKind::Plain)
}

/// The rows of a table that both catalogs have, as far as both can show them: the columns that are in both with one type.
pub fn shared_rows(
    connection: &Connection,
    old: &Catalog,
    new: &Catalog,
) -> rusqlite::Result<BTreeMap<String, Vec<String>>> {
    let mut all = BTreeMap::new();
    shared_virtual_rows(connection, old, new, &mut all)?;
    for table in plain(old) {
        let Some(other) = new.tables.get(&table.name).filter(|other| other.options.kind == TableKind::Plain)
        else {
            continue;
        };
        if other.options.strict != table.options.strict {
            continue;
        }
        let kept = table.columns.iter().filter(|column| {
            other.column(column.name.as_str()).is_some_and(|new| {
                new.ty == column.ty
                    && new.generated.is_none()
                    && column.generated.is_none()
                    && (new.nullable || !column.nullable)
            })
        });
        let mut shown: Vec<String> =
            kept.map(|column| format!("quote({})", quote(&column.name, DialectKind::Sqlite))).collect();
        if !has_key(table) && !has_key(other) && !table.options.without_rowid && !other.options.without_rowid
        {
            shown.push("rowid".to_owned());
        }
        shown.push("''".to_owned());
        let sql = format!(
            "SELECT {} FROM {}",
            shown.join(" || '|' || "),
            quote(&table.name.name, DialectKind::Sqlite)
        );
        let mut rows: Vec<String> =
            connection.prepare(&sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        rows.sort();
        all.insert(table.name.to_string(), rows);
    }
    Ok(all)
}

fn has_key(table: &Table) -> bool {
    table.primary_key().is_some()
}

/// The AUTOINCREMENT counters of the tables that keep one.
pub fn counters(
    connection: &Connection,
    old: &Catalog,
    new: &Catalog,
) -> rusqlite::Result<BTreeMap<String, i64>> {
    let counts = |catalog: &Catalog, name: &str| {
        plain(catalog).any(|table| table.name.name == *name && table.options.autoincrement)
    };
    let Ok(mut statement) = connection.prepare("SELECT name, seq FROM sqlite_sequence") else {
        return Ok(BTreeMap::new());
    };
    let rows: Vec<(String, i64)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(rows.into_iter().filter(|(name, _)| counts(old, name) && counts(new, name)).collect())
}
