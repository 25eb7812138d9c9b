//! SQLite: one file, one writer. Foreign keys are on; a script that rebuilds tables has them off for its transaction,
//! and checked before its commit.

#[cfg(feature = "sqlite")]
mod connection;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use schema_model::DialectKind;

use super::{Answer, Begin, Driver, Failure, Lock, Row, SqlError};

/// A SQLite connection, whatever the client: what the runner asks of it. All else is SQL over this.
pub trait SqliteSession {
    /// Runs one statement to its end; answers its rows and how many rows it changed.
    fn run(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Answer, SqlError>;

    /// Whether a transaction is open.
    fn in_transaction(&mut self) -> Result<bool, SqlError>;
}

/// How long a statement waits for readers to leave.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// The runner on a SQLite connection.
#[derive(Debug)]
pub struct SqliteDriver<S> {
    session: S,
    place: String,
    /// The orphans there were before a transaction without foreign keys; none while they are on.
    orphans_before: Option<Orphans>,
    /// A statement may have left something in the session.
    tainted: bool,
}

/// How many rows of a table have no parent, by table and parent.
type Orphans = BTreeMap<(String, String), usize>;

impl<S: SqliteSession> SqliteDriver<S> {
    /// Takes over an open connection, as an application has one.
    pub fn over(session: S, place: String) -> Result<Self, SqlError> {
        let mut driver = SqliteDriver { session, place, orphans_before: None, tainted: false };
        driver.busy_timeout(BUSY_WAIT)?;
        driver.foreign_keys(true)?;
        Ok(driver)
    }

    /// Lends an application's connection to the runner. Settings that the runner changes are put back.
    pub fn lend<T>(
        mut session: S,
        place: String,
        work: impl FnOnce(&mut dyn Driver) -> T,
    ) -> Result<T, SqlError> {
        let keys = number(&session.run("PRAGMA foreign_keys", &[])?);
        let busy = number(&session.run("PRAGMA busy_timeout", &[])?);
        let mut driver = SqliteDriver::over(session, place)?;
        let value = work(&mut driver);
        if keys == 0 {
            driver.foreign_keys(false)?;
        }
        driver.execute(&format!("PRAGMA busy_timeout = {busy}"))?;
        Ok(value)
    }

    fn busy_timeout(&mut self, wait: Duration) -> Result<(), SqlError> {
        self.session.run(&format!("PRAGMA busy_timeout = {}", wait.as_millis()), &[]).map(drop)
    }

    /// Inside a transaction the pragma is a silent no-op, so it is read back (sqlite.org/pragma.html#pragma_foreign_keys).
    fn foreign_keys(&mut self, on: bool) -> Result<(), SqlError> {
        let text = if on { "PRAGMA foreign_keys = ON" } else { "PRAGMA foreign_keys = OFF" };
        self.session.run(text, &[])?;
        let now = number(&self.session.run("PRAGMA foreign_keys", &[])?);
        if (now != 0) != on {
            let word = if on { "on" } else { "off" };
            return Err(SqlError::own(format!(
                "foreign keys could not be switched {word}: the connection is inside a transaction"
            )));
        }
        Ok(())
    }

    fn orphans(&mut self) -> Result<Orphans, SqlError> {
        let mut orphans = Orphans::new();
        for row in self.session.run("PRAGMA foreign_key_check", &[])?.rows {
            if let [Some(table), _, Some(parent), ..] = row.as_slice() {
                *orphans.entry((table.clone(), parent.clone())).or_default() += 1;
            }
        }
        Ok(orphans)
    }

    /// Orphans that the transaction made. Those that were there before are not its doing.
    fn check_foreign_keys(&mut self, before: &Orphans) -> Result<(), SqlError> {
        let after = match self.orphans() {
            Ok(after) => after,
            // A foreign key to a table that has no such column cannot be checked; SQLite calls it a mismatch. It stops
            // no migration that was not checked before either.
            Err(error) if error.message.contains("foreign key mismatch") => return Ok(()),
            Err(error) => return Err(error),
        };
        for ((table, parent), count) in &after {
            let known = before.get(&(table.clone(), parent.clone())).copied().unwrap_or(0);
            if *count > known {
                let rows = count - known;
                let plural = if rows == 1 { "row" } else { "rows" };
                return Err(SqlError::own(format!(
                    "foreign keys are broken: {rows} {plural} of `{table}` would have no parent in `{parent}`"
                )));
            }
        }
        Ok(())
    }

