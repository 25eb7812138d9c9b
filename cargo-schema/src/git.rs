//! Migrations as of a git revision, read with the git command, without touching the work tree.

use schema_model::{DialectKind, SourceMap};

use crate::cli::Global;
use crate::error::{CliError, CliResult};
use crate::sources::Loaded;

/// Loads the project's migrations as of a git revision.
pub fn load(
    _global: &Global,
    _wanted: Option<DialectKind>,
    _reference: &str,
    _sources: &mut SourceMap,
) -> CliResult<Loaded> {
    Err(CliError::message("git revisions cannot be read yet"))
}
