//! What stops a run: one sentence each, with the place, what was kept, and the next step.

use std::fmt;
use std::time::Duration;

use super::progress::Direction;
use super::{Failure, HistoryError, SqlError};
use crate::revision::{GraphError, RevisionId};

/// What stops a run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The history table.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The target, or the graph.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// An applied script was edited since.
    #[error(
        "{file} was edited after {revision} was applied: what it says now never ran here; put the old text back, and write \
         the change as a revision of its own (or accept it: stamp {revision} --force)"
    )]
    Edited {
        /// The revision.
        revision: RevisionId,
        /// Its file.
        file: String,
    },
    /// The database is ahead of the files.
    #[error(
        "database is at {database}, these files end at {files}; use files (or a program) that know {database}"
    )]
    Newer {
        /// The highest version there.
        database: RevisionId,
        /// The highest version here.
        files: String,
    },
    /// Revisions that the folder lacks.
    #[error(
        "the database has {}, which the migrations folder lacks; bring the file back (another branch has it?), or roll it \
         back with its stored script: downgrade below it", list(.0)
    )]
    Unknown(Vec<RevisionId>),
    /// A revision that belongs before what is applied.
    #[error(
        "{} belongs before {applied}, which is applied already; give it a later place, or apply it with --out-of-order",
        list(.pending)
    )]
    OutOfOrder {
        /// What is pending.
        pending: Vec<RevisionId>,
        /// An applied revision that follows one of them.
        applied: RevisionId,
    },
    /// A revision that cannot be taken back.
    #[error("{revision} cannot be rolled back: {reason}; nothing was changed")]
    Irreversible {
        /// Which.
        revision: RevisionId,
        /// Why.
        reason: String,
    },
    /// The stored script is not what was stored.
    #[error(
        "the script stored for rolling back {0} does not match its checksum; it is not run: bring back the file {0} came \
         from"
    )]
    StoredDownDamaged(RevisionId),
    /// A script that cannot be run as it is written.
    #[error("{place}: {message}")]
    Script {
        /// File, line and column.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// A statement failed.
    #[error("{0}")]
    Statement(Box<Failed>),
    /// The part of a script that was committed before an interruption is not what it was.
    #[error(
        "{revision} is half done ({done} of {of} steps), and the part of {file} that ran has been edited since; put that \
         part back: only what comes after it may change"
    )]
    EditedMidway {
        /// The revision.
        revision: RevisionId,
        /// Its file.
        file: String,
        /// Steps that are done.
        done: usize,
        /// Steps there were.
        of: usize,
    },
    /// Nobody can tell whether a statement is done.
    #[error(
        "{place}: this statement of {revision} was started and may or may not have finished; look at the database, then \
         run the command again with --unsure again or --unsure skip"
    )]
    Unsure {
        /// The revision.
        revision: RevisionId,
        /// File, line and column.
        place: String,
    },
    /// Another runner did not finish in time.
    #[error("another runner{} still holds the lock after {} s; try again later, or look at what it waits for", by(.holder), .waited.as_secs())]
    Locked {
        /// Who, where the database tells.
        holder: Option<String>,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The lock is gone.
    #[error(
        "the lock against a second runner was lost; is a connection pooler in between? nothing more was run"
    )]
    LockLost,
    /// Another runner went another way.
    #[error("another runner changed the history meanwhile ({0}); look at `status` and run the command again")]
    Moved(String),
    /// Stopped from outside.
    #[error("stopped before {revision}{}; run the command again to go on", kept(.done))]
    Stopped {
        /// What would have come next.
        revision: RevisionId,
        /// Revisions that were done.
        done: Vec<RevisionId>,
    },
    /// The database would not do what the runner itself needs.
    #[error("{what}: {error}{}", .error.failure.next_step())]
    Sql {
        /// What was tried.
        what: &'static str,
        /// What it said.
        error: SqlError,
    },
    /// What the project wants done around a run failed.
    #[error("the {moment}-{} hook failed: {reason}; {}", match .direction { Direction::Up => "upgrade", Direction::Down => "downgrade" }, ran(.done))]
    Hook {
        /// `before` or `after`.
        moment: &'static str,
        /// The run.
        direction: Direction,
        /// What went wrong.
        reason: String,
        /// Revisions that were run; none before the run.
        done: Vec<RevisionId>,
    },
    /// Another tool has run these migrations.
    #[error(
        "`{table}` says that {tool} has applied {} of these migrations{}; to go on from there, take its history over: `cargo \
         schema stamp --adopt` (it compares the live schema first)", .count, .at.as_ref().map_or(String::new(), |at| format!(" (up to {at})"))
    )]
    Foreign {
        /// The tool.
        tool: &'static str,
        /// Its table.
        table: &'static str,
        /// How many revisions it has applied.
        count: usize,
        /// Where that leaves the database, when it is one revision.
        at: Option<RevisionId>,
    },
    /// Another tool's history has revisions that the folder lacks.
    #[error("`{table}` of {tool} has {}, which the migrations folder lacks; nothing was taken over", .keys.join(", "))]
    ForeignUnknown {
        /// The tool.
        tool: &'static str,
        /// Its table.
        table: &'static str,
        /// What it calls them.
        keys: Vec<String>,
    },
    /// What stays stands on what would go.
    #[error("{kept} stays applied and follows {gone}, which would be rolled back; nothing was changed")]
    StandsOn {
        /// What stays.
        kept: RevisionId,
        /// What would go.
        gone: RevisionId,
    },
    /// The live schema is not the stamped revision's.
    #[error(
        "the database is not at {revision}: {missing}; nothing was stamped (--force stamps it all the same)"
    )]
    NotThere {
        /// The revision.
        revision: String,
        /// What differs, in words.
        missing: String,
    },
}

