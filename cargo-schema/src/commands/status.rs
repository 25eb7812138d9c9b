//! `status`: which revisions a database has and which are pending.

use std::io::Write;
use std::time::{Duration, Instant};

use schema_core::driver::{Access, Survey};
use serde_json::json;

use crate::cli::{Global, Listing, StatusArgs};
use crate::database::{self, Revisions};
use crate::error::{CliError, CliResult};
use crate::exit;

pub fn run(global: &Global, args: &StatusArgs) -> CliResult {
    if args.targets.any() {
        return super::targets::status(global, args);
    }
    let (url, _) = database::find_url(&args.database)?;
    let (_, revisions) = Revisions::read(global, url.dialect())?;
    let mut driver = database::connect(&url, &args.database, Access::Read)?;
    let limit = Duration::from_secs(args.database.wait.unwrap_or(0));
    let start = Instant::now();
    // `--wait` waits for the migrations, too: a service starts when somebody else has applied them.
    let survey = loop {
        let survey = Survey::take(driver.as_mut(), &revisions.folder).map_err(CliError::message)?;
        if survey.pending(&revisions.folder).is_empty() || start.elapsed() >= limit {
            break survey;
        }
        std::thread::sleep(Duration::from_millis(250));
    };
    let pending = survey.pending(&revisions.folder).len();
    let mut out = std::io::stdout().lock();
    match args.format {
        Listing::Json => json_lines(&survey, &revisions, &mut out)?,
        Listing::Human => human(&survey, &revisions, driver.place(), global.verbose, &mut out)?,
    }
    out.flush()?;
    Ok(if args.exit_code && pending > 0 { exit::FOUND } else { exit::CLEAN })
}

fn human(
    survey: &Survey,
    revisions: &Revisions,
    place: &str,
    verbose: bool,
    out: &mut impl Write,
) -> std::io::Result<()> {
    writeln!(out, "Database: {place}")?;
    writeln!(out, "Current:  {}", super::current::describe(survey, revisions))?;
    for revision in revisions.folder.graph().revisions() {
        let mark = if survey.applied.contains(&revision.id) { "X" } else { " " };
        write!(out, "[{mark}] {}  {}", revision.id, revision.message)?;
        match survey.row(&revision.id).filter(|_| verbose) {
            Some(row) => {
                let duration = row.duration_ms.map(|ms| format!(", {ms}ms")).unwrap_or_default();
                let by = row.applied_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
                writeln!(out, "  ({}{by}{duration})", row.applied_at)?;
            }
            None => writeln!(out)?,
        }
    }
    for id in &survey.unknown {
        writeln!(out, "[?] {id}  applied, but not in this folder")?;
    }
    for id in &survey.edited {
        writeln!(out, "[!] {id}  its file was edited after it was applied")?;
    }
    Ok(())
}

fn json_lines(survey: &Survey, revisions: &Revisions, out: &mut impl Write) -> std::io::Result<()> {
    for revision in revisions.folder.graph().revisions() {
        let row = survey.row(&revision.id);
        let line = json!({
            "id": revision.id.as_str(),
            "message": revision.message,
            "applied": survey.applied.contains(&revision.id),
            "applied_at": row.map(|row| row.applied_at.clone()),
            "edited": survey.edited.contains(&revision.id),
            "in_folder": true,
        });
        writeln!(out, "{line}")?;
    }
    for id in &survey.unknown {
        writeln!(out, "{}", json!({ "id": id.as_str(), "applied": true, "in_folder": false }))?;
    }
    Ok(())
}
