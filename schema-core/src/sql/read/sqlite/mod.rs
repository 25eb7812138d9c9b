//! SQLite's statements.

use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// First words of statements that cannot change the schema.
pub(super) const PASSED_OVER: [&str; 18] = [
    "insert",
    "update",
    "delete",
    "replace",
    "select",
    "values",
    "with",
    "begin",
    "commit",
    "end",
    "rollback",
    "savepoint",
    "release",
    "analyze",
    "vacuum",
    "reindex",
    "explain",
    "detach",
];

/// Reads one statement.
pub(super) fn statement(_: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    Err(cursor.unknown("expected a statement"))
}
