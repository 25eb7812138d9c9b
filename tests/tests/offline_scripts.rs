//! `upgrade --sql` and `downgrade --sql`, fed to psql and sqlite3.
#![allow(missing_docs, reason = "a test's name says it")]

mod runner_support;

use std::io::Write;
use std::process::{Command, Stdio};

use runner_support::{applied, down, folder, one, open, up};
use schema_core::driver::{DatabaseUrl, Folder};
use schema_core::script::shell::offline::{downgrade_sql, upgrade_sql};
use schema_model::DialectKind;
use schema_tests::TestDatabase;
use schema_tests::long_history::long_history;

/// Runs a script with the database's own client, with no options that would stop it at an error but its own.
fn feed(url: &str, script: &str) -> (bool, String) {
    let mut command = match url.parse::<DatabaseUrl>().unwrap() {
        DatabaseUrl::Sqlite(sqlite) => {
            let mut command = Command::new("sqlite3");
            command.arg(sqlite.path.unwrap());
            command
        }
        DatabaseUrl::Postgres(_) => {
            let mut command = Command::new("psql");
            command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-o", "/dev/null"]);
            command
        }
    };
    let mut process =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), text)
}

fn range(text: &str) -> schema_core::revision::TargetRange {
    text.parse().unwrap()
}

fn there_and_back(url: &str, history: &Folder) {
    let (ok, text) = feed(url, &upgrade_sql(history, &range(":1.12.0"), false).unwrap());
    assert!(ok, "{text}");
    assert_eq!(applied(url).len(), 13);
    let (ok, text) = feed(url, &upgrade_sql(history, &range("1.12.0:head"), false).unwrap());
    assert!(ok, "{text}");
    assert!(up(url, history, "head").unwrap().done.is_empty());
    assert_eq!(one(url, "SELECT min(n) || ' ' || max(n) FROM counter WHERE id BETWEEN 1 AND 29"), "1 1");
    // A second time it does nothing.
    let (ok, text) = feed(url, &upgrade_sql(history, &range("1.12.0:head"), false).unwrap());
    assert!(!ok && text.contains("the history is not ready for 1.13.0"), "{text}");
    let (ok, text) = feed(url, &downgrade_sql(history, &range("head:1.28.0"), false).unwrap());
    assert!(ok, "{text}");
    assert_eq!(applied(url).len(), 29);
    down(url, history, "1.20.0").unwrap();
    let (ok, text) = feed(url, &downgrade_sql(history, &range("1.20.0:base"), false).unwrap());
    assert!(ok, "{text}");
    assert!(applied(url).is_empty());
}

#[test]
fn sqlite_there_and_back() {
    let place = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", place.path().join("app.db").display());
    there_and_back(&url, &long_history(DialectKind::Sqlite));
}

#[test]
fn postgres_there_and_back() {
    let Some(database) = TestDatabase::create() else { return };
    there_and_back(&database.url(), &long_history(DialectKind::Postgres));
}

#[test]
fn idempotent_scripts_pass_over_what_is_applied() {
    assert!(upgrade_sql(&long_history(DialectKind::Sqlite), &range(":"), true).is_err());
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let history = long_history(DialectKind::Postgres);
    up(&url, &history, "1.7.0").unwrap();
    let script = upgrade_sql(&history, &range(":"), true).unwrap();
    for _ in 0..2 {
        let (ok, text) = feed(&url, &script);
        assert!(ok, "{text}");
    }
    assert_eq!(applied(&url).len(), 30);
    assert_eq!(one(&url, "SELECT max(n) FROM counter"), "1");
}

#[test]
fn an_error_stops_the_script_and_a_table_made_by_hand_is_extended() {
    let place = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}", place.path().join("app.db").display());
    let broken = [(
        "1.0.0",
        "CREATE TABLE a (i int); INSERT INTO nothing_here VALUES (1); CREATE TABLE b (i int);",
        "",
    )];
    let (ok, _) =
        feed(&sqlite, &upgrade_sql(&folder(DialectKind::Sqlite, &broken), &range(":"), false).unwrap());
    assert!(!ok);
    assert_eq!(one(&sqlite, "SELECT count(*) FROM sqlite_master WHERE name IN ('a', 'b')"), "0");

    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let three = "CREATE TABLE schema_version (version VARCHAR(50) PRIMARY KEY, applied_at TIMESTAMP NOT NULL DEFAULT NOW(), description TEXT)";
    open(&url).execute(three).unwrap();
    open(&url).execute("INSERT INTO schema_version VALUES ('1.0.0', '2999-01-01')").unwrap();
    let history = folder(
        DialectKind::Postgres,
        &[
            ("1.0.0", "SELECT 1", "SELECT 1"),
            (
                "1.1.0",
                "-- Guard: 100% wrong\nSELECT 1 WHERE false;\nCREATE TABLE x (i int);\nSET search_path = pg_catalog;",
                "DROP TABLE x",
            ),
        ],
    );
    let back = downgrade_sql(&history, &range("1.1.0:1.0.0"), false).unwrap();
    let (ok, text) = feed(&url, &back);
    assert!(!ok && text.contains("not ready for 1.1.0"), "{text}");
    let (ok, text) = feed(&url, &upgrade_sql(&history, &range("1.0.0:1.1.0"), false).unwrap());
    assert!(ok, "{text}");
    assert_eq!(one(&url, "SELECT version FROM schema_version ORDER BY applied_at DESC LIMIT 1"), "1.1.0");
    let (ok, text) = feed(&url, &back);
    assert!(ok, "{text}");
}
