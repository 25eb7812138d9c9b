//! The locks of a statement: by its changes where it has any, by its words where it is passed over.

use schema_model::catalog::Catalog;
use schema_model::token::{Token, TokenKind};
use schema_model::{DialectKind, FileId, ObjectName};

use super::change::{self, Said};
use super::{LockMode, TableLock, Work};
use crate::change::Change;
use crate::sql::cursor::code_tokens;
use crate::sql::{Cursor, Source};

const PG: DialectKind = DialectKind::Postgres;

/// The locks that a PostgreSQL statement takes on tables and views that are there before it, the strongest of each.
/// `changes` are what it does to the schema.
pub fn of_statement(text: &str, changes: &[Change], before: &Catalog) -> Vec<TableLock> {
    let tokens = code_tokens(text, PG);
    let words = Words { text, tokens: &tokens };
    let said = Said {
        concurrently: words.has("concurrently"),
        using_index: words.has_both("using", "index"),
        comment: words.is(0, "comment"),
        creates: words.is(0, "create"),
        switches: ["enable", "disable"].iter().any(|word| words.has(word)),
    };
    let mut found: Vec<TableLock> = by_words(words, before);
    if changes.is_empty() && words.is(0, "alter") && words.is(1, "table") {
        found.extend(altered_nothing(words));
    }
    found.extend(changes.iter().flat_map(|change| change::locks(change, said, before)));
    let mut strongest: Vec<TableLock> = Vec::new();
    for mut lock in found {
        lock.table = known(lock.table, before);
        if !is_there(&lock.table, before) {
            continue;
        }
        match strongest.iter_mut().find(|known| known.table == lock.table) {
            Some(known) => {
                known.mode = known.mode.max(lock.mode);
                known.work = known.work.max(lock.work);
            }
            None => strongest.push(lock),
        }
    }
    strongest
}

/// How long a SQLite statement keeps the database's one writer busy.
pub fn sqlite_work(text: &str) -> Work {
    let tokens = code_tokens(text, DialectKind::Sqlite);
    let words = Words { text, tokens: &tokens };
    let first = words.word(0).to_ascii_lowercase();
    match first.as_str() {
        "insert" | "update" | "delete" | "replace" | "with" => Work::Rows,
        "create" if words.is(1, "index") || words.is(2, "index") => Work::Scan,
        // lang_altertable.html: DROP COLUMN writes the table's content anew.
        "alter" if words.has("drop") => Work::Rewrite,
        "vacuum" | "reindex" => Work::Rewrite,
        _ => Work::Moment,
    }
}

#[derive(Clone, Copy)]
struct Words<'a> {
    text: &'a str,
    tokens: &'a [Token],
}

impl<'a> Words<'a> {
    fn word(self, at: usize) -> &'a str {
        self.tokens
            .get(at)
            .filter(|token| token.kind == TokenKind::Word)
            .map_or("", |token| token.text(self.text))
    }

    fn is(self, at: usize, word: &str) -> bool {
        self.word(at).eq_ignore_ascii_case(word)
    }

    fn has(self, word: &str) -> bool {
        (0..self.tokens.len()).any(|at| self.is(at, word))
    }

    fn has_both(self, first: &str, second: &str) -> bool {
        (0..self.tokens.len()).any(|at| self.is(at, first) && self.is(at + 1, second))
    }

    fn cursor(self) -> Cursor<'a> {
        Cursor::new(self.text, self.tokens, PG, Source::At(FileId(0), 0))
    }
}

fn by_words(words: Words<'_>, before: &Catalog) -> Vec<TableLock> {
    let mut cursor = words.cursor();
    let first = words.word(0).to_ascii_lowercase();
    cursor.bump();
    match first.as_str() {
        "insert" | "update" | "delete" | "merge" | "with" => written(words),
        "copy" if words.has("from") => one(&mut cursor, LockMode::RowExclusive, Work::Rows),
        "truncate" => {
            cursor.accept("TABLE");
            named(&mut cursor)
                .into_iter()
                .map(|table| lock(table, LockMode::AccessExclusive, Work::Moment))
                .collect()
        }
        "lock" => {
            cursor.accept("TABLE");
            let tables = named(&mut cursor);
            let mode = if cursor.accept("IN") { mode(&mut cursor) } else { Some(LockMode::AccessExclusive) };
            let Some(mode) = mode else { return Vec::new() };
            tables.into_iter().map(|table| lock(table, mode, Work::Moment)).collect()
        }
        "vacuum" | "analyze" | "cluster" | "refresh" | "reindex" => maintained(words, cursor, &first, before),
        _ => Vec::new(),
    }
}

/// `ALTER TABLE` that finds everything as it asks for takes its lock all the same.
fn altered_nothing(words: Words<'_>) -> Vec<TableLock> {
    let mut cursor = words.cursor();
    cursor.accept("ALTER TABLE");
    cursor.accept("IF EXISTS");
    let validates = words.has("validate");
    let mode = if validates { LockMode::ShareUpdateExclusive } else { LockMode::AccessExclusive };
    one(&mut cursor, mode, Work::Moment)
}

