//! The derives that `schema-core` re-exports. Entry points, nothing else.
