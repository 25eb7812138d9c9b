//! Columns: by name, then nullability, type, default, generation.

use schema_model::catalog::{Column, Table};
use schema_model::type_text::write_type;
use schema_model::{DialectKind, Origin};

use super::default::Default;
use super::{Difference, DifferenceKind, Pair, types};
use crate::dialect::canonical::Portable;

pub(super) fn columns(pair: &Pair<'_>, out: &mut Vec<Difference>) {
    for column in &pair.postgres.columns {
        match find(pair.sqlite, column) {
            Some(other) => compare(pair, column, other, out),
            None => out.push(alone(pair, column, DialectKind::Postgres)),
        }
    }
    let only_there = pair.sqlite.columns.iter().filter(|column| find(pair.postgres, column).is_none());
    out.extend(only_there.map(|column| alone(pair, column, DialectKind::Sqlite)));
}

fn find<'a>(table: &'a Table, column: &Column) -> Option<&'a Column> {
    table
        .columns
        .iter()
        .find(|other| other.name.as_str().to_lowercase() == column.name.as_str().to_lowercase())
}

fn alone(pair: &Pair<'_>, column: &Column, has: DialectKind) -> Difference {
    let what = format!("column `{}.{}`", pair.postgres.name, column.name);
    pair.lacking(DifferenceKind::Column, Some(column.name.as_str()), &what, (has, column.origin))
}

fn compare(pair: &Pair<'_>, postgres: &Column, sqlite: &Column, out: &mut Vec<Difference>) {
    let whole = format!("{}.{}", pair.postgres.name, postgres.name);
    let mut found = |kind, message: String| {
        let mut found = pair.difference(kind, Some(postgres.name.as_str()), message);
        (found.postgres, found.sqlite) = (at(postgres, pair.postgres), at(sqlite, pair.sqlite));
        out.push(found);
    };
    // A key's column holds no NULL; that SQLite lets some do is a bug kept for compatibility (its manual, CREATE TABLE).
    let nullable = |table: &Table, column: &Column| {
        column.nullable && !table.primary_key().is_some_and(|key| key.columns.contains(&column.name))
    };
    match (nullable(pair.postgres, postgres), nullable(pair.sqlite, sqlite)) {
        (true, false) => found(
            DifferenceKind::Nullability,
            format!("column `{whole}` is nullable on postgres and NOT NULL on sqlite"),
        ),
        (false, true) => found(
            DifferenceKind::Nullability,
            format!("column `{whole}` is NOT NULL on postgres and nullable on sqlite"),
        ),
        (true, true) | (false, false) => {}
    }
    if !types::hold_the_same(&postgres.ty, &sqlite.ty, pair.catalog) {
        let spelled = |column: &Column, dialect| match write_type(&column.ty, dialect) {
            empty if empty.is_empty() => "no type".to_owned(),
            text => format!("`{text}`"),
        };
        let written = find(pair.written, sqlite).unwrap_or(sqlite);
        let (ours, theirs) =
            (spelled(postgres, DialectKind::Postgres), spelled(written, DialectKind::Sqlite));
        found(
            DifferenceKind::Type,
            format!("type of column `{whole}` is {ours} on postgres and {theirs} on sqlite"),
        );
    }
    match (&postgres.generated, &sqlite.generated) {
        (None, None) => {
            let (ours, theirs) = (Default::of(pair.postgres, postgres), Default::of(pair.sqlite, sqlite));
            if !ours.means(&theirs) {
                found(
                    DifferenceKind::Default,
                    format!("default of column `{whole}` is {ours} on postgres and {theirs} on sqlite"),
                );
            }
        }
        (Some(ours), Some(theirs)) => {
            let scope = pair.scope();
            let (ours, theirs) =
                (Portable::read(&ours.expr, &scope).text, Portable::read(&theirs.expr, &scope).text);
            if ours != theirs {
                found(
                    DifferenceKind::Generated,
                    format!("column `{whole}` is generated as `{ours}` on postgres and `{theirs}` on sqlite"),
                );
            }
        }
        (ours, _) => {
            let has = if ours.is_some() { DialectKind::Postgres } else { DialectKind::Sqlite };
            found(DifferenceKind::Generated, format!("column `{whole}` is generated only on {has}"));
        }
    }
}

fn at(column: &Column, table: &Table) -> Origin {
    if column.origin.0.is_some() { column.origin } else { table.origin }
}
