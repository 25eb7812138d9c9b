//! The runner on an asynchronous connection. The runner itself is synchronous: it works on a thread of its own and asks for
//! one statement at a time; the future that the application awaits answers from its connection. No executor is needed but
//! the application's.

#[cfg(feature = "sqlx")]
mod sqlx;
#[cfg(feature = "tokio-postgres")]
mod tokio_postgres;

use std::future::Future;
use std::sync::mpsc;

use schema_model::DialectKind;
use tokio::sync::{mpsc as inbox, oneshot};

use super::postgres::{PostgresDriver, PostgresSession};
use super::sqlite::{SqliteDriver, SqliteSession};
use super::{Answer, Driver, Failure, SqlError};

/// What the runner asks of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Statements as they are, one after another.
    Simple(String),
    /// One statement with values, all of them text.
    Bound(String, Vec<Option<String>>),
    /// `COPY … FROM stdin` and its data.
    Copy(String, String),
}

/// An asynchronous connection that the application has open.
pub trait AsyncConnection {
    /// The dialect spoken there.
    fn dialect(&self) -> DialectKind;

    /// Answers one request.
    fn answer(&mut self, request: Request) -> impl Future<Output = Result<Answer, SqlError>> + Send;
}

/// Lends the connection to the runner for some work, and awaits its end.
///
/// Dropping the future stops the runner at the statement it waits for; a transaction may then be open on the connection, which
/// is best closed.
pub(crate) async fn lend<C, T>(
    connection: &mut C,
    work: impl FnOnce(&mut dyn Driver) -> T + Send + 'static,
) -> Result<T, SqlError>
where
    C: AsyncConnection,
    T: Send + 'static,
{
    let (asks, mut asked) = inbox::unbounded_channel();
    let (done, result) = oneshot::channel();
    let dialect = connection.dialect();
    let runner = move || {
        let remote = Remote { asks, closed: false };
        let place = "the application's database".to_owned();
        let value = match dialect {
            DialectKind::Postgres => Ok(work(&mut PostgresDriver::over(remote, place))),
            DialectKind::Sqlite => SqliteDriver::lend(remote, place, work),
        };
        // Nobody waits any more when the application dropped the future.
        let _ = done.send(value);
    };
    std::thread::Builder::new()
        .name("schema-migrator".to_owned())
        .spawn(runner)
        .map_err(|error| SqlError::own(format!("cannot start a thread for the migrations: {error}")))?;
    while let Some(Ask { request, reply }) = asked.recv().await {
        let _ = reply.send(connection.answer(request).await);
    }
    result.await.map_err(|_| SqlError::own("the runner stopped without a word"))?
}

/// A request, and where the answer goes.
struct Ask {
    request: Request,
    reply: mpsc::SyncSender<Result<Answer, SqlError>>,
}

/// The runner's end of the connection.
struct Remote {
    asks: inbox::UnboundedSender<Ask>,
    closed: bool,
}

impl Remote {
    fn ask(&mut self, request: Request) -> Result<Answer, SqlError> {
        let (reply, answer) = mpsc::sync_channel(1);
        let answer = self.asks.send(Ask { request, reply }).ok().and_then(|()| answer.recv().ok());
        let answer = answer.unwrap_or_else(|| {
            let gone = SqlError::own("the application stopped waiting for its migrations");
            Err(SqlError { failure: Failure::Connection, ..gone })
        });
        self.closed |= matches!(&answer, Err(error) if error.failure == Failure::Connection);
        answer
    }
}

fn owned(values: &[Option<&str>]) -> Vec<Option<String>> {
    values.iter().map(|value| value.map(str::to_owned)).collect()
}

impl PostgresSession for Remote {
    fn simple(&mut self, sql: &str) -> Result<Answer, SqlError> {
        self.ask(Request::Simple(sql.to_owned()))
    }

    fn bound(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Answer, SqlError> {
        self.ask(Request::Bound(sql.to_owned(), owned(values)))
    }

    fn copy(&mut self, sql: &str, data: &str) -> Result<Answer, SqlError> {
        self.ask(Request::Copy(sql.to_owned(), data.to_owned()))
    }

    fn is_closed(&self) -> bool {
        self.closed
    }
}

impl SqliteSession for Remote {
    fn run(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Answer, SqlError> {
        self.ask(Request::Bound(sql.to_owned(), owned(values)))
    }

    /// The client does not tell, and SQLite has no statement that asks: it refuses a transaction inside another.
    fn in_transaction(&mut self) -> Result<bool, SqlError> {
        match self.ask(Request::Simple("BEGIN".to_owned())) {
            Ok(_) => self.ask(Request::Simple("ROLLBACK".to_owned())).map(|_| false),
            Err(error) if error.message.contains("within a transaction") => Ok(true),
            Err(error) => Err(error),
        }
    }
}
