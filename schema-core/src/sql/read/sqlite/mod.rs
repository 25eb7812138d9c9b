//! SQLite's statements. One file per family: what stands in the text is read here, what it does to the catalog follows
//! SQLite's own documentation of the statement.

mod alter;
mod column;
mod create;
mod cursor;
mod drop;
mod index;
mod pragma;
mod query;
mod table;
mod trigger;
mod view;
mod virtual_table;

use schema_model::catalog::{OpaqueKind, OpaqueObject};
use schema_model::{Name, ObjectName};

use crate::sql::cursor::{self as shared, Read, Source, Spelled, string_value};
use crate::sql::replay::Replayer;
use crate::sql::session::TEMPORARY;

use cursor::Cursor;

pub(crate) use column::is_plain_type;
pub(crate) use query::names_column;
pub(crate) use table::is_rowid_alias;
pub(crate) use virtual_table::{VirtualRows, virtual_rows};
#[cfg(feature = "sqlite")]
pub(crate) use {
    index::index_from_text, table::table_from_text, trigger::trigger_from_text, view::view_from_text,
    virtual_table::virtual_table_from_text,
};

/// First words of statements that cannot change the schema.
pub(super) const PASSED_OVER: [&str; 13] = [
    "select",
    "values",
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
pub(super) fn statement(replayer: &mut Replayer, cursor: &mut shared::Cursor<'_>) -> Read<()> {
    let mut own = Cursor::new(cursor.source_text(), cursor.source());
    cursor.finish();
    let cursor = &mut own;
    if is_elsewhere(replayer, cursor) {
        Ok(())
    } else if cursor.take(&["CREATE"]) {
        create::statement(replayer, cursor)
    } else if cursor.take(&["ALTER", "TABLE"]) {
        alter::statement(replayer, cursor)
    } else if cursor.take(&["DROP"]) {
        drop::statement(replayer, cursor)
    } else if cursor.take(&["PRAGMA"]) {
        pragma::statement(replayer, cursor)
    } else if cursor.take(&["ATTACH"]) {
        cursor.go_to(cursor.len().saturating_sub(1));
        let name = cursor.name()?;
        replayer.session.attached.push(name);
        Ok(())
    } else {
        rows(replayer, cursor)
    }
}

/// Whether the statement is about an object of a database that the script attached: what it does there is not this
/// catalog's.
fn is_elsewhere(replayer: &Replayer, cursor: &Cursor<'_>) -> bool {
    let mut ahead = cursor.clone();
    while !replayer.session.attached.is_empty() && !ahead.at_end() && ahead.ahead(0) != "(" {
        if ahead.ahead(1) == "." {
            return ahead
                .name()
                .is_ok_and(|name| replayer.session.attached.iter().any(|own| same(own, &name)));
        }
        ahead.advance();
    }
    false
}

/// `INSERT`, `UPDATE`, `DELETE`: rows change, the schema does not, unless the rows are the schema's own.
fn rows(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    if cursor.is_word(0, "WITH") {
        return Ok(());
    }
    let inserts = cursor.is_word(0, "INSERT");
    if cursor.take(&["UPDATE"]) {
        if cursor.take(&["OR"]) {
            cursor.advance();
        }
    } else if cursor.take(&["INSERT"]) || cursor.take(&["REPLACE"]) || cursor.take(&["DELETE"]) {
        while !cursor.at_end() && !cursor.take(&["INTO"]) && !cursor.take(&["FROM"]) {
            cursor.advance();
        }
    } else {
        return Err(cursor.unknown(format!("`{}` starts no statement that is known", cursor.ahead(0))));
    }
    let target = cursor.object()?.name.as_str().to_ascii_lowercase();
    match target.as_str() {
        "sqlite_master" | "sqlite_schema" if inserts => dumped_virtual_table(replayer, cursor),
        "sqlite_master" | "sqlite_schema" => Err(cursor.unknown(BY_HAND)),
        _ => Ok(()),
    }
}

const BY_HAND: &str = "the schema table is written by hand";

/// `INSERT INTO sqlite_schema(…) VALUES('table','f','f',0,'CREATE VIRTUAL TABLE …')`, as `.dump` writes a virtual table, whose
/// shadow tables follow with `IF NOT EXISTS`.
fn dumped_virtual_table(replayer: &mut Replayer, cursor: &Cursor<'_>) -> Read<()> {
    let mut last = cursor.clone();
    last.go_to(cursor.len().saturating_sub(2));
    let statement = string_value(last.ahead(0));
    let starts = "CREATE VIRTUAL TABLE";
    match statement.get(..starts.len()) {
        Some(start) if last.ahead(1) == ")" && start.eq_ignore_ascii_case(starts) => {
            replayer.script(&statement, Source::Whole(replayer.here()));
            Ok(())
        }
        _ => Err(cursor.unknown(BY_HAND)),
    }
}

/// SQLite matches names without ASCII case.
pub(crate) fn same(one: &Name, other: &Name) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

/// `temp` as the session's own schema; another schema than `main` is an attached database, of which nothing is known.
fn in_session(cursor: &Cursor<'_>, mut spelled: Spelled) -> Read<Spelled> {
    match &spelled.schema {
        Some(schema) if schema.as_str().eq_ignore_ascii_case("temp") => {
            spelled.schema = Some(Name::new(TEMPORARY));
            Ok(spelled)
        }
        Some(schema) if schema.as_str() != TEMPORARY && !schema.as_str().eq_ignore_ascii_case("main") => {
            Err(cursor.unknown(format!("`{schema}` is another database")))
        }
        _ => Ok(spelled),
    }
}

/// The name of something that is made, in the temporary schema when it is temporary.
fn new_name(replayer: &Replayer, cursor: &Cursor<'_>, spelled: Spelled, temporary: bool) -> Read<ObjectName> {
    let mut spelled = in_session(cursor, spelled)?;
    if temporary {
        spelled.schema = Some(Name::new(TEMPORARY));
    }
    Ok(replayer.for_new(&spelled))
}

/// The trigger of this name.
fn trigger<'r>(replayer: &'r Replayer, spelled: &Spelled) -> Option<&'r OpaqueObject> {
    let names = replayer.candidates(spelled);
    let triggers = replayer.catalog().opaque.values().filter(|object| object.id.kind == OpaqueKind::Trigger);
    let mut triggers = triggers.filter(|object| same(&object.id.name.name, &spelled.name));
    triggers.find(|object| names.iter().any(|name| name.schema == object.id.name.schema))
}

/// The text of a statement with nothing in front of the object's name but its kind, as `sqlite_schema` keeps it.
fn stored_text(words: &str, cursor: &Cursor<'_>, name: usize) -> String {
    format!("{words} {}", cursor.raw_to_end(name))
}

/// Where nothing is shown.
#[cfg_attr(not(feature = "sqlite"), allow(dead_code, reason = "the live database's reader asks for it"))]
pub(crate) const NOWHERE: Source = Source::At(schema_model::FileId(0), 0);
