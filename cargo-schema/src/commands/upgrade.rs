//! `upgrade`: brings a database up to a target.

use schema_core::driver::{self, Access, Direction, Survey};
use schema_core::revision::Target;

use super::running;
use crate::cli::{Global, Unsure, UpgradeArgs};
use crate::database::{self, Revisions};
use crate::error::{CliError, CliResult};
use crate::exit;

pub fn run(global: &Global, args: &UpgradeArgs) -> CliResult {
    if args.sql {
        return super::offline::upgrade(global, args);
    }
    if args.targets.any() {
        return super::targets::upgrade(global, args);
    }
    let target: Target = args.target.parse().map_err(CliError::message)?;
    let (url, _) = database::find_url(&args.database)?;
    let (project, revisions) = Revisions::read(global, url.dialect())?;
    if args.dry_run {
        let mut driver = database::connect_for_plan(&url, &args.database)?;
        let survey = Survey::take(driver.as_mut(), &revisions.folder).map_err(CliError::message)?;
        let path = driver::plan_upgrade(&survey, &target).map_err(running::failed)?;
        super::dry_run::print(&path, Direction::Up, &project, &revisions, &survey)?;
        return Ok(exit::CLEAN);
    }
    let mut driver = database::connect(&url, &args.database, Access::Write)?;
    super::backup::make(&url, args.backup.as_deref())?;
    let options = driver::RunOptions {
        unsure: unsure(args.unsure),
        ..running::options_of(global, &project, &url, &args.database)
    };
    let mut observer = running::observer(global, &revisions);
    let report = driver::upgrade(driver.as_mut(), &revisions.folder, &target, &options, &mut observer);
    let report = report.map_err(running::failed)?;
    drop(observer);
    running::finish(&report, driver.as_mut(), &revisions, "Already up to date")?;
    Ok(exit::CLEAN)
}

/// The runner's word for it.
pub fn unsure(word: Unsure) -> driver::Unsure {
    match word {
        Unsure::Stop => driver::Unsure::Stop,
        Unsure::Again => driver::Unsure::Again,
        Unsure::Skip => driver::Unsure::Skip,
    }
}
