//! Upgrade and downgrade on PostgreSQL.
#![allow(missing_docs, reason = "a test's name says it")]

mod runner_support;

use std::time::Duration;

use runner_support::{applied, done, down, folder, one, open, rows, target, up, up_with};
use schema_core::driver::{DatabaseUrl, Event, Folder, RunError, RunOptions, Survey, upgrade};
use schema_model::DialectKind;
use schema_tests::TestDatabase;

const THREE: [(&str, &str, &str); 3] = [
    (
        "1.0.0",
        "CREATE TABLE users (id int PRIMARY KEY, email text); INSERT INTO users VALUES (1, 'a');",
        "DROP TABLE users;",
    ),
    ("1.1.0", "ALTER TABLE users ADD COLUMN phone text;", "ALTER TABLE users DROP COLUMN phone;"),
    (
        "2.0.0",
        "ALTER TABLE users RENAME COLUMN email TO email_address;",
        "ALTER TABLE users RENAME COLUMN email_address TO email;",
    ),
];

fn three() -> Folder {
    folder(DialectKind::Postgres, &THREE)
}

#[test]
fn up_down_and_up_again() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    assert_eq!(done(&up(&url, &three(), "head").unwrap()), ["1.0.0", "1.1.0", "2.0.0"]);
    assert_eq!(one(&url, "SELECT email_address FROM users"), "a");
    assert_eq!(applied(&url), ["1.0.0", "1.1.0", "2.0.0"]);
    assert!(up(&url, &three(), "head").unwrap().done.is_empty());
    assert_eq!(done(&down(&url, &three(), "1.0.0").unwrap()), ["2.0.0", "1.1.0"]);
    assert_eq!(done(&up(&url, &three(), "+1").unwrap()), ["1.1.0"]);
    assert_eq!(done(&down(&url, &three(), "base").unwrap()).len(), 2);
    assert_eq!(done(&up(&url, &three(), "head").unwrap()).len(), 3);
    let row = rows(
        &url,
        "SELECT revises, length(checksum), down_sql, length(down_checksum), progress FROM schema_version WHERE version = '1.1.0'",
    );
    assert_eq!(row, [["1.0.0", "64", "ALTER TABLE users DROP COLUMN phone;", "64", "∅"]]);
}

#[test]
fn a_failing_statement_leaves_nothing_of_its_revision() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let mut revisions = THREE.to_vec();
    revisions[1].1 = "ALTER TABLE users ADD COLUMN a text;\nUPDATE users SET a = 'ü';\nALTER TABLE users ADD COLUMN b nothing;\n";
    let error = up(&url, &folder(DialectKind::Postgres, &revisions), "head").unwrap_err();
    let RunError::Statement(failed) = &error else { panic!("{error}") };
    assert_eq!(failed.place, "migrations/1.1.0.up.sql:3:32");
    let text = error.to_string();
    for word in ["type \"nothing\" does not exist", "nothing of it was kept", "done before it: 1.0.0"] {
        assert!(text.contains(word), "{text}");
    }
    assert_eq!(applied(&url), ["1.0.0"]);
    assert_eq!(done(&up(&url, &three(), "head").unwrap()), ["1.1.0", "2.0.0"]);
}

const BUILD: &str = "-- Transaction: none\nCREATE UNIQUE INDEX CONCURRENTLY \"Users Email\" ON users (email);\n\
                     INSERT INTO users VALUES (3, 'c');\n";

#[test]
fn an_index_build_that_failed_is_cleared_and_done_again() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let history = folder(
        DialectKind::Postgres,
        &[THREE[0], ("1.0.1", BUILD, "DROP INDEX CONCURRENTLY \"Users Email\";")],
    );
    up(&url, &history, "1.0.0").unwrap();
    open(&url).execute("INSERT INTO users VALUES (2, 'a')").unwrap();
    let error = up(&url, &history, "head").unwrap_err().to_string();
    assert!(error.contains("could not create unique index") && error.contains("1.0.1.up.sql:2:1"), "{error}");
    let valid = "SELECT i.indisvalid FROM pg_index i WHERE i.indexrelid = to_regclass('\"Users Email\"')";
    assert_eq!(one(&url, valid), "f");
    assert_eq!(one(&url, "SELECT version FROM schema_version ORDER BY applied_at DESC LIMIT 1"), "1.0.0");
    let survey = Survey::take(open(&url).as_mut(), &history).unwrap();
    assert_eq!(survey.current()[0].id.as_str(), "1.0.0");
    open(&url).execute("DELETE FROM users WHERE id = 2").unwrap();
    let mut repaired = 0;
    let events = &mut |event: Event<'_>| repaired += usize::from(matches!(event, Event::Repaired { .. }));
    upgrade(open(&url).as_mut(), &history, &target("head"), &RunOptions::default(), events).unwrap();
    assert_eq!((one(&url, valid).as_str(), repaired), ("t", 1));
    assert_eq!(one(&url, "SELECT count(*) FROM users"), "2");
    down(&url, &history, "1.0.0").unwrap();
    assert_eq!(one(&url, valid), "");
}

