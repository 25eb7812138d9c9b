//! SQLite: one file, one writer. Foreign keys are on; a script that rebuilds tables has them off for its transaction,
//! and checked before its commit.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, params_from_iter};
use schema_model::DialectKind;

use super::{Access, Begin, ConnectError, Driver, Failure, Lock, Row, SqlError, SqliteUrl};

/// How long a statement waits for readers to leave.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// A SQLite connection.
#[derive(Debug)]
pub struct SqliteDriver<C = Connection> {
    connection: C,
    place: String,
    /// The orphans there were before a transaction without foreign keys; none while they are on.
    orphans_before: Option<Orphans>,
    /// A statement may have left something in the session.
    tainted: bool,
}

/// How many rows of a table have no parent, by table and parent.
type Orphans = BTreeMap<(String, String), usize>;

impl SqliteDriver {
    /// Opens a file or a database in memory.
    pub fn open(url: &SqliteUrl, access: Access) -> Result<Self, ConnectError> {
        let Some(path) = &url.path else {
            let connection = Connection::open_in_memory();
            let connection = connection.map_err(|error| refused(Path::new(":memory:"), &error))?;
            return Self::over(connection, "sqlite::memory:".to_owned())
                .map_err(|error| file_error(Path::new(":memory:"), error.to_string()));
        };
        let exists = path.exists();
        if !exists && (url.must_exist || url.read_only || access == Access::Read) {
            return Err(ConnectError::NoFile { path: path.display().to_string() });
        }
        let read_only = url.read_only || access == Access::Read;
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
        flags |= if read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        };
        let connection = Connection::open_with_flags(path, flags).map_err(|error| refused(path, &error))?;
        let driver = Self::over(connection, format!("sqlite://{}", path.display()));
        let driver = driver.map_err(|error| file_error(path, error.to_string()))?;
        // Opening reads nothing: a file that is no database shows itself at the first look.
        let look = driver.connection().query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()));
        match look {
            Err(error) if sql_error(&error).failure != Failure::Busy => Err(refused(path, &error)),
            _ => Ok(driver),
        }
    }
}

impl<C: Borrow<Connection>> SqliteDriver<C> {
    /// Takes over an open connection, as an application has one.
    pub fn over(connection: C, place: String) -> Result<Self, SqlError> {
        let mut driver = SqliteDriver { connection, place, orphans_before: None, tainted: false };
        driver.busy_timeout(BUSY_WAIT)?;
        driver.foreign_keys(true)?;
        Ok(driver)
    }

    /// The connection itself.
    pub fn connection(&self) -> &Connection {
        self.connection.borrow()
    }

    /// Gives the connection back.
    pub fn into_connection(self) -> C {
        self.connection
    }

    fn busy_timeout(&self, wait: Duration) -> Result<(), SqlError> {
        self.connection().busy_timeout(wait).map_err(|error| sql_error(&error))
    }

    /// Inside a transaction the pragma is a silent no-op, so it is read back (sqlite.org/pragma.html#pragma_foreign_keys).
    fn foreign_keys(&mut self, on: bool) -> Result<(), SqlError> {
        let text = if on { "PRAGMA foreign_keys = ON" } else { "PRAGMA foreign_keys = OFF" };
        self.execute(text)?;
        let now: i64 = self
            .connection()
            .query_row("PRAGMA foreign_keys", [], |row| row.get(0))
            .map_err(|error| sql_error(&error))?;
        if (now != 0) != on {
            let word = if on { "on" } else { "off" };
            return Err(SqlError::own(format!(
                "foreign keys could not be switched {word}: the connection is inside a transaction"
            )));
        }
        Ok(())
    }

    fn orphans(&self) -> Result<Orphans, SqlError> {
        let mut orphans = Orphans::new();
        let mut statement =
            self.connection().prepare("PRAGMA foreign_key_check").map_err(|error| sql_error(&error))?;
        let mut rows = statement.query([]).map_err(|error| sql_error(&error))?;
        while let Some(row) = rows.next().map_err(|error| sql_error(&error))? {
            let table: String = row.get(0).map_err(|error| sql_error(&error))?;
            let parent: String = row.get(2).map_err(|error| sql_error(&error))?;
            *orphans.entry((table, parent)).or_default() += 1;
        }
        Ok(orphans)
    }

