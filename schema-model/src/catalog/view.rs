//! Views and materialized views.

use std::collections::{BTreeMap, BTreeSet};

use super::{ColumnType, Index, Settings};
use crate::expr::Expr;
use crate::name::{Name, ObjectName};
use crate::span::Origin;

/// A view. Its query is kept as text; what it reads is known by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its name.
    pub name: ObjectName,
    /// `MATERIALIZED`.
    pub materialized: bool,
    /// The query, without the trailing semicolon.
    pub query: String,
    /// Column names, where the statement gives them or they can be told from the query.
    pub columns: Vec<(Name, Option<ColumnType>)>,
    /// The column list was written in the statement, and must be repeated to make the view again.
    pub explicit_columns: bool,
    /// `WITH (security_barrier, …)`.
    pub options: Settings,
    /// `WITH LOCAL|CASCADED CHECK OPTION`, in upper case: `LOCAL` or `CASCADED`.
    pub check_option: Option<String>,
    /// Indexes of a materialized view.
    pub indexes: Vec<Index>,
    /// Relations, types and functions that the query names: they cannot go before the view does.
    pub touches: BTreeSet<ObjectName>,
    /// `COMMENT ON COLUMN` of its columns.
    pub column_comments: BTreeMap<Name, String>,
    /// `ALTER VIEW … ALTER COLUMN … SET DEFAULT`: what an insert into the view puts into a column it leaves out.
    pub column_defaults: BTreeMap<Name, Expr>,
    /// `COMMENT ON VIEW`.
    pub comment: Option<String>,
    /// Where it is said.
    pub origin: Origin,
}
