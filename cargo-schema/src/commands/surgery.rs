//! What `merge`, `rebase`, `squash`, `amend` and `release` share: the folders of every dialect, changed together, and the
//! files that are derived from them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schema_core::diagnostic::Diagnostic;
use schema_core::revision::{RevisionGraph, RevisionId, Version};
use schema_core::script::{FileChanges, Folder};
use schema_core::surgery::{Outcome, SurgeryError};
use schema_model::SourceMap;
use schema_model::catalog::Catalog;

use crate::cli::Global;
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::recorded::{broken_graph, graph_of, read_folder};
use crate::state::State;
use crate::{exit, findings, report};

/// The migrations of every dialect, as files. Their graph may be broken: that is what surgery mends.
pub struct Folders {
    /// The project.
    pub project: Project,
    /// Every text.
    pub sources: SourceMap,
    /// A folder a dialect.
    pub folders: Vec<Folder>,
    nothing: Catalog,
}

/// Versions by old tag, as the dialects ask for them.
pub type Versions = BTreeMap<RevisionId, Version>;

impl Folders {
    /// Reads them.
    pub fn read(global: &Global) -> CliResult<Folders> {
        let project = Project::find(global)?;
        let layout = project.layout()?;
        let mut sources = SourceMap::default();
        let mut folders = Vec::new();
        for dialect in &project.config.dialects {
            folders.push(read_folder(project.migrations(), *dialect, layout, &mut sources)?);
        }
        Ok(Folders { project, sources, folders, nothing: Catalog::default() })
    }

    /// Stops at files that cannot be read.
    pub fn demand(&self) -> CliResult<()> {
        let found: Vec<_> = self.folders.iter().flat_map(|folder| folder.diagnostics.clone()).collect();
        if report::has_errors(&found) {
            return Err(CliError::findings(self.sources.clone(), found));
        }
        Ok(())
    }

    /// What production runs.
    pub fn deployed(&self) -> Option<RevisionId> {
        self.project.config.deployed.as_deref().map(RevisionId::new)
    }

    /// A folder's graph, or what is wrong with it, at the files.
    pub fn graph(&self, folder: &Folder) -> CliResult<RevisionGraph> {
        graph_of(folder, &self.sources)
    }

    /// As the rollback script is made from; it asks for no catalog.
    pub fn sides(&self) -> Vec<(&Folder, &Catalog)> {
        self.folders.iter().map(|folder| (folder, &self.nothing)).collect()
    }

    /// What stops an operation on a folder, as people read it. Nothing has been written.
    pub fn failed(&self, folder: &Folder, error: SurgeryError) -> CliError {
        failed(folder, &self.sources, error)
    }
}

/// What stops an operation on a folder, as people read it. Nothing has been written.
pub fn failed(folder: &Folder, sources: &SourceMap, error: SurgeryError) -> CliError {
    let next = match &error {
        SurgeryError::Graph(errors) => return broken_graph(folder, errors, sources),
        SurgeryError::DoesNotFit { revision, .. } => {
            format!("\nnothing was written; edit `{revision}` so that it fits there, and run this again")
        }
        SurgeryError::NotEqual { .. } => "\nnothing was written".to_owned(),
        _ => String::new(),
    };
    CliError::message(format!("{error}{next}"))
}

/// Runs an operation for every dialect until all ask for the same versions: a revision has one tag, the highest.
pub fn agree(mut operate: impl FnMut(&Versions) -> CliResult<Vec<Outcome>>) -> CliResult<Vec<Outcome>> {
    let mut least = Versions::new();
    loop {
        let outcomes = operate(&least)?;
        let mut highest = least.clone();
        for (id, version) in outcomes.iter().flat_map(|outcome| &outcome.tags) {
            let known = highest.entry(id.clone()).or_insert_with(|| version.clone());
            *known = version.clone().max(known.clone());
        }
        // Versions only grow, and no dialect asks for more than a bump above the ones before.
        if outcomes.len() < 2 || highest == least {
            return Ok(outcomes);
        }
        least = highest;
    }
}

/// Writes what the dialects ask for together with the lock and the rollback script that follow from it: all of it or
/// nothing.
pub fn finish(global: &Global, outcomes: &[Outcome]) -> CliResult {
    let mut changes = joined(outcomes)?;
    let migrations = changes.clone();
    let derived = derived(global, &changes)?;
    if let Derived::Files(files) = &derived {
        changes.replace.extend(files.iter().cloned());
    }
    changes.apply().map_err(CliError::message)?;
    for path in &migrations.remove {
        let replaced = migrations.create.iter().any(|(new, _)| new == path);
        if !replaced && !global.quiet {
            tell!("removed {}", Project::shown(path).display());
        }
    }
    for (path, _) in migrations.create.iter().chain(&migrations.replace) {
        print_line!("{}", Project::shown(path).display());
    }
    let mut told: Vec<&String> = Vec::new();
    for note in outcomes.iter().flat_map(|outcome| &outcome.notes) {
        if !global.quiet && !told.contains(&note) {
            tell!("{note}");
            told.push(note);
        }
    }
    match derived {
        Derived::Files(_) => Ok(exit::CLEAN),
        Derived::Drift(state, found) => {
            report::warn(&found, &state.sources);
            tell!(
                "the migrations are written; schema.lock is not, until `cargo schema check` finds no more than the lock"
            );
            Ok(exit::FOUND)
        }
    }
}

/// The changes of all dialects. Dialects may share a file; they must then agree on it.
fn joined(outcomes: &[Outcome]) -> CliResult<FileChanges> {
    let mut all = FileChanges::default();
    for changes in outcomes.iter().map(|outcome| &outcome.changes) {
        for (from, to) in [(&changes.create, &mut all.create), (&changes.replace, &mut all.replace)] {
            for (path, text) in from {
                match to.iter().find(|(known, _)| known == path) {
                    None => to.push((path.clone(), text.clone())),
                    Some((_, known)) if known == text => {}
                    Some(_) => {
                        return Err(CliError::message(format!(
                            "the dialects need different texts in `{}`, which they share; give each dialect a folder of its own",
                            Project::shown(path).display()
                        )));
                    }
                }
            }
        }
        for path in &changes.remove {
            if !all.remove.contains(path) {
                all.remove.push(path.clone());
            }
        }
    }
    Ok(all)
}

/// What follows from the migrations.
enum Derived {
    /// The lock, and the rollback script where one is kept.
    Files(Vec<(PathBuf, String)>),
    /// Models and migrations will differ; a lock is for a state that `check` would pass.
    Drift(Box<State>, Vec<Diagnostic>),
}

/// The lock and the rollback script as they will be right after these changes.
fn derived(global: &Global, changes: &FileChanges) -> CliResult<Derived> {
    if Project::find(global)?.krate.is_none() {
        return Ok(Derived::Files(Vec::new()));
    }
    let state = State::after(global, changes)?;
    let mut found = state.blocking();
    if !report::has_errors(&found) {
        found = findings::drift(&state);
    }
    if report::has_errors(&found) {
        return Ok(Derived::Drift(Box::new(state), found));
    }
    Ok(Derived::Files(super::lock::files(&state)?))
}

/// Nothing is to be done to the migrations; the lock and the rollback script may still be stale.
pub fn derive(global: &Global) -> CliResult {
    finish(global, &[])
}
