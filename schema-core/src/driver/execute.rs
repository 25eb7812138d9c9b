//! One revision, step by step: each step's effect and its progress are committed together, so that an interruption at any
//! moment leaves a state from which the next run goes on.

use std::time::{Duration, Instant};

use super::alone::State;
use super::folder::ScriptFile;
use super::history::{Entry, History, HistoryError};
use super::options::{Event, Report, RunOptions, Unsure};
use super::progress::{Direction, Progress};
use super::run_error::{Failed, RunError};
use super::step::{Piece, StepKind, Steps};
use super::{Begin, Driver, Failure, Outside, SqlError};
use crate::revision::RevisionId;

/// How long a batch of revisions may hold the database.
const BATCH: Duration = Duration::from_millis(200);

/// A revision to be run one way.
pub(super) struct Job<'a> {
    pub(super) id: &'a RevisionId,
    pub(super) direction: Direction,
    pub(super) script: &'a ScriptFile,
    pub(super) steps: &'a Steps,
    pub(super) entry: Entry<'a>,
}

/// A run's connection and what belongs to it.
pub(super) struct Session<'a> {
    pub(super) driver: &'a mut dyn Driver,
    pub(super) history: History,
    pub(super) options: &'a RunOptions,
    pub(super) events: &'a mut dyn FnMut(Event<'_>),
    pub(super) report: Report,
    /// The last known count of other writers' transactions.
    pub(super) seen: Option<i64>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// It is done.
    Done,
    /// Another runner did something meanwhile; nothing was done here.
    Moved,
}

/// Why a transaction was rolled back.
enum Trouble {
    Sql { error: SqlError, at: Option<usize>, guard: bool },
    History(HistoryError),
    Stopped,
}

impl From<HistoryError> for Trouble {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Sql { error, .. } if error.failure == Failure::Passing => {
                Trouble::Sql { error, at: None, guard: false }
            }
            other => Trouble::History(other),
        }
    }
}

impl From<SqlError> for Trouble {
    fn from(error: SqlError) -> Self {
        Trouble::Sql { error, at: None, guard: false }
    }
}

