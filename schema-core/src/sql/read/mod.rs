//! One statement → changes, by the database's own rules. One file per family of statements, one folder per dialect.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use schema_model::catalog::{Catalog, OpaqueId, OpaqueKind};
use schema_model::{DialectKind, ObjectName};

use super::cursor::{Cursor, Read};
use super::replay::Replayer;

/// Reads a statement and applies what it does.
pub(crate) fn statement(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    match replayer.dialect() {
        DialectKind::Postgres => postgres::statement(replayer, cursor),
        DialectKind::Sqlite => sqlite::statement(replayer, cursor),
    }
}

/// Whether a statement that starts with this word cannot change the schema.
pub(crate) fn passes_over(first: &str, dialect: DialectKind) -> bool {
    let words: &[&str] = match dialect {
        DialectKind::Postgres => &postgres::PASSED_OVER,
        DialectKind::Sqlite => &sqlite::PASSED_OVER,
    };
    words.iter().any(|word| first.eq_ignore_ascii_case(word))
}

/// The key of a type that is followed by name only.
pub(crate) fn opaque_type(name: &ObjectName) -> OpaqueId {
    OpaqueId { kind: OpaqueKind::Type, name: name.clone(), arguments: String::new(), on: None }
}

/// Whether the catalog has a function, procedure or aggregate of this name, whatever its arguments.
pub(crate) fn has_routine(catalog: &Catalog, name: &ObjectName) -> bool {
    [OpaqueKind::Function, OpaqueKind::Procedure, OpaqueKind::Aggregate].iter().any(|kind| {
        let least = OpaqueId { kind: *kind, name: name.clone(), arguments: String::new(), on: None };
        catalog.opaque.range(least..).next().is_some_and(|(id, _)| id.kind == *kind && id.name == *name)
    })
}
