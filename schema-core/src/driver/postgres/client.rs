//! The session of the `postgres` crate.

use std::io::Write;

use postgres::types::{ToSql, Type};
use postgres::{Client, Error};

use super::super::{Access, Answer, ConnectError, DatabaseUrl, PostgresUrl, SqlError};
use super::answers::{self, sql_error};
use super::connect::open;
use super::{PostgresDriver, PostgresSession};

impl PostgresDriver<Client> {
    /// Connects to the database.
    pub fn connect(url: &PostgresUrl, access: Access) -> Result<Self, ConnectError> {
        let place = DatabaseUrl::Postgres(Box::new(url.clone())).to_string();
        let mut driver = PostgresDriver::over(open(url, &place)?, place);
        let url = url.clone();
        driver.another = Some(Box::new(move || {
            open(&url, "").ok().map(|client| Box::new(client) as Box<dyn PostgresSession>)
        }));
        if access == Access::Read {
            let read_only = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY";
            driver.run(read_only).map_err(|error| ConnectError::Refused {
                place: driver.place.clone(),
                reason: error.to_string(),
            })?;
        }
        Ok(driver)
    }

    /// The client itself.
    pub fn client(&mut self) -> &mut Client {
        &mut self.session
    }
}

impl PostgresSession for Client {
    fn simple(&mut self, sql: &str) -> Result<Answer, SqlError> {
        self.simple_query(sql).map(answers::simple).map_err(|error| sql_error(&error, sql))
    }

    fn bound(&mut self, sql: &str, values: &[Option<&str>]) -> Result<Answer, SqlError> {
        let typed: Vec<(&(dyn ToSql + Sync), Type)> =
            values.iter().map(|value| (value as &(dyn ToSql + Sync), Type::TEXT)).collect();
        let found = self.query_typed(sql, &typed).map_err(|error| sql_error(&error, sql))?;
        answers::bound(&found)
    }

    fn copy(&mut self, sql: &str, data: &str) -> Result<Answer, SqlError> {
        let fail = |error: Error| sql_error(&error, sql);
        let mut writer = self.copy_in(sql).map_err(fail)?;
        writer.write_all(data.as_bytes()).map_err(|error| SqlError::own(error.to_string()))?;
        Ok(Answer { touched: writer.finish().map_err(fail)?, ..Answer::default() })
    }

    fn is_closed(&self) -> bool {
        Client::is_closed(self)
    }
}
