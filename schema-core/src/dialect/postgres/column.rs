//! A column's text, and the statements that change one.

use schema_model::ObjectName;
use schema_model::catalog::Column;
use schema_model::ident::quote_object;
use schema_model::type_text::write_type;

use super::expr::default_text;
use super::{PG, sequence};
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
