//! Migrations inside the application: embedded when it is compiled, run or only checked when it starts, on a connection of
//! its own. The same lock, history and steps as the command line.
//!
//! Migrate when deploying, and let the application check ([`Migrator::ensure_current`], [`require`]): then it starts fast,
//! needs no right to change the schema, and what changes it is one thing that can be watched. A desktop program, whose
//! start is its deployment, calls [`Migrator::upgrade`].

use semver::{Version, VersionReq};

use crate::driver::{
    self, Applied, Driver, Event, Folder, History, HistoryError, Report, RunError, RunOptions, SqlError,
    Survey,
};
use crate::revision::{GraphError, InvalidTarget, RevisionId, Target};
use crate::script::{self, ListedFile};
use schema_model::{DialectKind, SourceMap};

/// Migration files that are part of the program: `embed!()` makes one.
#[derive(Clone, Debug)]
pub struct Migrator {
    files: &'static [(&'static str, &'static str)],
    options: Option<RunOptions>,
}

/// Where a database stands beside the embedded migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The heads of what is applied; none for a fresh database.
    pub current: Vec<RevisionId>,
    /// What an upgrade would apply, in order.
    pub pending: Vec<RevisionId>,
    /// Applied, and not known to this program.
    pub unknown: Vec<RevisionId>,
    /// A revision that was interrupted in the middle.
    pub unfinished: Option<RevisionId>,
}

/// Why a database cannot be used or migrated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The embedded files.
    #[error("the embedded migrations cannot be read: {0}")]
    Files(String),
    /// The target.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    /// The graph, or where the target is in it.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The history table.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The connection.
    #[error("the connection cannot be used: {0}")]
    Connection(#[from] SqlError),
    /// The database is behind the program.
    #[error(
        "database is at {database}, this program needs {program}; run the migrations first: cargo schema upgrade"
    )]
    Behind {
        /// Where the database is.
        database: String,
        /// What the program was built with.
        program: String,
    },
    /// The database is ahead of the program.
    #[error("database is at {database}, this program knows up to {program}; use a newer program")]
    Ahead {
        /// Where the database is.
        database: String,
        /// What the program was built with.
        program: String,
    },
    /// A revision is half applied.
    #[error("{0} was interrupted in the middle; finish it first: cargo schema upgrade")]
    Unfinished(RevisionId),
    /// The requirement is none.
    #[error("`{text}` is no version requirement such as `^1.1`: {reason}")]
    Requirement {
        /// What was written.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The database's version does not satisfy the requirement.
    #[error("database is at {database}, this program needs {requirement}")]
    NotMet {
        /// Where the database is.
        database: String,
        /// What was asked for.
        requirement: String,
    },
}

/// A connection that the application has open.
pub trait Connection {
    /// Lends it to the runner. Settings that the runner changes are put back.
    fn lend<T>(&mut self, work: impl FnOnce(&mut dyn Driver) -> T) -> Result<T, SqlError>;
}

#[cfg(feature = "sqlite")]
impl Connection for rusqlite::Connection {
    fn lend<T>(&mut self, work: impl FnOnce(&mut dyn Driver) -> T) -> Result<T, SqlError> {
        let number = |pragma: &str| self.query_row(pragma, [], |row| row.get::<_, i64>(0)).unwrap_or(0);
        let (keys, busy) = (number("PRAGMA foreign_keys"), number("PRAGMA busy_timeout"));
        let place = self
            .path()
            .filter(|path| !path.is_empty())
            .map_or("sqlite::memory:".to_owned(), |path| format!("sqlite://{path}"));
        let mut driver = driver::sqlite::SqliteDriver::over(&*self, place)?;
        let value = work(&mut driver);
        let off = if keys == 0 { "PRAGMA foreign_keys = OFF;" } else { "" };
        let restored = self.execute_batch(&format!("{off} PRAGMA busy_timeout = {busy};"));
        restored.map_err(|error| SqlError::own(error.to_string()))?;
        Ok(value)
    }
}

#[cfg(feature = "postgres")]
impl Connection for postgres::Client {
    fn lend<T>(&mut self, work: impl FnOnce(&mut dyn Driver) -> T) -> Result<T, SqlError> {
        let mut driver =
            driver::postgres::PostgresDriver::over(self, "the application's database".to_owned());
        Ok(work(&mut driver))
    }
}

impl Migrator {
    /// Migration files by name and text. `embed!()` writes the call.
    pub const fn new(files: &'static [(&'static str, &'static str)]) -> Self {
        Migrator { files, options: None }
    }

    /// With other options than the defaults.
    pub fn with_options(mut self, options: RunOptions) -> Self {
        self.options = Some(options);
        self
    }

    /// Applies what is missing. A database that has it all is not written to.
    pub fn upgrade(&self, connection: &mut impl Connection) -> Result<Report, MigrateError> {
        self.upgrade_to(connection, "head")
    }

