//! `upgrade` and `downgrade`: under the lock, the state is looked at, judged, and then the revisions of the path are run.

use std::collections::BTreeSet;

use schema_model::DialectKind;
use schema_model::checksum::checksum;

use super::execute::{Flow, Job, Session, place};
use super::folder::{Folder, ScriptFile};
use super::foreign::find_foreign;
use super::history::Entry;
use super::lock::with_lock;
use super::options::{Done, Event, Report, RunOptions};
use super::progress::{Direction, Progress};
use super::run_error::RunError;
use super::step::Steps;
use super::survey::{Survey, stored_down};
use super::{Begin, Driver, HistoryError, Planned};
use crate::revision::{Revision, RevisionId, Target};

/// The revisions that an upgrade to the target would apply, in order.
pub fn plan_upgrade(survey: &Survey, target: &Target) -> Result<Vec<RevisionId>, RunError> {
    Ok(ids(survey.graph.upgrade_path(&survey.applied, target)?))
}

/// The revisions that a downgrade to the target would take back, newest first.
pub fn plan_downgrade(survey: &Survey, target: &Target) -> Result<Vec<RevisionId>, RunError> {
    Ok(ids(survey.graph.downgrade_path(&survey.applied, target)?))
}

fn ids(revisions: Vec<&Revision>) -> Vec<RevisionId> {
    revisions.into_iter().map(|revision| revision.id.clone()).collect()
}

