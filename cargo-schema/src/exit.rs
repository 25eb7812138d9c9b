//! Exit codes. Scripts and CI depend on them.

/// Nothing to report.
pub const CLEAN: u8 = 0;
/// Drift, denied findings, a difference with `--exit-code`, or pending revisions with `--exit-code`.
pub const FOUND: u8 = 1;
/// The question could not be answered: bad input, bad arguments, no connection.
pub const FAILED: u8 = 2;
