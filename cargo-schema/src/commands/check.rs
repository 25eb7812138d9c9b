//! `check`: the drift gate, without compiling. `revision` minus writing.

use schema_core::diagnostic::{Diagnostic, Severity};

use crate::cli::{CheckArgs, Format, Global};
use crate::error::CliResult;
use crate::state::State;
use crate::{exit, findings, git, report};

pub fn run(global: &Global, args: &CheckArgs) -> CliResult {
    let mut state = State::load(global)?;
    let blocking = state.blocking();
    if report::has_errors(&blocking) {
        report::print(args.format, &blocking, &state.sources)?;
        return Ok(exit::FAILED);
    }
    if args.fix {
        super::lock::write(&state)?;
    }
    let mut found = blocking;
    found.extend(findings::drift(&state));
    found.extend(findings::dialects(&state));
    for side in &state.dialects {
        found.extend(findings::gaps(&side.recorded.catalog));
        found.extend(findings::unreleased(&state.project, &side.recorded, &state)?);
    }
    if let Some(reference) = &args.base {
        let merged = git::merged(&mut state, reference)?;
        // What is wrong here already is told once.
        let news = |new: &Diagnostic| !found.iter().any(|known| known.message == new.message);
        let merged: Vec<_> = merged.into_iter().filter(news).collect();
        found.extend(merged);
    }
    let drifted = report::has_errors(&found);
    // A lock can only be right for a state that is; one more finding would hide the cause.
    if !drifted {
        found.extend(findings::lock(&state)?);
        let sides: Vec<_> =
            state.dialects.iter().map(|side| (&side.recorded.folder, &side.recorded.catalog)).collect();
        if let Some((path, wanted)) = super::script::refreshed(&state.project, &sides, &state.sources)? {
            found.extend(findings::rollback_script(&path, &wanted));
        }
    }
    report::print(args.format, &found, &state.sources)?;
    summary(global, args.format, &found, &state);
    Ok(if report::has_errors(&found) { exit::FOUND } else { exit::CLEAN })
}

/// One line for people, on standard error.
fn summary(global: &Global, format: Format, found: &[Diagnostic], state: &State) {
    if global.quiet || format != Format::Human {
        return;
    }
    let errors = found.iter().filter(|found| found.severity == Severity::Error).count();
    let tables = state.dialects.first().map_or(0, |side| side.wanted.tables.len());
    let revisions = state.dialects.first().map_or(0, |side| side.recorded.folder.scripts.len());
    match errors {
        0 => tell!("clean: {tables} tables, {revisions} revisions; no database was asked"),
        1 => tell!("1 finding"),
        many => tell!("{many} findings"),
    }
}
