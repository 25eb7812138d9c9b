//! Talking to databases: connections, the history table, and the runner that applies revisions. Nothing here parses a
//! statement or knows a catalog's shape; what a migration means is decided elsewhere, and this makes it happen.

mod alone;
mod clock;
mod error;
mod execute;
mod folder;
mod foreign;
mod history;
mod hooks;
mod lock;
mod options;
mod progress;
mod run_error;
mod runner;
mod stamp;
mod step;
mod survey;
mod url;

#[cfg(any(feature = "tokio-postgres", feature = "sqlx"))]
pub mod asynchronous;
#[cfg(any(feature = "postgres", feature = "tokio-postgres", feature = "sqlx"))]
pub mod postgres;
#[cfg(any(feature = "sqlite", feature = "tokio-postgres", feature = "sqlx"))]
pub mod sqlite;

use std::time::Duration;

use schema_model::DialectKind;

pub use alone::{Outside, State};
pub use error::{ConnectError, Failure, SqlError};
pub use folder::{Folder, RevisionScripts, ScriptFile};
pub use foreign::{ForeignHistory, find_foreign, foreign_tables};
pub use history::{Applied, Entry, History, HistoryError, TABLE, create_sql, postgres_time};
pub use hooks::{Hooks, Planned};
pub use lock::with_lock;
pub use options::{Done, Event, Report, RunOptions, Unsure};
pub use progress::{Direction, Progress};
pub use run_error::{Failed, RunError};
pub use runner::{downgrade, plan_downgrade, plan_upgrade, roll_back_all_but, upgrade};
pub use stamp::{StampOptions, adopt, stamp};
pub use step::{Piece, ScriptFault, Step, StepKind, Steps};
pub use survey::Survey;
pub use url::{
    ChannelBinding, DatabaseUrl, FORMS, PostgresUrl, SqliteUrl, SslMode, TlsSettings, UrlError, UrlSource,
    find_url, find_url_in,
};

/// The key of the advisory lock: one per history table, which stands in the current schema. Advisory locks are per
/// database (manual, 13.3.5). The scripts of `script rollback` and `script migrate` take the same one.
pub const LOCK_KEY: &str = "pg_catalog.hashtextextended('cargo-schema:' || pg_catalog.current_schema(), 0)";

/// A row as text, which is all that the history table and the guards ask for.
pub type Row = Vec<Option<String>>;

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Look only: nothing is created, and the database itself refuses to write.
    Read,
    /// Apply migrations. A SQLite file that is not there yet is made.
    Write,
}

/// How a transaction is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Begin {
    /// SQLite: foreign keys are switched off before it and checked before its commit.
    pub foreign_keys_off: bool,
    /// SQLite: how long to wait for another writer to finish.
    pub lock_wait: Duration,
    /// How long a statement waits for a lock; none leaves it to the server.
    pub lock_timeout: Option<Duration>,
    /// How long a statement may run; none leaves it to the server.
    pub statement_timeout: Option<Duration>,
}

/// Whether the lock of the history table was got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lock {
    /// It is ours until `unlock`, or until the connection ends.
    Held,
    /// Somebody else has it; who, where the database tells.
    Busy(Option<String>),
}

/// What a database answers to a statement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its rows; those of all statements, where several were sent.
    pub rows: Vec<Row>,
    /// How many rows the last statement changed or found.
    pub touched: u64,
}

/// The duties of a database client. Everything above it speaks to this alone.
pub trait Driver {
    /// The dialect spoken.
    fn dialect(&self) -> DialectKind;

    /// The database as it may be shown: without the password.
    fn place(&self) -> &str;

    /// Runs one statement as its author wrote it; answers how many rows it changed.
    fn execute(&mut self, sql: &str) -> Result<u64, SqlError>;

    /// Runs one statement with bound values (`$1` or `?1`, all text) and answers its rows. Without values, any statement.
    fn query(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Vec<Row>, SqlError>;

    /// Runs `COPY … FROM stdin` with its data.
    fn copy(&mut self, sql: &str, data: &str) -> Result<u64, SqlError>;

    /// Opens a transaction. On SQLite it takes the write lock at once, waiting for no longer than the given time.
    fn begin(&mut self, begin: &Begin) -> Result<(), SqlError>;

    /// Ends the transaction: everything in it counts.
    fn commit(&mut self) -> Result<(), SqlError>;

    /// Ends the transaction: nothing in it counts.
    fn rollback(&mut self) -> Result<(), SqlError>;

    /// Tries to become the only runner of this history; never waits. SQLite has no lock that outlives a transaction: there
    /// it is always held, and each transaction looks again at what is applied.
    fn try_lock(&mut self) -> Result<Lock, SqlError>;

    /// Gives the lock back.
    fn unlock(&mut self) -> Result<(), SqlError>;

    /// Whether the lock is still this session's own. A pooler that hands each transaction another session answers no.
    fn holds_lock(&mut self) -> Result<bool, SqlError>;

    /// A number that differs when somebody else has written since it was last asked for; none where a lock forbids that.
    fn foreign_writes(&mut self) -> Result<Option<i64>, SqlError>;

    /// Undoes what a script left in the session: settings, roles, temporary tables.
    fn reset_session(&mut self) -> Result<(), SqlError>;

    /// Whether statements outside transactions may take all the time they need, or as much as the server says.
    fn unlimited(&mut self, on: bool) -> Result<(), SqlError>;
}

/// Connects to a database.
#[cfg_attr(
    not(any(feature = "sqlite", feature = "postgres")),
    allow(unused_variables, reason = "without a client nothing is opened")
)]
pub fn connect(url: &DatabaseUrl, access: Access) -> Result<Box<dyn Driver>, ConnectError> {
    match url {
        #[cfg(feature = "sqlite")]
        DatabaseUrl::Sqlite(target) => Ok(Box::new(sqlite::SqliteDriver::open(target, access)?)),
        #[cfg(feature = "postgres")]
        DatabaseUrl::Postgres(target) => Ok(Box::new(postgres::PostgresDriver::connect(target, access)?)),
        #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
        other => Err(ConnectError::NotBuilt { dialect: other.dialect() }),
    }
}

/// Connects, trying again for as long as the server does not yet take connections.
pub fn connect_within(
    url: &DatabaseUrl,
    access: Access,
    wait: Duration,
) -> Result<Box<dyn Driver>, ConnectError> {
    let start = std::time::Instant::now();
    loop {
        match connect(url, access) {
            Err(error) if error.may_pass() && start.elapsed() < wait => {
                std::thread::sleep(Duration::from_millis(200).min(wait));
            }
            other => return other,
        }
    }
}
