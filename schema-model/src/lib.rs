//! The vocabulary that the derive, the gate and the engine share: the catalog of a database's schema, the text
//! tokens of SQL, and (feature `syn`) the one reader of `#[table]` and `#[column]`.
//!
//! Nothing here does I/O, and nothing here parses SQL beyond its tokens.

pub mod catalog;
pub mod checksum;
pub mod dialect_kind;
pub mod expr;
pub mod ident;
#[cfg(feature = "syn")]
pub mod item;
pub mod keywords;
pub mod lines;
pub mod name;
pub mod source_map;
pub mod span;
pub mod token;
pub mod type_text;

pub use dialect_kind::DialectKind;
pub use expr::Expr;
pub use name::{Name, ObjectName};
pub use source_map::{Place, SourceMap};
pub use span::{FileId, Origin, Span};
