//! SQLite in process: what the tests of its replay and its plans share.

pub mod normal;
pub mod rows;
pub mod script;

use rusqlite::Connection;
use schema_core::model::DialectKind;
use schema_core::model::catalog::Catalog;
use schema_core::plan::{PlanError, create_script};

/// An empty database in memory, foreign keys off, as migration tools run.
pub fn memory() -> Connection {
    let connection = Connection::open_in_memory().expect("SQLite opens a database in memory");
    connection.execute_batch("PRAGMA foreign_keys = off").expect("a pragma is accepted");
    connection
}

/// SQL that makes the catalog from nothing.
pub fn script_of(catalog: &Catalog) -> Result<String, PlanError> {
    create_script(catalog, DialectKind::Sqlite)
}
