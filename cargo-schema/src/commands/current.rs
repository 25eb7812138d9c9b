//! `current`: the version a database is at.

use std::io::Write;

use schema_core::driver::{Access, Survey};
use serde_json::json;

use crate::cli::{CurrentArgs, Global, Listing};
use crate::database::{self, Revisions};
use crate::error::{CliError, CliResult};
use crate::exit;

pub fn run(global: &Global, args: &CurrentArgs) -> CliResult {
    let (url, _) = database::find_url(&args.database)?;
    let (_, revisions) = Revisions::read(global, url.dialect())?;
    let mut driver = database::connect(&url, &args.database, Access::Read)?;
    let survey = Survey::take(driver.as_mut(), &revisions.folder).map_err(CliError::message)?;
    let mut out = std::io::stdout().lock();
    match args.format {
        Listing::Human => writeln!(out, "{}", describe(&survey, &revisions))?,
        Listing::Json => {
            let current: Vec<_> = survey.current().iter().map(|revision| revision.id.to_string()).collect();
            let pending = survey.pending(&revisions.folder).len();
            writeln!(
                out,
                "{}",
                json!({ "current": current, "pending": pending, "database": driver.place() })
            )?;
        }
    }
    out.flush()?;
    Ok(exit::CLEAN)
}

/// `1.1.0 (head)`, `1.0.0 (2 behind 1.2.0)`, or that nothing is applied.
pub fn describe(survey: &Survey, revisions: &Revisions) -> String {
    let current = survey.current();
    let pending = survey.pending(&revisions.folder);
    let mut text = match &current[..] {
        [] => "no migrations applied yet".to_owned(),
        some => some.iter().map(|revision| revision.id.to_string()).collect::<Vec<_>>().join(", "),
    };
    match pending.last() {
        None if current.is_empty() => {}
        None => text.push_str(" (head)"),
        Some(last) => text.push_str(&format!(" ({} pending, up to {})", pending.len(), last.id)),
    }
    if let Some((revision, _)) = &survey.unfinished {
        text.push_str(&format!("; {revision} was interrupted: run `cargo schema upgrade` to finish it"));
    }
    text
}