/// Applies what is missing before the target. A database that has it all is not written to.
pub fn upgrade(
    driver: &mut dyn Driver,
    folder: &Folder,
    target: &Target,
    options: &RunOptions,
    events: &mut dyn FnMut(Event<'_>),
) -> Result<Report, RunError> {
    let survey = Survey::take(driver, folder)?;
    survey.check_upgrade(folder, options)?;
    let settled = survey.unfinished.is_none() && survey.retags.is_empty() && survey.folds.is_empty();
    if settled && plan_upgrade(&survey, target)?.is_empty() {
        return Ok(Report::default());
    }
    refuse_foreign(driver, folder, &survey)?;
    with_lock(driver, options, events, |driver, events| {
        let mut run = Run::start(driver, folder, options, events)?;
        run.survey.check_upgrade(folder, options)?;
        run.retag()?;
        run.finish_other_way(Direction::Up)?;
        let path = plan_upgrade(&run.survey, target)?;
        run.all(&path, Direction::Up)
    })
}

/// Takes back what follows the target, newest first, with the folder's down scripts, or the stored ones where the folder
/// has none.
pub fn downgrade(
    driver: &mut dyn Driver,
    folder: &Folder,
    target: &Target,
    options: &RunOptions,
    events: &mut dyn FnMut(Event<'_>),
) -> Result<Report, RunError> {
    with_lock(driver, options, events, |driver, events| {
        let mut run = Run::start(driver, folder, options, events)?;
        run.survey.check_edited(folder, options)?;
        run.retag()?;
        run.finish_other_way(Direction::Down)?;
        let path = plan_downgrade(&run.survey, target)?;
        run.all(&path, Direction::Down)
    })
}

/// Takes back every applied revision that is not to be kept, newest first: what another branch does not have, before it is
/// checked out. The scripts that were stored when they were applied are run; that all of them are there, and that nothing
/// kept stands on what goes, is known before anything runs.
pub fn roll_back_all_but(
    driver: &mut dyn Driver,
    folder: &Folder,
    keep: &BTreeSet<RevisionId>,
    options: &RunOptions,
    events: &mut dyn FnMut(Event<'_>),
) -> Result<Report, RunError> {
    with_lock(driver, options, events, |driver, events| {
        let mut run = Run::start(driver, folder, options, events)?;
        run.finish_other_way(Direction::Down)?;
        let mut path: Vec<RevisionId> = run
            .survey
            .graph
            .revisions()
            .iter()
            .map(|revision| revision.id.clone())
            .filter(|id| run.survey.applied.contains(id) && !keep.contains(id))
            .collect();
        path.reverse();
        for gone in &path {
            let after = run.survey.graph.descendants(gone);
            let kept =
                after.iter().find(|after| keep.contains(&after.id) && run.survey.applied.contains(&after.id));
            if let Some(kept) = kept {
                return Err(RunError::StandsOn { kept: kept.id.clone(), gone: gone.clone() });
            }
        }
        run.prefer_stored = true;
        run.all(&path, Direction::Down)
    })
}

/// A database that another tool has migrated is not migrated again from the start.
fn refuse_foreign(driver: &mut dyn Driver, folder: &Folder, survey: &Survey) -> Result<(), RunError> {
    if survey.history.exists() {
        return Ok(());
    }
    let Some(found) = find_foreign(driver)? else { return Ok(()) };
    match found.applied(folder) {
        Ok(applied) if !applied.is_empty() => Err(RunError::Foreign {
            tool: found.tool,
            table: found.table,
            count: applied.len(),
            at: found.current(folder),
        }),
        // Its revisions are none of these: the database may well be shared.
        _ => Ok(()),
    }
}

/// A script of the path, read before anything runs.
struct Ready {
    id: RevisionId,
    direction: Direction,
    script: ScriptFile,
    steps: Steps,
    description: String,
    revises: String,
    checksum: String,
    down: Option<(String, String)>,
}

impl Ready {
    fn job<'a>(&'a self, applied_by: &'a str) -> Job<'a> {
        let entry = Entry {
            version: self.id.as_str(),
            description: &self.description,
            revises: &self.revises,
            checksum: &self.checksum,
            down: self.down.as_ref().map(|(sql, checksum)| (sql.as_str(), checksum.as_str())),
            duration_ms: None,
            applied_by,
            replaces: false,
        };
        Job { id: &self.id, direction: self.direction, script: &self.script, steps: &self.steps, entry }
    }
}

/// A run under the lock.
pub(super) struct Run<'a> {
    folder: &'a Folder,
    /// Stored scripts before the folder's.
    prefer_stored: bool,
    pub(super) survey: Survey,
    pub(super) session: Session<'a>,
}

impl<'a> Run<'a> {
    /// Looks at the database, under the lock.
    pub(super) fn start(
        driver: &'a mut dyn Driver,
        folder: &'a Folder,
        options: &'a RunOptions,
        events: &'a mut dyn FnMut(Event<'_>),
    ) -> Result<Self, RunError> {
        let seen = driver.foreign_writes().map_err(|error| RunError::Sql { what: "cannot read", error })?;
        let survey = Survey::take(driver, folder)?;
        let history = survey.history.clone();
        let session = Session { driver, history, options, events, report: Report::default(), seen };
        Ok(Run { folder, prefer_stored: false, survey, session })
    }

    fn look_again(&mut self) -> Result<(), RunError> {
        self.session.seen = self
            .session
            .driver
            .foreign_writes()
            .map_err(|error| RunError::Sql { what: "cannot read", error })?;
        self.survey = Survey::take(self.session.driver, self.folder)?;
        Ok(())
    }

    /// Makes or extends the history table.
    pub(super) fn prepare(&mut self, widest: usize) -> Result<(), RunError> {
        let wrong = |error| RunError::Sql { what: "cannot write to the database", error };
        let begin = Begin { lock_wait: self.session.options.lock_wait, ..Begin::default() };
        self.session.driver.begin(&begin).map_err(wrong)?;
        if let Err(error) = self.session.history.prepare(self.session.driver, widest) {
            let _ = self.session.driver.rollback();
            return Err(error.into());
        }
        self.session.driver.commit().map_err(wrong)
    }

    /// Gives rows of former tags their tags of today, and lets one row stand for those that were folded into it.
    fn retag(&mut self) -> Result<(), RunError> {
        if self.survey.retags.is_empty() && self.survey.folds.is_empty() {
            return Ok(());
        }
        self.prepare(0)?;
        let wrong = |error| RunError::Sql { what: "cannot write to the database", error };
        let begin = Begin { lock_wait: self.session.options.lock_wait, ..Begin::default() };
        let mut folded = Vec::new();
        for (into, gone) in self.survey.folds.clone() {
            folded.push((self.ready(&into, Direction::Up)?, gone));
        }
        self.session.driver.begin(&begin).map_err(wrong)?;
        let mut retags = self.survey.retags.clone();
        if let Err(error) = self.write_tags(&retags, &folded) {
            let _ = self.session.driver.rollback();
            return Err(error.into());
        }
        self.session.driver.commit().map_err(wrong)?;
        for (ready, gone) in folded {
            retags.extend(gone.into_iter().map(|id| (id, ready.id.clone())));
        }
        for (from, to) in &retags {
            (self.session.events)(Event::Retagged { from: from.clone(), to: to.clone() });
        }
        self.session.report.retagged = retags;
        self.look_again()
    }

    fn write_tags(
        &mut self,
        retags: &[(RevisionId, RevisionId)],
        folded: &[(Ready, Vec<RevisionId>)],
    ) -> Result<(), HistoryError> {
        let Session { history, driver, .. } = &mut self.session;
        for (from, to) in retags {
            let revises = self.folder.graph().get(to).map(parents).unwrap_or_default();
            history.retag(*driver, from.as_str(), to.as_str(), &revises)?;
        }
        for (ready, gone) in folded {
            history.fold(*driver, &ready.job("").entry, gone)?;
        }
        Ok(())
    }

    /// What was interrupted on the other way is finished that way first: there is no way back from the middle.
    fn finish_other_way(&mut self, direction: Direction) -> Result<(), RunError> {
        match self.survey.unfinished.clone() {
            Some((id, progress)) if progress.direction != direction => {
                self.prepare(id.as_str().chars().count())?;
                let ready = self.ready(&id, progress.direction)?;
                self.one(&ready, 1, 1)?;
                self.look_again()
            }
            _ => Ok(()),
        }
    }

    fn all(mut self, path: &[RevisionId], direction: Direction) -> Result<Report, RunError> {
        let ready: Vec<Ready> = path.iter().map(|id| self.ready(id, direction)).collect::<Result<_, _>>()?;
        let planned = Planned::new(&self.survey, path, direction);
        let hooks = self.session.options.hooks.clone().filter(|_| !path.is_empty());
        let failed = |moment, reason, report: &Report| {
            let done = report.done.iter().map(|done| done.revision.clone()).collect();
            RunError::Hook { moment, direction, reason, done }
        };
        if let Some(hooks) = &hooks {
            hooks.before(&planned).map_err(|reason| failed("before", reason, &self.session.report))?;
        }
        if !ready.is_empty() {
            let widest = path.iter().map(|id| id.as_str().chars().count()).max().unwrap_or(0);
            self.prepare(widest)?;
        }
        let mut at = 0;
        while let Some(one) = ready.get(at) {
            match self.batch(&ready, at) {
                0 => {
                    self.one(one, at + 1, ready.len())?;
                    at += 1;
                }
                done => at += done,
            }
        }
        if let Some(hooks) = &hooks {
            hooks.after(&planned).map_err(|reason| failed("after", reason, &self.session.report))?;
        }
        Ok(self.session.report)
    }

    /// The next revisions in one transaction, where the database has one writer and they are nothing but transactions.
    fn batch(&mut self, ready: &[Ready], from: usize) -> usize {
        if self.session.driver.dialect() != DialectKind::Sqlite {
            return 0;
        }
        let plain = |one: &&Ready| {
            let quiet = !one.script.text.to_ascii_lowercase().contains("pragma");
            let keys = one.steps.steps.iter().any(|step| step.foreign_keys_off);
            let state = self.survey.row(&one.id).is_some_and(|row| row.progress.is_some());
            one.steps.is_atomic() && quiet && !keys && !state && !self.is_done(&one.id, one.direction)
        };
        let applied_by = self.session.options.applied_by.clone();
        let jobs: Vec<Job<'_>> =
            ready[from..].iter().take(64).take_while(plain).map(|one| one.job(&applied_by)).collect();
        let start = std::time::Instant::now();
        let done = self.session.batch(&jobs);
        let duration = start.elapsed() / u32::try_from(done.max(1)).unwrap_or(1);
        for (at, one) in ready[from..from + done].iter().enumerate() {
            let (revision, direction) = (&one.id, one.direction);
            (self.session.events)(Event::Started {
                revision,
                direction,
                number: from + at + 1,
                of: ready.len(),
            });
            (self.session.events)(Event::Finished { revision, direction, duration });
            self.session.report.done.push(Done { revision: revision.clone(), direction, duration });
        }
        done
    }

    fn one(&mut self, ready: &Ready, number: usize, of: usize) -> Result<(), RunError> {
        let applied_by = self.session.options.applied_by.clone();
        let job = ready.job(&applied_by);
        let (id, direction) = (&ready.id, ready.direction);
        if self.is_done(id, direction) {
            return self.by_another(id);
        }
        (self.session.events)(Event::Started { revision: id, direction, number, of });
        let start = std::time::Instant::now();
        let mut state: Option<Progress> = self.survey.row(id).and_then(|row| row.progress.clone());
        while self.session.run(&job, state.take())? == Flow::Moved {
            self.look_again()?;
            if self.is_done(id, direction) {
                return self.by_another(id);
            }
            state = self.survey.row(id).and_then(|row| row.progress.clone());
            if state.as_ref().is_some_and(|progress| progress.direction != direction) {
                return Err(RunError::Moved(format!("{id} is being run the other way")));
            }
            if direction == Direction::Up && !self.parents_applied(id) {
                return Err(RunError::Moved(format!("what {id} follows is no longer applied")));
            }
            if direction == Direction::Down && self.is_followed(id) {
                return Err(RunError::Moved(format!("what follows {id} is applied again")));
            }
        }
        let duration = start.elapsed();
        (self.session.events)(Event::Finished { revision: id, direction, duration });
        self.session.report.done.push(Done { revision: id.clone(), direction, duration });
        Ok(())
    }

    /// Whether another runner was faster, as far as it was last looked at.
    fn is_done(&self, id: &RevisionId, direction: Direction) -> bool {
        let row = self.survey.row(id);
        match direction {
            Direction::Up => row.is_some_and(|row| row.progress.is_none()),
            Direction::Down => row.is_none(),
        }
    }

    fn by_another(&mut self, id: &RevisionId) -> Result<(), RunError> {
        self.session.report.by_others.push(id.clone());
        Ok(())
    }

    fn is_followed(&self, id: &RevisionId) -> bool {
        let follows = |row: &super::Applied| row.revises.iter().flatten().any(|parent| parent == id.as_str());
        self.survey.rows.iter().any(follows)
    }

    fn parents_applied(&self, id: &RevisionId) -> bool {
        let parents = self.survey.graph.get(id).map_or(&[][..], |revision| &revision.parents);
        parents.iter().all(|parent| self.survey.applied.contains(parent))
    }

    /// A revision's script for one way, read and found to be runnable.
    fn ready(&self, id: &RevisionId, direction: Direction) -> Result<Ready, RunError> {
        let dialect = self.session.driver.dialect();
        let scripts = self.folder.scripts(id);
        let script = match (direction, scripts) {
            (Direction::Up, Some(scripts)) => scripts.up.clone(),
            (Direction::Up, None) => return Err(RunError::Unknown(vec![id.clone()])),
            (Direction::Down, _) => self.down_script(id)?,
        };
        let steps = read(&script, dialect)?;
        if direction == Direction::Down
            && let Some(reason) = &steps.irreversible
        {
            return Err(RunError::Irreversible { revision: id.clone(), reason: reason.clone() });
        }
        let revision = self.survey.graph.get(id);
        let down = scripts.and_then(|scripts| scripts.down.as_ref());
        Ok(Ready {
            id: id.clone(),
            direction,
            script,
            steps,
            description: revision.map(|revision| revision.message.clone()).unwrap_or_default(),
            revises: revision.map(parents).unwrap_or_default(),
            checksum: self.folder.checksum(id).unwrap_or_default().to_owned(),
            down: down.map(|down| (down.text.clone(), checksum(&down.text, dialect))),
        })
    }

    /// The folder's down script, else the one that was stored with the revision.
    fn down_script(&self, id: &RevisionId) -> Result<ScriptFile, RunError> {
        let row = self.survey.row(id);
        let stored = row.filter(|row| self.prefer_stored && row.down_sql.is_some());
        if let Some(scripts) = self.folder.scripts(id).filter(|_| stored.is_none()) {
            return scripts.down.clone().ok_or_else(|| RunError::Irreversible {
                revision: id.clone(),
                reason: format!("there is no down script beside {}", scripts.up.path),
            });
        }
        match row.and_then(|row| stored_down(row, self.session.driver.dialect())) {
            Some(script) => Ok(ScriptFile::new(format!("the script stored for {id}"), script?)),
            None => Err(RunError::Irreversible {
                revision: id.clone(),
                reason: "its file is not in the folder, and no down script was stored with it".to_owned(),
            }),
        }
    }
}

/// Reads a script, or says what cannot be run in it and where.
pub(super) fn read(script: &ScriptFile, dialect: schema_model::DialectKind) -> Result<Steps, RunError> {
    Steps::read(&script.text, dialect, script.transaction)
        .map_err(|fault| RunError::Script { place: place(script, fault.at), message: fault.message })
}

/// A revision's parents as the history table holds them.
pub(super) fn parents(revision: &Revision) -> String {
    revision.parents.iter().map(RevisionId::as_str).collect::<Vec<_>>().join(",")
}
