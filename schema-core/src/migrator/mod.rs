//! Migrations inside the application: embedded when it is compiled, run or only checked when it starts, on a connection of
//! its own. The same lock, history and steps as the command line.
//!
//! Migrate when deploying, and let the application check ([`Migrator::ensure_current`], [`require`]): then it starts fast,
//! needs no right to change the schema, and what changes it is one thing that can be watched. A desktop program, whose
//! start is its deployment, calls [`Migrator::upgrade`].

#[cfg(any(feature = "tokio-postgres", feature = "sqlx"))]
mod asynchronous;
mod error;

use semver::{Version, VersionReq};

#[cfg(any(feature = "tokio-postgres", feature = "sqlx"))]
pub use asynchronous::require_async;
pub use error::MigrateError;

use crate::driver::{self, Applied, Driver, Event, Folder, History, Report, RunOptions, SqlError, Survey};
use crate::revision::{RevisionId, Target};
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

impl Status {
    fn of(survey: &Survey, folder: &Folder) -> Status {
        Status {
            current: survey.current().iter().map(|revision| revision.id.clone()).collect(),
            pending: survey.pending(folder).iter().map(|revision| revision.id.clone()).collect(),
            unknown: survey.unknown.clone(),
            unfinished: survey.unfinished.as_ref().map(|(id, _)| id.clone()),
        }
    }
}

/// A connection that the application has open.
pub trait Connection {
    /// Lends it to the runner. Settings that the runner changes are put back.
    fn lend<T>(&mut self, work: impl FnOnce(&mut dyn Driver) -> T) -> Result<T, SqlError>;
}

#[cfg(feature = "sqlite")]
impl Connection for rusqlite::Connection {
    fn lend<T>(&mut self, work: impl FnOnce(&mut dyn Driver) -> T) -> Result<T, SqlError> {
        let place = self
            .path()
            .filter(|path| !path.is_empty())
            .map_or("sqlite::memory:".to_owned(), |path| format!("sqlite://{path}"));
        driver::sqlite::SqliteDriver::lend(&*self, place, work)
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
        let target = target.parse()?;
        connection.lend(|driver| self.run_up(driver, &target))?
    }

    /// Takes back what follows the target: `1.3.0`, `-1`, `base`.
    pub fn downgrade(&self, connection: &mut impl Connection, target: &str) -> Result<Report, MigrateError> {
        let target = target.parse()?;
        connection.lend(|driver| self.run_down(driver, &target))?
    }

    /// Where the database stands. Never writes.
    pub fn status(&self, connection: &mut impl Connection) -> Result<Status, MigrateError> {
        connection.lend(|driver| self.look(driver))?
    }

    /// Checks that the database has exactly what the program was built with. Never writes.
    pub fn ensure_current(&self, connection: &mut impl Connection) -> Result<(), MigrateError> {
        connection.lend(|driver| self.compare(driver))?
    }

    fn run_up(&self, driver: &mut dyn Driver, target: &Target) -> Result<Report, MigrateError> {
        let folder = self.folder(driver.dialect())?;
        let options = self.options.clone().unwrap_or_default();
        Ok(driver::upgrade(driver, &folder, target, &options, &mut |_: Event<'_>| {})?)
    }

    fn run_down(&self, driver: &mut dyn Driver, target: &Target) -> Result<Report, MigrateError> {
        let folder = self.folder(driver.dialect())?;
        let options = self.options.clone().unwrap_or_default();
        Ok(driver::downgrade(driver, &folder, target, &options, &mut |_: Event<'_>| {})?)
    }

    fn look(&self, driver: &mut dyn Driver) -> Result<Status, MigrateError> {
        let folder = self.folder(driver.dialect())?;
        let survey = Survey::take(driver, &folder)?;
        Ok(Status::of(&survey, &folder))
    }

    fn compare(&self, driver: &mut dyn Driver) -> Result<(), MigrateError> {
        let folder = self.folder(driver.dialect())?;
        let survey = Survey::take(driver, &folder)?;
        survey.check_edited(&folder, &RunOptions::default())?;
        let heads: Vec<String> = folder.graph().heads().iter().map(|head| head.id.to_string()).collect();
        let program = if heads.is_empty() { "nothing".to_owned() } else { heads.join(" and ") };
        let status = Status::of(&survey, &folder);
        let database = named(&status.current);
        match status {
            Status { unfinished: Some(id), .. } => Err(MigrateError::Unfinished(id)),
            Status { unknown, .. } if !unknown.is_empty() => Err(MigrateError::Ahead { database, program }),
            Status { pending, .. } if !pending.is_empty() => Err(MigrateError::Behind { database, program }),
            _ => Ok(()),
        }
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
    let requirement = Requirement::read(requirement)?;
    connection.lend(|driver| requirement.check(driver))?
}

/// A version requirement as it was written.
struct Requirement {
    text: String,
    wanted: VersionReq,
}

impl Requirement {
    fn read(text: &str) -> Result<Self, MigrateError> {
        let wanted = VersionReq::parse(text).map_err(|error| MigrateError::Requirement {
            text: text.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Requirement { text: text.to_owned(), wanted })
    }

    fn check(&self, driver: &mut dyn Driver) -> Result<Version, MigrateError> {
        let rows = History::open(driver)?.read(driver)?;
        if let Some(row) = rows.iter().find(|row| row.progress.is_some()) {
            return Err(MigrateError::Unfinished(RevisionId::new(&row.version)));
        }
        let unmet = |database: String| MigrateError::NotMet { database, requirement: self.text.clone() };
        match highest(&rows) {
            Some(version) if self.wanted.matches(&version) => Ok(version),
            Some(version) => Err(unmet(version.to_string())),
            None => Err(unmet("no version yet".to_owned())),
        }
    }
}

fn highest(rows: &[Applied]) -> Option<Version> {
    rows.iter().filter_map(|row| Version::parse(&row.version).ok()).max()
}
