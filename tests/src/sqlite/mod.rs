//! SQLite in process: what the tests of its replay and its plans share.

pub mod normal;
pub mod rows;
pub mod script;

use rusqlite::Connection;

/// An empty database in memory, foreign keys off, as migration tools run.
pub fn memory() -> Connection {
    let connection = Connection::open_in_memory().expect("SQLite opens a database in memory");
    connection.execute_batch("PRAGMA foreign_keys = off").expect("a pragma is accepted");
    connection
}

use schema_core::change::Change;
use schema_core::dialect::{self, Transition};
use schema_core::model::DialectKind;
use schema_core::model::catalog::Catalog;
use schema_core::plan::{PlanError, PlanOptions};

/// SQL that makes the catalog from nothing, without the differ.
pub fn script_of(catalog: &Catalog) -> Result<String, PlanError> {
    let tables = catalog.tables.values().map(|table| Change::CreateTable(Box::new(table.clone())));
    let views = catalog.views.values().map(|view| Change::CreateView(Box::new(view.clone())));
    let opaque = catalog.opaque.values().map(|object| Change::CreateOpaque(Box::new(object.clone())));
    let changes: Vec<Change> = tables.chain(views).chain(opaque).collect();
    let options = PlanOptions::new(DialectKind::Sqlite);
    let old = Catalog::default();
    let transition = Transition { old: &old, new: catalog, changes: &changes, options: &options };
    let steps = dialect::of(DialectKind::Sqlite).steps(&transition)?;
    Ok(steps.iter().map(|step| format!("{};\n", step.sql)).collect())
}
