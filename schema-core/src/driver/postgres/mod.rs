//! PostgreSQL: statements go one by one through the simple protocol, as psql sends them; the history table's values are
//! bound. One runner at a time, by an advisory lock of the session.

#[cfg(any(feature = "postgres", feature = "tokio-postgres"))]
pub(super) mod answers;
#[cfg(feature = "postgres")]
mod client;
#[cfg(feature = "postgres")]
mod connect;
#[cfg(feature = "tls")]
mod tls;

use std::time::Duration;

use schema_model::DialectKind;

use super::{Answer, Begin, Driver, Failure, LOCK_KEY, Lock, Row, SqlError};

/// A PostgreSQL session, whatever the client: what the runner asks of it. All else is SQL over this.
pub trait PostgresSession {
    /// Runs statements as psql sends them, one after another.
    fn simple(&mut self, sql: &str) -> Result<Answer, SqlError>;

    /// Runs one statement with values (`$1`), all of them text.
    fn bound(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Answer, SqlError>;

    /// Runs `COPY … FROM stdin` with its data.
    fn copy(&mut self, sql: &str, data: &str) -> Result<Answer, SqlError>;

    /// Whether the server is known to be gone.
    fn is_closed(&self) -> bool;
}

/// A session that is lent.
impl<S: PostgresSession> PostgresSession for &mut S {
    fn simple(&mut self, sql: &str) -> Result<Answer, SqlError> {
        (**self).simple(sql)
    }

    fn bound(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Answer, SqlError> {
        (**self).bound(sql, values)
    }

    fn copy(&mut self, sql: &str, data: &str) -> Result<Answer, SqlError> {
        (**self).copy(sql, data)
    }

    fn is_closed(&self) -> bool {
        (**self).is_closed()
    }
}

/// Opens another session on the same server.
type Another = Box<dyn Fn() -> Option<Box<dyn PostgresSession>> + Send>;

/// The runner on a PostgreSQL session.
pub struct PostgresDriver<S> {
    session: S,
    place: String,
    /// None for a session that the application opened.
    another: Option<Another>,
    locked: bool,
    /// The last statement changed settings that `reset_session` has to undo before the next script.
    tainted: bool,
}

impl<S> std::fmt::Debug for PostgresDriver<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostgresDriver({})", self.place)
    }
}

impl<S: PostgresSession> PostgresDriver<S> {
    /// Takes over an open session, as an application has one.
    pub fn over(session: S, place: String) -> Self {
        PostgresDriver { session, place, another: None, locked: false, tainted: false }
    }

    fn run(&mut self, sql: &str) -> Result<(), SqlError> {
        self.session.simple(sql).map(drop)
    }

    /// Two open connections that share one server process are a transaction pooler's: a session's lock means nothing
    /// there, and a statement may land in another session than the one before it.
    fn refuse_pooler(&mut self) -> Result<(), SqlError> {
        let Some(mut other) = self.another.as_ref().and_then(|open| open()) else { return Ok(()) };
        let pid = "SELECT pg_catalog.pg_backend_pid()";
        let mine = self.query(pid, &[])?;
        let theirs = other.simple(&format!("BEGIN; {pid}"))?.rows;
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

/// What the runner does about an error of this SQLSTATE (manual, appendix A).
#[cfg(any(feature = "postgres", feature = "tokio-postgres", feature = "sqlx"))]
pub(super) fn failure(sqlstate: &str) -> Failure {
    match sqlstate {
        // lock_not_available, deadlock_detected, serialization_failure
        "55P03" | "40P01" | "40001" => Failure::Passing,
        "25006" => Failure::ReadOnly,
        "42501" => Failure::Denied,
        // admin_shutdown, crash_shutdown, cannot_connect_now
        "57P01" | "57P02" | "57P03" => Failure::Connection,
        code if code.starts_with("08") => Failure::Connection,
        _ => Failure::Statement,
    }
}

/// The server counts characters from one; the place of an error is wanted in bytes from zero.
#[cfg(any(feature = "postgres", feature = "tokio-postgres", feature = "sqlx"))]
pub(super) fn in_bytes(sql: &str, position: usize) -> usize {
    sql.char_indices().nth(position.saturating_sub(1)).map_or(sql.len(), |(at, _)| at)
}

fn milliseconds(time: Duration) -> u128 {
    time.as_millis().clamp(1, i32::MAX as u128)
}

impl<S: PostgresSession> Driver for PostgresDriver<S> {
    fn dialect(&self) -> DialectKind {
        DialectKind::Postgres
    }

    fn place(&self) -> &str {
        &self.place
    }

    fn execute(&mut self, sql: &str) -> Result<u64, SqlError> {
        self.tainted |= taints(sql);
        Ok(self.session.simple(sql)?.touched)
    }

    fn query(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Vec<Row>, SqlError> {
        let answer =
            if values.is_empty() { self.session.simple(sql) } else { self.session.bound(sql, values) };
        Ok(answer?.rows)
    }

    fn copy(&mut self, sql: &str, data: &str) -> Result<u64, SqlError> {
        Ok(self.session.copy(sql, data)?.touched)
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
        self.run(&sql)
    }

    fn commit(&mut self) -> Result<(), SqlError> {
        self.run("COMMIT")
    }

    fn rollback(&mut self) -> Result<(), SqlError> {
        if self.session.is_closed() {
            return Ok(());
        }
        self.run("ROLLBACK")
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
        if !self.locked || self.session.is_closed() {
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
            return self.run("RESET SESSION AUTHORIZATION; RESET ALL; DISCARD TEMP");
        }
        Ok(())
    }

    fn unlimited(&mut self, on: bool) -> Result<(), SqlError> {
        let value = if on { "0" } else { "DEFAULT" };
        let sql = format!("SET lock_timeout = {value}; SET statement_timeout = {value}");
        self.run(&sql)
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
