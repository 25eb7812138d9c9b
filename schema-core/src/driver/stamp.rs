//! `stamp`: writing the history without running it, for a database that is known to be there already.

use std::collections::BTreeSet;

use schema_model::checksum::checksum;

use super::folder::Folder;
use super::foreign::find_foreign;
use super::history::{Applied, Entry};
use super::lock::with_lock;
use super::options::{Event, RunOptions};
use super::run_error::RunError;
use super::runner::{Run, parents};
use super::{Begin, Driver};
use crate::revision::{RevisionId, Target};

/// How a stamp is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct StampOptions {
    /// Without proof.
    pub force: bool,
    /// The table is emptied first: rows of revisions that the folder lacks go, too.
    pub purge: bool,
}

/// Looks at the live database and says what it lacks for the revisions given, in words; nothing when it is all there.
pub type Proof<'a> = &'a mut dyn FnMut(&mut dyn Driver, &[RevisionId]) -> Result<Option<String>, RunError>;

/// Writes the history that a database at the target would have. Unless forced, `proof` must find the live schema to be the
/// target's. Answers the revisions that are now taken for applied.
pub fn stamp(
    driver: &mut dyn Driver,
    folder: &Folder,
    target: &Target,
    options: &RunOptions,
    how: StampOptions,
    proof: Proof<'_>,
) -> Result<Vec<RevisionId>, RunError> {
    let wanted = folder.graph().applied_at(target)?;
    let in_order: Vec<RevisionId> = folder
        .graph()
        .revisions()
        .iter()
        .map(|revision| revision.id.clone())
        .filter(|id| wanted.contains(id))
        .collect();
    let ignore = &mut |_: Event<'_>| {};
    with_lock(driver, options, ignore, |driver, events| {
        if !how.force
            && let Some(missing) = proof(driver, &in_order)?
        {
            return Err(RunError::NotThere { revision: target.to_string(), missing });
        }
        let mut run = Run::start(driver, folder, options, events)?;
        if !how.purge && !run.survey.unknown.is_empty() {
            return Err(RunError::Unknown(run.survey.unknown.clone()));
        }
        let widest = in_order.iter().map(|id| id.as_str().chars().count()).max().unwrap_or(0);
        run.prepare(widest)?;
        write(&mut run, folder, &in_order, &wanted, how)?;
        Ok(in_order)
    })
}

/// Takes over another tool's history: the revisions that its table names are written to ours. Unless forced, `proof` must
/// find the live schema to be theirs. The other table is left as it is.
pub fn adopt(
    driver: &mut dyn Driver,
    folder: &Folder,
    options: &RunOptions,
    force: bool,
    proof: Proof<'_>,
) -> Result<Vec<RevisionId>, RunError> {
    let Some(found) = find_foreign(driver)? else { return Ok(Vec::new()) };
    let (tool, table) = (found.tool, found.table);
    let wanted = found.applied(folder).map_err(|keys| RunError::ForeignUnknown { tool, table, keys })?;
    let in_order: Vec<RevisionId> = folder
        .graph()
        .revisions()
        .iter()
        .map(|revision| revision.id.clone())
        .filter(|id| wanted.contains(id))
        .collect();
    let how = StampOptions { force, purge: false };
    with_lock(driver, options, &mut |_: Event<'_>| {}, |driver, events| {
        if !force && let Some(missing) = proof(driver, &in_order)? {
            let revision = super::run_error::list(&in_order);
            return Err(RunError::NotThere { revision, missing });
        }
        let mut run = Run::start(driver, folder, options, events)?;
        run.prepare(in_order.iter().map(|id| id.as_str().chars().count()).max().unwrap_or(0))?;
        write(&mut run, folder, &in_order, &wanted, how)?;
        Ok(in_order)
    })
}

fn write(
    run: &mut Run<'_>,
    folder: &Folder,
    in_order: &[RevisionId],
    wanted: &BTreeSet<RevisionId>,
    how: StampOptions,
) -> Result<(), RunError> {
    let wrong = |error| RunError::Sql { what: "cannot write to the database", error };
    let begin = Begin { lock_wait: run.session.options.lock_wait, ..Begin::default() };
    run.session.driver.begin(&begin).map_err(wrong)?;
    match rows(run, folder, in_order, wanted, how) {
        Ok(()) => run.session.driver.commit().map_err(wrong),
        Err(error) => {
            let _ = run.session.driver.rollback();
            Err(error)
        }
    }
}

fn rows(
    run: &mut Run<'_>,
    folder: &Folder,
    in_order: &[RevisionId],
    wanted: &BTreeSet<RevisionId>,
    how: StampOptions,
) -> Result<(), RunError> {
    let history = run.session.history.clone();
    let survey = run.survey.clone();
    let driver = &mut *run.session.driver;
    if how.purge {
        history.purge(driver)?;
    } else {
        for row in survey.rows.iter().filter(|row| !wanted.contains(row.version.as_str())) {
            history.remove(driver, &row.version)?;
        }
    }
    let mut rewriting = false;
    for id in in_order {
        let Some(scripts) = folder.scripts(id) else { continue };
        let digest = checksum(&scripts.up.text, folder.dialect());
        let row = survey.row(id).filter(|_| !how.purge);
        // A row that says the same already keeps its time, unless one before it gets a new one.
        let same = |row: &Applied| row.progress.is_none() && row.checksum.as_deref() == Some(digest.as_str());
        if !rewriting && row.is_some_and(same) {
            continue;
        }
        rewriting = true;
        let down =
            scripts.down.as_ref().map(|down| (down.text.as_str(), checksum(&down.text, folder.dialect())));
        let revises = parents(&scripts.revision);
        let entry = Entry {
            version: id.as_str(),
            description: &scripts.revision.message,
            revises: &revises,
            checksum: &digest,
            down: down.as_ref().map(|(sql, sum)| (*sql, sum.as_str())),
            duration_ms: None,
            applied_by: &run.session.options.applied_by,
            replaces: row.is_some(),
        };
        history.record(driver, &entry)?;
    }
    Ok(())
}
