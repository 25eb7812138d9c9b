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
    print_line!("{}", Project::shown(&locking::path(&state.project)).display());
    Ok(exit::CLEAN)
}

/// Writes the lock, and the rollback script where one is kept, when models and migrations are equal; refuses with what differs when they are not.
pub fn write(state: &State) -> CliResult<()> {
    let drift = findings::drift(state);
    if report::has_errors(&drift) {
        return Err(CliError::findings(state.sources.clone(), drift));
    }
    let text = lock::write(&locking::current(state)?);
    let mut changes =
        FileChanges { replace: vec![(locking::path(&state.project), text)], ..FileChanges::default() };
    let sides: Vec<_> =
        state.dialects.iter().map(|side| (&side.recorded.folder, &side.recorded.catalog)).collect();
    let script = super::script::refreshed(&state.project, &sides, &state.sources)?;
    // A rollback script that is not kept in the repository is not started here.
    changes.replace.extend(script.filter(|(path, _)| path.is_file()));
    changes.apply().map_err(CliError::message)
}
