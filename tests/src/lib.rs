//! What the tests share: reading case files, opening throwaway databases.

pub mod case;
pub mod cluster;
pub mod database;
<<<<<<< HEAD
pub mod long_history;
=======
pub mod plans;
>>>>>>> 52a5c0e (Diff cases: 176 pairs of schemas, run up and down on a live PostgreSQL and compared by dump)
pub mod truth;

pub use database::TestDatabase;
pub mod sqlite;
