//! A connection of `tokio-postgres`.

use futures_util::SinkExt;
use schema_model::DialectKind;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};

use super::super::postgres::answers::{self, sql_error};
use super::super::{Answer, SqlError};
use super::{AsyncConnection, Request};

impl AsyncConnection for Client {
    fn dialect(&self) -> DialectKind {
        DialectKind::Postgres
    }

    async fn answer(&mut self, request: Request) -> Result<Answer, SqlError> {
        match request {
            Request::Simple(sql) => {
                self.simple_query(&sql).await.map(answers::simple).map_err(|error| sql_error(&error, &sql))
            }
            Request::Bound(sql, values) => {
                let typed: Vec<(&(dyn ToSql + Sync), Type)> =
                    values.iter().map(|value| (value as &(dyn ToSql + Sync), Type::TEXT)).collect();
                let found = self.query_typed(&sql, &typed).await.map_err(|error| sql_error(&error, &sql))?;
                answers::bound(&found)
            }
            Request::Copy(sql, data) => {
                let fail = |error: Error| sql_error(&error, &sql);
                let sink = self.copy_in(&sql).await.map_err(fail)?;
                let mut sink = std::pin::pin!(sink);
                sink.send(std::io::Cursor::new(data.into_bytes())).await.map_err(fail)?;
                Ok(Answer { touched: sink.as_mut().finish().await.map_err(fail)?, ..Answer::default() })
            }
        }
    }
}
