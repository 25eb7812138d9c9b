//! The cases of `cases/locks`: what each statement locks, as text, and as `pg_locks` has it when the statement is run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use libtest_mimic::{Arguments, Failed, Trial};
use postgres::{Client, SimpleQueryMessage};
use schema_core::locks::{TableLock, Work, of_statement};
use schema_core::sql::{Replayer, split};
use schema_model::{DialectKind, SourceMap};
use schema_tests::TestDatabase;
use schema_tests::case::{self, Case};

const PG: DialectKind = DialectKind::Postgres;

fn main() {
    let arguments = Arguments::from_args();
    let trials = case::files("locks").into_iter().map(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Trial::test(name, move || {
            let mut case = Case::read(&path).map_err(|error| Failed::from(error.to_string()))?;
            judge(&mut case).map_err(Failed::from)
        })
    });
    let trials: Vec<_> = trials.collect();
    assert!(!trials.is_empty(), "there are no cases");
    libtest_mimic::run(&arguments, trials).exit();
}

fn judge(case: &mut Case) -> Result<(), String> {
    let setup = case.section("setup.sql").unwrap_or_default().to_owned();
    let script = case.section("statements.sql").unwrap_or_default().to_owned();
    let database = TestDatabase::create();
    let mut live = database.as_ref().map(TestDatabase::connect);
    if let Some(client) = &mut live {
        client.batch_execute(&setup).map_err(|error| schema_tests::database::with_source(&error))?;
    }
    let mut sources = SourceMap::default();
    let mut before = Replayer::new(PG);
    let file = sources.add("setup.sql", setup.as_str());
    before.run(&sources, file);
    let (mut told, mut wrong) = (String::new(), String::new());
    for statement in split(&script, PG) {
        let text = statement.text(&script);
        let mut after = before.clone();
        let file = sources.add("statement.sql", text);
        let effects = after.run(&sources, file);
        let changes: Vec<_> = effects.into_iter().flat_map(|effect| effect.changes).collect();
        let found = of_statement(text, &changes, before.catalog());
        let _ = writeln!(told, "{text};");
        found.iter().for_each(|lock| _ = writeln!(told, "  {lock}"));
        if let Some(client) = &mut live {
            wrong.push_str(&beside_the_server(client, text, &found)?);
        }
    }
    case.expect("locks", &told)?;
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// What the server does otherwise: locks of another strength, rows that are written anew.
fn beside_the_server(client: &mut Client, text: &str, found: &[TableLock]) -> Result<String, String> {
    // What stands outside transactions shows its locks to nobody but another session, for a moment.
    let words = text.to_ascii_lowercase();
    if words.contains("concurrently") || words.starts_with("vacuum") {
        return Ok(String::new());
    }
    let rows = |client: &mut Client, sql: &str| -> Result<BTreeMap<String, String>, String> {
        let messages =
            client.simple_query(sql).map_err(|error| schema_tests::database::with_source(&error))?;
        let pair = |message: &SimpleQueryMessage| match message {
            SimpleQueryMessage::Row(row) => Some((row.get(0)?.to_owned(), row.get(1)?.to_owned())),
            _ => None,
        };
        Ok(messages.iter().filter_map(pair).collect())
    };
    client.batch_execute("BEGIN").map_err(|error| error.to_string())?;
    let files_before = rows(client, FILES)?;
    let run = client.batch_execute(text).map_err(|error| schema_tests::database::with_source(&error));
    let seen = run.and_then(|()| Ok((rows(client, LOCKS)?, rows(client, FILES)?)));
    client.batch_execute("ROLLBACK").map_err(|error| error.to_string())?;
    let (locks, files_after) = seen.map_err(|error| format!("{text}: {error}\n"))?;
    let mut wrong = String::new();
    for (oid, name) in rows(client, NAMES)? {
        let ours = found.iter().find(|lock| lock.table.to_string() == name);
        let mode = ours.map(|lock| lock.mode.to_string()).unwrap_or_default();
        let theirs = locks.get(&oid).cloned().unwrap_or_default();
        if mode != theirs {
            let _ = writeln!(wrong, "{text}: {name}: we say `{mode}`, the server has `{theirs}`");
        }
        let is_gone = !files_after.contains_key(&oid);
        let rewritten = !is_gone && files_before.get(&oid) != files_after.get(&oid);
        // TRUNCATE begins a new file without writing any row.
        let rewrites = ours.is_some_and(|lock| lock.work == Work::Rewrite);
        if rewritten != rewrites && !text.to_ascii_lowercase().starts_with("truncate") {
            let _ = writeln!(wrong, "{text}: {name}: rewritten: {rewritten}, we say {rewrites}");
        }
    }
    Ok(wrong)
}

const NAMES: &str = "SELECT oid, CASE WHEN relnamespace = 'public'::regnamespace THEN '' ELSE relnamespace::regnamespace || '.' END \
                     || relname FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace NOT IN \
                     ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)";

const FILES: &str = "SELECT oid, relfilenode FROM pg_class WHERE relkind IN ('r', 'm')";

/// The strongest lock of this session on each table, without those that nobody waits for.
const LOCKS: &str = "SELECT relation, (array['ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', \
                     'ACCESS EXCLUSIVE'])[max(array_position(array['RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock', \
                     'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'], mode))] FROM pg_locks WHERE pid = \
                     pg_backend_pid() AND locktype = 'relation' AND mode NOT IN ('AccessShareLock', 'RowShareLock') GROUP BY 1";
