//! How a run behaves, and what it tells while it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::progress::Direction;
use super::{Hooks, Outside, SqlError};
use crate::revision::RevisionId;

/// What to do about a statement that ran outside transactions and may or may not be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unsure {
    /// Stop and say so.
    #[default]
    Stop,
    /// Run it again.
    Again,
    /// Take it for done.
    Skip,
}

/// How a run behaves.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Who runs it, for the history table.
    pub applied_by: String,
    /// How long to wait for another runner to finish.
    pub lock_wait: Duration,
    /// How long a statement waits for a lock before it gives way; off for index builds. None leaves it to the server.
    pub lock_timeout: Option<Duration>,
    /// How long a statement may run; off for index builds. None leaves it to the server.
    pub statement_timeout: Option<Duration>,
    /// How often a transaction that gave way is tried again.
    pub retries: u32,
    /// Between two batches of a repeated statement.
    pub batch_pause: Duration,
    /// Apply revisions that belong before what is applied already.
    pub out_of_order: bool,
    /// Run although applied scripts were edited since.
    pub accept_edited: bool,
    /// What to do about a statement whose state nobody can tell.
    pub unsure: Unsure,
    /// Set from elsewhere to stop between two statements.
    pub stop: Option<Arc<AtomicBool>>,
    /// What the project wants done around the run.
    pub hooks: Option<Arc<dyn Hooks>>,
}

impl Default for RunOptions {
    fn default() -> Self {
        RunOptions {
            applied_by: applied_by(),
            lock_wait: Duration::from_secs(600),
            lock_timeout: Some(Duration::from_secs(5)),
            statement_timeout: None,
            retries: 12,
            batch_pause: Duration::ZERO,
            out_of_order: false,
            accept_edited: false,
            unsure: Unsure::Stop,
            stop: None,
            hooks: None,
        }
    }
}

impl RunOptions {
    /// Whether the run is to stop.
    pub fn stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

/// The user and host of this process, and this library's version.
fn applied_by() -> String {
    let first = |names: &[&str]| {
        names.iter().find_map(|name| std::env::var(name).ok()).filter(|name| !name.is_empty())
    };
    let user = first(&["USER", "LOGNAME", "USERNAME"]).unwrap_or_else(|| "unknown".to_owned());
    let from_file = || std::fs::read_to_string("/etc/hostname").ok().map(|name| name.trim().to_owned());
    let host = first(&["HOSTNAME", "COMPUTERNAME"]).or_else(from_file).filter(|name| !name.is_empty());
    let host = host.map_or(String::new(), |host| format!("@{host}"));
    format!("{user}{host} (cargo-schema {})", env!("CARGO_PKG_VERSION"))
}

/// What a run tells while it runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// Another runner has the lock.
    Waiting {
        /// Who, where the database tells.
        holder: Option<String>,
        /// Since when.
        waited: Duration,
    },
    /// A row of the history table got the revision's new tag.
    Retagged {
        /// The tag it had.
        from: RevisionId,
        /// The tag it has.
        to: RevisionId,
    },
    /// A revision starts.
    Started {
        /// Which.
        revision: &'a RevisionId,
        /// Which way.
        direction: Direction,
        /// Its place among those of this run, from one.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// A revision that was interrupted goes on.
    Resumed {
        /// Which.
        revision: &'a RevisionId,
        /// Steps that are done already.
        done: usize,
        /// Steps there are.
        of: usize,
    },
    /// A statement that was interrupted was found done, or what it left was cleared away.
    Repaired {
        /// Which.
        revision: &'a RevisionId,
        /// What it is.
        statement: &'a Outside,
        /// What was done about it, in words.
        how: String,
    },
    /// A statement ran.
    Statement {
        /// Its text.
        sql: &'a str,
        /// How long it took.
        duration: Duration,
        /// Rows it changed.
        rows: u64,
    },
    /// A batch of a repeated statement is committed.
    Batch {
        /// Which revision.
        revision: &'a RevisionId,
        /// Rows changed so far.
        rows: u64,
    },
    /// A transaction gave way to others and is tried again.
    Retrying {
        /// Which revision.
        revision: &'a RevisionId,
        /// Why.
        error: &'a SqlError,
        /// After this time.
        pause: Duration,
    },
    /// A revision is done.
    Finished {
        /// Which.
        revision: &'a RevisionId,
        /// Which way.
        direction: Direction,
        /// How long it took.
        duration: Duration,
    },
}

/// A revision that was run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Which.
    pub revision: RevisionId,
    /// Which way.
    pub direction: Direction,
    /// How long it took.
    pub duration: Duration,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Revisions that it ran, in order.
    pub done: Vec<Done>,
    /// Revisions that another runner did meanwhile.
    pub by_others: Vec<RevisionId>,
    /// Rows that got a new tag: from, to.
    pub retagged: Vec<(RevisionId, RevisionId)>,
}
