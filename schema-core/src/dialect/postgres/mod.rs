//! PostgreSQL: changes as statements.

use schema_model::DialectKind;

use super::{DialectSql, Features, Transition};
use crate::plan::{PlanError, Step};

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

    fn steps(&self, _transition: &Transition<'_>) -> Result<Vec<Step>, PlanError> {
        Ok(Vec::new())
    }
}
