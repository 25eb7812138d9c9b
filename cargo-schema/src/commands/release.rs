//! `release`: says which version production runs, in the configuration; it and everything before it stay as they are.

use schema_core::revision::Version;
use schema_core::script::FileChanges;
use schema_core::surgery::{self, ReleaseError};

use super::surgery::Folders;
use crate::cli::{Global, ReleaseArgs};
use crate::error::{CliError, CliResult};
use crate::exit;
use crate::project::Project;

pub fn run(global: &Global, args: &ReleaseArgs) -> CliResult {
    let mut read = Folders::read(global)?;
    read.demand()?;
    let (version, frozen) = chosen(&read, args.version.as_deref().unwrap_or("head"))?;
    let Some((path, table)) = read.project.configuration() else {
        return Err(CliError::message(
            "there is no configuration to write `deployed` to; run this in the crate, or put a schema.toml beside the migrations",
        ));
    };
    let text = std::fs::read_to_string(&path).map_err(CliError::io("read", &path))?;
    let new = match surgery::set_deployed(&text, table, &version) {
        Ok(new) => new,
        Err(ReleaseError::NoTable(table)) => with_table(&text, &table, &version)?,
        Err(other) => return Err(CliError::message(other)),
    };
    let before = read.project.config.deployed.replace(version.to_string());
    let mut changes = FileChanges::default();
    if new != text {
        changes.replace.push((path, new));
    }
    let script = super::script::refreshed(&read.project, &read.sides(), &read.sources)?;
    let kept = script.is_some();
    let script = script.filter(|(path, text)| std::fs::read_to_string(path).ok().as_ref() != Some(text));
    let script_path = script.as_ref().map(|(path, _)| path.clone());
    changes.replace.extend(script);
    changes.apply().map_err(CliError::message)?;
    if let Some(path) = &script_path {
        super::script::make_executable(path)?;
    }
    for (path, _) in &changes.replace {
        print_line!("{}", Project::shown(path).display());
    }
    if !global.quiet {
        tell(&version, before.as_deref(), frozen, kept);
    }
    Ok(exit::CLEAN)
}

fn tell(version: &Version, before: Option<&str>, frozen: usize, kept: bool) {
    match before {
        Some(before) if before == version.to_string() => tell!("{version} is released already"),
        Some(before) => tell!("{version} is what production runs now; before it was {before}"),
        None => tell!("{version} is what production runs now"),
    }
    match frozen {
        1 => tell!("it stays as it is"),
        2 => tell!("it and the revision before it stay as they are"),
        many => tell!("it and the {} revisions before it stay as they are", many - 1),
    }
    if kept {
        tell!("the rollback script leads back to it");
    }
}

/// The version, which every dialect must have, and how many revisions it freezes.
fn chosen(read: &Folders, word: &str) -> CliResult<(Version, usize)> {
    let mut chosen: Option<(Version, usize)> = None;
    for folder in &read.folders {
        let graph = read.graph(folder)?;
        let revision = match word {
            "head" => graph
                .head()
                .map_err(CliError::message)?
                .ok_or_else(|| CliError::message("there is no revision yet; nothing to release"))?,
            name => graph.find(name).map_err(CliError::message)?,
        };
        let Some(version) = revision.version.clone() else {
            return Err(CliError::message(format!(
                "`{}` has no version; give it one in its header, `-- Version: 1.0.0`, to release it",
                revision.id
            )));
        };
        let frozen = surgery::released(&graph, &revision.id).len();
        match &chosen {
            Some((other, _)) if *other != version => {
                return Err(CliError::message(format!(
                    "the dialects have different heads, {other} and {version}; name the version to release"
                )));
            }
            _ => chosen = Some((version, frozen)),
        }
    }
    chosen.ok_or_else(|| CliError::message("the project has no dialect"))
}

/// A manifest whose configuration is all defaults has no table yet.
fn with_table(text: &str, table: &str, version: &Version) -> CliResult<String> {
    let gap = if text.ends_with('\n') { "\n" } else { "\n\n" };
    let text = format!("{text}{gap}[{table}]\n");
    surgery::set_deployed(&text, table, version).map_err(CliError::message)
}
