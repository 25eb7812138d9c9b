//! The canonical form of types and expressions: two spellings of one meaning become the same text, so that what a
//! migration says and what the server prints compare equal. What is not known to be equal stays different.
//!
//! PostgreSQL prints an expression from its own tree, with casts and operators spelled out; so here an expression is
//! parsed (`parse`, `special`), brought to one form (`normal`, with `scope` telling what the columns are) and printed.
//! Text that is not understood is only folded token by token. SQLite keeps its author's text: `sqlite`.

mod bodies;
mod json;
mod literal;
pub(crate) mod moment;
mod normal;
mod parse;
mod portable;
mod print;
mod scope;
mod special;
mod sqlite;
mod sqlite_catalog;
mod tokens_text;
mod tree;
mod walk;

use schema_model::catalog::ColumnType;
use schema_model::type_text::{read_type, write_type};
use schema_model::{DialectKind, Expr};

pub use portable::Portable;
pub use scope::Scope;
pub use walk::catalog;

/// The canonical form of an expression of which nothing else is known.
pub fn expr(expr: &Expr, dialect: DialectKind) -> Expr {
    expr_in(expr, &Scope::default(), dialect)
}

/// The canonical form of an expression over the columns of a table.
pub fn expr_in(expr: &Expr, scope: &Scope<'_>, dialect: DialectKind) -> Expr {
    let text = expr.as_str();
    match dialect {
        DialectKind::Sqlite => Expr::new(sqlite::expr(text)),
        DialectKind::Postgres => Expr::new(match parse::parse(text) {
            Ok(tree) => print::print(&normal::alone(normal::normal(tree, scope))),
            Err(_) => tokens_text::folded_text(text, dialect),
        }),
    }
}

/// The canonical form of the default, or the generating expression, of a column of this type.
pub fn default(expr: &Expr, ty: &ColumnType, scope: &Scope<'_>, dialect: DialectKind) -> Expr {
    let text = expr.as_str();
    match dialect {
        DialectKind::Sqlite => Expr::new(sqlite::default(text)),
        DialectKind::Postgres => Expr::new(match parse::parse(text) {
            Ok(tree) => print::print(&normal::assigned(tree, ty, scope)),
            Err(_) => tokens_text::folded_text(text, dialect),
        }),
    }
}

/// The canonical form of a type: the one that its own spelling reads as.
pub fn type_(ty: &ColumnType, dialect: DialectKind) -> ColumnType {
    match (ty, dialect) {
        (ColumnType::Other(words), DialectKind::Sqlite) => ColumnType::Other(sqlite::type_words(words)),
        _ => read_type(&write_type(ty, dialect), dialect),
    }
}
