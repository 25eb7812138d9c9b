//! The catalog of a live database, read from its own system tables. Reading never writes, and needs no replay: the two are
//! compared with each other in the tests, and by `verify`.

mod error;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use error::IntrospectError;
