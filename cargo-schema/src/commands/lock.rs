//! `lock`: writes schema.lock anew, for a state that `check` would pass.

use schema_core::lock;
use schema_core::script::FileChanges;

use crate::cli::Global;
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::state::State;
use crate::{exit, findings, locking, report};

pub fn run(global: &Global) -> CliResult {
    let state = State::load(global)?;
    state.demand()?;
    write(&state)?;
    println!("{}", Project::shown(&locking::path(&state.project)).display());
    Ok(exit::CLEAN)
}

/// Writes the lock when models and migrations are equal; refuses with what differs when they are not.
pub fn write(state: &State) -> CliResult<()> {
    let drift = findings::drift(state);
    if report::has_errors(&drift) {
        return Err(CliError::findings(state.sources.clone(), drift));
    }
    let text = lock::write(&locking::current(state)?);
    let changes =
        FileChanges { replace: vec![(locking::path(&state.project), text)], ..FileChanges::default() };
    changes.apply().map_err(CliError::message)
}
