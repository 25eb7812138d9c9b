//! `upgrade --sql` and `downgrade --sql`: scripts for psql or sqlite3, from the files alone.

use crate::cli::{DowngradeArgs, Global, UpgradeArgs};
use crate::error::{CliError, CliResult};

pub fn upgrade(_global: &Global, _args: &UpgradeArgs) -> CliResult {
    Err(CliError::message("scripts cannot be written yet"))
}

pub fn downgrade(_global: &Global, _args: &DowngradeArgs, _target: &str) -> CliResult {
    Err(CliError::message("scripts cannot be written yet"))
}
