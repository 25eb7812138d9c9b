//! Hooks: the project's shell commands before and after a run, with the versions in their environment.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use schema_core::driver::{DatabaseUrl, Direction, Hooks, Planned};
use schema_core::revision::RevisionId;

use crate::project::Project;

/// The commands of a project, for one database.
struct ShellHooks {
    commands: BTreeMap<String, String>,
    /// Where they run.
    root: PathBuf,
    /// What says where the database is, for programs that the hook calls.
    database: Vec<(&'static str, String)>,
    dialect: &'static str,
    quiet: bool,
}

/// The project's hooks; none where it has none. `argument` is the URL of the command line.
pub fn of(
    project: &Project,
    url: &DatabaseUrl,
    argument: Option<&str>,
    quiet: bool,
) -> Option<Arc<dyn Hooks>> {
    if project.config.hooks.is_empty() {
        return None;
    }
    Some(Arc::new(ShellHooks {
        commands: project.config.hooks.clone(),
        root: folder(&project.root),
        database: database(url, argument),
        dialect: url.dialect().as_str(),
        quiet,
    }))
}

/// `DATABASE_URL` where it is not inherited, and for psql and its kin the variables of libpq.
fn database(url: &DatabaseUrl, argument: Option<&str>) -> Vec<(&'static str, String)> {
    match url {
        // A relative path is meant from here, not from where the hook runs.
        DatabaseUrl::Sqlite(file) => {
            let path = file.path.as_deref().map(|path| std::path::absolute(path).unwrap_or(path.to_owned()));
            let url = path.map(|path| ("DATABASE_URL", format!("sqlite://{}", path.display())));
            url.into_iter().collect()
        }
        DatabaseUrl::Postgres(server) => {
            let given = argument.map(|text| ("DATABASE_URL", text.to_owned()));
            server.variables().into_iter().chain(given).collect()
        }
    }
}

/// The hooks that a run in this direction calls, with their commands.
pub fn listed(project: &Project, direction: Direction) -> Vec<(String, &str)> {
    ["before", "after"]
        .into_iter()
        .filter_map(|moment| {
            let name = name(moment, direction);
            let command = project.config.hooks.get(&name)?;
            Some((name, command.as_str()))
        })
        .collect()
}

/// Without the database's variables: one of them is the password.
impl fmt::Debug for ShellHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShellHooks").field("commands", &self.commands).finish_non_exhaustive()
    }
}

impl Hooks for ShellHooks {
    fn before(&self, run: &Planned<'_>) -> Result<(), String> {
        self.call("before", run)
    }

    fn after(&self, run: &Planned<'_>) -> Result<(), String> {
        self.call("after", run)
    }
}

impl ShellHooks {
    fn call(&self, moment: &str, run: &Planned<'_>) -> Result<(), String> {
        let name = name(moment, run.direction);
        let Some(text) = self.commands.get(&name) else { return Ok(()) };
        if !self.quiet {
            tell!("running the {name} hook");
        }
        let mut command = shell(text);
        command
            .current_dir(&self.root)
            .env("SCHEMA_HOOK", &name)
            .env("SCHEMA_FROM", joined(&run.from))
            .env("SCHEMA_TO", joined(&run.to))
            .env("SCHEMA_REVISIONS", joined(run.path))
            .env("SCHEMA_DIALECT", self.dialect)
            .envs(self.database.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            // Results are on standard output, and nothing else is.
            .stdout(std::io::stderr());
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(status.to_string()),
            Err(error) => Err(format!("it cannot be run: {error}")),
        }
    }
}

fn name(moment: &str, direction: Direction) -> String {
    let run = match direction {
        Direction::Up => "upgrade",
        Direction::Down => "downgrade",
    };
    format!("{moment}-{run}")
}

/// `base` where nothing is applied.
fn joined(ids: &[RevisionId]) -> String {
    let ids: Vec<&str> = ids.iter().map(RevisionId::as_str).collect();
    if ids.is_empty() { "base".to_owned() } else { ids.join(" ") }
}

fn folder(root: &Path) -> PathBuf {
    if root.as_os_str().is_empty() { PathBuf::from(".") } else { root.to_owned() }
}

#[cfg(unix)]
fn shell(text: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", text]);
    command
}

#[cfg(windows)]
fn shell(text: &str) -> Command {
    use std::os::windows::process::CommandExt as _;
    let mut command = Command::new("cmd");
    // cmd has quoting rules of its own: the text goes to it as it is written.
    command.arg("/C").raw_arg(text);
    command
}
