//! From a crate's root to the tables its structs declare.
