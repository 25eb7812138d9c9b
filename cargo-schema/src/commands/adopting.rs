//! `verify --database-url URL --fix`: what was changed in a live database by hand becomes a revision, so that every other
//! database gets it too. The database itself is only read.

use schema_core::diagnostic::Severity;
use schema_core::diff::{self, DiffOptions};
use schema_core::plan::{self, Direction, PlanOptions};
use schema_core::revision::{Bump, RevisionId, Version, next_version};
use schema_core::rules;
use schema_core::script::header::{Header, unsaid};
use schema_core::script::{Draft, body, slug};
use schema_core::sql::Replayer;
use schema_core::surgery::Outcome;
use schema_model::catalog::Catalog;

use super::surgery;
use crate::cli::Global;
use crate::database::Revisions;
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::{clock, findings};

const MESSAGE: &str = "Adopt what was changed by hand";

/// Writes the revision that leads from what the migrations give, to what the database has. `place` is the database as it
/// may be shown.
pub fn write(
    global: &Global,
    project: &Project,
    revisions: &Revisions,
    (expected, live): (&Catalog, &Catalog),
    place: &str,
) -> CliResult {
    let graph = revisions.folder.graph();
    let head = graph.head().map_err(CliError::message)?;
    let dialect = revisions.files.dialect;
    let plan = plan::plan(expected, live, &PlanOptions::new(dialect)).map_err(CliError::message)?;
    let (up, down) = (body(&plan.up, Direction::Up), body(&plan.down, Direction::Down));
    prove(expected, live, &up, &down, revisions)?;
    let found = rules::judge(expected, &plan.changes, dialect, &findings::overrides(project)?);
    let bump = rules::highest(&found).unwrap_or(Bump::Patch);
    let version = next_version(head.and_then(|head| graph.highest_version(&head.id)).as_ref(), bump);
    let (date, now) = clock::now();
    let losses: Vec<&str> = plan.data_loss().collect();
    let header = Header {
        migration: Some(unsaid(slug(MESSAGE))),
        version: Some(unsaid(version.clone())),
        revises: head.map(|head| unsaid(vec![head.id.to_string()])),
        description: Some(unsaid(MESSAGE.to_owned())),
        date: Some(unsaid(date)),
        data_loss: if losses.is_empty() {
            Vec::new()
        } else {
            vec![unsaid(format!("done by hand on {place}"))]
        },
        ..Header::default()
    };
    let draft = Draft { header, up, down: Some(down), irreversible: None };
    let mut outcome = Outcome::default();
    outcome.changes.create = draft.files(&revisions.files.new_files(&version, &slug(MESSAGE), &now));
    outcome.notes = notes(&losses, &version, head.map(|head| &head.id), bump);
    surgery::finish(global, &[outcome])
}

fn notes(losses: &[&str], version: &Version, parent: Option<&RevisionId>, bump: Bump) -> Vec<String> {
    let mut notes: Vec<String> = losses.iter().map(|loss| format!("loses data elsewhere: {loss}")).collect();
    notes.push(match parent {
        Some(parent) => format!("{version} after {parent}: {bump}"),
        None => format!("{version}: the first revision"),
    });
    notes.push(format!(
        "Next: review the files; this database has them already, so say so: `cargo schema stamp {version}`. Others get them by \
         `cargo schema upgrade`."
    ));
    notes
}

/// The texts as they will be read: up must lead to what the database has, down must lead back.
fn prove(expected: &Catalog, live: &Catalog, up: &str, down: &str, revisions: &Revisions) -> CliResult<()> {
    let dialect = revisions.files.dialect;
    let mut sources = revisions.sources.clone();
    let mut replayer = Replayer::with_catalog(expected.clone(), dialect);
    for (text, wanted) in [(up, live), (down, expected)] {
        let file = sources.add("the new revision", text);
        replayer.run(&sources, file);
        let refused = replayer.diagnostics().iter().find(|found| found.severity == Severity::Error);
        let left = diff::diff(replayer.catalog(), wanted, &DiffOptions::new(dialect));
        if let Some(what) =
            refused.map(|found| found.message.clone()).or(left.first().map(ToString::to_string))
        {
            return Err(CliError::message(format!(
                "what was done by hand cannot be written as a revision that leads there and back: {what}; nothing was written"
            )));
        }
    }
    Ok(())
}
