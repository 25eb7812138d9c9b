//! Schemas, extensions, and the settings that say where names are looked for.

use schema_model::catalog::{Extension, Schema};
use schema_model::token::TokenKind;
use schema_model::{Name, Origin};

use super::drop;
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read, Spelled, string_value};
use crate::sql::replay::Replayer;

/// `CREATE SCHEMA`, from after these words on; its elements are statements of their own.
pub(super) fn create_schema(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let if_not_exists = cursor.accept("if not exists");
    let spelled: Spelled = if cursor.is("authorization") {
        cursor.bump();
        cursor.object()?
    } else {
        cursor.object()?
    };
    if cursor.accept("authorization") {
        cursor.name()?;
    }
    let known = replayer.schema_of(&spelled.name);
    // The default schema is made again after it was dropped with all that was in it.
    if known.is_none() && drop::is_empty(replayer, &spelled.name) {
        return elements(replayer, cursor, &spelled.name);
    }
    let Some(name) = known.filter(|name| !replayer.catalog().schemas.contains_key(name)) else {
        cursor.finish();
        return replayer.exists_already(&spelled, &spelled.shown(), if_not_exists);
    };
    let origin = Origin::from(replayer.here());
    replayer.emit(Change::CreateSchema(Schema { name: name.clone(), comment: None, origin }))?;
    elements(replayer, cursor, &name)
}

/// The statements inside `CREATE SCHEMA`, whose unqualified names are the schema's.
fn elements(replayer: &mut Replayer, cursor: &mut Cursor<'_>, schema: &Name) -> Read<()> {
    if cursor.is_done() {
        return Ok(());
    }
    let path = replayer.session.search_path.clone();
    replayer.session.search_path.insert(0, Some(schema.clone()));
    let outcome = replayer.nested(|replayer| {
        while !cursor.is_done() {
            let start = *cursor;
            cursor.bump();
            while !cursor.is_done() && !cursor.is("create") && !cursor.is("grant") {
                cursor.skip_item();
            }
            let mut element = start.upto(cursor);
            if !element.is("grant") {
                super::statement(replayer, &mut element)?;
            }
        }
        Ok(())
    });
    replayer.session.search_path = path;
    outcome
}

/// `ALTER SCHEMA`, from after these words on.
pub(super) fn alter_schema(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let spelled = cursor.object()?;
    if cursor.accept("owner to") {
        cursor.finish();
        return Ok(());
    }
    cursor.expect("rename to")?;
    let to = cursor.name()?;
    match replayer.schema_of(&spelled.name) {
        Some(from) => replayer.emit(Change::RenameSchema { from, to }),
        None => Err(cursor.unknown("the default schema is renamed")),
    }
}

/// `CREATE EXTENSION`, from after these words on.
pub(super) fn create_extension(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let if_not_exists = cursor.accept("if not exists");
    let spelled = cursor.object()?;
    if replayer.catalog().extensions.contains_key(&spelled.name) {
        cursor.finish();
        return replayer.exists_already(&spelled, &spelled.shown(), if_not_exists);
    }
    // `plpgsql` is there in every database.
    if spelled.name.as_str() == "plpgsql" {
        cursor.finish();
        return Ok(());
    }
    let mut extension = Extension {
        name: spelled.name,
        schema: replayer.session.search_path.first().cloned().flatten(),
        version: None,
        comment: None,
        origin: Origin::from(replayer.here()),
    };
    cursor.accept("with");
    loop {
        if cursor.accept("schema") {
            let schema = cursor.name()?;
            extension.schema = replayer.schema_of(&schema);
        } else if cursor.accept("version") || cursor.accept("from") {
            extension.version = Some(word_or_string(cursor)?);
        } else if !cursor.accept("cascade") {
            break;
        }
    }
    cursor.expect_done()?;
    replayer.emit(Change::CreateExtension(extension))
}

fn word_or_string(cursor: &mut Cursor<'_>) -> Read<String> {
    match cursor.token(0).map(|token| token.kind) {
        Some(TokenKind::Str) => cursor.string(),
        _ => Ok(cursor.name()?.to_string()),
    }
}

/// `ALTER EXTENSION`, from after these words on.
pub(super) fn alter_extension(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let spelled = cursor.object()?;
    let Some(old) = replayer.catalog().extensions.get(&spelled.name).cloned() else {
        cursor.finish();
        let known = spelled.name.as_str() == "plpgsql";
        return if known { Ok(()) } else { Err(replayer.no_such(&spelled, "extension")) };
    };
    let mut new = old.clone();
    if cursor.accept("set schema") {
        let schema = cursor.name()?;
        new.schema = replayer.schema_of(&schema);
    } else if cursor.accept("update to") {
        new.version = Some(word_or_string(cursor)?);
    } else {
        cursor.finish();
    }
    if new == old {
        return Ok(());
    }
    replayer.emit(Change::AlterExtension { old, new })
}

/// `SET …`: only the search path matters here.
pub(super) fn set(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    cursor.expect("set")?;
    let local = cursor.accept("local");
    cursor.accept("session");
    if cursor.accept("schema") {
        let path = vec![Name::from(cursor.string()?)];
        replayer.session.set_search_path(&path, local);
    } else if cursor.accept("search_path") {
        if !cursor.accept("to") {
            cursor.expect_punct("=")?;
        }
        let path = search_path(cursor)?;
        replayer.session.set_search_path(&path, local);
    }
    cursor.finish();
    Ok(())
}

/// `RESET search_path`, `RESET ALL`.
pub(super) fn reset(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    cursor.expect("reset")?;
    if cursor.is("search_path") || cursor.is("all") {
        replayer.session.set_search_path(&[Name::new("public")], false);
    }
    cursor.finish();
    Ok(())
}

fn search_path(cursor: &mut Cursor<'_>) -> Read<Vec<Name>> {
    let mut path = Vec::new();
    loop {
        match cursor.token(0).map(|token| token.kind) {
            // A string is one name, whatever stands in it.
            Some(TokenKind::Str) => path.push(Name::from(string_value(cursor.word(0)))),
            Some(_) => {
                path.push(cursor.clone().name()?);
            }
            None => return Err(cursor.unknown("expected a schema")),
        }
        cursor.bump();
        if !cursor.accept_punct(",") {
            return Ok(path);
        }
    }
}

/// `set_config('search_path', 'a, b', …)`: the text is a list.
pub(super) fn set_config(replayer: &mut Replayer, list: &str, local: bool) {
    let names = list
        .split(',')
        .map(|name| Name::from(schema_model::ident::fold(name.trim(), schema_model::DialectKind::Postgres)));
    let path: Vec<Name> = names.collect();
    replayer.session.set_search_path(&path, local);
}
