//! What differs between the databases: spelling of types and expressions, SQL for changes.
//!
//! [`DialectSql`] is asked what differs; [`of`] is the only match on [`DialectKind`] that chooses behaviour.

pub mod canonical;
pub mod postgres;
pub mod sqlite;
pub mod writer;

use schema_model::DialectKind;
use schema_model::catalog::Catalog;

use crate::change::Change;
use crate::plan::{PlanError, PlanOptions, Step};

pub use writer::SqlWriter;

/// What a database can do: data, so that callers ask for the ability and not for the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// Columns can change type and nullability in place; otherwise the table is rebuilt.
    pub alters_columns: bool,
    /// Constraints can be added and dropped; otherwise the table is rebuilt.
    pub alters_constraints: bool,
    /// A column can be put anywhere (by a rebuild); otherwise it goes to the end and order means nothing.
    pub keeps_column_order: bool,
    /// `COMMENT ON`.
    pub comments: bool,
    /// Enum types, domains, composite types, sequences.
    pub user_types: bool,
    /// Some statements refuse to run in a transaction (`CREATE INDEX CONCURRENTLY`).
    pub concurrent_indexes: bool,
}

/// One direction of a plan: the catalogs on both sides and what differs between them.
#[derive(Clone, Copy, Debug)]
pub struct Transition<'a> {
    /// The catalog before, renames not yet made.
    pub old: &'a Catalog,
    /// The catalog after.
    pub new: &'a Catalog,
    /// What differs, as `diff` found it: renames first, every other change in the names after them.
    pub changes: &'a [Change],
    /// What the plan may and may not do.
    pub options: &'a PlanOptions,
}

/// A database's way of writing changes as SQL.
pub trait DialectSql: Sync {
    /// Which database.
    fn kind(&self) -> DialectKind;

    /// What it can do.
    fn features(&self) -> Features;

    /// The statements, in an order in which they can run.
    fn steps(&self, transition: &Transition<'_>) -> Result<Vec<Step>, PlanError>;
}

/// The database's dialect.
pub fn of(kind: DialectKind) -> &'static dyn DialectSql {
    match kind {
        DialectKind::Postgres => &postgres::Postgres,
        DialectKind::Sqlite => &sqlite::Sqlite,
    }
}

/// The new catalog in the old one's spelling where the database matches names without case.
pub(crate) fn sqlite_spelling(old: &Catalog, new: &Catalog, kind: DialectKind) -> Option<Catalog> {
    match kind {
        DialectKind::Postgres => None,
        DialectKind::Sqlite => sqlite::respell(old, new),
    }
}
