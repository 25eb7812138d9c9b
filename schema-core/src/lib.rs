//! Tables as Rust structs, SQL migrations with semantic versions, and the gate between them.

#[cfg(feature = "engine")]
pub mod change;
#[cfg(any(feature = "gate", feature = "migrate"))]
mod conflict;
#[cfg(any(feature = "gate", feature = "migrate"))]
pub mod diagnostic;
#[cfg(feature = "engine")]
pub mod dialect;
#[cfg(feature = "engine")]
pub mod diff;
#[cfg(feature = "migrate")]
pub mod driver;
#[cfg(feature = "gate")]
pub mod gate;
#[cfg(feature = "engine")]
pub mod introspect;
#[cfg(feature = "gate")]
pub mod lock;
#[cfg(feature = "engine")]
pub mod locks;
pub mod meta;
#[cfg(feature = "migrate")]
pub mod migrator;
#[cfg(feature = "engine")]
pub mod plan;
#[cfg(feature = "migrate")]
pub mod revision;
#[cfg(feature = "engine")]
pub mod rules;
#[cfg(feature = "gate")]
pub mod rust;
#[cfg(feature = "migrate")]
pub mod script;
#[cfg(feature = "migrate")]
pub mod sql;
mod sql_type;
#[cfg(feature = "engine")]
pub mod surgery;
#[cfg(feature = "gate")]
pub mod testing;

pub use meta::{SqlEnum, SqlType, Table};
#[cfg(any(feature = "tokio-postgres", feature = "sqlx"))]
pub use migrator::require_async;
#[cfg(feature = "migrate")]
pub use migrator::{MigrateError, Migrator, Status, require};
#[cfg(all(feature = "derive", feature = "migrate"))]
pub use schema_macros::embed;
#[cfg(feature = "derive")]
pub use schema_macros::{SqlEnum, SqlType, Table};
pub use schema_model as model;

/// The version that the migrations lead to, as the gate found it in `schema.lock` when the crate was built.
#[macro_export]
macro_rules! version {
    () => {
        ::core::env!(
            "SCHEMA_VERSION",
            "the version comes from the gate: call `schema_core::gate::check()` in build.rs, with one head in schema.lock"
        )
    };
}
