//! `upgrade --sql` and `downgrade --sql`: scripts for psql or sqlite3, from the files alone.

use std::io::Write;

use schema_core::revision::{Target, TargetRange};
use schema_core::script::shell;
use schema_model::DialectKind;

use crate::cli::{DowngradeArgs, Global, UpgradeArgs};
use crate::database::Revisions;
use crate::error::{CliError, CliResult};
use crate::exit;
use crate::project::Project;

/// From the base to the target, or over a range.
pub fn upgrade(global: &Global, args: &UpgradeArgs) -> CliResult {
    let range = if args.target.contains(':') {
        args.target.parse().map_err(CliError::message)?
    } else {
        TargetRange { from: None, to: Some(args.target.parse().map_err(CliError::message)?) }
    };
    let (_, revisions) = Revisions::read(global, dialect(global, args.dialect)?)?;
    let text =
        shell::offline::upgrade_sql(&revisions.folder, &range, args.idempotent).map_err(CliError::message)?;
    print(&text)
}

/// From the head to the target, or over a range.
pub fn downgrade(global: &Global, args: &DowngradeArgs, target: &str) -> CliResult {
    let range = if target.contains(':') {
        target.parse().map_err(CliError::message)?
    } else {
        TargetRange { from: Some(Target::head()), to: Some(target.parse().map_err(CliError::message)?) }
    };
    let (_, revisions) = Revisions::read(global, dialect(global, args.dialect)?)?;
    let text = shell::offline::downgrade_sql(&revisions.folder, &range, false).map_err(CliError::message)?;
    print(&text)
}

/// The one asked for, or the project's own.
fn dialect(global: &Global, wanted: Option<DialectKind>) -> CliResult<DialectKind> {
    match wanted {
        Some(dialect) => Ok(dialect),
        None => Project::find(global)?.dialect(None),
    }
}

fn print(text: &str) -> CliResult {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(exit::CLEAN)
}
