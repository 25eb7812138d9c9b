//! Models and migrations side by side: what `check` reports on and `revision` writes from. One path with two endings.

use schema_core::diagnostic::Diagnostic;
use schema_core::diff::{self, Ambiguity};
use schema_core::plan::PlanOptions;
use schema_core::rust::{self, Declared};
use schema_core::script::FileChanges;
use schema_model::catalog::Catalog;
use schema_model::{DialectKind, SourceMap};

use crate::cli::Global;
use crate::declared;
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::recorded::{Recorded, read_folder_changed};
use crate::report;

/// Everything that is known without a database.
pub struct State {
    /// The project.
    pub project: Project,
    /// Every text.
    pub sources: SourceMap,
    /// The models.
    pub declared: Declared,
    /// Each dialect's migrations beside its models.
    pub dialects: Vec<Side>,
}

/// One dialect's migrations beside its models.
pub struct Side {
    /// The dialect.
    pub dialect: DialectKind,
    /// The migrations.
    pub recorded: Recorded,
    /// The catalog that the models ask for, with what they cannot say taken from the migrations.
    pub wanted: Catalog,
    /// How a plan between the two is made.
    pub options: PlanOptions,
}

impl State {
    /// Reads models and migrations.
    pub fn load(global: &Global) -> CliResult<State> {
        State::after(global, &FileChanges::default())
    }

    /// The same with the migrations as they will be after these changes, which are not made.
    pub fn after(global: &Global, changes: &FileChanges) -> CliResult<State> {
        let project = Project::find_with_models(global)?;
        let mut sources = SourceMap::default();
        let declared = declared::read(&project, &mut sources)?;
        let layout = project.layout()?;
        let mut dialects = Vec::new();
        for dialect in &project.config.dialects {
            let folder = read_folder_changed(project.migrations(), *dialect, layout, changes, &mut sources)?;
            let recorded = Recorded::of(folder, None, &sources)?;
            let options = declared::plan_options(&declared, *dialect, project.config.online);
            dialects.push(Side::new(recorded, &declared, options));
        }
        Ok(State { project, sources, declared, dialects })
    }

    /// What keeps the question from being answered: models or migrations that cannot be read, a broken graph.
    pub fn blocking(&self) -> Vec<Diagnostic> {
        let recorded = self.dialects.iter().flat_map(|side| &side.recorded.diagnostics);
        let mut found: Vec<Diagnostic> = self.declared.diagnostics.iter().chain(recorded).cloned().collect();
        if let Some(Err(error)) =
            self.dialects.first().and_then(|side| side.recorded.graph.as_ref()).map(|graph| graph.head())
        {
            found.extend(self.dialects.first().map(|side| side.recorded.folder.diagnose(&error)));
        }
        found
    }

    /// Stops when something keeps the question from being answered.
    pub fn demand(&self) -> CliResult<()> {
        let found = self.blocking();
        if report::has_errors(&found) {
            return Err(CliError::findings(self.sources.clone(), found));
        }
        Ok(())
    }
}

impl Side {
    fn new(recorded: Recorded, declared: &Declared, options: PlanOptions) -> Side {
        let dialect = recorded.folder.dialect;
        let compared = diff::DiffOptions { dialect, renames: options.renames.clone() };
        let wanted = rust::target(declared, &recorded.catalog, &compared);
        Side { dialect, recorded, wanted, options }
    }

    /// What differs.
    pub fn changes(&self) -> Vec<schema_core::change::Change> {
        let options = diff::DiffOptions { dialect: self.dialect, renames: self.options.renames.clone() };
        diff::diff(&self.recorded.catalog, &self.wanted, &options)
    }

    /// Adds and drops that could be renames, and nobody said so.
    pub fn ambiguities(&self) -> Vec<Ambiguity> {
        diff::ambiguities(&self.changes())
    }
}
