//! PostgreSQL: statements go one by one through the simple protocol, as psql sends them; the history table's values are
//! bound. One runner at a time, by an advisory lock of the session.

mod connect;
#[cfg(feature = "tls")]
mod tls;

use std::borrow::{Borrow, BorrowMut};
use std::io::Write;
use std::time::Duration;

use postgres::error::{DbError, ErrorPosition, SqlState};
use postgres::types::{ToSql, Type};
use postgres::{Client, SimpleQueryMessage};
use schema_model::DialectKind;

use connect::{open, source_text};

use super::{
    Access, Begin, ConnectError, DatabaseUrl, Driver, Failure, LOCK_KEY, Lock, PostgresUrl, Row, SqlError,
};

/// A PostgreSQL session.
pub struct PostgresDriver<C = Client> {
    client: C,
    place: String,
    url: Option<PostgresUrl>,
    locked: bool,
    /// The last statement changed settings that `reset_session` has to undo before the next script.
    tainted: bool,
}

impl<C> std::fmt::Debug for PostgresDriver<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostgresDriver({})", self.place)
    }
}

impl PostgresDriver {
    /// Connects to the database.
    pub fn connect(url: &PostgresUrl, access: Access) -> Result<Self, ConnectError> {
        let place = DatabaseUrl::Postgres(Box::new(url.clone())).to_string();
        let client = open(url, &place)?;
        let url = Some(url.clone());
        let mut driver = PostgresDriver { client, place, url, locked: false, tainted: false };
        if access == Access::Read {
            let read_only = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY";
            let result = driver.client().batch_execute(read_only);
            result.map_err(|error| ConnectError::Refused {
                place: driver.place.clone(),
                reason: error.to_string(),
            })?;
        }
        Ok(driver)
    }
}

impl<C: BorrowMut<Client>> PostgresDriver<C> {
    /// Takes over an open session, as an application has one.
    pub fn over(client: C, place: String) -> Self {
        PostgresDriver { client, place, url: None, locked: false, tainted: false }
    }

    /// The session itself.
    pub fn client(&mut self) -> &mut Client {
        self.client.borrow_mut()
    }

    /// Gives the session back.
    pub fn into_client(self) -> C {
        self.client
    }

    /// Two open connections that share one server process are a transaction pooler's: a session's lock means nothing
    /// there, and a statement may land in another session than the one before it.
    fn refuse_pooler(&mut self) -> Result<(), SqlError> {
        let Some(mut other) = self.url.as_ref().and_then(|url| open(url, &self.place).ok()) else {
            return Ok(());
        };
        let pid = "SELECT pg_catalog.pg_backend_pid()";
        let mine = self.query(pid, &[])?;
        let theirs = other.simple_query(&format!("BEGIN; {pid}")).map_err(|error| sql_error(&error))?;
        let theirs = rows(theirs).0;
        let mine_again = self.query(pid, &[])?;
        // The other connection's transaction goes with it.
        drop(other);
        if mine == theirs || mine != mine_again {
            return Err(SqlError::own(
                "this is a connection pooler that changes sessions between transactions (PgBouncer's transaction mode?): \
                 the lock against a second runner would not hold; connect to the server itself or to a session pool",
            ));
        }
        Ok(())
    }
}

pub(crate) fn sql_error(error: &postgres::Error) -> SqlError {
    match error.as_db_error() {
        Some(told) => told_error(told),
        None => {
            let failure = if error.is_closed() { Failure::Connection } else { Failure::Statement };
            SqlError { failure, ..SqlError::own(source_text(error)) }
        }
    }
}

fn told_error(told: &DbError) -> SqlError {
    let failure = match told.code() {
        &SqlState::LOCK_NOT_AVAILABLE
        | &SqlState::T_R_DEADLOCK_DETECTED
        | &SqlState::T_R_SERIALIZATION_FAILURE => Failure::Passing,
        &SqlState::READ_ONLY_SQL_TRANSACTION => Failure::ReadOnly,
        &SqlState::INSUFFICIENT_PRIVILEGE => Failure::Denied,
        &SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN | &SqlState::CANNOT_CONNECT_NOW => {
            Failure::Connection
        }
        code if code.code().starts_with("08") => Failure::Connection,
        _ => Failure::Statement,
    };
    let position = match told.position() {
        Some(ErrorPosition::Original(position)) => Some(*position as usize),
        _ => None,
    };
    SqlError {
        message: told.message().replace('\n', " "),
        code: Some(told.code().code().into()),
        detail: told.detail().map(|detail| detail.replace('\n', " ").into()),
        hint: told.hint().map(Box::from),
        offset: position,
        failure,
    }
}

/// The server counts characters from one; the place of an error is wanted in bytes from zero.
fn in_bytes(mut error: SqlError, sql: &str) -> SqlError {
    error.offset = error.offset.map(|position| {
        let before = position.saturating_sub(1);
        sql.char_indices().nth(before).map_or(sql.len(), |(at, _)| at)
    });
    error
}

