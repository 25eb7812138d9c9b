//! PostgreSQL expressions as trees: no more of their grammar than stands in defaults, checks, indexes and generated columns.

use schema_model::catalog::ColumnType;

/// An expression. Names are folded; functions carry their name as SQL spells it, system and default schema left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    /// `NULL`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number with its sign.
    Number(String),
    /// A string constant's value.
    Str(String),
    /// A column; qualifiers are left out, since all these expressions are about one table.
    Column(String),
    /// A function without parentheses: `CURRENT_DATE`, `LOCALTIME(3)`.
    Keyword(String),
    /// `x::t`.
    Cast(Box<Tree>, ColumnType),
    /// A prefix operator.
    Prefix(String, Box<Tree>),
    /// An infix operator.
    Infix(String, Box<Tree>, Box<Tree>),
    /// `NOT x`.
    Not(Box<Tree>),
    /// `x AND y …`.
    And(Vec<Tree>),
    /// `x OR y …`.
    Or(Vec<Tree>),
    /// `x IS …`, the words after `IS`.
    Is(Box<Tree>, String),
    /// `x IS DISTINCT FROM y`.
    Distinct(Box<Tree>, Box<Tree>),
    /// A function call.
    Call(String, Vec<Tree>),
    /// `VARIADIC x`, `name => x`, `DISTINCT x` as a function's argument, the words before it first.
    Marked(String, Box<Tree>),
    /// `x op ANY (y)`, or `ALL`.
    Any {
        /// `x`.
        left: Box<Tree>,
        /// The operator.
        operator: String,
        /// `ALL`.
        all: bool,
        /// An array, or a subquery.
        right: Box<Tree>,
    },
    /// `ARRAY[…]`.
    Array(Vec<Tree>),
    /// `ROW(…)`.
    Row(Vec<Tree>),
    /// `CASE`: operand, arms, `ELSE`.
    Case(Option<Box<Tree>>, Vec<(Tree, Tree)>, Option<Box<Tree>>),
    /// `x[1]`, `x[1:2]`.
    Index(Box<Tree>, Subscript),
    /// `(x).field`.
    Field(Box<Tree>, String),
    /// `x COLLATE c`.
    Collate(Box<Tree>, String),
    /// A subquery or another text kept token by token.
    Raw(String),
}

/// What stands in an array's brackets.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Subscript {
    /// One element.
    At(Box<Tree>),
    /// A slice.
    Slice(Option<Box<Tree>>, Option<Box<Tree>>),
}

impl Tree {
    pub(super) fn call(name: &str, arguments: Vec<Tree>) -> Tree {
        Tree::Call(name.to_owned(), arguments)
    }

    pub(super) fn infix(operator: &str, left: Tree, right: Tree) -> Tree {
        Tree::Infix(operator.to_owned(), Box::new(left), Box::new(right))
    }

    /// Whether a column is named anywhere in it; subqueries count as naming one.
    pub(super) fn names_column(&self) -> bool {
        match self {
            Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Str(_) | Tree::Keyword(_) => false,
            Tree::Column(_) | Tree::Raw(_) => true,
            Tree::Cast(inner, _)
            | Tree::Prefix(_, inner)
            | Tree::Not(inner)
            | Tree::Is(inner, _)
            | Tree::Marked(_, inner)
            | Tree::Field(inner, _)
            | Tree::Collate(inner, _) => inner.names_column(),
            Tree::Infix(_, left, right) | Tree::Distinct(left, right) | Tree::Any { left, right, .. } => {
                left.names_column() || right.names_column()
            }
            Tree::And(items)
            | Tree::Or(items)
            | Tree::Call(_, items)
            | Tree::Array(items)
            | Tree::Row(items) => items.iter().any(Tree::names_column),
            Tree::Case(operand, arms, otherwise) => {
                operand.iter().chain(otherwise).any(|tree| tree.names_column())
                    || arms.iter().any(|(when, then)| when.names_column() || then.names_column())
            }
            Tree::Index(inner, subscript) => {
                inner.names_column()
                    || match subscript {
                        Subscript::At(at) => at.names_column(),
                        Subscript::Slice(from, to) => from.iter().chain(to).any(|tree| tree.names_column()),
                    }
            }
        }
    }
}
