//! Why a database cannot be used or migrated.

use crate::driver::{HistoryError, RunError, SqlError};
use crate::revision::{GraphError, InvalidTarget, RevisionId};

/// Why a database cannot be used or migrated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The embedded files.
    #[error("the embedded migrations cannot be read: {0}")]
    Files(String),
    /// The target.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    /// The graph, or where the target is in it.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The history table.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The connection.
    #[error("the connection cannot be used: {0}")]
    Connection(#[from] SqlError),
    /// The database is behind the program.
    #[error(
        "database is at {database}, this program needs {program}; run the migrations first: cargo schema upgrade"
    )]
    Behind {
        /// Where the database is.
        database: String,
        /// What the program was built with.
        program: String,
    },
    /// The database is ahead of the program.
    #[error("database is at {database}, this program knows up to {program}; use a newer program")]
    Ahead {
        /// Where the database is.
        database: String,
        /// What the program was built with.
        program: String,
    },
    /// A revision is half applied.
    #[error("{0} was interrupted in the middle; finish it first: cargo schema upgrade")]
    Unfinished(RevisionId),
    /// The requirement is none.
    #[error("`{text}` is no version requirement such as `^1.1`: {reason}")]
    Requirement {
        /// What was written.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The database's version does not satisfy the requirement.
    #[error("database is at {database}, this program needs {requirement}")]
    NotMet {
        /// Where the database is.
        database: String,
        /// What was asked for.
        requirement: String,
    },
}
