//! What can go wrong with a connection and with a statement, in words that say what to check.

use std::fmt;

use schema_model::DialectKind;

/// What kind of failure a statement met, as far as the runner acts on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A lock was not to be had in time (PostgreSQL 55P03), or a deadlock or serialization failure: worth another try.
    Passing,
    /// SQLite: another connection is writing.
    Busy,
    /// The database, its file or its folder cannot be written.
    ReadOnly,
    /// The connection is gone.
    Connection,
    /// The role may not do this.
    Denied,
    /// The statement itself.
    Statement,
}

impl Failure {
    /// What to do about a failure that is not the script's, as the end of a sentence; empty for the script's own.
    pub(super) fn next_step(self) -> &'static str {
        match self {
            Failure::Passing => "; others hold what it needs: run the command again when they are done",
            Failure::Busy => {
                "; another process is writing to the database: run the command again when it is done"
            }
            Failure::ReadOnly => {
                "; give this user the right to write to the database, its file and its folder"
            }
            Failure::Connection => {
                "; see that the database is there and has space, then run the command again"
            }
            Failure::Denied => "; connect as a role that may do this, or grant it",
            Failure::Statement => "",
        }
    }
}

/// A statement's failure, as the database told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlError {
    /// One line.
    pub message: String,
    /// SQLSTATE, or SQLite's extended result code.
    pub code: Option<Box<str>>,
    /// The server's detail line.
    pub detail: Option<Box<str>>,
    /// The server's hint.
    pub hint: Option<Box<str>>,
    /// Where in the statement, in bytes from its first.
    pub offset: Option<usize>,
    /// What to do about it.
    pub failure: Failure,
}

impl SqlError {
    /// An error of our own making.
    pub fn own(message: impl Into<String>) -> Self {
        SqlError {
            message: message.into(),
            code: None,
            detail: None,
            hint: None,
            offset: None,
            failure: Failure::Statement,
        }
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(detail) = &self.detail {
            write!(f, " ({})", detail.trim_end_matches('.'))?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "; hint: {}", hint.trim_end_matches('.'))?;
        }
        Ok(())
    }
}

impl std::error::Error for SqlError {}

/// Why a database could not be reached. `place` is the URL without its password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The client for this database is not part of this build.
    #[error("this build has no client for {dialect}; build with the feature `{dialect}`")]
    NotBuilt {
        /// The dialect asked for.
        dialect: DialectKind,
    },
    /// Nothing listens there.
    #[error("cannot reach {place}: {reason}; is the server running, and are host and port right?")]
    Unreachable {
        /// The database.
        place: String,
        /// What the system said.
        reason: String,
    },
    /// The server is there and not ready yet.
    #[error("{place} is not ready: {reason}; wait for it, with --wait SECONDS")]
    NotReady {
        /// The database.
        place: String,
        /// What the server said.
        reason: String,
    },
    /// The server has no such database.
    #[error("{place}: {reason}; create it first: createdb, or CREATE DATABASE")]
    NoDatabase {
        /// The database.
        place: String,
        /// What the server said.
        reason: String,
    },
    /// User or password are wrong.
    #[error("{place} refuses the login: {reason}; check user and password (percent-encoded in a URL)")]
    Login {
        /// The database.
        place: String,
        /// What the server said.
        reason: String,
    },
    /// TLS is asked for and not possible.
    #[error("{place}: {reason}")]
    Tls {
        /// The database.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// A SQLite file that ought to be there.
    #[error("there is no database at `{path}`")]
    NoFile {
        /// The file.
        path: String,
    },
    /// A SQLite file that cannot be opened.
    #[error("cannot open `{path}`: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong, and what to check.
        reason: String,
    },
    /// Anything else the server said.
    #[error("cannot connect to {place}: {reason}")]
    Refused {
        /// The database.
        place: String,
        /// What the server said.
        reason: String,
    },
}

impl ConnectError {
    /// Whether waiting may cure it.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            ConnectError::Unreachable { .. }
                | ConnectError::NotReady { .. }
                | ConnectError::NoDatabase { .. }
        )
    }
}