    fn end(&mut self, sql: &str) -> Result<(), SqlError> {
        let result = self.execute(sql).map(|_| ());
        if self.orphans_before.is_some() && !self.session.in_transaction()? {
            self.orphans_before = None;
            self.foreign_keys(true)?;
        }
        result
    }
}

/// What the runner does about a result code, extended or not (sqlite.org/rescode.html).
#[cfg(any(feature = "sqlite", feature = "sqlx"))]
pub(super) fn failure(code: i32) -> Failure {
    match code & 0xff {
        // SQLITE_BUSY, SQLITE_LOCKED
        5 | 6 => Failure::Busy,
        // SQLITE_READONLY, SQLITE_CANTOPEN
        8 | 14 => Failure::ReadOnly,
        // SQLITE_IOERR, SQLITE_FULL
        10 | 13 => Failure::Connection,
        _ => Failure::Statement,
    }
}

/// The one number that a pragma answers.
fn number(answer: &Answer) -> i64 {
    let value = answer.rows.first().and_then(|row| row.first()).and_then(Option::as_deref);
    value.and_then(|value| value.parse().ok()).unwrap_or(0)
}

impl<S: SqliteSession> Driver for SqliteDriver<S> {
    fn dialect(&self) -> DialectKind {
        DialectKind::Sqlite
    }

    fn place(&self) -> &str {
        &self.place
    }

    fn execute(&mut self, sql: &str) -> Result<u64, SqlError> {
        let lower = sql.to_ascii_lowercase();
        self.tainted |= lower.contains("temp") || lower.contains("pragma");
        Ok(self.session.run(sql, &[])?.touched)
    }

    fn query(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Vec<Row>, SqlError> {
        Ok(self.session.run(sql, values)?.rows)
    }

    fn copy(&mut self, _: &str, _: &str) -> Result<u64, SqlError> {
        Err(SqlError::own("COPY is PostgreSQL's; SQLite has no such statement"))
    }

    fn begin(&mut self, begin: &Begin) -> Result<(), SqlError> {
        if begin.foreign_keys_off {
            self.foreign_keys(false)?;
            self.orphans_before = Some(Orphans::new());
        }
        let start = Instant::now();
        let wait = begin.lock_wait;
        // DEFERRED would take the write lock at the first write, and fail there at once if another wrote since the first
        // read (sqlite.org/lang_transaction.html).
        self.busy_timeout(Duration::ZERO)?;
        let mut result = self.execute("BEGIN IMMEDIATE");
        let mut pause = 1;
        while matches!(&result, Err(error) if error.failure == Failure::Busy) && start.elapsed() < wait {
            std::thread::sleep(Duration::from_millis(pause + u64::from(std::process::id() % 7)));
            pause = (pause * 2).min(50);
            result = self.execute("BEGIN IMMEDIATE");
        }
        self.busy_timeout(BUSY_WAIT)?;
        if begin.foreign_keys_off {
            let before = result.and_then(|_| self.orphans().or_else(|_| Ok(Orphans::new())));
            match before {
                Ok(before) => self.orphans_before = Some(before),
                Err(error) => {
                    self.rollback()?;
                    return Err(error);
                }
            }
            return Ok(());
        }
        result.map(|_| ())
    }

    fn commit(&mut self) -> Result<(), SqlError> {
        if let Some(before) = self.orphans_before.take() {
            let checked = self.check_foreign_keys(&before);
            self.orphans_before = Some(before);
            checked?;
        }
        self.end("COMMIT")
    }

    fn rollback(&mut self) -> Result<(), SqlError> {
        // SQLite may have rolled back by itself (sqlite.org/lang_transaction.html, section 3).
        if !self.session.in_transaction()? {
            if self.orphans_before.take().is_some() {
                self.foreign_keys(true)?;
            }
            return Ok(());
        }
        self.end("ROLLBACK")
    }

    fn try_lock(&mut self) -> Result<Lock, SqlError> {
        Ok(Lock::Held)
    }

    fn unlock(&mut self) -> Result<(), SqlError> {
        Ok(())
    }

    fn holds_lock(&mut self) -> Result<bool, SqlError> {
        Ok(true)
    }

    fn foreign_writes(&mut self) -> Result<Option<i64>, SqlError> {
        self.session.run("PRAGMA data_version", &[]).map(|answer| Some(number(&answer)))
    }

    fn reset_session(&mut self) -> Result<(), SqlError> {
        if !std::mem::take(&mut self.tainted) {
            return Ok(());
        }
        let temporary = "SELECT type, name FROM sqlite_temp_master WHERE type IN ('table', 'view')";
        for row in self.query(temporary, &[])? {
            if let [Some(kind), Some(name)] = row.as_slice() {
                self.execute(&format!("DROP {kind} IF EXISTS temp.\"{}\"", name.replace('"', "\"\"")))?;
            }
        }
        self.execute("PRAGMA legacy_alter_table = OFF")?;
        self.execute("PRAGMA ignore_check_constraints = OFF")?;
        self.execute("PRAGMA recursive_triggers = OFF")?;
        self.foreign_keys(true)?;
        self.tainted = false;
        Ok(())
    }

    fn unlimited(&mut self, _: bool) -> Result<(), SqlError> {
        Ok(())
    }
}
