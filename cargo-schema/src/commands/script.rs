//! `script rollback` and `script migrate`: POSIX sh that needs only psql or sqlite3.

use std::path::{Path, PathBuf};

use schema_core::driver;
use schema_core::revision::{RevisionId, Target};
use schema_core::script::shell::{self, ShellScript};
use schema_core::script::{FileChanges, Folder};
use schema_model::SourceMap;
use schema_model::catalog::Catalog;

use crate::cli::{Global, ScriptArgs, ScriptKind, ScriptOptions};
use crate::database;
use crate::error::{CliError, CliResult};
use crate::exit;
use crate::project::Project;

pub fn run(global: &Global, args: &ScriptArgs) -> CliResult {
    let project = Project::find(global)?;
    let mut folders = Vec::new();
    for dialect in &project.config.dialects {
        let (_, revisions) = database::Revisions::read(global, *dialect)?;
        folders.push(revisions.folder);
    }
    let (options, script, default) = match &args.kind {
        ScriptKind::Rollback(options) => {
            let target = match &options.to {
                Some(word) => word.parse().map_err(CliError::message)?,
                None => rollback_target(&project, &folders)?,
            };
            (options, ShellScript::Rollback(target), rollback_path(&project))
        }
        ScriptKind::Migrate(options) if options.to.is_some() => {
            return Err(CliError::message("`script migrate` always ends at the newest version"));
        }
        ScriptKind::Migrate(options) => {
            (options, ShellScript::Migrate, project.root.join("scripts/migrate.sh"))
        }
    };
    let text = render(&script, &folders)?;
    write(options, &default, text)?;
    Ok(exit::CLEAN)
}

fn write(options: &ScriptOptions, default: &Path, text: String) -> CliResult<()> {
    if options.output.as_deref() == Some(Path::new("-")) {
        use std::io::Write;
        return Ok(std::io::stdout().write_all(text.as_bytes())?);
    }
    let path = options.output.clone().unwrap_or_else(|| default.to_owned());
    let changes = FileChanges { replace: vec![(path.clone(), text)], ..FileChanges::default() };
    changes.apply().map_err(CliError::message)?;
    make_executable(&path)?;
    print_line!("{}", Project::shown(&path).display());
    Ok(())
}

fn render(script: &ShellScript, folders: &[driver::Folder]) -> CliResult<String> {
    let folders: Vec<_> = folders.iter().collect();
    shell::render(script, &folders).map_err(CliError::message)
}

/// Where the rollback script is kept.
pub fn rollback_path(project: &Project) -> PathBuf {
    project.root.join(&project.config.rollback_script)
}

/// The version that production runs; while none is configured, the one before the head.
fn rollback_target(project: &Project, folders: &[driver::Folder]) -> CliResult<Target> {
    if let Some(deployed) = &project.config.deployed {
        return deployed.parse().map_err(CliError::message);
    }
    let Some(folder) = folders.first() else { return Ok(Target::base()) };
    let head = folder.graph().head().map_err(CliError::message)?;
    Ok(match head.and_then(|head| head.parents.first()) {
        Some(parent) => Target::named(parent.as_str()),
        None => Target::base(),
    })
}

/// The checked-in rollback script as these folders make it; nothing for a project that keeps none.
pub fn refreshed(
    project: &Project,
    sides: &[(&Folder, &Catalog)],
    sources: &SourceMap,
) -> CliResult<Option<(PathBuf, String)>> {
    if project.config.rollback_script.as_os_str().is_empty() {
        return Ok(None);
    }
    let mut folders = Vec::new();
    for (folder, _) in sides {
        folders.push(database::runner_folder(folder, sources)?);
    }
    if folders.iter().all(|folder| folder.graph().is_empty()) {
        return Ok(None);
    }
    let known = |deployed: &String| {
        folders.iter().any(|folder| folder.graph().get(&RevisionId::new(deployed)).is_some())
    };
    if let Some(missing) = project.config.deployed.as_ref().filter(|deployed| !known(deployed)) {
        return Err(CliError::message(format!("`deployed` is {missing}, and there is no such revision")));
    }
    let target = rollback_target(project, &folders)?;
    Ok(Some((rollback_path(project), render(&ShellScript::Rollback(target), &folders)?)))
}

/// A script is run by its name.
#[cfg(unix)]
pub fn make_executable(path: &Path) -> CliResult<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
        .map_err(CliError::io("make executable", path))
}

/// A script is run by its name.
#[cfg(not(unix))]
pub fn make_executable(_path: &Path) -> CliResult<()> {
    Ok(())
}
