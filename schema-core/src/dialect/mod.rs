//! What differs between the databases.

pub mod ident;
pub mod keywords;
