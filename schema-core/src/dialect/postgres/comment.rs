//! `COMMENT ON`.

use std::collections::BTreeSet;

use schema_model::catalog::{Column, CompositeType, Constraint, Index, Table, View};
use schema_model::ident::{quote, quote_object};
use schema_model::{Name, ObjectName};

use super::PG;
use crate::dialect::SqlWriter;

/// `COMMENT ON what IS 'text'`; no text takes the comment away.
pub(super) fn on(what: &str, text: Option<&str>) -> String {
    let writer = SqlWriter::start(PG, "COMMENT ON").sql(what).sql("IS");
    match text {
        Some(text) => writer.string(text).finish(),
        None => writer.sql("NULL").finish(),
    }
}

/// The statement that a difference of comments asks for.
pub(super) fn changed(what: &str, old: Option<&String>, new: Option<&String>) -> Option<String> {
    (old != new).then(|| on(what, new.map(String::as_str)))
}

/// `kind name`.
pub(super) fn object(kind: &str, name: &ObjectName) -> String {
    format!("{kind} {}", quote_object(name, PG))
}

/// `COLUMN table.column`.
pub(super) fn column(table: &ObjectName, column: &Name) -> String {
    format!("COLUMN {}.{}", quote_object(table, PG), quote(column, PG))
}

/// `CONSTRAINT name ON table`.
pub(super) fn constraint(table: &ObjectName, name: &Name) -> String {
    format!("CONSTRAINT {} ON {}", quote(name, PG), quote_object(table, PG))
}

/// `INDEX name`, in its table's schema.
pub(super) fn index(table: &ObjectName, name: &Name) -> String {
    object("INDEX", &table.sibling(name.clone()))
}

/// The comments of a new table, its columns and its constraints.
pub(super) fn of_table(table: &Table) -> Vec<String> {
    let kind = if matches!(table.options.kind, schema_model::catalog::TableKind::Foreign(_)) {
        "FOREIGN TABLE"
    } else {
        "TABLE"
    };
    let own = changed(&object(kind, &table.name), None, table.options.comment.as_ref());
    let columns = table.columns.iter().filter_map(|column| of_column(&table.name, column));
    let constraints =
        table.constraints.iter().filter_map(|constraint| of_constraint(&table.name, constraint));
    own.into_iter().chain(columns).chain(constraints).collect()
}

/// The comments of a view and its columns, where they differ.
pub(super) fn of_view(old: Option<&View>, new: &View) -> Vec<String> {
    let what = object(super::view::kind(new), &new.name);
    let own = changed(&what, old.and_then(|old| old.comment.as_ref()), new.comment.as_ref());
    let before = |name: &Name| old.and_then(|old| old.column_comments.get(name));
    let gone = old.into_iter().flat_map(|old| old.column_comments.keys());
    let names: BTreeSet<&Name> = gone.chain(new.column_comments.keys()).collect();
    let columns = names
        .into_iter()
        .filter_map(|name| changed(&column(&new.name, name), before(name), new.column_comments.get(name)));
    own.into_iter().chain(columns).collect()
}

/// The comments of a composite type and its attributes, where they differ.
pub(super) fn of_composite(old: Option<&CompositeType>, new: &CompositeType) -> Vec<String> {
    let what = object("TYPE", &new.name);
    let own = changed(&what, old.and_then(|old| old.comment.as_ref()), new.comment.as_ref());
    let before = |name: &Name| {
        let known = old?.attributes.iter().find(|known| known.name == *name)?;
        known.comment.as_ref()
    };
    let attributes = new.attributes.iter().filter_map(|attribute| {
        let what = column(&new.name, &attribute.name);
        changed(&what, before(&attribute.name), attribute.comment.as_ref())
    });
    own.into_iter().chain(attributes).collect()
}

/// The comment of a new column.
pub(super) fn of_column(table: &ObjectName, new: &Column) -> Option<String> {
    changed(&column(table, &new.name), None, new.comment.as_ref())
}

/// The comment of a new constraint.
pub(super) fn of_constraint(table: &ObjectName, new: &Constraint) -> Option<String> {
    changed(&constraint(table, new.name.as_ref()?), None, new.comment.as_ref())
}

/// The comment of a new index.
pub(super) fn of_index(table: &ObjectName, new: &Index) -> Option<String> {
    changed(&index(table, &new.name), None, new.comment.as_ref())
}
