//! Plans on real databases: run there, read back, compared with an independent dump.

pub mod dump;
pub mod live;
pub mod sqlite;

pub use live::{Failure, Pair};
