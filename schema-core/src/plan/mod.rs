//! From changes to ordered SQL steps, up and down, proven by replay.

mod error;
mod order;
mod render;
mod step;
mod verify;

use std::collections::BTreeMap;

use schema_model::catalog::{Catalog, OpaqueId, OpaqueKind};
use schema_model::{DialectKind, Expr, Name, ObjectName};

use crate::change::Change;
use crate::dialect::{self, Transition};
use crate::diff::{self, DiffOptions, Renames};
use crate::sql::rights::Right;

pub use error::PlanError;
pub(crate) use order::{Key, Node, Place, order};
pub use render::{Direction, render_script, render_steps};
pub use step::{Hazard, Step, Transaction};
pub use verify::verify;

/// What a plan is made with.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    /// The database.
    pub dialect: DialectKind,
    /// Take only locks that a live PostgreSQL bears: concurrent index builds, constraints validated apart.
    pub online: bool,
    /// What is a rename and not a drop and an add.
    pub renames: Renames,
    /// `backfill`: what a new NOT NULL column holds in rows that are there already.
    pub backfills: BTreeMap<(ObjectName, Name), Expr>,
    /// `using`: how a column's old value becomes one of its new type.
    pub using: BTreeMap<(ObjectName, Name), Expr>,
    /// Statements about rights and owners: said for what is made, and again for what is made anew.
    pub rights: Vec<Right>,
}

impl PlanOptions {
    /// Nothing renamed, plain statements.
    pub fn new(dialect: DialectKind) -> Self {
        PlanOptions {
            dialect,
            online: false,
            renames: Renames::default(),
            backfills: BTreeMap::new(),
            using: BTreeMap::new(),
            rights: Vec::new(),
        }
    }

    /// The options of the way back: renames the other way, no backfill.
    fn reversed(&self) -> Self {
        PlanOptions {
            renames: self.renames.reversed(),
            backfills: BTreeMap::new(),
            using: BTreeMap::new(),
            ..self.clone()
        }
    }

    pub(crate) fn diff_options(&self) -> DiffOptions {
        DiffOptions { dialect: self.dialect, renames: self.renames.clone() }
    }
}

/// The way from one catalog to another, and back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The database.
    pub dialect: DialectKind,
    /// What differs, as found: what reports speak of.
    pub changes: Vec<Change>,
    /// The statements there.
    pub up: Vec<Step>,
    /// The statements back.
    pub down: Vec<Step>,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.up.is_empty()
    }

    /// The steps of a direction.
    pub fn steps(&self, direction: Direction) -> &[Step] {
        match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        }
    }

    /// What the way there loses: one sentence for each statement that can lose rows or values.
    pub fn data_loss(&self) -> impl Iterator<Item = &str> {
        self.up.iter().filter_map(|step| step.data_loss.as_deref())
    }
}

/// Plans both directions.
pub fn plan(old: &Catalog, new: &Catalog, options: &PlanOptions) -> Result<Plan, PlanError> {
    let (changes, up) = one_way(old, new, options)?;
    let (_, down) = one_way(new, old, &options.reversed())?;
    Ok(Plan { dialect: options.dialect, changes, up, down })
}

/// Plans one direction: the changes and their statements.
pub fn one_way(
    old: &Catalog,
    new: &Catalog,
    options: &PlanOptions,
) -> Result<(Vec<Change>, Vec<Step>), PlanError> {
    let spelled = dialect::sqlite_spelling(old, new, options.dialect);
    let new = spelled.as_ref().unwrap_or(new);
    let changes = diff::diff(old, new, &options.diff_options());
    let steps = dialect::of(options.dialect).steps(&Transition { old, new, changes: &changes, options })?;
    Ok((changes, steps))
}

/// SQL that makes the catalog in an empty database, in order of dependency.
pub fn create_script(catalog: &Catalog, dialect: DialectKind) -> Result<String, PlanError> {
    let (_, steps) = one_way(&Catalog::default(), catalog, &PlanOptions::new(dialect))?;
    let mut script = String::new();
    // A body may name what has gone or moved since: the database looked at it when it was made, and never again.
    let has_body = |id: &OpaqueId| matches!(id.kind, OpaqueKind::Function | OpaqueKind::Procedure);
    if catalog.opaque.keys().any(has_body) {
        script.push_str("SET check_function_bodies = off;\n");
    }
    let local = format!("{};\n", dialect::postgres::BODIES_OFF);
    script.push_str(&render::statements(&steps).replace(&local, ""));
    Ok(script)
}
