//! What the tests share: reading case files, opening throwaway databases.

pub mod alike;
pub mod case;
pub mod cluster;
pub mod database;
pub mod dump;
pub mod generate;
pub mod long_history;
pub mod plans;
pub mod replayed;
pub mod sqlite;
pub mod truth;

pub use database::TestDatabase;
