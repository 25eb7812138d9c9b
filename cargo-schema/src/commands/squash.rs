//! `squash A:B`: several revisions folded into the last of them.

use schema_core::revision::RevisionId;
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
        let to = match to {
            "head" => read.graph(folder)?.head().map_err(CliError::message)?.map(|head| head.id.clone()),
            name => Some(RevisionId::new(name)),
        };
        let to = to.ok_or_else(|| CliError::message("there is no revision yet; nothing to squash"))?;
        let outcome = surgery::squash(folder, &read.sources, &RevisionId::new(from), &to, message)
            .map_err(|error| read.failed(folder, error))?;
        keep_deployed(&read, &outcome.retagged)?;
        outcomes.push(outcome);
    }
    finish(global, &outcomes)
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
