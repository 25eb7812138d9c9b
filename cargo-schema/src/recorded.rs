//! What the migrations say: a folder read for one dialect, its graph, and the catalogs that replaying it gives.

use std::collections::BTreeSet;
use std::path::Path;

use schema_core::diagnostic::Diagnostic;
use schema_core::revision::{GraphError, RevisionGraph, RevisionId, Target};
use schema_core::script::{FileChanges, Folder, FolderError, Layout};
use schema_core::sql::Replayer;
use schema_model::catalog::Catalog;
use schema_model::{DialectKind, SourceMap};

use crate::error::{CliError, CliResult};
use crate::project::Project;

/// A folder of migrations, replayed.
pub struct Recorded {
    /// The folder.
    pub folder: Folder,
    /// The graph; none when it is broken, which the diagnostics then say.
    pub graph: Option<RevisionGraph>,
    /// The catalog at the end of the replay.
    pub catalog: Catalog,
    /// What is wrong with files, graph and statements.
    pub diagnostics: Vec<Diagnostic>,
}

impl Recorded {
    /// Reads and replays everything up to a target, or to the heads.
    pub fn read(
        path: &Path,
        dialect: DialectKind,
        layout: Option<Layout>,
        at: Option<&Target>,
        sources: &mut SourceMap,
    ) -> CliResult<Recorded> {
        let folder = read_folder(path, dialect, layout, sources)?;
        Recorded::of(folder, at, sources)
    }

    /// Replays a folder that has been read.
    pub fn of(folder: Folder, at: Option<&Target>, sources: &SourceMap) -> CliResult<Recorded> {
        let mut diagnostics = folder.diagnostics.clone();
        let graph = folder.graph();
        if let Err(errors) = &graph {
            diagnostics.extend(errors.iter().map(|error| folder.diagnose(error)));
        }
        let graph = graph.ok();
        let wanted = match (at, &graph) {
            (Some(target), Some(graph)) => Some(graph.applied_at(target).map_err(CliError::message)?),
            (Some(_), None) => return Err(CliError::findings(sources.clone(), diagnostics)),
            (None, _) => None,
        };
        let mut replayer = Replayer::new(folder.dialect);
        for script in &folder.scripts {
            let included = wanted.as_ref().is_none_or(|wanted| wanted.contains(script.id()));
            if included {
                replayer.replay(sources, script.up.file);
            }
        }
        diagnostics.extend_from_slice(replayer.diagnostics());
        Ok(Recorded { folder, graph, catalog: replayer.into_catalog(), diagnostics })
    }

    /// The newest revision, when there is exactly one.
    pub fn head(&self) -> Option<&RevisionId> {
        let heads = self.graph.as_ref()?.heads();
        match &heads[..] {
            [head] => Some(&head.id),
            _ => None,
        }
    }

    /// The catalog when these revisions are applied.
    pub fn catalog_of(&self, applied: &BTreeSet<RevisionId>, sources: &SourceMap) -> Catalog {
        let mut replayer = Replayer::new(self.folder.dialect);
        for script in self.folder.scripts.iter().filter(|script| applied.contains(script.id())) {
            replayer.replay(sources, script.up.file);
        }
        replayer.into_catalog()
    }
}

/// The revision graph of a folder, or everything that is wrong with it.
pub fn graph_of(folder: &Folder, sources: &SourceMap) -> CliResult<RevisionGraph> {
    folder.graph().map_err(|errors| broken_graph(folder, &errors, sources))
}

/// What is wrong with a graph, at the files.
pub fn broken_graph(folder: &Folder, errors: &[GraphError], sources: &SourceMap) -> CliError {
    let found = errors.iter().map(|error| folder.diagnose(error)).collect();
    CliError::findings(sources.clone(), found)
}

/// Reads a folder; a project that has none yet has no revisions.
pub fn read_folder(
    path: &Path,
    dialect: DialectKind,
    layout: Option<Layout>,
    sources: &mut SourceMap,
) -> CliResult<Folder> {
    Folder::read(Project::shown(path), dialect, layout, sources).map_err(CliError::message)
}

/// The folder as it will be after these changes; a missing one has no revisions.
pub fn read_folder_changed(
    path: &Path,
    dialect: DialectKind,
    layout: Option<Layout>,
    changes: &FileChanges,
    sources: &mut SourceMap,
) -> CliResult<Folder> {
    match Folder::read_changed(Project::shown(path), dialect, layout, changes, sources) {
        Err(FolderError::Missing(_)) => {
            Ok(Folder::empty(Project::shown(path), dialect, layout.unwrap_or(Layout::Semver)))
        }
        other => other.map_err(CliError::message),
    }
}
