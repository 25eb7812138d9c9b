//! Migrations embedded in a program, on the asynchronous clients.
#![allow(missing_docs, reason = "a test's name says it")]

use std::str::FromStr;

use schema_core::driver::asynchronous::AsyncConnection;
use schema_core::migrator::{MigrateError, Migrator};
use schema_core::require_async;
use schema_tests::TestDatabase;
use sqlx::ConnectOptions;

const PROGRAM: Migrator = schema_core::embed!("tests/embedded");
const OLDER: Migrator = Migrator::new(&[("1.0.0_notes.up.sql", include_str!("embedded/1.0.0_notes.up.sql"))]);
/// Statements of every kind that a client has to pass on: data for COPY, batches, one outside transactions, one that fails.
const KINDS: Migrator = Migrator::new(&[
    (
        "1.0.0_rows.up.sql",
        "CREATE TABLE rows (id int, done bool DEFAULT false);\nCOPY rows (id) FROM stdin;\n1\n2\n3\n\\.\n",
    ),
    (
        "1.0.1_batches.up.sql",
        "-- Revises: 1.0.0\n-- Guard: rows are missing\nSELECT 1 WHERE NOT EXISTS (SELECT FROM rows);\n-- Repeat: 2\n\
         UPDATE rows SET done = true WHERE id IN (SELECT id FROM rows WHERE NOT done LIMIT 2);\n",
    ),
    (
        "1.0.2_index.up.sql",
        "-- Revises: 1.0.1\n-- Transaction: none\nCREATE INDEX CONCURRENTLY rows_id ON rows (id);\n",
    ),
    (
        "1.0.3_wrong.up.sql",
        "-- Revises: 1.0.2\nALTER TABLE rows ADD COLUMN x int;\nALTER TABLE rows ADD COLUMN é int, ADD wrong;\n",
    ),
]);
/// A table is rebuilt while a child refers to it.
const REBUILD: Migrator = Migrator::new(&[
    (
        "1.0.0_family.up.sql",
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);\n\
         CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id) ON DELETE CASCADE);\n\
         INSERT INTO parent VALUES (1);\nINSERT INTO child VALUES (1, 1);\n",
    ),
    (
        "1.1.0_rebuilt.up.sql",
        "-- Revises: 1.0.0\n-- Foreign-keys: off\nCREATE TABLE new_parent (id INTEGER PRIMARY KEY, name TEXT);\n\
         INSERT INTO new_parent (id) SELECT id FROM parent;\nDROP TABLE parent;\nALTER TABLE new_parent RENAME TO parent;\n",
    ),
]);

async fn story(connection: &mut impl AsyncConnection) {
    let behind = PROGRAM.ensure_current_async(connection).await.unwrap_err();
    assert_eq!(
        behind.to_string(),
        "database is at no version yet, this program needs 1.1.0; run the migrations first: cargo schema upgrade"
    );
    assert_eq!(PROGRAM.upgrade_async(connection).await.unwrap().done.len(), 2);
    PROGRAM.ensure_current_async(connection).await.unwrap();
    assert!(PROGRAM.upgrade_async(connection).await.unwrap().done.is_empty());
    assert_eq!(require_async("^1.0", connection).await.unwrap().to_string(), "1.1.0");
    let unmet = require_async("^1.2", connection).await.unwrap_err().to_string();
    assert_eq!(unmet, "database is at 1.1.0, this program needs ^1.2");
    assert!(matches!(require_async("new", connection).await, Err(MigrateError::Requirement { .. })));
    let ahead = OLDER.ensure_current_async(connection).await.unwrap_err().to_string();
    assert_eq!(ahead, "database is at 1.1.0, this program knows up to 1.0.0; use a newer program");
    assert_eq!(PROGRAM.downgrade_async(connection, "-1").await.unwrap().done.len(), 1);
    let status = PROGRAM.status_async(connection).await.unwrap();
    assert_eq!((status.current[0].as_str(), status.pending[0].as_str()), ("1.0.0", "1.1.0"));
    PROGRAM.upgrade_to_async(connection, "1.1.0").await.unwrap();
}

