//! Upgrade and downgrade on SQLite.
#![allow(missing_docs, reason = "a test's name says it")]

mod runner_support;

use std::path::Path;
use std::time::Duration;

use runner_support::{applied, done, down, folder, one, open, rows, target, up, up_with};
use schema_core::driver::{Folder, RunError, RunOptions, StampOptions, Survey, stamp};
use schema_model::DialectKind;

fn url(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("app.db").display())
}

const THREE: [(&str, &str, &str); 3] = [
    (
        "1.0.0",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO users VALUES (1, 'a');",
        "DROP TABLE users;",
    ),
    ("1.1.0", "ALTER TABLE users ADD COLUMN phone TEXT;", "ALTER TABLE users DROP COLUMN phone;"),
    (
        "2.0.0",
        "ALTER TABLE users RENAME COLUMN email TO email_address;",
        "ALTER TABLE users RENAME COLUMN email_address TO email;",
    ),
];

fn three() -> Folder {
    folder(DialectKind::Sqlite, &THREE)
}

#[test]
fn up_down_and_up_again() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    assert_eq!(done(&up(&url, &three(), "head").unwrap()), ["1.0.0", "1.1.0", "2.0.0"]);
    assert_eq!(one(&url, "SELECT email_address FROM users"), "a");
    assert_eq!(applied(&url), ["1.0.0", "1.1.0", "2.0.0"]);
    assert!(up(&url, &three(), "head").unwrap().done.is_empty());
    assert_eq!(done(&down(&url, &three(), "1.0.0").unwrap()), ["2.0.0", "1.1.0"]);
    assert_eq!(one(&url, "SELECT email FROM users"), "a");
    assert_eq!(done(&up(&url, &three(), "+1").unwrap()), ["1.1.0"]);
    assert_eq!(done(&down(&url, &three(), "base").unwrap()), ["1.1.0", "1.0.0"]);
    assert_eq!(done(&up(&url, &three(), "head").unwrap()).len(), 3);
    let row = rows(
        &url,
        "SELECT revises, length(checksum), down_sql, length(down_checksum), progress FROM schema_version WHERE version = '1.1.0'",
    );
    assert_eq!(row, [["1.0.0", "64", "ALTER TABLE users DROP COLUMN phone;", "64", "∅"]]);
}

#[test]
fn a_failing_statement_leaves_nothing_of_its_revision() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    let mut revisions = THREE.to_vec();
    revisions[1].1 = "ALTER TABLE users ADD COLUMN a TEXT;\nUPDATE users SET a = 'x';\nALTER TABLE missing ADD COLUMN b TEXT;\n";
    let error = up(&url, &folder(DialectKind::Sqlite, &revisions), "head").unwrap_err();
    let RunError::Statement(failed) = &error else { panic!("{error}") };
    assert_eq!(failed.place, "migrations/1.1.0.up.sql:3:1");
    let text = error.to_string();
    for word in
        ["no such table: missing", "nothing of it was kept", "done before it: 1.0.0", "run the command again"]
    {
        assert!(text.contains(word), "{text}");
    }
    assert_eq!(applied(&url), ["1.0.0"]);
    assert_eq!(one(&url, "SELECT count(*) FROM pragma_table_info('users')"), "2");
    assert_eq!(done(&up(&url, &three(), "head").unwrap()), ["1.1.0", "2.0.0"]);
}

#[test]
fn a_rebuild_keeps_the_children() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    let rebuild = "-- Foreign-keys: off\nCREATE TABLE new_p (id INTEGER PRIMARY KEY, n TEXT NOT NULL);\nINSERT INTO new_p SELECT id, n FROM p;\n\
                   DROP TABLE p;\nALTER TABLE new_p RENAME TO p;\n";
    let orphans = "-- Foreign-keys: off\nDELETE FROM p;\n";
    let revisions = [
        (
            "1.0.0",
            "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE c (p REFERENCES p(id) ON DELETE CASCADE);\
                   INSERT INTO p VALUES (1, 'x'); INSERT INTO c VALUES (1), (1);",
            "",
        ),
        ("2.0.0", rebuild, ""),
        ("3.0.0", orphans, ""),
    ];
    let history = folder(DialectKind::Sqlite, &revisions);
    up(&url, &history, "2.0.0").unwrap();
    assert_eq!(one(&url, "SELECT count(*) FROM c"), "2");
    let error = up(&url, &history, "head").unwrap_err().to_string();
    assert!(error.contains("2 rows of `c` would have no parent in `p`"), "{error}");
    assert_eq!(one(&url, "SELECT count(*) FROM p"), "1");
    // By hand, as many files have it.
    let by_hand =
        format!("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n{rebuild}COMMIT;\nPRAGMA foreign_keys=ON;\n");
    let history = folder(DialectKind::Sqlite, &[revisions[0], revisions[1], ("3.0.0", &by_hand, "")]);
    up(&url, &history, "head").unwrap();
    assert_eq!(one(&url, "SELECT count(*) FROM c"), "2");
}

