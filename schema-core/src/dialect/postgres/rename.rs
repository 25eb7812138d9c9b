//! Renames.

use schema_model::ObjectName;
use schema_model::ident::quote;

use super::{PG, types};
use crate::change::Change;
use crate::dialect::SqlWriter;

/// The statement of a rename; empty for a change that is none.
pub(super) fn rename(change: &Change) -> String {
    match change {
        Change::RenameSchema { from, to } => {
            SqlWriter::start(PG, "ALTER SCHEMA").name(from).sql("RENAME TO").name(to).finish()
        }
        Change::RenameTable { from, to } => object("TABLE", from, to),
        Change::RenameSequence { from, to } => object("SEQUENCE", from, to),
        Change::RenameView { from, to } => object("VIEW", from, to),
        Change::RenameType { from, to } => object("TYPE", from, to),
        Change::RenameColumn { table, from, to } => SqlWriter::start(PG, "ALTER TABLE")
            .object(table)
            .sql("RENAME COLUMN")
            .name(from)
            .sql("TO")
            .name(to)
            .finish(),
        Change::RenameConstraint { table, from, to } => SqlWriter::start(PG, "ALTER TABLE")
            .object(table)
            .sql("RENAME CONSTRAINT")
            .name(from)
            .sql("TO")
            .name(to)
            .finish(),
        Change::RenameIndex { table, from, to } => {
            object("INDEX", &table.sibling(from.clone()), &table.sibling(to.clone()))
        }
        Change::RenameEnumValue { name, from, to } => types::rename_value(name, from, to),
        _ => String::new(),
    }
}

/// `RENAME TO`, or `SET SCHEMA` where only the schema differs.
fn object(kind: &str, from: &ObjectName, to: &ObjectName) -> String {
    let alter = SqlWriter::start(PG, "ALTER").sql(kind).object(from);
    if from.schema == to.schema {
        return alter.sql("RENAME TO").name(&to.name).finish();
    }
    let schema = to.schema.as_ref().map_or_else(|| "public".to_owned(), |schema| quote(schema, PG));
    let moved = alter.sql("SET SCHEMA").sql(schema).finish();
    if from.name == to.name {
        return moved;
    }
    let there = to.sibling(from.name.clone());
    let renamed = SqlWriter::start(PG, "ALTER").sql(kind).object(&there).sql("RENAME TO").name(&to.name);
    format!("{moved};\n{}", renamed.finish())
}
