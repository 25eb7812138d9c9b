//! Functions that are called for what they do to the schema.

use schema_model::token::TokenKind;

use super::splice::{object, offset};
use super::{namespace, plpgsql};
use crate::sql::cursor::{Cursor, Read, Source, string_value};
use crate::sql::replay::Replayer;

/// `SELECT …`, `WITH …`.
pub(super) fn select(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    set_config(replayer, cursor);
    if let Some(statement) = create_as(cursor) {
        let source = Source::Whole(replayer.here());
        cursor.finish();
        return replayer.try_statement(&statement, source);
    }
    plpgsql::select_calls(replayer, cursor)?;
    cursor.finish();
    Ok(())
}

/// `SELECT … INTO [TABLE] name FROM …` as the `CREATE TABLE AS` that it is short for.
fn create_as(cursor: &Cursor<'_>) -> Option<String> {
    let text = cursor.source_text();
    let mut walk = *cursor;
    if !walk.is("select") {
        return None;
    }
    while !walk.is_done() && !walk.is("into") && !walk.is("from") {
        walk.skip_item();
    }
    let start = offset(&walk);
    walk.accept("into").then_some(())?;
    let modifier = walk.accept_any(&["temporary", "temp", "unlogged"]).unwrap_or_default();
    walk.accept("table");
    let (_, name) = object(&mut walk).ok()?;
    let (before, after) = (text.get(..start)?, text.get(name.end..)?);
    Some(format!("CREATE {modifier} TABLE {} AS {before}{after}", text.get(name)?))
}

/// `CALL procedure(…)`.
pub(super) fn call(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    plpgsql::call_procedure(replayer, cursor)?;
    cursor.finish();
    Ok(())
}

/// `set_config('search_path', 'path', is_local)`, as pg_dump writes it.
fn set_config(replayer: &mut Replayer, cursor: &Cursor<'_>) {
    let mut ahead = *cursor;
    ahead.bump();
    let Ok(name) = ahead.object() else { return };
    let string = |cursor: &Cursor<'_>, at: usize| {
        cursor.token(at).filter(|token| token.kind == TokenKind::Str).map(|_| string_value(cursor.word(at)))
    };
    if name.name != "set_config" || string(&ahead, 1).as_deref() != Some("search_path") {
        return;
    }
    let Some(path) = string(&ahead, 3) else { return };
    let local = ahead.is_at(5, "true");
    namespace::set_config(replayer, &path, local);
}