#[test]
fn many_runners_at_once() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    let reports: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..32).map(|_| scope.spawn(|| up(&url, &three(), "head").unwrap())).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let mut all: Vec<String> = reports.iter().flat_map(done).collect();
    all.sort();
    assert_eq!(all, ["1.0.0", "1.1.0", "2.0.0"]);
    assert_eq!(applied(&url), ["1.0.0", "1.1.0", "2.0.0"]);
    assert_eq!(one(&url, "SELECT count(*) FROM users"), "1");
}

#[test]
fn a_locked_file_and_one_that_cannot_be_written() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    up(&url, &three(), "1.0.0").unwrap();
    let mut other = open(&url);
    other.execute("BEGIN IMMEDIATE").unwrap();
    let options = RunOptions { lock_wait: Duration::from_millis(300), ..RunOptions::default() };
    let error = up_with(&url, &three(), "head", &options).unwrap_err().to_string();
    assert!(error.contains("database is locked") && error.contains("another process is writing"), "{error}");
    other.execute("ROLLBACK").unwrap();
    let error = up(&format!("{url}?mode=ro"), &three(), "head").unwrap_err().to_string();
    assert!(error.contains("readonly") && error.contains("the right to write"), "{error}");
    assert_eq!(applied(&url), ["1.0.0"]);
}

#[test]
fn history_tables_made_by_hand_and_by_others() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    for sql in [
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)",
        "CREATE TABLE schema_version (version VARCHAR(50) PRIMARY KEY, applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, description TEXT)",
        "INSERT INTO schema_version VALUES ('1.0.0', '2999-01-01 00:00:00', 'Initial')",
    ] {
        open(&url).execute(sql).unwrap();
    }
    let survey = Survey::take(open(&url).as_mut(), &three()).unwrap();
    assert!(survey.history.is_plain());
    assert_eq!(survey.current()[0].id.as_str(), "1.0.0");
    assert_eq!(done(&up(&url, &three(), "head").unwrap()), ["1.1.0", "2.0.0"]);
    assert_eq!(one(&url, "SELECT version FROM schema_version ORDER BY applied_at DESC LIMIT 1"), "2.0.0");

    let other = format!("sqlite://{}", place.path().join("other.db").display());
    open(&other)
        .execute(
            "CREATE TABLE schema_version (installed_rank INT PRIMARY KEY, version TEXT, description TEXT)",
        )
        .unwrap();
    let error = up(&other, &three(), "head").unwrap_err().to_string();
    assert!(error.contains("not a history table of ours") && error.contains("applied_at"), "{error}");
    assert_eq!(one(&other, "SELECT count(*) FROM sqlite_master WHERE name = 'users'"), "0");
}

#[test]
fn edited_missing_and_newer() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    up(&url, &three(), "1.1.0").unwrap();
    let mut edited = THREE.to_vec();
    edited[0].1 = "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);";
    let error = up(&url, &folder(DialectKind::Sqlite, &edited), "head").unwrap_err().to_string();
    assert!(error.contains("migrations/1.0.0.up.sql was edited after 1.0.0 was applied"), "{error}");
    let older = folder(DialectKind::Sqlite, &THREE[..1]);
    let error = up(&url, &older, "head").unwrap_err().to_string();
    assert!(error.starts_with("database is at 1.1.0, these files end at 1.0.0"), "{error}");
    // The way down leads through the stored script.
    assert_eq!(done(&down(&url, &older, "1.0.0").unwrap()), ["1.1.0"]);
    assert_eq!(one(&url, "SELECT count(*) FROM pragma_table_info('users')"), "2");
}

#[test]
fn a_stored_down_that_was_tampered_with_is_not_run() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    up(&url, &three(), "1.1.0").unwrap();
    open(&url)
        .execute("UPDATE schema_version SET down_sql = 'DROP TABLE users' WHERE version = '1.1.0'")
        .unwrap();
    let older = folder(DialectKind::Sqlite, &THREE[..1]);
    let error = down(&url, &older, "1.0.0").unwrap_err().to_string();
    assert!(error.contains("does not match its checksum"), "{error}");
    assert_eq!(one(&url, "SELECT count(*) FROM users"), "1");
}

#[test]
fn irreversible_is_said_before_anything_runs() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    let mut revisions = THREE.to_vec();
    revisions[0].2 = "-- Irreversible: the rows are gone\n";
    revisions[1].2 = "";
    let history = folder(DialectKind::Sqlite, &revisions);
    up(&url, &history, "head").unwrap();
    let error = down(&url, &history, "base").unwrap_err().to_string();
    assert!(error.contains("1.1.0 cannot be rolled back: there is no down script"), "{error}");
    assert_eq!(applied(&url).len(), 3);
    assert_eq!(done(&down(&url, &history, "-1").unwrap()), ["2.0.0"]);
}

