//! A table's column.

use super::{ColumnType, SequenceOptions, Settings};
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
    /// PostgreSQL: how its values are kept and sampled.
    pub storage: Storage,
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
            storage: Storage::default(),
            comment: None,
            inherited: false,
            origin: Origin::NONE,
        }
    }
}

/// How a column's values are kept and sampled; empty is what its type and the server ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// `SET STORAGE`, in upper case (`EXTERNAL`), where it is not the type's own.
    pub strategy: Option<String>,
    /// `SET COMPRESSION`: the method, in small letters.
    pub compression: Option<String>,
    /// `SET STATISTICS`: the target.
    pub statistics: Option<u16>,
    /// `SET (n_distinct = …)`.
    pub options: Settings,
}

impl Storage {
    /// The strategy that a type's values are kept with when nothing is said (`pg_type.typstorage`); `None` where the type is
    /// a user's and not known here.
    pub fn own_strategy(ty: &ColumnType) -> Option<&'static str> {
        match ty {
            ColumnType::Text
            | ColumnType::Varchar { .. }
            | ColumnType::Char { .. }
            | ColumnType::Bytes
            | ColumnType::Json { .. }
            | ColumnType::Array(_) => Some("EXTENDED"),
            ColumnType::Decimal { .. } => Some("MAIN"),
            ColumnType::Boolean
            | ColumnType::Integer { .. }
            | ColumnType::Float { .. }
            | ColumnType::Date
            | ColumnType::Time { .. }
            | ColumnType::Timestamp { .. }
            | ColumnType::Interval
            | ColumnType::Uuid => Some("PLAIN"),
            ColumnType::Named { .. } => None,
            ColumnType::Other(text) => match text.split(['(', ' ']).next().unwrap_or_default() {
                "inet" | "cidr" => Some("MAIN"),
                "tsvector" | "xml" | "path" | "polygon" | "bit" | "varbit" | "jsonpath" => Some("EXTENDED"),
                range if range.ends_with("range") => Some("EXTENDED"),
                _ => None,
            },
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