    /// Orphans that the transaction made. Those that were there before are not its doing.
    fn check_foreign_keys(&self, before: &Orphans) -> Result<(), SqlError> {
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
        if self.connection().is_autocommit() && self.orphans_before.take().is_some() {
            self.foreign_keys(true)?;
        }
        result
    }
}

fn refused(path: &Path, error: &rusqlite::Error) -> ConnectError {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let missing = folder.filter(|folder| !folder.exists());
    let reason = match (error.sqlite_error_code(), missing) {
        (_, Some(folder)) => format!("the folder `{}` does not exist; create it first", folder.display()),
        (Some(ErrorCode::NotADatabase), _) => "it is no SQLite database (or an encrypted one)".to_owned(),
        (Some(ErrorCode::CannotOpen), _) if path.is_dir() => "it is a folder".to_owned(),
        (Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied), _) => {
            format!("{error}; check the rights of the file and of its folder")
        }
        (Some(ErrorCode::ReadOnly), _) => format!("{error}; its folder has to be writable, too"),
        _ => error.to_string(),
    };
    file_error(path, reason)
}

fn file_error(path: &Path, reason: String) -> ConnectError {
    ConnectError::File { path: path.display().to_string(), reason }
}

fn sql_error(error: &rusqlite::Error) -> SqlError {
    let (code, message) = match error {
        rusqlite::Error::SqliteFailure(code, message) => {
            (Some(*code), message.clone().unwrap_or_else(|| error.to_string()))
        }
        rusqlite::Error::SqlInputError { error: code, msg, .. } => (Some(*code), msg.clone()),
        other => (None, other.to_string()),
    };
    let offset = match error {
        rusqlite::Error::SqlInputError { offset, .. } => usize::try_from(*offset).ok(),
        _ => None,
    };
    let failure = match code.map(|code| code.code) {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Failure::Busy,
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => Failure::ReadOnly,
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => Failure::Connection,
        _ => Failure::Statement,
    };
    let code = code.map(|code| code.extended_code.to_string().into_boxed_str());
    SqlError { message, code, detail: None, hint: None, offset, failure }
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
    }
}

fn all_rows(statement: &mut Statement<'_>, values: &[Option<&str>]) -> rusqlite::Result<Vec<Row>> {
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(values))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push((0..columns).map(|at| row.get_ref(at).map(text)).collect::<rusqlite::Result<Row>>()?);
    }
    Ok(all)
}

impl<C: Borrow<Connection>> Driver for SqliteDriver<C> {
    fn dialect(&self) -> DialectKind {
        DialectKind::Sqlite
    }

    fn place(&self) -> &str {
        &self.place
    }

    fn execute(&mut self, sql: &str) -> Result<u64, SqlError> {
        let lower = sql.to_ascii_lowercase();
        self.tainted |= lower.contains("temp") || lower.contains("pragma");
        let mut statement = self.connection().prepare(sql).map_err(|error| sql_error(&error))?;
        let mut rows = statement.raw_query();
        while rows.next().map_err(|error| sql_error(&error))?.is_some() {}
        drop(rows);
        let changed = if statement.readonly() { 0 } else { self.connection().changes() };
        Ok(changed)
    }

    fn query(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Vec<Row>, SqlError> {
        let mut statement = self.connection().prepare_cached(sql).map_err(|error| sql_error(&error))?;
        all_rows(&mut statement, values).map_err(|error| sql_error(&error))
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
        if let Some(before) = &self.orphans_before {
            self.check_foreign_keys(before)?;
        }
        self.end("COMMIT")
    }

    fn rollback(&mut self) -> Result<(), SqlError> {
        // SQLite may have rolled back by itself (sqlite.org/lang_transaction.html, section 3).
        if self.connection().is_autocommit() {
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
        let number = self.connection().query_row("PRAGMA data_version", [], |row| row.get(0));
        number.map(Some).map_err(|error| sql_error(&error))
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
