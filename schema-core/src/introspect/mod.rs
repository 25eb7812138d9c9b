//! The catalog of a live database.
