//! `downgrade`: rolls a database back to a target.

use schema_core::driver::{self, Access, Direction, Survey};
use schema_core::revision::Target;

use super::running;
use crate::cli::{DowngradeArgs, Global};
use crate::database::{self, Revisions};
use crate::error::{CliError, CliResult};
use crate::exit;

pub fn run(global: &Global, args: &DowngradeArgs) -> CliResult {
    let Some(target) = &args.target else {
        return Err(CliError::message(
            "downgrade needs a target, such as `cargo schema downgrade -1` (one step), `cargo schema downgrade 1.0.0`, or \
             `cargo schema downgrade base`",
        ));
    };
    if args.sql {
        return super::offline::downgrade(global, args, target);
    }
    if args.targets.any() {
        return super::targets::downgrade(global, args, target);
    }
    let target: Target = target.parse().map_err(CliError::message)?;
    let (url, _) = database::find_url(&args.database)?;
    let (project, revisions) = Revisions::read(global, url.dialect())?;
    let access = if args.dry_run { Access::Read } else { Access::Write };
    let mut driver = database::connect(&url, &args.database, access)?;
    let survey = Survey::take(driver.as_mut(), &revisions.folder).map_err(CliError::message)?;
    let path = driver::plan_downgrade(&survey, &target).map_err(running::failed)?;
    if args.dry_run {
        super::dry_run::print(&path, Direction::Down, &project, &revisions, &survey)?;
        return Ok(exit::CLEAN);
    }
    if !path.is_empty() {
        let list: Vec<_> = path.iter().map(|id| id.as_str()).collect();
        running::confirm(&format!("Roll back {} on {}?", list.join(", "), driver.place()), args.yes)?;
    }
    super::backup::make(&url, args.backup.as_deref())?;
    let options = running::options_of(global, &project, &url, &args.database);
    let mut observer = running::observer(global, &revisions);
    let report = driver::downgrade(driver.as_mut(), &revisions.folder, &target, &options, &mut observer);
    let report = report.map_err(running::failed)?;
    drop(observer);
    running::finish(&report, driver.as_mut(), &revisions, "Nothing to roll back")?;
    Ok(exit::CLEAN)
}
