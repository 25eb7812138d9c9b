//! Databases that another tool has migrated, and branches that are switched.
#![allow(missing_docs, reason = "a test's name says it")]

mod runner_support;

use std::collections::BTreeSet;

use runner_support::{applied, done, folder, one, open, up};
use schema_core::driver::{Driver, Event, RunOptions, adopt, roll_back_all_but};
use schema_core::revision::RevisionId;
use schema_model::DialectKind;
use schema_tests::TestDatabase;

const STAMPS: [(&str, &str, &str); 3] = [
    ("20230101000000", "CREATE TABLE a (i int);", "DROP TABLE a;"),
    ("20230201000000", "CREATE TABLE b (i int);", "DROP TABLE b;"),
    ("20230301000000", "CREATE TABLE c (i int);", "DROP TABLE c;"),
];

fn proven(_: &mut dyn Driver, _: &[RevisionId]) -> Result<Option<String>, schema_core::driver::RunError> {
    Ok(None)
}

fn takes_over(url: &str, dialect: DialectKind, table: &str, fill: &str) {
    for sql in [table, fill, "CREATE TABLE a (i int)", "CREATE TABLE b (i int)"] {
        open(url).execute(sql).unwrap();
    }
    let history = folder(dialect, &STAMPS);
    let error = up(url, &history, "head").unwrap_err().to_string();
    assert!(
        error.contains("has applied 2 of these migrations") && error.contains("stamp --adopt"),
        "{error}"
    );
    let taken = adopt(open(url).as_mut(), &history, &RunOptions::default(), false, &mut proven).unwrap();
    assert_eq!(taken.len(), 2);
    assert_eq!(done(&up(url, &history, "head").unwrap()), ["20230301000000"]);
    assert_eq!(applied(url).len(), 3);
}

const SQLX: &str = "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, success BOOLEAN NOT NULL)";
const DIESEL: &str =
    "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP)";
const ALEMBIC: &str = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)";

#[test]
fn sqlite_histories_of_others_are_taken_over() {
    for (table, fill) in [
        (SQLX, "INSERT INTO _sqlx_migrations VALUES (20230101000000, 'a', 1), (20230201000000, 'b', 1)"),
        (
            DIESEL,
            "INSERT INTO __diesel_schema_migrations VALUES ('20230101000000', NULL), ('20230201000000', NULL)",
        ),
        (ALEMBIC, "INSERT INTO alembic_version VALUES ('20230201000000')"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", place.path().join("app.db").display());
        takes_over(&url, DialectKind::Sqlite, table, fill);
    }
}

#[test]
fn postgres_histories_of_others_are_taken_over() {
    let fill = "INSERT INTO _sqlx_migrations VALUES (20230101000000, 'a', true), (20230201000000, 'b', true)";
    let Some(database) = TestDatabase::create() else { return };
    takes_over(&database.url(), DialectKind::Postgres, SQLX, fill);
}

#[test]
fn what_another_branch_lacks_is_rolled_back_with_stored_scripts() {
    let place = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", place.path().join("app.db").display());
    let mine = [
        ("1.0.0", "CREATE TABLE a (i int);", "DROP TABLE a;"),
        ("1.1.0", "CREATE TABLE b (i int);", "DROP TABLE b;"),
        ("1.2.0", "CREATE TABLE c (i int);", "DROP TABLE c;"),
    ];
    up(&url, &folder(DialectKind::Sqlite, &mine), "head").unwrap();
    let here = folder(DialectKind::Sqlite, &mine[..1]);
    let keep = |ids: &[&str]| ids.iter().map(RevisionId::new).collect::<BTreeSet<_>>();
    let back = |keep: &BTreeSet<RevisionId>| {
        roll_back_all_but(open(&url).as_mut(), &here, keep, &RunOptions::default(), &mut |_: Event<'_>| {})
    };
    let error = back(&keep(&["1.0.0", "1.2.0"])).unwrap_err().to_string();
    assert!(error.contains("1.2.0 stays applied and follows 1.1.0"), "{error}");
    assert_eq!(done(&back(&keep(&["1.0.0"])).unwrap()), ["1.2.0", "1.1.0"]);
    assert_eq!(
        one(&url, "SELECT group_concat(name) FROM sqlite_master WHERE type = 'table'"),
        "schema_version,a"
    );
}
