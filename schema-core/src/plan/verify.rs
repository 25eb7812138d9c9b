//! The proof of a plan, without a database: its statements replayed on the old catalog give the new one, and back.

use schema_model::catalog::Catalog;
use schema_model::{DialectKind, SourceMap};

use super::{Direction, Plan, PlanError, render};
use crate::diff::{self, DiffOptions};
use crate::sql::Replayer;

/// Proves both directions of a plan.
pub fn verify(plan: &Plan, old: &Catalog, new: &Catalog) -> Result<(), PlanError> {
    one_way(plan, Direction::Up, old, new)?;
    one_way(plan, Direction::Down, new, old)
}

fn one_way(plan: &Plan, direction: Direction, from: &Catalog, to: &Catalog) -> Result<(), PlanError> {
    let reached = replayed(from, &render::statements(plan.steps(direction)), plan.dialect);
    let left = diff::diff(&reached, to, &DiffOptions::new(plan.dialect));
    if left.is_empty() {
        return Ok(());
    }
    let sentences: Vec<_> = left.iter().map(ToString::to_string).collect();
    let direction = match direction {
        Direction::Up => "up",
        Direction::Down => "down",
    };
    Err(PlanError::Unproven { direction, detail: sentences.join("; ") })
}

/// The catalog after these statements.
fn replayed(from: &Catalog, statements: &str, dialect: DialectKind) -> Catalog {
    let mut sources = SourceMap::default();
    let file = sources.add("plan.sql", statements);
    let mut replayer = Replayer::with_catalog(from.clone(), dialect);
    replayer.replay(&sources, file);
    replayer.into_catalog()
}
