//! The connection of the `rusqlite` crate.

use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};

use super::super::{Access, Answer, ConnectError, Failure, SqlError, SqliteUrl};
use super::{SqliteDriver, SqliteSession};

impl SqliteDriver<Connection> {
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

    /// The connection itself.
    pub fn connection(&self) -> &Connection {
        &self.session
    }
}

impl SqliteSession for Connection {
    fn run(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Answer, SqlError> {
        (&*self).run(sql, values)
    }

    fn in_transaction(&mut self) -> Result<bool, SqlError> {
        Ok(!self.is_autocommit())
    }
}

/// A connection that is lent.
impl SqliteSession for &Connection {
    fn run(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Answer, SqlError> {
        run(self, sql, values).map_err(|error| sql_error(&error))
    }

    fn in_transaction(&mut self) -> Result<bool, SqlError> {
        Ok(!self.is_autocommit())
    }
}

fn run(connection: &Connection, sql: &str, values: &[Option<&str>]) -> rusqlite::Result<Answer> {
    // Only statements with values are the runner's own and come again.
    let mut kept;
    let mut once;
    let statement = if values.is_empty() {
        once = connection.prepare(sql)?;
        &mut once
    } else {
        kept = connection.prepare_cached(sql)?;
        &mut *kept
    };
    let columns = statement.column_count();
    let mut rows = statement.query(params_from_iter(values))?;
    let mut answer = Answer::default();
    while let Some(row) = rows.next()? {
        answer.rows.push((0..columns).map(|at| row.get_ref(at).map(text)).collect::<rusqlite::Result<_>>()?);
    }
    drop(rows);
    if !statement.readonly() {
        answer.touched = connection.changes();
    }
    Ok(answer)
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
    let failure = code.map_or(Failure::Statement, |code| super::failure(code.extended_code));
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
