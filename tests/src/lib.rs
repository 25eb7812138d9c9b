//! What the tests share: reading case files, opening throwaway databases.

pub mod case;
pub mod cluster;
pub mod database;
pub mod plans;
