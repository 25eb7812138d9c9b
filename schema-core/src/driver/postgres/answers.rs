//! What tokio-postgres answers, in the runner's terms. The `postgres` crate is the same client without async, with the same types.

use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::error::{DbError, Error, ErrorPosition};

use super::super::{Answer, Failure, SqlError};

/// An error, with its place in the statement that was sent.
pub(in super::super) fn sql_error(error: &Error, sql: &str) -> SqlError {
    match error.as_db_error() {
        Some(told) => told_error(told, sql),
        None => {
            // A connection that breaks in the middle of an answer shows as an input error, and is not closed yet.
            let broken = error.is_closed()
                || std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>());
            let failure = if broken { Failure::Connection } else { Failure::Statement };
            SqlError { failure, ..SqlError::own(source_text(error)) }
        }
    }
}

fn told_error(told: &DbError, sql: &str) -> SqlError {
    let offset = match told.position() {
        Some(ErrorPosition::Original(position)) => Some(super::in_bytes(sql, *position as usize)),
        _ => None,
    };
    SqlError {
        message: told.message().replace('\n', " "),
        code: Some(told.code().code().into()),
        detail: told.detail().map(|detail| detail.replace('\n', " ").into()),
        hint: told.hint().map(Box::from),
        offset,
        failure: super::failure(told.code().code()),
    }
}

/// The innermost words: the outer ones only say that an error occurred.
pub(in super::super) fn source_text(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// The rows of an answer, and how many rows the last command touched.
pub(in super::super) fn simple(messages: Vec<SimpleQueryMessage>) -> Answer {
    let mut answer = Answer::default();
    for message in messages {
        match message {
            SimpleQueryMessage::Row(row) => {
                answer.rows.push((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect());
            }
            SimpleQueryMessage::CommandComplete(count) => answer.touched = count,
            _ => {}
        }
    }
    answer
}

/// The rows of a statement with bound values, which asks for text alone.
pub(in super::super) fn bound(found: &[tokio_postgres::Row]) -> Result<Answer, SqlError> {
    let row = |row: &tokio_postgres::Row| {
        (0..row.len()).map(|at| row.try_get(at).map_err(|error| sql_error(&error, ""))).collect()
    };
    let rows = found.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer { touched: rows.len() as u64, rows })
}
