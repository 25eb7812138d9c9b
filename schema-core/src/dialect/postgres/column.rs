//! A column's text, and the statements that change one.

use schema_model::ObjectName;
use schema_model::catalog::{Column, Storage};
use schema_model::ident::quote_object;
use schema_model::type_text::write_type;

use super::expr::default_text;
use super::{PG, sequence, table};
use crate::dialect::SqlWriter;

/// `name type …`, as `CREATE TABLE` and `ADD COLUMN` have it. `serial` takes the place of type and default.
pub(super) fn definition(table: &ObjectName, column: &Column, serial: Option<&str>) -> String {
    let writer = SqlWriter::new(PG).name(&column.name);
    if let Some(word) = serial {
        return writer.sql(word).finish();
    }
    let identity = column.identity.as_ref().map(|identity| sequence::identity(table, &column.name, identity));
    writer
        .sql(write_type(&column.ty, PG))
        .maybe("COLLATE", column.collation.as_ref().map(|name| quote_object(name, PG)))
        .maybe("DEFAULT", column.default.as_ref().map(default_text))
        .maybe("", generated(column))
        .maybe("", identity)
        .when(!column.nullable, "NOT NULL")
        .finish()
}

fn generated(column: &Column) -> Option<String> {
    let generated = column.generated.as_ref()?;
    let kind = if generated.stored { "STORED" } else { "VIRTUAL" };
    Some(format!("GENERATED ALWAYS AS ({}) {kind}", generated.expr))
}

/// `ALTER TABLE … ALTER COLUMN … action`.
pub(super) fn alter(table: &ObjectName, column: &Column, only: bool, action: &str) -> String {
    SqlWriter::start(PG, "ALTER TABLE")
        .when(only, "ONLY")
        .object(table)
        .sql("ALTER COLUMN")
        .name(&column.name)
        .sql(action)
        .finish()
}

/// `SET DEFAULT …` or `DROP DEFAULT`.
pub(super) fn default_action(column: &Column) -> String {
    match &column.default {
        Some(expr) => format!("SET DEFAULT {}", default_text(expr)),
        None => "DROP DEFAULT".into(),
    }
}

/// `TYPE … USING …`.
pub(super) fn type_action(new: &Column, using: Option<&str>) -> String {
    SqlWriter::start(PG, "TYPE")
        .sql(write_type(&new.ty, PG))
        .maybe("COLLATE", new.collation.as_ref().map(|name| quote_object(name, PG)))
        .maybe("USING", using)
        .finish()
}

/// `ALTER TABLE … ADD COLUMN`.
pub(super) fn add(table: &ObjectName, column: &Column, serial: Option<&str>) -> String {
    SqlWriter::start(PG, "ALTER TABLE")
        .object(table)
        .sql("ADD COLUMN")
        .sql(definition(table, column, serial))
        .finish()
}

/// `ALTER TABLE … DROP COLUMN`.
pub(super) fn drop(table: &ObjectName, column: &Column) -> String {
    SqlWriter::start(PG, "ALTER TABLE").object(table).sql("DROP COLUMN").name(&column.name).finish()
}

/// The statements that keep and sample a new column's values as it asks for.
pub(super) fn stored(table: &ObjectName, column: &Column) -> Vec<String> {
    store(table, column, &Storage::default())
}

/// The statements that lead from one way of keeping and sampling the column's values to its own. They are for this table
/// alone: a child says its own.
pub(super) fn store(table: &ObjectName, column: &Column, old: &Storage) -> Vec<String> {
    let new = &column.storage;
    let mut actions = Vec::new();
    if old.strategy != new.strategy {
        let strategy = new.strategy.as_deref().or(Storage::own_strategy(&column.ty)).unwrap_or("DEFAULT");
        actions.push(format!("SET STORAGE {strategy}"));
    }
    if old.compression != new.compression {
        actions.push(format!("SET COMPRESSION {}", new.compression.as_deref().unwrap_or("DEFAULT")));
    }
    if old.statistics != new.statistics {
        let target = new.statistics.map_or_else(|| "-1".to_owned(), |target| target.to_string());
        actions.push(format!("SET STATISTICS {target}"));
    }
    actions.extend(table::storage(&old.options, &new.options));
    actions.iter().map(|action| alter(table, column, true, action)).collect()
}
