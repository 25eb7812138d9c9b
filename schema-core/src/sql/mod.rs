//! From SQL text to changes: split, read, replay.
//!
//! `split` cuts a script into statements, `read` turns each into [`Change`](crate::change::Change)s with the database's
//! own semantics, and [`Replayer`] applies them, so that the catalog after a history is known without a database.

pub mod cursor;
pub mod relations;
mod replay;
mod session;
pub mod split;

pub(crate) mod read;

pub use cursor::{Cursor, Read, ReadError, Source, Spelled};
pub use relations::{Relation, RelationKind, Relations};
pub(crate) use replay::temporary_schema;
pub use replay::{Effect, Replayer, replay_text};
pub use split::{Directive, Script, Statement, StatementKind, split, split_script};
