//! Database clients: history table, lock, running scripts.