impl Session<'_> {
    /// Runs what is left of a revision. `state` is what its row says of an earlier run.
    pub(super) fn run(&mut self, job: &Job<'_>, mut state: Option<Progress>) -> Result<Flow, RunError> {
        let start = Instant::now();
        let mut at = 0;
        if let Some(progress) = &state {
            at = self.resume(job, progress)?;
        }
        let flow = loop {
            if self.options.stopped() {
                break Err(self.stopped(job));
            }
            let flow = match job.steps.steps.get(at).map(|step| &step.kind) {
                None | Some(StepKind::Group) => self.group(job, at, &mut state, start),
                Some(StepKind::Outside(outside)) => self.outside(job, at, outside, &mut state, start),
                Some(StepKind::Repeat) => self.repeat(job, at, &mut state, start),
            };
            match flow {
                Ok(Flow::Done) => at += 1,
                other => break other,
            }
            if at >= job.steps.steps.len() {
                break Ok(Flow::Done);
            }
        };
        let reset = self.driver.reset_session();
        let flow = flow?;
        reset.map_err(|error| RunError::Sql { what: "cannot reset the session", error })?;
        Ok(flow)
    }

    /// Runs as many of these as fit into a moment in one transaction, each with its row: where each commit waits for the
    /// disk, that is most of the time. Answers how many are done; none when anything stood in the way, and then nothing
    /// happened: one by one they say what it is, and keep what can be kept.
    pub(super) fn batch(&mut self, jobs: &[Job<'_>]) -> usize {
        let begin = Begin { lock_wait: self.options.lock_wait, ..Begin::default() };
        if jobs.len() < 2 || self.driver.begin(&begin).is_err() {
            return 0;
        }
        let start = Instant::now();
        let mut done = 0;
        for job in jobs {
            let one = Instant::now();
            if !self.is_as_known(job, None).unwrap_or(false) || self.quietly(job, one).is_err() {
                // What went wrong shows itself again, in a transaction of its own.
                let _ = self.driver.rollback();
                let _ = self.driver.reset_session();
                return 0;
            }
            done += 1;
            if start.elapsed() > BATCH {
                break;
            }
        }
        if self.driver.commit().is_err() {
            let _ = self.driver.rollback();
            return 0;
        }
        done
    }

    /// A revision's one group and its row, inside the transaction of a batch.
    fn quietly(&mut self, job: &Job<'_>, start: Instant) -> Result<(), Trouble> {
        for piece in job.steps.steps.iter().flat_map(|step| &step.pieces) {
            self.piece(job, piece)?;
        }
        self.record(job, job.steps.steps.len(), None, start).map(|_| ())
    }

    /// Where an interrupted run goes on, its settings made again.
    fn resume(&mut self, job: &Job<'_>, progress: &Progress) -> Result<usize, RunError> {
        let steps = &job.steps.steps;
        let (done, of) = (progress.done, progress.of);
        if done > steps.len()
            || job.steps.digest(done, &job.script.text, self.driver.dialect()) != progress.digest
        {
            let file = job.script.path.clone();
            return Err(RunError::EditedMidway { revision: job.id.clone(), file, done, of });
        }
        (self.events)(Event::Resumed { revision: job.id, done, of: steps.len() });
        for piece in steps[..done].iter().flat_map(|step| &step.pieces).filter(|piece| piece.session) {
            let sql = &job.script.text[piece.range.clone()];
            self.driver
                .execute(sql)
                .map_err(|error| self.failed(job, done, error, Some(piece.range.start), false))?;
        }
        Ok(done)
    }

    /// A group with its progress, or only the record when there is nothing left to run.
    fn group(
        &mut self,
        job: &Job<'_>,
        at: usize,
        state: &mut Option<Progress>,
        start: Instant,
    ) -> Result<Flow, RunError> {
        let pieces = job.steps.steps.get(at).map_or(&[][..], |step| &step.pieces);
        self.retrying(job, at, |session| {
            session.transaction(job, at, state.as_ref(), |session| {
                for piece in pieces {
                    session.piece(job, piece)?;
                }
                session.record(job, at + 1, state.as_ref(), start)
            })
        })
        .map(|outcome| settle(outcome, state))
    }

    /// A batched statement until it changes nothing, a transaction and a note of progress each time.
    fn repeat(
        &mut self,
        job: &Job<'_>,
        at: usize,
        state: &mut Option<Progress>,
        start: Instant,
    ) -> Result<Flow, RunError> {
        let Some(piece) = job.steps.steps[at].pieces.first() else { return Ok(Flow::Done) };
        let mut rows =
            state.as_ref().filter(|progress| progress.done == at).map_or(0, |progress| progress.rows);
        loop {
            let before = rows;
            let outcome = self.retrying(job, at, |session| {
                session.transaction(job, at, state.as_ref(), |session| {
                    let changed = session.piece(job, piece)?;
                    rows = before + changed;
                    if changed == 0 {
                        return session.record(job, at + 1, state.as_ref(), start);
                    }
                    let progress = Progress { rows, ..session.progress(job, at) };
                    session.note(job, &progress, state.as_ref())?;
                    Ok(Some(progress))
                })
            })?;
            if settle(outcome, state) == Flow::Moved {
                return Ok(Flow::Moved);
            }
            if rows == before {
                return Ok(Flow::Done);
            }
            (self.events)(Event::Batch { revision: job.id, rows });
            if self.options.stopped() {
                return Err(self.stopped(job));
            }
            std::thread::sleep(self.options.batch_pause);
        }
    }

    /// A statement outside transactions: noted as begun, run, noted as done. Where a note says that it was begun before,
    /// the database tells what is left to do.
    fn outside(
        &mut self,
        job: &Job<'_>,
        at: usize,
        outside: &Outside,
        state: &mut Option<Progress>,
        start: Instant,
    ) -> Result<Flow, RunError> {
        let Some(piece) = job.steps.steps[at].pieces.first() else { return Ok(Flow::Done) };
        let holds = self.driver.holds_lock().map_err(|error| self.failed(job, at, error, None, false))?;
        if !holds {
            return Err(RunError::LockLost);
        }
        let begun = state.as_ref().is_some_and(|progress| progress.started && progress.done == at);
        if !begun {
            let noted = Progress { started: true, ..self.progress(job, at) };
            let outcome = self.retrying(job, at, |session| {
                session.transaction(job, at, state.as_ref(), |session| {
                    session.note(job, &noted, state.as_ref())?;
                    Ok(Some(noted.clone()))
                })
            })?;
            if settle(outcome, state) == Flow::Moved {
                return Ok(Flow::Moved);
            }
        }
        if !begun || self.is_to_run(job, at, piece, outside)? {
            self.run_outside(job, at, piece, outside, state)?;
        }
        self.group_record(job, at, state, start)
    }

    fn group_record(
        &mut self,
        job: &Job<'_>,
        at: usize,
        state: &mut Option<Progress>,
        start: Instant,
    ) -> Result<Flow, RunError> {
        self.retrying(job, at, |session| {
            session.transaction(job, at, state.as_ref(), |session| {
                session.record(job, at + 1, state.as_ref(), start)
            })
        })
        .map(|outcome| settle(outcome, state))
    }

    /// Whether an interrupted statement has to run, after what it left is cleared away.
    fn is_to_run(
        &mut self,
        job: &Job<'_>,
        at: usize,
        piece: &Piece,
        outside: &Outside,
    ) -> Result<bool, RunError> {
        let place = Some(piece.range.start);
        let state = outside.state(self.driver).map_err(|error| self.failed(job, at, error, place, false))?;
        let (statements, again, how) = match state {
            State::NotDone => return Ok(true),
            State::Done => (Vec::new(), false, "it had finished".to_owned()),
            State::HalfDone(clearing) => {
                let how = format!("it was interrupted: {}", clearing.join("; "));
                (clearing, true, how)
            }
            State::Finish(rest) => {
                let how = format!("it was interrupted: {}", rest.join("; "));
                (rest, false, how)
            }
            State::Unknown => match self.options.unsure {
                Unsure::Again => return Ok(true),
                Unsure::Skip => return Ok(false),
                Unsure::Stop => {
                    let place = self.place(job, piece.range.start);
                    return Err(RunError::Unsure { revision: job.id.clone(), place });
                }
            },
        };
        for statement in &statements {
            self.driver.execute(statement).map_err(|error| self.failed(job, at, error, place, false))?;
        }
        (self.events)(Event::Repaired { revision: job.id, statement: outside, how });
        Ok(again)
    }

    fn run_outside(
        &mut self,
        job: &Job<'_>,
        at: usize,
        piece: &Piece,
        outside: &Outside,
        state: &mut Option<Progress>,
    ) -> Result<(), RunError> {
        let limits = |error| RunError::Sql { what: "cannot set timeouts", error };
        for attempt in 0.. {
            self.driver.unlimited(true).map_err(limits)?;
            let result = self.piece(job, piece);
            let Err(trouble) = result else {
                return self.driver.unlimited(false).map_err(limits);
            };
            let Trouble::Sql { error, at: place, guard } = trouble else {
                return Err(self.trouble(job, at, trouble));
            };
            if error.failure == Failure::Connection {
                return Err(self.failed(job, at, error, place, guard));
            }
            self.driver.unlimited(false).map_err(limits)?;
            if error.failure == Failure::Passing && attempt < self.options.retries {
                self.pause(job, &error, attempt);
                if self.is_to_run(job, at, piece, outside)? {
                    continue;
                }
                return Ok(());
            }
            if *outside == Outside::Unknown {
                // It failed, and says so: the next run need not wonder.
                let noted = self.progress(job, at);
                let written = self.transaction(job, at, state.as_ref(), |session| {
                    session.note(job, &noted, state.as_ref())?;
                    Ok(Some(noted.clone()))
                });
                if let Ok(outcome) = written {
                    settle(outcome, state);
                }
            }
            return Err(self.failed(job, at, error, place, guard));
        }
        Ok(())
    }

    /// A transaction of ours: begun, checked against other runners, committed; or rolled back, and nothing happened.
    fn transaction(
        &mut self,
        job: &Job<'_>,
        at: usize,
        state: Option<&Progress>,
        work: impl FnOnce(&mut Self) -> Result<Option<Progress>, Trouble>,
    ) -> Result<Outcome, Trouble> {
        let begin = Begin {
            foreign_keys_off: job.steps.steps.get(at).is_some_and(|step| step.foreign_keys_off),
            lock_timeout: self.options.lock_timeout,
            statement_timeout: self.options.statement_timeout,
            lock_wait: self.options.lock_wait,
        };
        self.driver.begin(&begin)?;
        let result = match self.is_as_known(job, state) {
            Ok(true) => work(self).map(Outcome::Done),
            Ok(false) => Ok(Outcome::Moved),
            Err(trouble) => Err(trouble),
        };
        match result {
            Ok(Outcome::Done(progress)) => match self.driver.commit() {
                Ok(()) => Ok(Outcome::Done(progress)),
                Err(error) => {
                    self.driver.rollback()?;
                    Err(error.into())
                }
            },
            other => {
                let rolled_back = self.driver.rollback();
                // What went wrong first is what the user has to know.
                if other.is_ok() {
                    rolled_back?;
                }
                other
            }
        }
    }

    /// Whether the revision's row is what this run takes it to be. Only where no lock spans transactions can it differ.
    fn is_as_known(&mut self, job: &Job<'_>, state: Option<&Progress>) -> Result<bool, Trouble> {
        let writes = self.driver.foreign_writes()?;
        if writes.is_none() || writes == self.seen {
            return Ok(true);
        }
        let row = self.history.row(self.driver, job.id.as_str())?;
        let same = match (&row, job.direction) {
            (None, direction) => state.is_none() && direction == Direction::Up,
            (Some(row), Direction::Up) => row.progress.is_some() && row.progress.as_ref() == state,
            (Some(row), Direction::Down) => row.progress.as_ref() == state,
        };
        Ok(same && self.neighbours_as_known(job)?)
    }

    /// Whether what it follows is applied still, or what follows it is not.
    fn neighbours_as_known(&mut self, job: &Job<'_>) -> Result<bool, Trouble> {
        let rows = self.history.read(self.driver)?;
        let applied = |id: &str| rows.iter().any(|row| row.version == id && row.progress.is_none());
        let follows =
            |row: &super::Applied| row.revises.iter().flatten().any(|parent| parent == job.id.as_str());
        Ok(match job.direction {
            Direction::Up => job.entry.revises.split(',').filter(|id| !id.is_empty()).all(applied),
            Direction::Down => !rows.iter().any(follows),
        })
    }

    /// Runs a transaction again when it gave way to others.
    fn retrying(
        &mut self,
        job: &Job<'_>,
        at: usize,
        mut work: impl FnMut(&mut Self) -> Result<Outcome, Trouble>,
    ) -> Result<Outcome, RunError> {
        for attempt in 0.. {
            match work(self) {
                Ok(outcome) => return Ok(outcome),
                Err(Trouble::Sql { error, guard: false, .. })
                    if error.failure == Failure::Passing && attempt < self.options.retries =>
                {
                    self.pause(job, &error, attempt);
                }
                Err(trouble) => return Err(self.trouble(job, at, trouble)),
            }
        }
        Err(RunError::LockLost)
    }

    /// Waits longer each time, and never as long as a neighbour.
    fn pause(&mut self, job: &Job<'_>, error: &SqlError, attempt: u32) {
        let base = 100u64 << attempt.min(6);
        let pause = Duration::from_millis(base / 2 + super::lock::jitter(base));
        (self.events)(Event::Retrying { revision: job.id, error, pause });
        std::thread::sleep(pause);
    }

    fn piece(&mut self, job: &Job<'_>, piece: &Piece) -> Result<u64, Trouble> {
        if self.options.stopped() {
            return Err(Trouble::Stopped);
        }
        let sql = &job.script.text[piece.range.clone()];
        let start = Instant::now();
        let wrong = |error: SqlError| {
            let at = piece.range.start + error.offset.unwrap_or(0);
            Trouble::Sql { at: Some(at), error, guard: false }
        };
        let rows = if let Some(message) = &piece.guard {
            let found = self.driver.query(sql, &[]).map_err(wrong)?;
            if let Some(row) = found.first() {
                let error = SqlError::own(guard_message(message, row, found.len()));
                return Err(Trouble::Sql { error, at: Some(piece.range.start), guard: true });
            }
            0
        } else if let Some(data) = &piece.data {
            self.driver.copy(sql, &job.script.text[data.clone()]).map_err(wrong)?
        } else {
            self.driver.execute(sql).map_err(wrong)?
        };
        (self.events)(Event::Statement { sql, duration: start.elapsed(), rows });
        Ok(rows)
    }

    /// The progress after so many steps.
    fn progress(&self, job: &Job<'_>, done: usize) -> Progress {
        let digest = job.steps.digest(done, &job.script.text, self.driver.dialect());
        let of = job.steps.steps.len();
        Progress { direction: job.direction, done, of, digest, started: false, rows: 0 }
    }

    /// Writes what is now known: the revision is applied, or gone, or some steps further.
    fn record(
        &mut self,
        job: &Job<'_>,
        done: usize,
        state: Option<&Progress>,
        start: Instant,
    ) -> Result<Option<Progress>, Trouble> {
        if done < job.steps.steps.len() {
            let progress = self.progress(job, done);
            self.note(job, &progress, state)?;
            return Ok(Some(progress));
        }
        match job.direction {
            Direction::Up => {
                let duration_ms = Some(start.elapsed().as_millis());
                let entry = Entry { duration_ms, replaces: state.is_some(), ..job.entry };
                self.history.record(self.driver, &entry)?;
            }
            Direction::Down => self.history.remove(self.driver, job.id.as_str())?,
        }
        Ok(None)
    }

    fn note(&mut self, job: &Job<'_>, progress: &Progress, state: Option<&Progress>) -> Result<(), Trouble> {
        match (job.direction, state) {
            (Direction::Up, None) => self.history.begin(self.driver, &job.entry, progress)?,
            _ => self.history.note(self.driver, job.id.as_str(), progress)?,
        }
        Ok(())
    }

    fn trouble(&self, job: &Job<'_>, at: usize, trouble: Trouble) -> RunError {
        match trouble {
            Trouble::Sql { error, at: place, guard } => self.failed(job, at, error, place, guard),
            Trouble::History(error) => RunError::History(error),
            Trouble::Stopped => self.stopped(job),
        }
    }

    fn stopped(&self, job: &Job<'_>) -> RunError {
        RunError::Stopped { revision: job.id.clone(), done: self.done() }
    }

    fn done(&self) -> Vec<RevisionId> {
        self.report.done.iter().map(|done| done.revision.clone()).collect()
    }

    fn failed(
        &self,
        job: &Job<'_>,
        steps_kept: usize,
        error: SqlError,
        at: Option<usize>,
        guard: bool,
    ) -> RunError {
        let last = job.steps.steps.get(steps_kept).and_then(|step| step.pieces.last());
        let piece = job
            .steps
            .steps
            .get(steps_kept)
            .and_then(|step| step.pieces.iter().find(|piece| at.is_some_and(|at| piece.range.contains(&at))))
            .or(last);
        let at = at.or(piece.map(|piece| piece.range.start)).unwrap_or(0);
        let text = piece.map_or("", |piece| &job.script.text[piece.range.clone()]);
        RunError::Statement(Box::new(Failed {
            revision: job.id.clone(),
            direction: job.direction,
            place: self.place(job, at),
            excerpt: excerpt(text),
            error,
            guard,
            steps_kept,
            steps: job.steps.steps.len(),
            before: self.done(),
        }))
    }

    fn place(&self, job: &Job<'_>, at: usize) -> String {
        place(job.script, at)
    }
}

/// What a transaction did.
enum Outcome {
    /// Committed; what the row says now.
    Done(Option<Progress>),
    /// Another runner was faster.
    Moved,
}

fn settle(outcome: Outcome, state: &mut Option<Progress>) -> Flow {
    match outcome {
        Outcome::Done(progress) => {
            *state = progress;
            Flow::Done
        }
        Outcome::Moved => Flow::Moved,
    }
}

/// `file:line:column`.
pub(super) fn place(script: &ScriptFile, at: usize) -> String {
    let before = script.text.get(..at).unwrap_or(&script.text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    format!("{}:{line}:{column}", script.path)
}

/// A statement's first words, on one line.
pub(super) fn excerpt(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

fn guard_message(message: &str, row: &[Option<String>], count: usize) -> String {
    let shown: Vec<&str> = row.iter().take(4).map(|value| value.as_deref().unwrap_or("NULL")).collect();
    let message = if message.is_empty() { "the guard's query found rows" } else { message };
    let plural = if count == 1 { "row" } else { "rows" };
    format!("{message} ({count} {plural}, the first: {})", shown.join(", "))
}
