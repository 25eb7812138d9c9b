//! The same on asynchronous connections: `tokio-postgres` and sqlx, each under its feature. Any executor will do.

use semver::Version;

use super::{MigrateError, Migrator, Requirement, Status};
use crate::driver::Report;
use crate::driver::asynchronous::{AsyncConnection, lend};

/// What is dropped before its end stops at the statement it waits for. A transaction may then be open on the connection: close
/// it rather than give it back to a pool.
impl Migrator {
    /// As [`upgrade`](Migrator::upgrade).
    pub async fn upgrade_async(&self, connection: &mut impl AsyncConnection) -> Result<Report, MigrateError> {
        self.upgrade_to_async(connection, "head").await
    }

    /// As [`upgrade_to`](Migrator::upgrade_to).
    pub async fn upgrade_to_async(
        &self,
        connection: &mut impl AsyncConnection,
        target: &str,
    ) -> Result<Report, MigrateError> {
        let (migrator, target) = (self.clone(), target.parse()?);
        lend(connection, move |driver| migrator.run_up(driver, &target)).await?
    }

    /// As [`downgrade`](Migrator::downgrade).
    pub async fn downgrade_async(
        &self,
        connection: &mut impl AsyncConnection,
        target: &str,
    ) -> Result<Report, MigrateError> {
        let (migrator, target) = (self.clone(), target.parse()?);
        lend(connection, move |driver| migrator.run_down(driver, &target)).await?
    }

    /// As [`status`](Migrator::status).
    pub async fn status_async(&self, connection: &mut impl AsyncConnection) -> Result<Status, MigrateError> {
        let migrator = self.clone();
        lend(connection, move |driver| migrator.look(driver)).await?
    }

    /// As [`ensure_current`](Migrator::ensure_current).
    pub async fn ensure_current_async(
        &self,
        connection: &mut impl AsyncConnection,
    ) -> Result<(), MigrateError> {
        let migrator = self.clone();
        lend(connection, move |driver| migrator.compare(driver)).await?
    }
}

/// As [`require`](super::require).
pub async fn require_async(
    requirement: &str,
    connection: &mut impl AsyncConnection,
) -> Result<Version, MigrateError> {
    let requirement = Requirement::read(requirement)?;
    lend(connection, move |driver| requirement.check(driver)).await?
}
