//! Migrations as of a git revision, read with the git command, without touching the work tree.

use std::path::PathBuf;

use schema_core::diagnostic::Diagnostic;
use schema_core::revision::RevisionId;
use schema_core::script::Folder;
use schema_core::surgery;
use schema_core::surgery::git::Repository;
use schema_model::{DialectKind, SourceMap};

use crate::cli::Global;
use crate::config;
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::recorded::Recorded;
use crate::report;
use crate::sources::Loaded;
use crate::state::State;

/// Loads the project's migrations as of a git revision.
pub fn load(
    global: &Global,
    wanted: Option<DialectKind>,
    reference: &str,
    sources: &mut SourceMap,
) -> CliResult<Loaded> {
    let project = Project::find(global)?;
    let dialect = project.dialect(wanted)?;
    let repository = Repository::of(project.migrations()).map_err(CliError::message)?;
    let commit = repository.commit(reference).map_err(CliError::message)?;
    let files = repository.files(&commit, project.migrations()).map_err(CliError::message)?;
    let shown = Project::shown(project.migrations());
    if !files.iter().any(|file| file.path.ends_with(".sql")) {
        tell!("note: `{reference}` has no migrations in `{}`", shown.display());
    }
    // Places are told as git writes them: `main:migrations/1.0.0_initial.up.sql`.
    let place = PathBuf::from(format!("{reference}:{}", shown.display()));
    let folder = Folder::from_files(place, files, dialect, project.layout()?, sources);
    let recorded = Recorded::of(folder.map_err(CliError::message)?, None, sources)?;
    Ok(Loaded::recorded(recorded.catalog, dialect, recorded.diagnostics))
}

/// What will be wrong when HEAD is merged into a reference. The texts of the merge result go into the state's sources.
pub fn merged(state: &mut State, reference: &str) -> CliResult<Vec<Diagnostic>> {
    let shown = Project::shown(state.project.migrations());
    let repository = Repository::of(&shown).map_err(CliError::message)?;
    let deployed = deployed_at(&repository, reference, &state.project)?;
    let layout = state.project.layout()?;
    let mut found: Vec<Diagnostic> = Vec::new();
    for dialect in &state.project.config.dialects {
        let ends = (reference, "HEAD");
        let report =
            surgery::check_base(&shown, *dialect, layout, ends, deployed.as_ref(), &mut state.sources);
        let report = report.map_err(CliError::message)?;
        let mut own = report.diagnostics;
        if !report::has_errors(&own) {
            // One line of revisions; its statements must fit one after another, too.
            own.extend(Recorded::of(report.merged, None, &state.sources)?.diagnostics);
        }
        own.retain(|new| !found.iter().any(|known| known.message == new.message));
        found.extend(own);
    }
    Ok(found)
}

/// What production runs as the reference has it: this branch may say something else.
fn deployed_at(repository: &Repository, reference: &str, project: &Project) -> CliResult<Option<RevisionId>> {
    let Some((path, table)) = project.configuration() else { return Ok(None) };
    let commit = repository.commit(reference).map_err(CliError::message)?;
    let text = repository.file(&commit, &path).map_err(CliError::message)?;
    let deployed = text.and_then(|text| config::deployed_in(&text, !table.is_empty()));
    Ok(deployed.map(RevisionId::new))
}
