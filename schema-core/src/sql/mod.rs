//! From SQL text to changes: split, read, replay.
//!
//! `split` cuts a script into statements, `read` turns each into [`Change`](crate::change::Change)s with the database's
//! own semantics, and [`Replayer`] applies them, so that the catalog after a history is known without a database.

#[cfg(feature = "engine")]
pub mod cursor;
#[cfg(feature = "engine")]
pub mod relations;
#[cfg(feature = "engine")]
mod replay;
#[cfg(feature = "engine")]
pub mod rights;
#[cfg(feature = "engine")]
mod session;
pub mod split;

#[cfg(feature = "engine")]
pub(crate) mod read;

#[cfg(feature = "engine")]
pub use cursor::{Cursor, Read, ReadError, Source, Spelled};
#[cfg(feature = "engine")]
pub use relations::{Relation, RelationKind, Relations};
#[cfg(feature = "engine")]
pub(crate) use replay::temporary_schema;
#[cfg(feature = "engine")]
pub use replay::{Effect, Replayer, replay_text};
pub use split::{Directive, Script, Statement, StatementKind, split, split_script};
