//! A pair of schemas on SQLite: OLD, our way to NEW, and back; each end read back and compared.

use rusqlite::Connection;
use schema_core::diff::{DiffOptions, diff};
use schema_core::introspect;
use schema_core::plan::{self, Direction, Plan};
use schema_model::DialectKind;
use schema_model::catalog::Catalog;

use super::live::{Failure, Pair};

/// Runs the plan up and down on a database that has OLD.
pub fn prove(pair: &Pair, plan: &Plan) -> Result<(), Failure> {
    let old = database(&[&pair.setup, &pair.old])?;
    let new = database(&[&pair.setup, &pair.new])?;
    let (before, after) = (catalog(&old)?, catalog(&new)?);
    old.execute_batch(&pair.rows).map_err(|error| Failure::Setup(error.to_string()))?;
    for (direction, expected) in [(Direction::Up, &after), (Direction::Down, &before)] {
        let script = plan::render_script(plan, direction);
        old.execute_batch(&script)
            .map_err(|error| Failure::Wrong(format!("{direction:?} failed: {error}\nscript:\n{script}")))?;
        let left = diff(&catalog(&old)?, expected, &DiffOptions::new(DialectKind::Sqlite));
        if !left.is_empty() {
            let text: Vec<_> = left.iter().map(ToString::to_string).collect();
            return Err(Failure::Wrong(format!(
                "{direction:?} leads elsewhere: {}\nscript:\n{script}",
                text.join("; ")
            )));
        }
    }
    Ok(())
}

fn database(scripts: &[&str]) -> Result<Connection, Failure> {
    let failed = |error: rusqlite::Error| Failure::Setup(error.to_string());
    let database = Connection::open_in_memory().map_err(failed)?;
    for script in scripts {
        database.execute_batch(script).map_err(failed)?;
    }
    Ok(database)
}

fn catalog(database: &Connection) -> Result<Catalog, Failure> {
    introspect::sqlite::catalog(database).map_err(|error| Failure::Setup(error.to_string()))
}
