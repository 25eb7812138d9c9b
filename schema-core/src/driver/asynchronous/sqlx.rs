//! Connections of sqlx.

use futures_util::TryStreamExt;
use schema_model::DialectKind;
use sqlx::postgres::{PgConnection, PgDatabaseError, PgErrorPosition, PgQueryResult, PgRow};
use sqlx::sqlite::{SqliteConnection, SqliteQueryResult, SqliteRow};
use sqlx::{AssertSqlSafe, Either, Row as _, ValueRef as _};

use super::super::{Answer, Failure, Row, SqlError, postgres, sqlite};
use super::{AsyncConnection, Request};

impl AsyncConnection for PgConnection {
    fn dialect(&self) -> DialectKind {
        DialectKind::Postgres
    }

    async fn answer(&mut self, request: Request) -> Result<Answer, SqlError> {
        match request {
            Request::Simple(sql) => {
                let query = sqlx::raw_sql(AssertSqlSafe(sql.clone()));
                let found = collect(query.fetch_many(self), postgres_row, PgQueryResult::rows_affected).await;
                found.map_err(|error| postgres_error(&error, &sql))
            }
            Request::Bound(sql, values) => {
                let mut query = sqlx::query(AssertSqlSafe(sql.clone())).persistent(false);
                for value in values {
                    query = query.bind(value);
                }
                let rows = query.fetch_all(self).await.map_err(|error| postgres_error(&error, &sql))?;
                let row = |row: &PgRow| (0..row.len()).map(|at| row.try_get(at)).collect();
                let rows: Result<Vec<Row>, sqlx::Error> = rows.iter().map(row).collect();
                let rows = rows.map_err(|error| postgres_error(&error, &sql))?;
                Ok(Answer { touched: rows.len() as u64, rows })
            }
            Request::Copy(sql, data) => {
                let fail = |error: sqlx::Error| postgres_error(&error, &sql);
                let mut sink = self.copy_in_raw(&sql).await.map_err(fail)?;
                sink.send(data.as_bytes()).await.map_err(fail)?;
                Ok(Answer { touched: sink.finish().await.map_err(fail)?, ..Answer::default() })
            }
        }
    }
}

impl AsyncConnection for SqliteConnection {
    fn dialect(&self) -> DialectKind {
        DialectKind::Sqlite
    }

    async fn answer(&mut self, request: Request) -> Result<Answer, SqlError> {
        let changed = SqliteQueryResult::rows_affected;
        let found = match request {
            Request::Bound(sql, values) if !values.is_empty() => {
                let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
                for value in values {
                    query = query.bind(value);
                }
                let rows = query.fetch_all(self).await.map_err(|error| sqlite_error(&error))?;
                let rows: Result<Vec<Row>, sqlx::Error> = rows.iter().map(sqlite_row).collect();
                rows.map(|rows| Answer { touched: rows.len() as u64, rows })
            }
            Request::Simple(sql) | Request::Bound(sql, _) | Request::Copy(sql, _) => {
                let query = sqlx::raw_sql(AssertSqlSafe(sql));
                collect(query.fetch_many(self), sqlite_row, changed).await
            }
        };
        found.map_err(|error| sqlite_error(&error))
    }
}

/// The rows of all statements, and how many the last one touched.
async fn collect<Result, Row>(
    mut stream: impl futures_util::Stream<Item = sqlx::Result<Either<Result, Row>>> + Unpin,
    texts: impl Fn(&Row) -> sqlx::Result<super::super::Row>,
    touched: impl Fn(&Result) -> u64,
) -> sqlx::Result<Answer> {
    let mut answer = Answer::default();
    while let Some(item) = stream.try_next().await? {
        match item {
            Either::Left(result) => answer.touched = touched(&result),
            Either::Right(row) => answer.rows.push(texts(&row)?),
        }
    }
    Ok(answer)
}

/// A row of the simple protocol: all values are text already.
fn postgres_row(row: &PgRow) -> sqlx::Result<Row> {
    let value = |at| {
        let value = row.try_get_raw(at)?;
        if value.is_null() {
            return Ok(None);
        }
        value.as_str().map(|text| Some(text.to_owned())).map_err(sqlx::Error::Decode)
    };
    (0..row.len()).map(value).collect()
}

/// SQLite makes text of any value (sqlite.org/c3ref/value_blob.html).
fn sqlite_row(row: &SqliteRow) -> sqlx::Result<Row> {
    let value = |at| {
        let bytes: Option<Vec<u8>> = row.try_get_unchecked(at)?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    };
    (0..row.len()).map(value).collect()
}

fn postgres_error(error: &sqlx::Error, sql: &str) -> SqlError {
    let told = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
    let Some(told) = told else { return client_error(error) };
    let offset = match told.position() {
        Some(PgErrorPosition::Original(position)) => Some(postgres::in_bytes(sql, position)),
        _ => None,
    };
    SqlError {
        message: told.message().replace('\n', " "),
        code: Some(told.code().into()),
        detail: told.detail().map(|detail| detail.replace('\n', " ").into()),
        hint: told.hint().map(Box::from),
        offset,
        failure: postgres::failure(told.code()),
    }
}

fn sqlite_error(error: &sqlx::Error) -> SqlError {
    let Some(told) = error.as_database_error() else { return client_error(error) };
    let code = told.code();
    let failure =
        code.as_deref().and_then(|code| code.parse().ok()).map_or(Failure::Statement, sqlite::failure);
    SqlError { code: code.map(|code| code.as_ref().into()), failure, ..SqlError::own(told.message()) }
}

fn client_error(error: &sqlx::Error) -> SqlError {
    let gone = matches!(error, sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed);
    let failure = if gone { Failure::Connection } else { Failure::Statement };
    SqlError { failure, ..SqlError::own(error.to_string()) }
}
