//! SQLite: changes as statements, and the table rebuild where `ALTER TABLE` does not reach.

use schema_model::DialectKind;

use super::{DialectSql, Features, Transition};
use crate::plan::{PlanError, Step};

/// The SQLite dialect.
#[derive(Clone, Copy, Debug)]
pub struct Sqlite;

impl DialectSql for Sqlite {
    fn kind(&self) -> DialectKind {
        DialectKind::Sqlite
    }

    fn features(&self) -> Features {
        Features {
            alters_columns: false,
            alters_constraints: false,
            keeps_column_order: true,
            comments: false,
            user_types: false,
            concurrent_indexes: false,
        }
    }

    fn steps(&self, _transition: &Transition<'_>) -> Result<Vec<Step>, PlanError> {
        Ok(Vec::new())
    }
}
