//! PostgreSQL's statements.

mod dependents;
mod do_block;
mod function;
mod names_in;
mod opaque;
mod opaque_change;
mod query;
mod routine;
mod splice;
mod view;

use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// First words of statements that cannot change the schema.
pub(super) const PASSED_OVER: [&str; 34] = [
    "insert",
    "update",
    "delete",
    "merge",
    "values",
    "grant",
    "revoke",
    "analyze",
    "analyse",
    "vacuum",
    "lock",
    "begin",
    "start",
    "commit",
    "end",
    "rollback",
    "abort",
    "savepoint",
    "release",
    "prepare",
    "deallocate",
    "copy",
    "cluster",
    "reindex",
    "checkpoint",
    "listen",
    "notify",
    "unlisten",
    "load",
    "discard",
    "show",
    "explain",
    "truncate",
    "reassign",
];

/// Reads one statement.
pub(super) fn statement(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let first = cursor.word(0).to_ascii_lowercase();
    match first.as_str() {
        "select" | "with" | "table" | "(" => function::select(replayer, cursor),
        "call" => function::call(replayer, cursor),
        "do" => do_block::read(replayer, cursor),
        "create" => create(replayer, cursor),
        "alter" => alter(replayer, cursor),
        "drop" => drop_statement(replayer, cursor),
        "comment" => comment(replayer, cursor),
        _ => Err(cursor.unknown("expected a statement")),
    }
}

fn create(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let mut ahead = *cursor;
    ahead.expect("create")?;
    let replace = ahead.accept("or replace");
    if view::is_view(&ahead) {
        *cursor = ahead;
        return view::create(replayer, cursor, replace);
    }
    opaque::create(replayer, cursor)
}

fn alter(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let mut ahead = *cursor;
    ahead.expect("alter")?;
    if ahead.is("view") || ahead.are("materialized view") {
        *cursor = ahead;
        return view::alter(replayer, cursor);
    }
    opaque::alter(replayer, cursor)
}

fn drop_statement(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    opaque::drop_object(replayer, cursor)
}

fn comment(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    cursor.expect("comment on")?;
    opaque::comment(replayer, cursor)
}
