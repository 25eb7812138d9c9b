//! A table's constraints. NOT NULL is the column's own matter.

use super::IndexPart;
use crate::expr::Expr;
use crate::name::{Name, ObjectName};
use crate::span::Origin;

/// A constraint of a table. In PostgreSQL it always has a name, generated when none was given; in SQLite it has one
/// only when its author gave one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// Its name.
    pub name: Option<Name>,
    /// What it demands.
    pub kind: ConstraintKind,
    /// When it is checked.
    pub deferrable: Deferrable,
    /// `false` after `NOT VALID`, until `VALIDATE CONSTRAINT`.
    pub validated: bool,
    /// Comes from a parent table.
    pub inherited: bool,
    /// PostgreSQL: the index of the parent table that a key's own index is attached to, where no constraint of the
    /// parent's stands behind it.
    pub attached: Option<ObjectName>,
    /// `COMMENT ON CONSTRAINT`.
    pub comment: Option<String>,
    /// Where it is said.
    pub origin: Origin,
}

impl Constraint {
    /// A plain constraint: not deferrable, validated.
    pub fn new(name: Option<Name>, kind: ConstraintKind) -> Self {
        Constraint {
            name,
            kind,
            deferrable: Deferrable::No,
            validated: true,
            inherited: false,
            attached: None,
            comment: None,
            origin: Origin::NONE,
        }
    }

    /// Whether PostgreSQL keeps an index of the constraint's name for it.
    pub fn owns_index(&self) -> bool {
        match self.kind {
            ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::Exclude(_) => true,
            ConstraintKind::ForeignKey(_) | ConstraintKind::Check(_) => false,
        }
    }
}

/// When a constraint is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deferrable {
    /// `NOT DEFERRABLE`.
    #[default]
    No,
    /// `DEFERRABLE INITIALLY IMMEDIATE`.
    Immediate,
    /// `DEFERRABLE INITIALLY DEFERRED`.
    Deferred,
}

/// What a constraint demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// `PRIMARY KEY`.
    PrimaryKey(Key),
    /// `UNIQUE`.
    Unique(Key),
    /// `FOREIGN KEY`.
    ForeignKey(ForeignKey),
    /// `CHECK`.
    Check(Check),
    /// `EXCLUDE`.
    Exclude(Exclude),
}

/// A primary key or unique constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// The columns, in order.
    pub columns: Vec<Name>,
    /// `INCLUDE` columns.
    pub include: Vec<Name>,
    /// `NULLS NOT DISTINCT` (unique only).
    pub nulls_not_distinct: bool,
    /// What follows in the key's definition and is kept as written: `WITH (…)`, SQLite's `ON CONFLICT …`.
    pub suffix: Option<String>,
    /// SQLite's per-column `COLLATE` and `DESC`, as written, by position; empty when no column has one.
    pub column_suffixes: Vec<String>,
}

impl Key {
    /// A key over these columns with nothing else said.
    pub fn over(columns: impl IntoIterator<Item = Name>) -> Self {
        Key { columns: columns.into_iter().collect(), ..Key::default() }
    }
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// The referring columns.
    pub columns: Vec<Name>,
    /// The referenced table.
    pub table: ObjectName,
    /// The referenced columns; in SQLite empty when the author left them out (the primary key is meant).
    pub referenced: Vec<Name>,
    /// `ON DELETE`.
    pub on_delete: ReferentialAction,
    /// `ON UPDATE`.
    pub on_update: ReferentialAction,
    /// `ON DELETE SET NULL (…)`: the columns that are set; empty is all.
    pub on_delete_columns: Vec<Name>,
    /// `MATCH FULL`.
    pub match_full: bool,
}

/// What happens to referring rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReferentialAction {
    /// `NO ACTION`.
    #[default]
    NoAction,
    /// `RESTRICT`.
    Restrict,
    /// `CASCADE`.
    Cascade,
    /// `SET NULL`.
    SetNull,
    /// `SET DEFAULT`.
    SetDefault,
}

impl ReferentialAction {
    /// The action's keywords.
    pub fn as_sql(self) -> &'static str {
        match self {
            ReferentialAction::NoAction => "NO ACTION",
            ReferentialAction::Restrict => "RESTRICT",
            ReferentialAction::Cascade => "CASCADE",
            ReferentialAction::SetNull => "SET NULL",
            ReferentialAction::SetDefault => "SET DEFAULT",
        }
    }
}

/// A check constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The condition.
    pub expr: Expr,
    /// `NO INHERIT`.
    pub no_inherit: bool,
}

/// An exclusion constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclude {
    /// The index method.
    pub method: Name,
    /// Terms with their operators.
    pub parts: Vec<ExcludePart>,
    /// `INCLUDE` columns.
    pub include: Vec<Name>,
    /// `WHERE`.
    pub predicate: Option<Expr>,
}

/// One term of an exclusion constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExcludePart {
    /// What is compared.
    pub part: IndexPart,
    /// The operator, as written: `=`, `&&`, `OPERATOR(pg_catalog.=)`.
    pub operator: String,
}
