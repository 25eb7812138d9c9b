//! `heads` and `branches`: the shape of the revision graph, from the files alone.

use std::io::Write;

use schema_core::revision::Revision;
use schema_model::SourceMap;

use crate::cli::Global;
use crate::error::CliResult;
use crate::exit;
use crate::project::Project;
use crate::recorded::{graph_of, read_folder};

/// `heads`.
pub fn heads(global: &Global) -> CliResult {
    with_graph(global, |graph, out| {
        for head in graph.heads() {
            writeln!(out, "{}", describe(head))?;
        }
        Ok(())
    })
}

/// `branches`.
pub fn branches(global: &Global) -> CliResult {
    with_graph(global, |graph, out| {
        for (point, children) in graph.branches() {
            writeln!(out, "{} (branchpoint)", describe(point))?;
            for child in children {
                writeln!(out, "  -> {}", describe(child))?;
            }
        }
        Ok(())
    })
}

fn with_graph(
    global: &Global,
    print: impl FnOnce(&schema_core::revision::RevisionGraph, &mut dyn Write) -> std::io::Result<()>,
) -> CliResult {
    let project = Project::find(global)?;
    let mut sources = SourceMap::default();
    // Every dialect has the same graph; the first one tells it.
    let dialect = project.config.dialects.first().copied().unwrap_or(schema_model::DialectKind::Postgres);
    let folder = read_folder(project.migrations(), dialect, project.layout()?, &mut sources)?;
    let graph = graph_of(&folder, &sources)?;
    let mut out = std::io::stdout().lock();
    print(&graph, &mut out)?;
    out.flush()?;
    Ok(exit::CLEAN)
}

/// `1.1.0 (1.1.0_add_phone), labels, message`.
fn describe(revision: &Revision) -> String {
    let labels: Vec<_> = revision.labels.iter().map(|label| label.as_str()).collect();
    let labels = if labels.is_empty() { String::new() } else { format!(" ({})", labels.join(", ")) };
    format!("{}{labels}  {}", revision.id, revision.message)
}
