//! PostgreSQL's statements.

mod alter;
mod column;
mod comment;
mod composite;
mod constraint;
mod do_block;
mod domain;
mod drop;
mod enum_type;
mod figure;
mod function;
mod index;
pub(crate) use index::goes as index_goes;
mod inherit;
mod names;
mod names_in;
mod namespace;
mod opaque;
mod opaque_change;
pub(crate) mod opclass;
mod partition;
mod plpgsql;
pub(crate) mod qualify;
mod query;
mod routine;
mod sequence;
mod splice;
mod table;
mod view;

use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// First words of statements that cannot change the schema.
pub(super) const PASSED_OVER: [&str; 39] = [
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
    "execute",
    "declare",
    "fetch",
    "move",
    "close",
];

/// Reads one statement.
pub(super) fn statement(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let first = cursor.word(0).to_ascii_lowercase();
    match first.as_str() {
        "select" | "with" | "table" | "(" => function::select(replayer, cursor),
        "call" => function::call(replayer, cursor),
        "do" => do_block::read(replayer, cursor),
        "create" => create(replayer, cursor),
        "alter" => alter_statement(replayer, cursor),
        "drop" => drop::drop_statement(replayer, cursor),
        "comment" => {
            cursor.expect("comment on")?;
            comment::comment(replayer, cursor)
        }
        "set" => namespace::set(replayer, cursor),
        "reset" => namespace::reset(replayer, cursor),
        // REFRESH MATERIALIZED VIEW fills; SECURITY LABEL and IMPORT are other people's matter.
        "refresh" | "security" => {
            cursor.finish();
            Ok(())
        }
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
    let modifiers = table::Modifiers::read(&mut ahead);
    let unique = ahead.accept("unique");
    match ahead.accept_any(&["table", "index", "sequence", "type", "domain", "schema", "extension"]) {
        Some(kind) => {
            let definition = cursor.rest_text();
            *cursor = ahead;
            match kind {
                "table" => table::create(replayer, cursor, modifiers),
                "index" => index::create(replayer, cursor, unique),
                "sequence" => sequence::create(replayer, cursor, modifiers.temporary, modifiers.unlogged),
                "type" => enum_type::create(replayer, cursor, &definition),
                "domain" => domain::create(replayer, cursor),
                "schema" => namespace::create_schema(replayer, cursor),
                _ => namespace::create_extension(replayer, cursor),
            }
        }
        // Roles, databases and tablespaces belong to the server, not to the schema.
        None if server_object(&ahead) => {
            cursor.finish();
            Ok(())
        }
        None => opaque::create(replayer, cursor),
    }
}

fn alter_statement(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let mut ahead = *cursor;
    ahead.expect("alter")?;
    if ahead.is("view") || ahead.are("materialized view") {
        *cursor = ahead;
        return view::alter(replayer, cursor);
    }
    if server_object(&ahead) || ahead.are("default privileges") || ahead.is("large") {
        cursor.finish();
        return Ok(());
    }
    let kinds = ["foreign table", "table", "index", "sequence", "type", "domain", "schema", "extension"];
    let Some(kind) = ahead.accept_any(&kinds) else { return opaque::alter(replayer, cursor) };
    *cursor = ahead;
    match kind {
        "foreign table" | "table" => alter::alter(replayer, cursor),
        "index" => index::alter(replayer, cursor),
        "sequence" => sequence::alter(replayer, cursor),
        "type" => enum_type::alter(replayer, cursor),
        "domain" => domain::alter(replayer, cursor),
        "schema" => namespace::alter_schema(replayer, cursor),
        _ => namespace::alter_extension(replayer, cursor),
    }
}

/// Whether what is created or altered belongs to the server.
fn server_object(cursor: &Cursor<'_>) -> bool {
    ["role", "user", "group", "database", "tablespace", "system"].iter().any(|word| cursor.is(word))
        && !cursor.are("user mapping")
}
