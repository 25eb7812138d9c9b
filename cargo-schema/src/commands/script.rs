//! `script rollback` and `script migrate`: POSIX sh that needs only psql or sqlite3.

use std::path::PathBuf;

use schema_core::script::Folder;
use schema_model::SourceMap;
use schema_model::catalog::Catalog;

use crate::cli::{Global, ScriptArgs};
use crate::error::{CliError, CliResult};
use crate::project::Project;

pub fn run(_global: &Global, _args: &ScriptArgs) -> CliResult {
    Err(CliError::message("scripts cannot be written yet"))
}

/// The checked-in rollback script as these folders make it.
pub fn refreshed(
    _project: &Project,
    _sides: &[(&Folder, &Catalog)],
    _sources: &SourceMap,
) -> CliResult<Vec<(PathBuf, String)>> {
    Ok(Vec::new())
}
