//! From two catalogs to the changes between them.