/// The rows of an answer, and how many rows the last command touched.
fn rows(messages: Vec<SimpleQueryMessage>) -> (Vec<Row>, u64) {
    let mut all = Vec::new();
    let mut touched = 0;
    for message in messages {
        match message {
            SimpleQueryMessage::Row(row) => {
                all.push((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect());
            }
            SimpleQueryMessage::CommandComplete(count) => touched = count,
            _ => {}
        }
    }
    (all, touched)
}

fn milliseconds(time: Duration) -> u128 {
    time.as_millis().clamp(1, i32::MAX as u128)
}

impl<C: BorrowMut<Client>> Driver for PostgresDriver<C> {
    fn dialect(&self) -> DialectKind {
        DialectKind::Postgres
    }

    fn place(&self) -> &str {
        &self.place
    }

    fn execute(&mut self, sql: &str) -> Result<u64, SqlError> {
        self.tainted |= taints(sql);
        let messages = self.client().simple_query(sql).map_err(|error| in_bytes(sql_error(&error), sql))?;
        Ok(rows(messages).1)
    }

    fn query(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Vec<Row>, SqlError> {
        if values.is_empty() {
            let messages =
                self.client().simple_query(sql).map_err(|error| in_bytes(sql_error(&error), sql))?;
            return Ok(rows(messages).0);
        }
        let typed: Vec<(&(dyn ToSql + Sync), Type)> =
            values.iter().map(|value| (value as &(dyn ToSql + Sync), Type::TEXT)).collect();
        let found =
            self.client().query_typed(sql, &typed).map_err(|error| in_bytes(sql_error(&error), sql))?;
        found
            .iter()
            .map(|row| (0..row.len()).map(|at| row.try_get(at).map_err(|error| sql_error(&error))).collect())
            .collect()
    }

    fn copy(&mut self, sql: &str, data: &str) -> Result<u64, SqlError> {
        let mut writer = self.client().copy_in(sql).map_err(|error| in_bytes(sql_error(&error), sql))?;
        writer.write_all(data.as_bytes()).map_err(|error| SqlError::own(error.to_string()))?;
        writer.finish().map_err(|error| sql_error(&error))
    }

    fn begin(&mut self, begin: &Begin) -> Result<(), SqlError> {
        let mut sql = "BEGIN".to_owned();
        for (name, time) in
            [("lock_timeout", begin.lock_timeout), ("statement_timeout", begin.statement_timeout)]
        {
            if let Some(time) = time {
                sql += &format!("; SET LOCAL {name} = {}", milliseconds(time));
            }
        }
        self.client().batch_execute(&sql).map_err(|error| sql_error(&error))
    }

    fn commit(&mut self) -> Result<(), SqlError> {
        self.client().batch_execute("COMMIT").map_err(|error| sql_error(&error))
    }

    fn rollback(&mut self) -> Result<(), SqlError> {
        if Borrow::<Client>::borrow(&self.client).is_closed() {
            return Ok(());
        }
        self.client().batch_execute("ROLLBACK").map_err(|error| sql_error(&error))
    }

    fn try_lock(&mut self) -> Result<Lock, SqlError> {
        let got = self.query(&format!("SELECT pg_catalog.pg_try_advisory_lock({LOCK_KEY})"), &[])?;
        if got.first().and_then(|row| row.first()).is_some_and(|value| value.as_deref() == Some("t")) {
            self.locked = true;
            if let Err(error) = self.refuse_pooler() {
                let _ = self.unlock();
                return Err(error);
            }
            return Ok(Lock::Held);
        }
        let holder = format!(
            "SELECT 'process ' || a.pid || coalesce(' (' || nullif(a.application_name, '') || ')', '') || ' since ' || \
             to_char(a.backend_start, 'HH24:MI:SS') FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON \
             a.pid = l.pid WHERE {} AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()",
            own_lock()
        );
        let holder = self.query(&holder, &[])?.into_iter().flatten().next().flatten();
        Ok(Lock::Busy(holder))
    }

    fn unlock(&mut self) -> Result<(), SqlError> {
        if !self.locked || Borrow::<Client>::borrow(&self.client).is_closed() {
            return Ok(());
        }
        self.locked = false;
        self.query(&format!("SELECT pg_catalog.pg_advisory_unlock({LOCK_KEY})"), &[]).map(|_| ())
    }

    fn holds_lock(&mut self) -> Result<bool, SqlError> {
        let sql = format!(
            "SELECT 1 FROM pg_catalog.pg_locks l WHERE {} AND l.granted AND l.pid = pg_catalog.pg_backend_pid()",
            own_lock()
        );
        Ok(!self.query(&sql, &[])?.is_empty())
    }

    fn foreign_writes(&mut self) -> Result<Option<i64>, SqlError> {
        Ok(None)
    }

    fn reset_session(&mut self) -> Result<(), SqlError> {
        if std::mem::take(&mut self.tainted) {
            let sql = "RESET SESSION AUTHORIZATION; RESET ALL; DISCARD TEMP";
            return self.client().batch_execute(sql).map_err(|error| sql_error(&error));
        }
        Ok(())
    }

    fn unlimited(&mut self, on: bool) -> Result<(), SqlError> {
        let value = if on { "0" } else { "DEFAULT" };
        let sql = format!("SET lock_timeout = {value}; SET statement_timeout = {value}");
        self.client().batch_execute(&sql).map_err(|error| sql_error(&error))
    }
}

/// The row of `pg_locks` that is this history's lock: a key of 64 bits stands there in two halves (manual, 54.12).
fn own_lock() -> String {
    format!(
        "l.locktype = 'advisory' AND l.objsubid = 1 AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE \
         datname = pg_catalog.current_database()) AND ((l.classid::bigint << 32) | l.objid::bigint) = {LOCK_KEY}"
    )
}

/// Whether a statement may leave something in the session that the next script would meet.
fn taints(sql: &str) -> bool {
    let lower = sql.to_ascii_lowercase();
    ["set", "temp", "reset", "discard"].iter().any(|word| lower.contains(word))
}
