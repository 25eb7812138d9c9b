//! The migrations of every dialect as files, for commands that change them all together.

use schema_core::revision::RevisionGraph;
use schema_core::script::Folder;
use schema_model::SourceMap;
use schema_model::catalog::Catalog;

use crate::cli::Global;
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::recorded::read_folder;
use crate::report;

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

    /// A folder's graph, or what is wrong with it, at the files.
    pub fn graph(&self, folder: &Folder) -> CliResult<RevisionGraph> {
        folder.graph().map_err(|errors| {
            let found = errors.iter().map(|error| folder.diagnose(error)).collect();
            CliError::findings(self.sources.clone(), found)
        })
    }

    /// As the rollback script is made from; it asks for no catalog.
    pub fn sides(&self) -> Vec<(&Folder, &Catalog)> {
        self.folders.iter().map(|folder| (folder, &self.nothing)).collect()
    }
}
