//! `amend`: folds a further change of the models into the last revision, while nobody else has it.

use std::collections::BTreeSet;

use schema_core::plan::{self, PlanOptions};
use schema_core::revision::RevisionId;
use schema_core::surgery::{self, AmendOptions, Outcome, SurgeryError};

use super::revision;
use super::surgery::{Versions, agree, derive, failed, finish};
use crate::cli::{AmendArgs, Global};
use crate::error::{CliError, CliResult};
use crate::findings;
use crate::state::{Side, State};

pub fn run(global: &Global, args: &AmendArgs) -> CliResult {
    let mut state = State::load(global)?;
    state.demand()?;
    revision::add_renames(&mut state, super::diff::renames(&args.rename)?);
    let plans = revision::plans(&state)?;
    if plans.iter().all(|(_, plan)| plan.is_empty()) {
        if !global.quiet {
            tell!("Models and migrations agree; there is nothing to amend.");
        }
        return derive(global);
    }
    revision::refuse_ambiguity(&state)?;
    let losses = losses(&state)?;
    let reason = args.allow_data_loss.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    if !losses.is_empty() && reason.is_none() {
        return Err(CliError::message(format!(
            "the amended revision loses data:\n  {}\nif that is meant, say why: `--allow-data-loss \"reason\"`; nothing was written",
            losses.join("\n  ")
        )));
    }
    let mut outcomes =
        agree(|least| state.dialects.iter().map(|side| amended(&state, side, least)).collect())?;
    if let Some(reason) = reason.filter(|_| !losses.is_empty()) {
        outcomes.iter_mut().for_each(|outcome| give_reason(outcome, reason));
    }
    finish(global, &outcomes)
}

fn amended(state: &State, side: &Side, least: &Versions) -> CliResult<Outcome> {
    let deployed = state.project.config.deployed.as_deref().map(RevisionId::new);
    let options = AmendOptions {
        plan: side.options.clone(),
        deployed: deployed.as_ref(),
        overrides: findings::overrides(&state.project)?,
        at_least: least.values().max().cloned(),
    };
    let folder = &side.recorded.folder;
    match surgery::amend(folder, &state.sources, &side.wanted, &options) {
        // The models change in the other dialect only.
        Err(SurgeryError::Nothing(_)) if !side.recorded.folder.scripts.is_empty() => Ok(Outcome::default()),
        other => other.map_err(|error| failed(folder, &state.sources, error)),
    }
}

/// What the revision would lose that it does not lose now.
fn losses(state: &State) -> CliResult<Vec<String>> {
    let mut new: Vec<String> = Vec::new();
    for side in &state.dialects {
        let (Some(graph), Some(head)) = (&side.recorded.graph, side.recorded.head()) else { continue };
        let before: BTreeSet<_> =
            graph.ancestors(head).into_iter().map(|revision| revision.id.clone()).collect();
        let before = side.recorded.catalog_of(&before, &state.sources);
        let lost = |after, options: &PlanOptions| -> CliResult<Vec<String>> {
            let plan = plan::plan(&before, after, options).map_err(CliError::message)?;
            Ok(plan.data_loss().map(str::to_owned).collect())
        };
        let known = lost(&side.recorded.catalog, &PlanOptions::new(side.dialect)).unwrap_or_default();
        for loss in lost(&side.wanted, &side.options)? {
            if !known.contains(&loss) && !new.contains(&loss) {
                new.push(loss);
            }
        }
    }
    Ok(new)
}

/// The author's reason goes below the version of the way up.
fn give_reason(outcome: &mut Outcome, reason: &str) {
    for (path, text) in outcome.changes.create.iter_mut().chain(&mut outcome.changes.replace) {
        let is_down = path.to_string_lossy().ends_with(".down.sql");
        let Some(at) = text.find("-- Version:").filter(|_| !is_down) else { continue };
        let end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
        let ending = if text[..end].ends_with("\r\n") { "\r\n" } else { "\n" };
        text.insert_str(end, &format!("-- Data-loss: {reason}{ending}"));
    }
}
