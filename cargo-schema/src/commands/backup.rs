//! `--backup PATH`: a copy of the database before it is changed, and the line that restores it.

use std::path::Path;
use std::process::Command;

use schema_core::driver::{DatabaseUrl, PostgresUrl, SqliteUrl};

use crate::error::{CliError, CliResult};

/// Makes the backup, when one is asked for.
pub fn make(url: &DatabaseUrl, path: Option<&Path>) -> CliResult<()> {
    let Some(path) = path else { return Ok(()) };
    if path.exists() {
        return Err(CliError::message(format!(
            "`{}` exists already; name another file for the backup",
            path.display()
        )));
    }
    match url {
        DatabaseUrl::Sqlite(source) => sqlite(source, path),
        DatabaseUrl::Postgres(source) => postgres(source, path),
    }
}

fn sqlite(source: &SqliteUrl, path: &Path) -> CliResult<()> {
    let Some(file) = &source.path else {
        return Err(CliError::message("a database in memory cannot be backed up"));
    };
    let fail = |error: rusqlite::Error| {
        CliError::message(format!("cannot back up to `{}`: {error}", path.display()))
    };
    let connection = rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(fail)?;
    connection.backup("main", path, None::<fn(rusqlite::backup::Progress)>).map_err(fail)?;
    tell!("backup made; to restore it: cp '{}' '{}'", path.display(), file.display());
    Ok(())
}

/// pg_dump gets the connection through libpq's variables, so that no password is in its arguments.
fn postgres(source: &PostgresUrl, path: &Path) -> CliResult<()> {
    let mut command = Command::new("pg_dump");
    command.args(["--format=custom", "--file"]).arg(path);
    command.envs(source.variables());
    let status = command
        .status()
        .map_err(|error| CliError::message(format!("cannot run pg_dump for the backup: {error}")))?;
    if !status.success() {
        return Err(CliError::message("pg_dump failed; nothing was changed"));
    }
    let database = source.database.as_deref().unwrap_or("DATABASE");
    tell!(
        "backup made; to restore it: pg_restore --clean --if-exists --dbname={database} '{}'",
        path.display()
    );
    Ok(())
}
