//! The database that a command is about, and the project's revisions as the runner takes them.

use std::path::Path;
use std::time::Duration;

use schema_core::driver::{self, Access, ConnectError, DatabaseUrl, Driver, UrlSource};
use schema_core::revision::RevisionId;
use schema_core::script::Folder;
use schema_model::{DialectKind, SourceMap};

use crate::cli::{DatabaseArgs, Global};
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::recorded::{broken_graph, read_folder};

/// Finds the URL: the argument, the environment, `.env`, libpq's variables.
pub fn find_url(args: &DatabaseArgs) -> CliResult<(DatabaseUrl, UrlSource)> {
    let folder = std::env::current_dir().unwrap_or_else(|_| Path::new(".").to_owned());
    driver::find_url(args.database_url.as_deref(), &folder).map_err(CliError::message)
}

/// Connects to the database that was found, waiting for the server as long as the user allows.
pub fn connect(url: &DatabaseUrl, args: &DatabaseArgs, access: Access) -> CliResult<Box<dyn Driver>> {
    let wait = Duration::from_secs(args.wait.unwrap_or(0));
    driver::connect_within(url, access, wait).map_err(CliError::message)
}

/// Connects to look at what a run would do. A SQLite file that is not there yet is what the run would make: empty.
pub fn connect_for_plan(url: &DatabaseUrl, args: &DatabaseArgs) -> CliResult<Box<dyn Driver>> {
    let wait = Duration::from_secs(args.wait.unwrap_or(0));
    match driver::connect_within(url, Access::Read, wait) {
        Err(ConnectError::NoFile { .. }) => driver::connect(&DatabaseUrl::memory(), Access::Read),
        other => other,
    }
    .map_err(CliError::message)
}

/// The project's revisions for one dialect.
pub struct Revisions {
    /// The texts.
    pub sources: SourceMap,
    /// As files.
    pub files: Folder,
    /// As the runner takes them.
    pub folder: driver::Folder,
}

impl Revisions {
    /// Reads the project's folder. What is wrong with files, headers or the graph stops it: nothing half understood is run.
    pub fn read(global: &Global, dialect: DialectKind) -> CliResult<(Project, Revisions)> {
        let project = Project::find(global)?;
        if project.configured && !project.config.dialects.contains(&dialect) {
            let known: Vec<_> = project.config.dialects.iter().map(|dialect| dialect.as_str()).collect();
            return Err(CliError::message(format!(
                "the database speaks {dialect}, but the project is configured for {}; add it to `dialects`",
                known.join(", ")
            )));
        }
        let mut sources = SourceMap::default();
        let files = read_folder(project.migrations(), dialect, project.layout()?, &mut sources)?;
        if crate::report::has_errors(&files.diagnostics) {
            return Err(CliError::findings(sources, files.diagnostics));
        }
        let folder = runner_folder(&files, &sources)?;
        Ok((project, Revisions { sources, files, folder }))
    }

    /// A revision's message.
    pub fn message(&self, id: &RevisionId) -> &str {
        self.files.script(id).map_or("", |script| &script.revision.message)
    }
}

/// A folder as the runner takes it.
pub fn runner_folder(files: &Folder, sources: &SourceMap) -> CliResult<driver::Folder> {
    driver::Folder::from_scripts(files, sources).map_err(|errors| broken_graph(files, &errors, sources))
}
