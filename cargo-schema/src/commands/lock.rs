//! `lock`: writes schema.lock anew, for a state that `check` would pass.

use std::path::PathBuf;

use schema_core::lock::{self, LockError};
use schema_core::script::FileChanges;

use crate::cli::Global;
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::state::State;
use crate::{exit, findings, locking, report};

pub fn run(global: &Global) -> CliResult {
    let state = State::load(global)?;
    let conflict = conflict(&state);
    if let (Some(words), Err(error)) = (conflict, state.demand().and_then(|()| refuse_drift(&state))) {
        tell!("{words}\n");
        return Err(error);
    }
    state.demand()?;
    write(&state)?;
    if conflict.is_some() && !global.quiet {
        tell!("the lock had git's conflict marks; migrations and models agree, so it is written anew");
    }
    print_line!("{}", Project::shown(&locking::path(&state.project)).display());
    Ok(exit::CLEAN)
}

/// Writes the lock, and the rollback script where one is kept, when models and migrations are equal; refuses with what
/// differs when they are not.
pub fn write(state: &State) -> CliResult<()> {
    refuse_drift(state)?;
    FileChanges { replace: files(state)?, ..FileChanges::default() }.apply().map_err(CliError::message)
}

/// The lock of a state that `check` would pass, and the rollback script where one is kept, with their texts.
pub fn files(state: &State) -> CliResult<Vec<(PathBuf, String)>> {
    let text = lock::write(&locking::current(state)?);
    let sides: Vec<_> =
        state.dialects.iter().map(|side| (&side.recorded.folder, &side.recorded.catalog)).collect();
    let script = super::script::refreshed(&state.project, &sides, &state.sources)?;
    // A rollback script that is not kept in the repository is not started here.
    let script = script.filter(|(path, _)| path.is_file());
    Ok(std::iter::once((locking::path(&state.project), text)).chain(script).collect())
}

fn refuse_drift(state: &State) -> CliResult<()> {
    let drift = findings::drift(state);
    if report::has_errors(&drift) {
        return Err(CliError::findings(state.sources.clone(), drift));
    }
    Ok(())
}

/// What a conflict in the lock means, when git left one there.
fn conflict(state: &State) -> Option<&'static str> {
    let text = std::fs::read_to_string(locking::path(&state.project)).ok()?;
    if !matches!(lock::read(&text), Err(LockError::Conflict { .. })) {
        return None;
    }
    let graph = state.dialects.first().and_then(|side| side.recorded.graph.as_ref());
    let forked = graph.is_none_or(|graph| graph.heads().len() > 1);
    Some(if forked {
        "schema.lock has git's conflict marks: two branches each added revisions after the same one, so there are two now.\n\
         Keep the migrations of both; `cargo schema rebase` puts yours after theirs (`cargo schema merge` joins them when \
         both are released) and writes the lock."
    } else {
        "schema.lock has git's conflict marks, and the migrations and models that the merge left do not agree."
    })
}
