//! The catalog of a live database, without the tools' own history tables.

use schema_core::driver::{self, Access, DatabaseUrl, postgres::PostgresDriver, sqlite::SqliteDriver};
use schema_core::introspect;
use schema_model::ObjectName;
use schema_model::catalog::Catalog;

use crate::error::{CliError, CliResult};

/// Connects, reads, disconnects. Never writes.
pub fn catalog(url: &DatabaseUrl) -> CliResult<Catalog> {
    let mut catalog = match url {
        DatabaseUrl::Postgres(target) => {
            let mut driver = PostgresDriver::connect(target, Access::Read).map_err(CliError::message)?;
            introspect::postgres::catalog(driver.client()).map_err(CliError::message)?
        }
        DatabaseUrl::Sqlite(target) => {
            let driver = SqliteDriver::open(target, Access::Read).map_err(CliError::message)?;
            introspect::sqlite::catalog(driver.connection()).map_err(CliError::message)?
        }
    };
    for table in driver::foreign_tables().chain([driver::TABLE]) {
        catalog.tables.remove(&ObjectName::bare(table));
        catalog
            .sequences
            .retain(|_, sequence| sequence.owned_by.as_ref().is_none_or(|(owner, _)| owner.name != *table));
    }
    Ok(catalog)
}
