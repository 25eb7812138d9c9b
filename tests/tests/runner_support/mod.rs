//! What the runner's tests on both databases share: folders from texts, and a connection per run.
#![allow(dead_code, missing_docs, reason = "each test file uses its own part of this")]

use schema_core::driver::{
    Access, DatabaseUrl, Driver, Event, Folder, Report, RevisionScripts, RunError, RunOptions, ScriptFile,
    connect, downgrade, upgrade,
};
use schema_core::revision::{Revision, Target};
use schema_model::DialectKind;

/// A linear history: version, up, down; an empty down is none.
pub fn folder(dialect: DialectKind, revisions: &[(&str, &str, &str)]) -> Folder {
    let mut parent: Option<&str> = None;
    let scripts = revisions.iter().map(|(version, up, down)| {
        let revision = Revision::new(*version).follows(parent.take());
        parent = Some(version);
        let file = |way: &str, text: &str| ScriptFile::new(format!("migrations/{version}.{way}.sql"), text);
        RevisionScripts::new(revision, file("up", up), (!down.is_empty()).then(|| file("down", down)))
    });
    Folder::new(dialect, scripts.collect()).unwrap()
}

pub fn open(url: &str) -> Box<dyn Driver> {
    connect(&url.parse::<DatabaseUrl>().unwrap(), Access::Write).unwrap()
}

pub fn target(text: &str) -> Target {
    text.parse().unwrap()
}

pub fn up_with(url: &str, folder: &Folder, to: &str, options: &RunOptions) -> Result<Report, RunError> {
    upgrade(open(url).as_mut(), folder, &target(to), options, &mut |_: Event<'_>| {})
}

pub fn up(url: &str, folder: &Folder, to: &str) -> Result<Report, RunError> {
    up_with(url, folder, to, &RunOptions::default())
}

pub fn down(url: &str, folder: &Folder, to: &str) -> Result<Report, RunError> {
    downgrade(open(url).as_mut(), folder, &target(to), &RunOptions::default(), &mut |_: Event<'_>| {})
}

pub fn done(report: &Report) -> Vec<String> {
    report.done.iter().map(|done| done.revision.to_string()).collect()
}

/// One value of a query, as text.
pub fn one(url: &str, sql: &str) -> String {
    rows(url, sql).into_iter().flatten().next().unwrap_or_default()
}

pub fn rows(url: &str, sql: &str) -> Vec<Vec<String>> {
    let rows = open(url).query(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.into_iter()
        .map(|row| row.into_iter().map(|value| value.unwrap_or_else(|| "∅".to_owned())).collect())
        .collect()
}

/// What the history says is applied, in its order.
pub fn applied(url: &str) -> Vec<String> {
    rows(url, "SELECT version FROM schema_version WHERE progress IS NULL ORDER BY applied_at").concat()
}

/// The whole database as text: every object and every row.
pub fn everything(url: &str, dialect: DialectKind) -> Vec<String> {
    let (objects, tables) = match dialect {
        DialectKind::Postgres => (
            "SELECT c.relname || ' ' || coalesce(pg_get_indexdef(c.oid), '') || ' ' || coalesce((SELECT \
             string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attname) FROM pg_attribute a \
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '') || coalesce((SELECT i.indisvalid::text FROM pg_index i \
             WHERE i.indexrelid = c.oid), '') FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE \
             'schema_version%' UNION ALL SELECT typname FROM pg_type WHERE typtype = 'e' ORDER BY 1",
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> \
             'schema_version' ORDER BY 1",
        ),
        DialectKind::Sqlite => (
            "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE '%schema_version%' ORDER BY 1",
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_version' ORDER BY 1",
        ),
    };
    let mut all = rows(url, objects).concat();
    for table in rows(url, tables).concat() {
        // Columns that were added and dropped again may stand in another order only in the catalog, not by name.
        all.extend(
            rows(url, &format!("SELECT * FROM {table} ORDER BY 1"))
                .into_iter()
                .map(|row| format!("{table}: {row:?}")),
        );
    }
    all
}
