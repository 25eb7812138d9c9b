//! Tables as Rust structs, SQL migrations with semantic versions, and the gate between them.

#[cfg(feature = "engine")]
pub mod change;
#[cfg(feature = "engine")]
pub mod dialect;

pub use schema_model as model;