/// The tables that a statement and its WITH parts write to.
fn written(words: Words<'_>) -> Vec<TableLock> {
    let mut found = Vec::new();
    let mut cursor = words.cursor();
    while !cursor.is_done() {
        // `FOR UPDATE`, `ON CONFLICT … DO UPDATE` and `ON UPDATE` name no table.
        let writes = cursor.accept_any(&[
            "INSERT INTO",
            "DELETE FROM",
            "MERGE INTO",
            "FOR UPDATE",
            "DO UPDATE",
            "UPDATE",
        ]);
        match writes {
            Some("FOR UPDATE" | "DO UPDATE") => {}
            Some(_) => found.extend(one(&mut cursor, LockMode::RowExclusive, Work::Rows)),
            None => {
                cursor.bump();
            }
        }
    }
    found
}

fn maintained(words: Words<'_>, mut cursor: Cursor<'_>, first: &str, before: &Catalog) -> Vec<TableLock> {
    let concurrently = words.has("concurrently");
    while cursor
        .accept_any(&["FULL", "FREEZE", "VERBOSE", "ANALYZE", "MATERIALIZED", "VIEW", "CONCURRENTLY"])
        .is_some()
        || cursor.is_punct("(") && cursor.group().is_ok()
    {}
    let (mode, work) = match first {
        "vacuum" if words.has("full") => (LockMode::AccessExclusive, Work::Rewrite),
        "cluster" => (LockMode::AccessExclusive, Work::Rewrite),
        "refresh" if concurrently => (LockMode::Exclusive, Work::Rewrite),
        "refresh" => (LockMode::AccessExclusive, Work::Rewrite),
        "reindex" if !concurrently => (LockMode::Share, Work::Scan),
        _ => (LockMode::ShareUpdateExclusive, Work::Scan),
    };
    let is_index = cursor.accept("INDEX");
    if !is_index && first == "reindex" && !cursor.accept("TABLE") {
        return Vec::new();
    }
    cursor.accept("CONCURRENTLY");
    let Ok(name) = cursor.object() else { return Vec::new() };
    let name = name.shown();
    let table = if is_index { owner(&name, before) } else { Some(name) };
    table.map(|table| lock(table, mode, work)).into_iter().collect()
}

/// The table of an index.
fn owner(index: &ObjectName, catalog: &Catalog) -> Option<ObjectName> {
    let has = |table: &&schema_model::catalog::Table| {
        let schema = index.schema.is_none() || index.schema == table.name.schema;
        let constraint = table.constraints.iter().any(|own| own.name.as_ref() == Some(&index.name));
        schema && (table.index(&index.name).is_some() || constraint)
    };
    catalog.tables.values().find(has).map(|table| table.name.clone())
}

fn lock(table: ObjectName, mode: LockMode, work: Work) -> TableLock {
    TableLock { table, mode, work }
}

fn one(cursor: &mut Cursor<'_>, mode: LockMode, work: Work) -> Vec<TableLock> {
    cursor.accept("ONLY");
    cursor.object().map(|name| lock(name.shown(), mode, work)).into_iter().collect()
}

/// Names between commas.
fn named(cursor: &mut Cursor<'_>) -> Vec<ObjectName> {
    let mut names = Vec::new();
    loop {
        cursor.accept("ONLY");
        let Ok(name) = cursor.object() else { return names };
        names.push(name.shown());
        cursor.accept_punct("*");
        if !cursor.accept_punct(",") {
            return names;
        }
    }
}

/// `SHARE ROW EXCLUSIVE MODE` and its kin; none for those that stop nobody.
fn mode(cursor: &mut Cursor<'_>) -> Option<LockMode> {
    let choices = [
        ("ACCESS EXCLUSIVE", Some(LockMode::AccessExclusive)),
        ("ACCESS SHARE", None),
        ("SHARE ROW EXCLUSIVE", Some(LockMode::ShareRowExclusive)),
        ("SHARE UPDATE EXCLUSIVE", Some(LockMode::ShareUpdateExclusive)),
        ("SHARE", Some(LockMode::Share)),
        ("ROW EXCLUSIVE", Some(LockMode::RowExclusive)),
        ("ROW SHARE", None),
        ("EXCLUSIVE", Some(LockMode::Exclusive)),
    ];
    choices.into_iter().find(|(words, _)| cursor.accept(words)).and_then(|(_, mode)| mode)
}

/// The name as the catalog has it: `public` is not written there.
fn known(name: ObjectName, catalog: &Catalog) -> ObjectName {
    let bare = ObjectName { schema: None, name: name.name.clone() };
    let public = name.schema.as_ref().is_some_and(|schema| *schema == *"public");
    if public && !is_there(&name, catalog) && is_there(&bare, catalog) { bare } else { name }
}

fn is_there(name: &ObjectName, catalog: &Catalog) -> bool {
    catalog.tables.contains_key(name) || catalog.views.contains_key(name)
}
