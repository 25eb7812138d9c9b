//! A table's column.

use super::{ColumnType, SequenceOptions};
use crate::expr::Expr;
use crate::name::{Name, ObjectName};
use crate::span::Origin;

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub ty: ColumnType,
    /// Whether NULL may be stored.
    pub nullable: bool,
    /// SQLite: the word of `NOT NULL ON CONFLICT …`, in upper case: `REPLACE`, `IGNORE`.
    pub on_conflict: Option<String>,
    /// `DEFAULT`. A serial column's default is the `nextval` that it stands for.
    pub default: Option<Expr>,
    /// `GENERATED ALWAYS AS (…)`.
    pub generated: Option<Generated>,
    /// `GENERATED … AS IDENTITY`.
    pub identity: Option<Identity>,
    /// `COLLATE`, when not the type's own.
    pub collation: Option<ObjectName>,
    /// `COMMENT ON COLUMN`.
    pub comment: Option<String>,
    /// Comes from a parent table (`INHERITS`, `PARTITION OF`).
    pub inherited: bool,
    /// Where it is said.
    pub origin: Origin,
}

impl Column {
    /// A nullable column with nothing else said.
    pub fn new(name: impl Into<Name>, ty: ColumnType) -> Self {
        Column {
            name: name.into(),
            ty,
            nullable: true,
            on_conflict: None,
            default: None,
            generated: None,
            identity: None,
            collation: None,
            comment: None,
            inherited: false,
            origin: Origin::NONE,
        }
    }
}

/// A column computed from others of its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generated {
    /// The expression.
    pub expr: Expr,
    /// Stored on write; otherwise computed when read (SQLite; PostgreSQL from 18).
    pub stored: bool,
}

/// An identity column and its sequence (PostgreSQL manual, 5.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `ALWAYS`; otherwise `BY DEFAULT`.
    pub always: bool,
    /// The sequence's name, generated or given with `SEQUENCE NAME`.
    pub sequence: ObjectName,
    /// The sequence's options.
    pub options: SequenceOptions,
}
