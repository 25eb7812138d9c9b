//! Migrations embedded in a program.
#![allow(missing_docs, reason = "a test's name says it")]

use schema_core::migrator::{Connection, MigrateError, Migrator, require};
use schema_tests::TestDatabase;

const PROGRAM: Migrator = schema_core::embed!("tests/embedded");
const OLDER: Migrator = Migrator::new(&[("1.0.0_notes.up.sql", include_str!("embedded/1.0.0_notes.up.sql"))]);

fn story(connection: &mut impl Connection) {
    let behind = PROGRAM.ensure_current(connection).unwrap_err();
    assert_eq!(
        behind.to_string(),
        "database is at no version yet, this program needs 1.1.0; run the migrations first: cargo schema upgrade"
    );
    assert!(PROGRAM.status(connection).unwrap().current.is_empty());
    assert_eq!(PROGRAM.upgrade(connection).unwrap().done.len(), 2);
    PROGRAM.ensure_current(connection).unwrap();
    assert!(PROGRAM.upgrade(connection).unwrap().done.is_empty());
    assert_eq!(require("^1.0", connection).unwrap().to_string(), "1.1.0");
    let unmet = require("^1.2", connection).unwrap_err().to_string();
    assert_eq!(unmet, "database is at 1.1.0, this program needs ^1.2");
    assert!(matches!(require("new", connection), Err(MigrateError::Requirement { .. })));
    let ahead = OLDER.ensure_current(connection).unwrap_err().to_string();
    assert_eq!(ahead, "database is at 1.1.0, this program knows up to 1.0.0; use a newer program");
    assert_eq!(PROGRAM.downgrade(connection, "-1").unwrap().done.len(), 1);
    let status = PROGRAM.status(connection).unwrap();
    assert_eq!((status.current[0].as_str(), status.pending[0].as_str()), ("1.0.0", "1.1.0"));
    PROGRAM.upgrade_to(connection, "1.1.0").unwrap();
}

#[test]
fn on_sqlite_with_the_settings_of_the_application() {
    let mut connection = rusqlite::Connection::open_in_memory().unwrap();
    connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA busy_timeout = 1234").unwrap();
    story(&mut connection);
    let setting = |pragma: &str| connection.query_row(pragma, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((setting("PRAGMA foreign_keys"), setting("PRAGMA busy_timeout")), (0, 1234));
}

#[test]
fn on_postgres() {
    let Some(database) = TestDatabase::create() else { return };
    story(&mut database.connect());
}