#[test]
fn repeat_guard_and_commit() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    let backfill = "-- Repeat: 10\nUPDATE t SET b = a WHERE rowid IN (SELECT rowid FROM t WHERE b IS NULL LIMIT 10);\n\
                    -- Guard: every row needs b\nSELECT a FROM t WHERE b IS NULL;\n-- Commit\nCREATE INDEX i ON t (b);\n";
    let revisions = [
        (
            "1.0.0",
            "CREATE TABLE t (a INT, b INT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 95) INSERT INTO t SELECT i, NULL FROM n;",
            "",
        ),
        ("1.0.1", backfill, ""),
        (
            "1.0.2",
            "-- Guard: there are odd rows\nSELECT a FROM t WHERE a % 2 = 1 ORDER BY a;\nDROP TABLE t;",
            "",
        ),
    ];
    let error = up(&url, &folder(DialectKind::Sqlite, &revisions), "head").unwrap_err().to_string();
    assert!(error.contains("there are odd rows (48 rows, the first: 1)"), "{error}");
    assert_eq!(one(&url, "SELECT count(*) FROM t WHERE a = b"), "95");
    assert_eq!(applied(&url), ["1.0.0", "1.0.1"]);
}

#[test]
fn out_of_order_is_asked_for() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    up(&url, &folder(DialectKind::Sqlite, &[THREE[0], ("3.0.0", "CREATE TABLE x (a INT)", "")]), "head")
        .unwrap();
    let history = folder(DialectKind::Sqlite, &[THREE[0], THREE[1], ("3.0.0", "CREATE TABLE x (a INT)", "")]);
    let error = up(&url, &history, "head").unwrap_err().to_string();
    assert!(error.contains("1.1.0 belongs before 3.0.0"), "{error}");
    let options = RunOptions { out_of_order: true, ..RunOptions::default() };
    assert_eq!(done(&up_with(&url, &history, "head", &options).unwrap()), ["1.1.0"]);
}

#[test]
fn names_cannot_inject() {
    let place = tempfile::tempdir().unwrap();
    let url = url(&place.path().join("a b'\";--ü"));
    std::fs::create_dir(place.path().join("a b'\";--ü")).unwrap();
    let odd = "x'); DROP TABLE schema_version; --\"ü";
    let history = folder(
        DialectKind::Sqlite,
        &[(odd, "CREATE TABLE \"q;'t\" (\"a\"\"b\" INT)", "DROP TABLE \"q;'t\"")],
    );
    up(&url, &history, odd).unwrap();
    assert_eq!(applied(&url), [odd]);
    down(&url, &history, "base").unwrap();
    assert!(applied(&url).is_empty());
}

#[test]
fn stamping_asks_for_proof() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    let refuse = &mut |_: &mut dyn schema_core::driver::Driver, _: &[schema_core::revision::RevisionId]| {
        Ok(Some("table `users` is missing".to_owned()))
    };
    let history = three();
    let options = RunOptions::default();
    let how = StampOptions::default();
    let error = stamp(open(&url).as_mut(), &history, &target("1.1.0"), &options, how, refuse)
        .unwrap_err()
        .to_string();
    assert!(error.contains("not at 1.1.0: table `users` is missing"), "{error}");
    let how = StampOptions { force: true, purge: false };
    stamp(open(&url).as_mut(), &history, &target("2.0.0"), &options, how, refuse).unwrap();
    stamp(open(&url).as_mut(), &history, &target("1.1.0"), &options, how, refuse).unwrap();
    assert_eq!(applied(&url), ["1.0.0", "1.1.0"]);
    let how = StampOptions { force: true, purge: true };
    stamp(open(&url).as_mut(), &history, &target("base"), &options, how, refuse).unwrap();
    assert!(applied(&url).is_empty());
}

#[test]
fn a_history_of_many_revisions() {
    let place = tempfile::tempdir().unwrap();
    let url = url(place.path());
    let texts: Vec<(String, String)> =
        (0..300).map(|at| (format!("1.{at}.0"), format!("CREATE TABLE t{at} (a INT)"))).collect();
    let revisions: Vec<(&str, &str, &str)> =
        texts.iter().map(|(version, text)| (version.as_str(), text.as_str(), "")).collect();
    let history = folder(DialectKind::Sqlite, &revisions);
    let start = std::time::Instant::now();
    assert_eq!(up(&url, &history, "head").unwrap().done.len(), 300);
    let applied_in = start.elapsed();
    let start = std::time::Instant::now();
    assert!(up(&url, &history, "head").unwrap().done.is_empty());
    eprintln!("300 revisions: applied in {applied_in:?}, found applied in {:?}", start.elapsed());
}
