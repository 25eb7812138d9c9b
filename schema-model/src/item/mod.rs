//! Reading one Rust item: what the derive and the source scan share.
