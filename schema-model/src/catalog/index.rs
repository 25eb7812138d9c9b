//! A table's indexes, those that belong to a constraint left out: the constraint stands for them.

use std::collections::BTreeMap;

use super::Settings;
use crate::expr::Expr;
use crate::name::{Name, ObjectName};
use crate::span::Origin;

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name, in the table's schema.
    pub name: Name,
    /// `UNIQUE`.
    pub unique: bool,
    /// The access method: `btree` unless said otherwise.
    pub method: Name,
    /// Key parts, in order.
    pub parts: Vec<IndexPart>,
    /// `INCLUDE` columns.
    pub include: Vec<Name>,
    /// `NULLS NOT DISTINCT`.
    pub nulls_not_distinct: bool,
    /// `WHERE`: a partial index.
    pub predicate: Option<Expr>,
    /// `WITH (…)`: storage parameters, names in lower case.
    pub options: Settings,
    /// `TABLESPACE`.
    pub tablespace: Option<Name>,
    /// `ALTER COLUMN number SET STATISTICS target`, by the part's number, counted from 1.
    pub statistics: BTreeMap<u16, i32>,
    /// `false` for one on a partitioned table made with `ONLY`, or left behind by a failed concurrent build.
    pub valid: bool,
    /// The index of the parent table that it is attached to.
    pub parent: Option<ObjectName>,
    /// `COMMENT ON INDEX`.
    pub comment: Option<String>,
    /// Where it is said.
    pub origin: Origin,
}

impl Index {
    /// A plain btree index over these columns.
    pub fn over(name: impl Into<Name>, columns: impl IntoIterator<Item = Name>) -> Self {
        Index {
            name: name.into(),
            unique: false,
            method: Name::new("btree"),
            parts: columns.into_iter().map(IndexPart::column).collect(),
            include: Vec::new(),
            nulls_not_distinct: false,
            predicate: None,
            options: Settings::default(),
            tablespace: None,
            statistics: BTreeMap::new(),
            valid: true,
            parent: None,
            comment: None,
            origin: Origin::NONE,
        }
    }
}

/// One key part of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexPart {
    /// A column or an expression.
    pub term: IndexTerm,
    /// `COLLATE`.
    pub collation: Option<ObjectName>,
    /// The operator class, with its parameters as written: `gin_trgm_ops`, `gist_trgm_ops(siglen='32')`. `None` is the
    /// type's default class.
    pub opclass: Option<String>,
    /// `DESC`.
    pub descending: bool,
    /// `NULLS FIRST`: the default is last when ascending and first when descending, and is filled in here.
    pub nulls_first: bool,
}

impl IndexPart {
    /// A column in ascending order.
    pub fn column(name: Name) -> Self {
        IndexPart::of(IndexTerm::Column(name))
    }

    /// A term in ascending order.
    pub fn of(term: IndexTerm) -> Self {
        IndexPart { term, collation: None, opclass: None, descending: false, nulls_first: false }
    }
}

/// What an index part covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexTerm {
    /// A column.
    Column(Name),
    /// An expression.
    Expr(Expr),
}
