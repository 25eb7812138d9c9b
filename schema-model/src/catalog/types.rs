//! Types that a schema defines: enums, domains, composites.

use super::{ColumnType, Constraint};
use crate::expr::Expr;
use crate::name::{Name, ObjectName};
use crate::span::Origin;

/// An enum type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumType {
    /// Its name.
    pub name: ObjectName,
    /// Its values, in sort order.
    pub values: Vec<String>,
    /// `COMMENT ON TYPE`.
    pub comment: Option<String>,
    /// Where it is said.
    pub origin: Origin,
}

/// A domain: a type with a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Its name.
    pub name: ObjectName,
    /// The type it narrows.
    pub base: ColumnType,
    /// `false` after `NOT NULL`.
    pub nullable: bool,
    /// `DEFAULT`.
    pub default: Option<Expr>,
    /// `COLLATE`.
    pub collation: Option<ObjectName>,
    /// `CHECK` constraints, named.
    pub checks: Vec<Constraint>,
    /// `COMMENT ON DOMAIN`.
    pub comment: Option<String>,
    /// Where it is said.
    pub origin: Origin,
}

/// A composite type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompositeType {
    /// Its name.
    pub name: ObjectName,
    /// Its attributes, in order.
    pub attributes: Vec<Attribute>,
    /// `COMMENT ON TYPE`.
    pub comment: Option<String>,
    /// Where it is said.
    pub origin: Origin,
}

/// An attribute of a composite type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub ty: ColumnType,
    /// `COLLATE`.
    pub collation: Option<ObjectName>,
    /// `COMMENT ON COLUMN`.
    pub comment: Option<String>,
}

impl Attribute {
    /// Whether both hold the same, whatever is said of them.
    pub fn holds_like(&self, other: &Attribute) -> bool {
        self.name == other.name && self.ty == other.ty && self.collation == other.collation
    }
}