async fn kinds(connection: &mut impl AsyncConnection) {
    let error = KINDS.upgrade_async(connection).await.unwrap_err().to_string();
    assert!(error.contains("1.0.3_wrong.up.sql:3:"), "{error}");
    assert_eq!(KINDS.status_async(connection).await.unwrap().current[0].as_str(), "1.0.2");
}

/// What `kinds` has to leave behind.
fn look_at_kinds(database: &TestDatabase) {
    let mut client = database.connect();
    let row = client.query_one("SELECT count(*) FILTER (WHERE done), count(*) FROM rows", &[]).unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (3, 3));
    let columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'rows'";
    assert_eq!(client.query_one(columns, &[]).unwrap().get::<_, i64>(0), 2);
    client
        .query_one("SELECT FROM pg_index WHERE indexrelid = 'rows_id'::regclass AND indisvalid", &[])
        .unwrap();
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn tokio_client(database: &TestDatabase) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&database.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn sqlx_connection(database: &TestDatabase) -> sqlx::PgConnection {
    sqlx::postgres::PgConnectOptions::from_str(&database.url()).unwrap().connect().await.unwrap()
}

#[test]
fn on_tokio_postgres() {
    let Some(database) = TestDatabase::create() else { return };
    block_on(async { story(&mut tokio_client(&database).await).await });
}

#[test]
fn every_kind_of_statement_on_tokio_postgres() {
    let Some(database) = TestDatabase::create() else { return };
    block_on(async { kinds(&mut tokio_client(&database).await).await });
    look_at_kinds(&database);
}

#[test]
fn on_sqlx_postgres() {
    let Some(database) = TestDatabase::create() else { return };
    block_on(async { story(&mut sqlx_connection(&database).await).await });
}

#[test]
fn every_kind_of_statement_on_sqlx_postgres() {
    let Some(database) = TestDatabase::create() else { return };
    block_on(async { kinds(&mut sqlx_connection(&database).await).await });
    look_at_kinds(&database);
}

/// An application spawns it on an executor with many threads.
#[test]
fn its_futures_go_from_thread_to_thread() {
    let Some(database) = TestDatabase::create() else { return };
    block_on(async {
        let mut connection = sqlx_connection(&database).await;
        tokio::spawn(async move { PROGRAM.upgrade_async(&mut connection).await.unwrap() }).await.unwrap();
    });
}

#[test]
fn on_sqlx_sqlite() {
    block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::from_str("sqlite::memory:").unwrap();
        let mut connection = options.foreign_keys(false).connect().await.unwrap();
        story(&mut connection).await;
        let keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&mut connection).await.unwrap();
        assert_eq!(keys, 0, "the application's setting");
    });
}

#[test]
fn a_rebuild_on_sqlx_loses_no_child() {
    block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::from_str("sqlite::memory:").unwrap();
        let mut connection = options.connect().await.unwrap();
        assert_eq!(REBUILD.upgrade_async(&mut connection).await.unwrap().done.len(), 2);
        let rows: i64 =
            sqlx::query_scalar("SELECT count(*) FROM child").fetch_one(&mut connection).await.unwrap();
        assert_eq!(rows, 1);
        let keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&mut connection).await.unwrap();
        assert_eq!(keys, 1);
    });
}

#[test]
fn a_future_that_is_dropped_leaves_no_runner_behind() {
    let Some(database) = TestDatabase::create() else { return };
    block_on(async {
        let mut client = tokio_client(&database).await;
        const SLOW: Migrator =
            Migrator::new(&[("1.0.0_slow.up.sql", "SELECT pg_sleep(60); CREATE TABLE t (a int);")]);
        let soon = std::time::Duration::from_millis(800);
        assert!(tokio::time::timeout(soon, SLOW.upgrade_async(&mut client)).await.is_err());
    });
    let mut client = database.connect();
    let tables = client.query_one("SELECT count(*) FROM pg_class WHERE relname = 't'", &[]).unwrap();
    assert_eq!(tables.get::<_, i64>(0), 0);
}