#[test]
fn a_build_that_had_finished_is_found_done() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let history = folder(DialectKind::Postgres, &[THREE[0], ("1.0.1", BUILD, "")]);
    up(&url, &history, "1.0.0").unwrap();
    // As if the process had died between the build and the note of it.
    let text = "SELECT 1";
    open(&url).execute(text).unwrap();
    let sum = schema_model::checksum::checksum("", DialectKind::Postgres)[..16].to_owned();
    open(&url).execute(&format!("INSERT INTO schema_version (version, applied_at, progress) VALUES ('1.0.1', '1970-01-01', 'up 0/2 {sum} started')")).unwrap();
    open(&url).execute("CREATE UNIQUE INDEX \"Users Email\" ON users (email)").unwrap();
    up(&url, &history, "head").unwrap();
    assert_eq!(one(&url, "SELECT count(*) FROM users"), "2");
    assert_eq!(applied(&url), ["1.0.0", "1.0.1"]);
}

#[test]
fn many_runners_at_once_also_while_one_builds_an_index() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let rows = "INSERT INTO users SELECT i, 'x' || i FROM generate_series(10, 20000) i;";
    let history = folder(DialectKind::Postgres, &[THREE[0], ("1.0.1", rows, ""), ("1.0.2", BUILD, "")]);
    let reports: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..24).map(|_| scope.spawn(|| up(&url, &history, "head").unwrap())).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let all: Vec<Vec<String>> = reports.iter().map(done).filter(|done| !done.is_empty()).collect();
    assert_eq!(all, [["1.0.0", "1.0.1", "1.0.2"]]);
    assert_eq!(applied(&url), ["1.0.0", "1.0.1", "1.0.2"]);
    assert_eq!(one(&url, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0");
}

#[test]
fn the_lock_has_a_limit_and_names_its_holder() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let mut holder = open(&url);
    assert_eq!(holder.try_lock().unwrap(), schema_core::driver::Lock::Held);
    let options = RunOptions { lock_wait: Duration::from_millis(300), ..RunOptions::default() };
    let error = up_with(&url, &three(), "head", &options).unwrap_err().to_string();
    assert!(error.contains("another runner, process ") && error.contains("cargo-schema"), "{error}");
    drop(holder);
    up(&url, &three(), "head").unwrap();
}

#[test]
fn a_lock_on_the_table_is_retried() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    up(&url, &three(), "1.0.0").unwrap();
    let mut reader = open(&url);
    reader.execute("BEGIN").unwrap();
    reader.execute("SELECT * FROM users").unwrap();
    let options =
        RunOptions { lock_timeout: Some(Duration::from_millis(100)), retries: 1, ..RunOptions::default() };
    let error = up_with(&url, &three(), "head", &options).unwrap_err().to_string();
    assert!(error.contains("lock timeout"), "{error}");
    let options = RunOptions { retries: 20, ..options };
    std::thread::scope(|scope| {
        let run = scope.spawn(|| up_with(&url, &three(), "head", &options).unwrap());
        std::thread::sleep(Duration::from_millis(700));
        reader.execute("COMMIT").unwrap();
        assert_eq!(done(&run.join().unwrap()), ["1.1.0", "2.0.0"]);
    });
}

#[test]
fn history_tables_made_by_hand_and_by_others() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    database
        .connect()
        .batch_execute(
            "CREATE TABLE users (id int PRIMARY KEY, email text); CREATE TABLE schema_version (version VARCHAR(50) PRIMARY KEY, \
             applied_at TIMESTAMP NOT NULL DEFAULT NOW(), description TEXT); INSERT INTO schema_version VALUES ('1.0.0', \
             '2999-01-01', 'Initial')",
        )
        .unwrap();
    let survey = Survey::take(open(&url).as_mut(), &three()).unwrap();
    assert!(survey.history.is_plain());
    assert_eq!(done(&up(&url, &three(), "head").unwrap()), ["1.1.0", "2.0.0"]);
    assert_eq!(one(&url, "SELECT version FROM schema_version ORDER BY applied_at DESC LIMIT 1"), "2.0.0");

    let Some(other) = TestDatabase::create() else { return };
    other
        .connect()
        .batch_execute("CREATE TABLE schema_version (id serial PRIMARY KEY, version int NOT NULL)")
        .unwrap();
    let error = up(&other.url(), &three(), "head").unwrap_err().to_string();
    assert!(error.contains("not a history table of ours"), "{error}");
}

