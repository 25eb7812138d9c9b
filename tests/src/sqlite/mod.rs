//! SQLite in process: what the tests of its replay and its plans share.

pub mod normal;

use rusqlite::Connection;

/// An empty database in memory, foreign keys off, as migration tools run.
pub fn memory() -> Connection {
    let connection = Connection::open_in_memory().expect("SQLite opens a database in memory");
    connection.execute_batch("PRAGMA foreign_keys = off").expect("a pragma is accepted");
    connection
}
