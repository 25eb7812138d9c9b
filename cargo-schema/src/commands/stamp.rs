//! `stamp`: says that a database is at a version. Proven first: the live catalog must be the replayed one.

use std::collections::BTreeSet;
use std::io::Write;

use schema_core::diff::{self, DiffOptions};
use schema_core::driver::{self, Access, Driver, RunError, StampOptions};
use schema_core::revision::{RevisionId, Target};

use super::running;
use crate::cli::{Global, StampArgs};
use crate::database::{self, Revisions};
use crate::error::{CliError, CliResult};
use crate::recorded::Recorded;
use crate::{exit, live};

pub fn run(global: &Global, args: &StampArgs) -> CliResult {
    let target: Target = match &args.target {
        Some(word) => word.parse().map_err(CliError::message)?,
        None => Target::head(),
    };
    let (url, _) = database::find_url(&args.database)?;
    let (_, revisions) = Revisions::read(global, url.dialect())?;
    // The live catalog is read before the lock is taken: a stamp changes no table but the history's.
    let live = if args.force { None } else { Some(live::catalog(&url)?) };
    let recorded = Recorded::of(revisions.files.clone(), None, &revisions.sources)?;
    let mut driver = database::connect(&url, &args.database, Access::Write)?;
    let mut proof = |_: &mut dyn Driver, wanted: &[RevisionId]| -> Result<Option<String>, RunError> {
        let Some(live) = &live else { return Ok(None) };
        let applied: BTreeSet<RevisionId> = wanted.iter().cloned().collect();
        let expected = recorded.catalog_of(&applied, &revisions.sources);
        let changes = diff::diff(live, &expected, &DiffOptions::new(url.dialect()));
        let list: Vec<_> = changes.iter().map(|change| format!("  {change}")).collect();
        Ok((!list.is_empty()).then(|| list.join("\n")))
    };
    let options = running::options();
    let folder = &revisions.folder;
    let stamped = if args.adopt {
        driver::adopt(driver.as_mut(), folder, &options, args.force, &mut proof)
    } else {
        let how = StampOptions { force: args.force, purge: args.purge };
        driver::stamp(driver.as_mut(), folder, &target, &options, how, &mut proof)
    };
    let stamped = stamped.map_err(running::failed)?;
    let mut out = std::io::stdout().lock();
    match stamped.last() {
        Some(last) => writeln!(out, "Stamped {}: {} revisions are taken for applied", last, stamped.len())?,
        None if args.adopt => writeln!(out, "No other tool's history is in this database")?,
        None => writeln!(out, "Stamped base: nothing is taken for applied")?,
    }
    out.flush()?;
    Ok(exit::CLEAN)
}