#[test]
fn the_search_path_says_where_the_history_is() {
    let Some(database) = TestDatabase::create() else { return };
    let app =
        format!("{}{}search_path=app", database.url(), if database.url().contains('?') { '&' } else { '?' });
    let error = up(&app, &three(), "head").unwrap_err().to_string();
    assert!(error.contains("no schema of the search_path exists"), "{error}");
    database.connect().batch_execute("CREATE SCHEMA app").unwrap();
    let wander = (
        "3.0.0",
        "CREATE SCHEMA other; SET search_path = other; CREATE TABLE t (a int);",
        "DROP SCHEMA other CASCADE",
    );
    let after = ("3.1.0", "CREATE TEMP TABLE x (a int); CREATE TABLE here (a int);", "DROP TABLE here");
    let mut revisions = THREE.to_vec();
    revisions.extend([wander, after]);
    up(&app, &folder(DialectKind::Postgres, &revisions), "head").unwrap();
    assert_eq!(one(&database.url(), "SELECT count(*) FROM app.schema_version"), "5");
    assert_eq!(one(&database.url(), "SELECT count(*) FROM app.here"), "0");
    assert_eq!(one(&database.url(), "SELECT count(*) FROM other.t"), "0");
}

#[test]
fn repeat_guard_commit_and_copy() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let backfill = "-- Repeat: 100\nUPDATE t SET b = a WHERE ctid IN (SELECT ctid FROM t WHERE b IS NULL LIMIT 100);\n\
                    CREATE TYPE mood AS ENUM ('a');\n-- Commit\nALTER TYPE mood ADD VALUE 'b';\n-- Commit\nCREATE TABLE m (m mood DEFAULT 'b');\n";
    let copy = "COPY t (a) FROM stdin;\n1\n2\n\\.\nINSERT INTO t (a) VALUES (3);\n";
    let revisions = [
        (
            "1.0.0",
            "CREATE TABLE t (a int, b int); INSERT INTO t SELECT i FROM generate_series(1, 950) i;",
            "",
        ),
        ("1.0.1", backfill, ""),
        ("1.0.2", copy, ""),
        (
            "1.0.3",
            "-- Guard: there are new rows\nSELECT a FROM t WHERE b IS NULL ORDER BY a;\nDROP TABLE t;",
            "",
        ),
    ];
    let error = up(&url, &folder(DialectKind::Postgres, &revisions), "head").unwrap_err().to_string();
    assert!(error.contains("there are new rows (3 rows, the first: 1)"), "{error}");
    assert_eq!(one(&url, "SELECT count(*) FROM t WHERE a = b"), "950");
    assert_eq!(applied(&url).len(), 3);
}

#[test]
fn names_cannot_inject() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let odd = "x'); DROP TABLE schema_version; --\"ü and it is longer than fifty characters";
    let history = folder(
        DialectKind::Postgres,
        &[(odd, "CREATE TABLE \"q;'t\" (\"a\"\"b\" int)", "DROP TABLE \"q;'t\"")],
    );
    up(&url, &history, odd).unwrap();
    assert_eq!(applied(&url), [odd]);
    down(&url, &history, "base").unwrap();
    assert!(applied(&url).is_empty());
}

#[test]
fn connection_errors_say_what_to_check_and_no_password() {
    let Some(database) = TestDatabase::create() else { return };
    let Some(tcp) = database.tcp_url() else { return };
    let missing =
        tcp.replace(database.name(), "no_such_database").replace("://postgres@", "://postgres:geheim@");
    let closed = "postgres://me:geheim@127.0.0.1:1/app".to_owned();
    let tls = format!("{}{}sslmode=require", missing, if missing.contains('?') { '&' } else { '?' });
    for (url, word) in
        [(missing, "create it first"), (closed, "is the server running"), (tls, "speaks no TLS")]
    {
        let url: DatabaseUrl = url.parse().unwrap();
        let error =
            schema_core::driver::connect(&url, schema_core::driver::Access::Write).err().unwrap().to_string();
        assert!(error.contains(word) && !error.contains("geheim"), "{error}");
    }
}

#[test]
fn a_fifty_runner_rush_on_an_empty_database() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..50).map(|_| scope.spawn(|| up(&url, &three(), "head").unwrap())).collect();
        let appliers =
            runs.into_iter().map(|run| run.join().unwrap()).filter(|report| !report.done.is_empty());
        assert_eq!(appliers.count(), 1);
    });
}

#[test]
fn a_history_of_many_revisions() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let texts: Vec<(String, String)> =
        (0..300).map(|at| (format!("1.{at}.0"), format!("CREATE TABLE t{at} (a int)"))).collect();
    let revisions: Vec<(&str, &str, &str)> =
        texts.iter().map(|(version, text)| (version.as_str(), text.as_str(), "")).collect();
    let history = folder(DialectKind::Postgres, &revisions);
    let start = std::time::Instant::now();
    assert_eq!(up(&url, &history, "head").unwrap().done.len(), 300);
    let applied_in = start.elapsed();
    let start = std::time::Instant::now();
    assert!(up(&url, &history, "head").unwrap().done.is_empty());
    eprintln!("300 revisions: applied in {applied_in:?}, found applied in {:?}", start.elapsed());
}