/// A statement's failure and its surroundings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The revision.
    pub revision: RevisionId,
    /// Which way it was run.
    pub direction: Direction,
    /// File, line and column.
    pub place: String,
    /// The statement's first words.
    pub excerpt: String,
    /// What the database said, or the guard's message.
    pub error: SqlError,
    /// A guard said so.
    pub guard: bool,
    /// Steps of the revision that stay done.
    pub steps_kept: usize,
    /// Steps the revision has.
    pub steps: usize,
    /// Revisions that were done before it.
    pub before: Vec<RevisionId>,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.direction == Direction::Up { "applied" } else { "rolled back" };
        write!(f, "{}: {} cannot be {word}: {}", self.place, self.revision, self.error)?;
        if !self.guard {
            write!(f, ", at `{}`", self.excerpt)?;
        }
        if self.steps_kept == 0 {
            write!(f, "; nothing of it was kept")?;
        } else {
            let (kept, steps) = (self.steps_kept, self.steps);
            write!(f, "; {kept} of its {steps} steps are committed, and the next run goes on after them")?;
        }
        write!(f, "{}", kept(&self.before))?;
        f.write_str(match (self.guard, self.error.failure, self.direction) {
            (true, _, _) => "; see to what the guard asks for, then run the command again",
            (false, Failure::Statement, Direction::Up) => "; mend the script and run the command again",
            (false, Failure::Statement, Direction::Down) => {
                "; mend the down script and run the command again"
            }
            (false, failure, _) => failure.next_step(),
        })
    }
}

fn kept(done: &[RevisionId]) -> String {
    if done.is_empty() { String::new() } else { format!("; done before it: {}", list(done)) }
}

fn ran(done: &[RevisionId]) -> String {
    if done.is_empty() {
        "nothing was run".to_owned()
    } else {
        format!("the run itself is done: {}", list(done))
    }
}

fn by(holder: &Option<String>) -> String {
    holder.as_ref().map_or(String::new(), |holder| format!(", {holder},"))
}

/// Some ids in a sentence: all of a few, the ends of many.
pub(super) fn list(ids: &[RevisionId]) -> String {
    let names: Vec<String> = ids.iter().map(RevisionId::to_string).collect();
    match names.as_slice() {
        [first, .., last] if names.len() > 6 => format!("{first} … {last} ({} revisions)", names.len()),
        _ => names.join(", "),
    }
}
