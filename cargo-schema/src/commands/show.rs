//! `show`: one revision: header, files, both scripts.

use std::io::Write;

use schema_model::SourceMap;

use crate::cli::{Global, ShowArgs};
use crate::error::{CliError, CliResult};
use crate::exit;
use crate::project::Project;
use crate::recorded::{graph_of, read_folder};

pub fn run(global: &Global, args: &ShowArgs) -> CliResult {
    let project = Project::find(global)?;
    let mut out = std::io::stdout().lock();
    for dialect in &project.config.dialects {
        let mut sources = SourceMap::default();
        let folder = read_folder(project.migrations(), *dialect, project.layout()?, &mut sources)?;
        let graph = graph_of(&folder, &sources)?;
        let revision = match args.revision.as_str() {
            "head" => graph
                .head()
                .map_err(CliError::message)?
                .ok_or_else(|| CliError::message("there is no revision yet"))?,
            name => graph.find(name).map_err(CliError::message)?,
        };
        let Some(script) = folder.script(&revision.id) else { continue };
        let parents: Vec<_> = revision.parents.iter().map(|parent| parent.as_str()).collect();
        writeln!(out, "Revision: {}", revision.id)?;
        writeln!(
            out,
            "Revises: {}",
            if parents.is_empty() { "(base)".to_owned() } else { parents.join(", ") }
        )?;
        writeln!(out, "Message: {}", revision.message)?;
        writeln!(out, "Dialect: {dialect}")?;
        writeln!(out, "Checksum: {}", script.up.checksum)?;
        writeln!(out, "\n-- up: {}\n{}", script.up.path.display(), sources.text(script.up.file).trim_end())?;
        match (&script.down, &script.irreversible) {
            (_, Some(reason)) => writeln!(out, "\n-- irreversible: {reason}")?,
            (Some(down), None) => {
                writeln!(out, "\n-- down: {}\n{}", down.path.display(), sources.text(down.file).trim_end())?;
            }
            (None, None) => writeln!(out, "\n-- no way down")?,
        }
    }
    out.flush()?;
    Ok(exit::CLEAN)
}