    /// Applies what is missing before the target: `head`, `1.4.0`, `+1`.
    pub fn upgrade_to(&self, connection: &mut impl Connection, target: &str) -> Result<Report, MigrateError> {
        let target: Target = target.parse()?;
        let options = self.options.clone().unwrap_or_default();
        self.with(connection, |driver, folder| {
            Ok(driver::upgrade(driver, folder, &target, &options, &mut |_: Event<'_>| {})?)
        })
    }

    /// Takes back what follows the target: `1.3.0`, `-1`, `base`.
    pub fn downgrade(&self, connection: &mut impl Connection, target: &str) -> Result<Report, MigrateError> {
        let target: Target = target.parse()?;
        let options = self.options.clone().unwrap_or_default();
        self.with(connection, |driver, folder| {
            Ok(driver::downgrade(driver, folder, &target, &options, &mut |_: Event<'_>| {})?)
        })
    }

    /// Where the database stands. Never writes.
    pub fn status(&self, connection: &mut impl Connection) -> Result<Status, MigrateError> {
        self.with(connection, |driver, folder| {
            let survey = Survey::take(driver, folder)?;
            Ok(Status {
                current: survey.current().iter().map(|revision| revision.id.clone()).collect(),
                pending: survey.pending(folder).iter().map(|revision| revision.id.clone()).collect(),
                unknown: survey.unknown.clone(),
                unfinished: survey.unfinished.map(|(id, _)| id),
            })
        })
    }

    /// Checks that the database has exactly what the program was built with. Never writes.
    pub fn ensure_current(&self, connection: &mut impl Connection) -> Result<(), MigrateError> {
        let head = |folder: &Folder| {
            let heads: Vec<String> = folder.graph().heads().iter().map(|head| head.id.to_string()).collect();
            if heads.is_empty() { "nothing".to_owned() } else { heads.join(" and ") }
        };
        let (status, program) = self.with(connection, |driver, folder| {
            let survey = Survey::take(driver, folder)?;
            survey.check_edited(folder, &RunOptions::default())?;
            let current: Vec<RevisionId> =
                survey.current().iter().map(|revision| revision.id.clone()).collect();
            let pending = survey.pending(folder).iter().map(|revision| revision.id.clone()).collect();
            let unfinished = survey.unfinished.map(|(id, _)| id);
            Ok((Status { current, pending, unknown: survey.unknown, unfinished }, head(folder)))
        })?;
        let database = named(&status.current);
        match status {
            Status { unfinished: Some(id), .. } => Err(MigrateError::Unfinished(id)),
            Status { unknown, .. } if !unknown.is_empty() => Err(MigrateError::Ahead { database, program }),
            Status { pending, .. } if !pending.is_empty() => Err(MigrateError::Behind { database, program }),
            _ => Ok(()),
        }
    }

    fn with<T>(
        &self,
        connection: &mut impl Connection,
        work: impl FnOnce(&mut dyn Driver, &Folder) -> Result<T, MigrateError>,
    ) -> Result<T, MigrateError> {
        connection.lend(|driver| {
            let folder = self.folder(driver.dialect())?;
            work(driver, &folder)
        })?
    }

    fn folder(&self, dialect: DialectKind) -> Result<Folder, MigrateError> {
        let listed =
            self.files.iter().map(|(path, text)| ListedFile { path: (*path).into(), text: (*text).into() });
        let mut sources = SourceMap::default();
        let folder = script::Folder::from_files("migrations", listed.collect(), dialect, None, &mut sources)
            .map_err(|error| MigrateError::Files(error.to_string()))?;
        let wrong =
            folder.diagnostics.iter().find(|found| found.severity == crate::diagnostic::Severity::Error);
        if let Some(wrong) = wrong {
            return Err(MigrateError::Files(wrong.message.clone()));
        }
        Folder::from_scripts(&folder, &sources).map_err(|errors| {
            MigrateError::Files(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        })
    }
}

fn named(ids: &[RevisionId]) -> String {
    let names: Vec<&str> = ids.iter().map(RevisionId::as_str).collect();
    if names.is_empty() { "no version yet".to_owned() } else { names.join(" and ") }
}

/// Checks that the database's version satisfies what the application was built for, such as `^1.1`, and answers it. Needs
/// no migration files, and never writes.
pub fn require(requirement: &str, connection: &mut impl Connection) -> Result<Version, MigrateError> {
    let wanted = VersionReq::parse(requirement).map_err(|error| MigrateError::Requirement {
        text: requirement.to_owned(),
        reason: error.to_string(),
    })?;
    let rows = connection.lend(|driver| History::open(driver)?.read(driver))??;
    if let Some(row) = rows.iter().find(|row| row.progress.is_some()) {
        return Err(MigrateError::Unfinished(RevisionId::new(&row.version)));
    }
    let unmet = |database: String| MigrateError::NotMet { database, requirement: requirement.to_owned() };
    match highest(&rows) {
        Some(version) if wanted.matches(&version) => Ok(version),
        Some(version) => Err(unmet(version.to_string())),
        None => Err(unmet("no version yet".to_owned())),
    }
}

fn highest(rows: &[Applied]) -> Option<Version> {
    rows.iter().filter_map(|row| Version::parse(&row.version).ok()).max()
}
