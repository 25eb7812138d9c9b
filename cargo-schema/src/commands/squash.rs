//! `squash A:B`: several revisions folded into the last of them.

use schema_core::revision::{RevisionGraph, RevisionId};
use schema_core::surgery;

use super::surgery::{Folders, finish};
use crate::cli::{Global, SquashArgs};
use crate::error::{CliError, CliResult};

pub fn run(global: &Global, args: &SquashArgs) -> CliResult {
    let message = args.message.as_deref().unwrap_or("").trim();
    if message.contains(['\n', '\r']) {
        return Err(CliError::message("a revision's message is one line"));
    }
    let Some((from, to)) = args.range.split_once(':').filter(|(from, to)| !from.is_empty() && !to.is_empty())
    else {
        return Err(CliError::message(format!(
            "`{}` is no range; name the first and the last revision: `cargo schema squash 1.1.0:1.3.0`",
            args.range
        )));
    };
    let read = Folders::read(global)?;
    read.demand()?;
    let mut outcomes = Vec::new();
    for folder in &read.folders {
        let graph = read.graph(folder)?;
        let from = end(&graph, from)?;
        let to = end(&graph, to)?;
        let outcome = surgery::squash(folder, &read.sources, &from, &to, message)
            .map_err(|error| read.failed(folder, error))?;
        keep_known(&graph, &outcome.retagged)?;
        keep_deployed(&read, &outcome.retagged)?;
        outcomes.push(outcome);
    }
    finish(global, &outcomes)
}

/// A revision by name; `base` is where the history begins, `head` where it ends.
fn end(graph: &RevisionGraph, word: &str) -> CliResult<RevisionId> {
    let nothing = || CliError::message("there is no revision yet; nothing to squash");
    match word {
        "base" => {
            let roots: Vec<_> =
                graph.revisions().iter().filter(|revision| revision.parents.is_empty()).collect();
            match roots[..] {
                [root] => Ok(root.id.clone()),
                [] => Err(nothing()),
                _ => Err(CliError::message("the history begins in several places; name the first revision")),
            }
        }
        "head" => {
            let head = graph.head().map_err(CliError::message)?;
            head.map(|head| head.id.clone()).ok_or_else(nothing)
        }
        name => Ok(RevisionId::new(name)),
    }
}

/// Databases that have what is folded are known by version and checksum; without a version they would not be.
fn keep_known(graph: &RevisionGraph, folded: &[(RevisionId, RevisionId)]) -> CliResult<()> {
    let ids = folded.iter().flat_map(|(id, last)| [id, last]);
    let untagged = ids.filter(|id| graph.get(id).is_some_and(|revision| revision.version.is_none()));
    match untagged.min() {
        Some(id) => Err(CliError::message(format!(
            "`{id}` has no version, so databases that have it would not be recognised; only tagged revisions are squashed"
        ))),
        None => Ok(()),
    }
}

/// A database in the middle of what is folded could neither go on nor back; production is never put there.
fn keep_deployed(read: &Folders, folded: &[(RevisionId, RevisionId)]) -> CliResult<()> {
    let Some(deployed) = read.deployed() else { return Ok(()) };
    let within = folded.iter().find(|(id, _)| *id == deployed);
    match within {
        Some((_, last)) => Err(CliError::message(format!(
            "production runs `{deployed}`, which would be folded into `{last}`; end the range at `{deployed}`, or begin it after"
        ))),
        None => Ok(()),
    }
}
