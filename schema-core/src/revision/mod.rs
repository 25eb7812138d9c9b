//! The revision graph: no files, no database.
