//! PostgreSQL: changes as statements.
//!
//! `expand` spells out what has to be made anew around a change, `nodes` turns each change into statements and says what
//! they make, need and remove, `plan::order` finds the order, `flatten` makes transactions of it. The other files hold
//! the text of one kind of object each.

mod alter;
mod attached;
mod casts;
mod column;
mod comment;
mod constraint;
mod deps;
mod expand;
mod expr;
mod flatten;
mod index;
mod interim;
mod members;
mod nodes;
mod opaque;
mod rebuild;
mod relations;
mod rename;
mod sequence;
mod table;
mod types;
mod view;

use schema_model::DialectKind;

use super::{DialectSql, Features, Transition};
use crate::plan::{PlanError, Step, order};

pub(crate) use flatten::BODIES_OFF;

const PG: DialectKind = DialectKind::Postgres;

/// The PostgreSQL dialect.
#[derive(Clone, Copy, Debug)]
pub struct Postgres;

impl DialectSql for Postgres {
    fn kind(&self) -> DialectKind {
        DialectKind::Postgres
    }

    fn features(&self) -> Features {
        Features {
            alters_columns: true,
            alters_constraints: true,
            keeps_column_order: false,
            comments: true,
            user_types: true,
            concurrent_indexes: true,
        }
    }

    fn steps(&self, transition: &Transition<'_>) -> Result<Vec<Step>, PlanError> {
        let (renames, rest): (Vec<_>, Vec<_>) =
            transition.changes.iter().cloned().partition(crate::diff::is_rename);
        let old = crate::diff::renamed(transition.old, &renames, PG);
        let work = expand::expand(&old, transition.new, rest)?;
        let mut steps: Vec<Step> = renames.iter().map(|change| Step::new(rename::rename(change))).collect();
        let nodes = nodes::nodes(&old, transition.new, &work, transition.options)?;
        flatten::flatten(order(nodes), transition.options, &mut steps);
        Ok(steps)
    }
}
