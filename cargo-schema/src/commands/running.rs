//! `upgrade` and `downgrade`: what both share is here.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use schema_core::driver::{DatabaseUrl, Direction, Driver, Event, Report, RunError, RunOptions, Survey};

use crate::cli::{DatabaseArgs, Global};
use crate::database::Revisions;
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::{hooks, report};

/// Options of a run of the project's revisions, with its hooks.
pub fn options_of(global: &Global, project: &Project, url: &DatabaseUrl, args: &DatabaseArgs) -> RunOptions {
    let hooks = hooks::of(project, url, args.database_url.as_deref(), global.quiet);
    RunOptions { hooks, ..options() }
}

/// Options of a run that Ctrl-C stops between two statements.
pub fn options() -> RunOptions {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    // A second Ctrl-C ends the process at once; the server then undoes the open transaction.
    let installed = ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        tell!("stopping after this statement; press Ctrl-C again to stop at once");
    });
    RunOptions { stop: installed.is_ok().then_some(stop), ..RunOptions::default() }
}

/// Prints what a run tells: progress to standard error, statements with their times when asked for.
pub fn observer<'a>(global: &'a Global, revisions: &'a Revisions) -> impl FnMut(Event<'_>) + 'a {
    move |event| match event {
        Event::Waiting { holder, waited } => {
            let holder = holder.map(|holder| format!(" ({holder})")).unwrap_or_default();
            say(global, &format!("waiting for another runner{holder}, {} so far", seconds(waited)));
        }
        Event::Retagged { from, to } => say(global, &format!("{from} is known here as {to} now")),
        Event::Started { revision, direction, number, of } => {
            let verb = match direction {
                Direction::Up => "applying",
                Direction::Down => "rolling back",
            };
            say(global, &format!("[{number}/{of}] {verb} {revision} {}", revisions.message(revision)));
        }
        Event::Resumed { revision, done, of } => {
            say(global, &format!("{revision} was interrupted; {done} of {of} steps are done, going on"));
        }
        Event::Repaired { revision, how, .. } => say(global, &format!("{revision}: {how}")),
        Event::Statement { sql, duration, rows } if global.verbose => {
            tell!("{sql};  -- {}, {rows} rows", seconds(duration));
        }
        Event::Batch { revision, rows } => say(global, &format!("{revision}: {rows} rows so far")),
        Event::Retrying { revision, error, pause } => {
            say(global, &format!("{revision}: {error}; trying again in {}", seconds(pause)));
        }
        _ => {}
    }
}

fn say(global: &Global, line: &str) {
    if !global.quiet {
        tell!("{line}");
    }
}

/// A time as people read it.
pub fn seconds(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{}ms", duration.as_millis())
    } else {
        format!("{:.1}s", duration.as_secs_f64())
    }
}

/// Prints what a run did, and where the database is now.
pub fn finish(
    report: &Report,
    driver: &mut dyn Driver,
    revisions: &Revisions,
    nothing: &str,
) -> CliResult<()> {
    let mut out = std::io::stdout().lock();
    for done in &report.done {
        let verb = match done.direction {
            Direction::Up => "Applied",
            Direction::Down => "Rolled back",
        };
        let message = revisions.message(&done.revision);
        writeln!(out, "{verb} {}  {message} ({})", done.revision, seconds(done.duration))?;
    }
    for other in &report.by_others {
        writeln!(out, "Applied by another runner: {other}")?;
    }
    let survey = Survey::take(driver, &revisions.folder).map_err(CliError::message)?;
    let at = super::current::describe(&survey, revisions);
    if report.done.is_empty() && report.by_others.is_empty() {
        writeln!(out, "{nothing}: {at}")?;
    } else {
        writeln!(out, "The database is now at: {at}")?;
    }
    Ok(out.flush()?)
}

/// Asks before a run that takes things away, where there is somebody to ask.
pub fn confirm(question: &str, yes: bool) -> CliResult<()> {
    if yes || !report::is_interactive() {
        return Ok(());
    }
    tell!("{question} [y/N]");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(())
    } else {
        Err(CliError::message("stopped; nothing was changed"))
    }
}

/// What stops a run, as a sentence with a next step.
pub fn failed(error: RunError) -> CliError {
    CliError::message(error)
}
