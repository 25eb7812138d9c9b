//! `cargo schema`: parse, run, exit code.

fn main() {}
