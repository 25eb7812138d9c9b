//! `verify`: really runs the history on a scratch database, up one by one, down one by one, up again, and compares the
//! catalog after each step; or compares a live database with its version.

use std::collections::BTreeSet;

use schema_core::diff::{self, DiffOptions};
use schema_core::driver::{self, Access, DatabaseUrl, Driver, RunOptions, Survey};
use schema_core::revision::{RevisionId, Target};
use schema_model::DialectKind;
use schema_model::catalog::Catalog;

use crate::cli::{Global, VerifyArgs};
use crate::database::Revisions;
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::recorded::Recorded;
use crate::{exit, live};

pub fn run(global: &Global, args: &VerifyArgs) -> CliResult {
    if let Some(url) = &args.database_url {
        let url: DatabaseUrl = url.parse().map_err(CliError::message)?;
        return compare_live(global, &url, args.fix);
    }
    let project = Project::find(global)?;
    let mut found = 0;
    for dialect in &project.config.dialects {
        let (_, revisions) = Revisions::read(global, *dialect)?;
        let mut walk =
            Walk { revisions: &revisions, recorded: recorded(&revisions)?, found: 0, quiet: global.quiet };
        match dialect {
            DialectKind::Sqlite => {
                let folder = tempfile::tempdir()
                    .map_err(|error| CliError::message(format!("cannot make a scratch folder: {error}")))?;
                let url = format!("sqlite://{}", folder.path().join("scratch.db").display());
                walk.all(&url.parse().map_err(CliError::message)?)?;
            }
            DialectKind::Postgres => {
                let server = args.server.as_deref().ok_or_else(|| {
                    CliError::message("name a PostgreSQL server on which scratch databases may be made: `--server postgres://…`")
                })?;
                let scratch = Scratch::create(&server.parse().map_err(CliError::message)?)?;
                walk.all(&scratch.url)?;
            }
        }
        found += walk.found;
    }
    match found {
        0 => Ok(exit::CLEAN),
        _ => Ok(exit::FOUND),
    }
}

fn recorded(revisions: &Revisions) -> CliResult<Recorded> {
    Recorded::of(revisions.files.clone(), None, &revisions.sources)
}

/// The live catalog beside the replayed one at the database's version.
fn compare_live(global: &Global, url: &DatabaseUrl, fix: bool) -> CliResult {
    let (project, revisions) = Revisions::read(global, url.dialect())?;
    let mut driver = driver::connect(url, Access::Read).map_err(CliError::message)?;
    let survey = Survey::take(driver.as_mut(), &revisions.folder).map_err(CliError::message)?;
    let expected = recorded(&revisions)?.catalog_of(&survey.applied, &revisions.sources);
    let live = live::catalog(url)?;
    let changes = differences(&expected, &live, url.dialect());
    for change in &changes {
        print_line!("{change}");
    }
    let at = super::current::describe(&survey, &revisions);
    if changes.is_empty() {
        tell!("{} is what the migrations give at {at}", driver.place());
        return Ok(exit::CLEAN);
    }
    tell!("{} is at {at}, and was changed by hand as above", driver.place());
    if fix {
        refuse_elsewhere(&survey, &revisions, &at)?;
        return super::adopting::write(global, &project, &revisions, (&expected, &live), driver.place());
    }
    Ok(exit::FOUND)
}

/// A new revision goes after the head, and so must the database be there.
fn refuse_elsewhere(survey: &Survey, revisions: &Revisions, at: &str) -> CliResult<()> {
    if survey.unfinished.is_none()
        && survey.unknown.is_empty()
        && survey.pending(&revisions.folder).is_empty()
    {
        return Ok(());
    }
    Err(CliError::message(format!(
        "the adopting revision follows the newest one, and the database is not there: it is at {at}; bring it there first (`cargo schema upgrade`), then run this again"
    )))
}

fn differences(expected: &Catalog, live: &Catalog, dialect: DialectKind) -> Vec<String> {
    diff::diff(expected, live, &DiffOptions::new(dialect)).iter().map(ToString::to_string).collect()
}

/// A history that is run step by step.
struct Walk<'a> {
    revisions: &'a Revisions,
    recorded: Recorded,
    found: usize,
    quiet: bool,
}

impl Walk<'_> {
    fn all(&mut self, url: &DatabaseUrl) -> CliResult<()> {
        let mut driver = driver::connect(url, Access::Write).map_err(CliError::message)?;
        let order: Vec<RevisionId> =
            self.revisions.folder.graph().revisions().iter().map(|revision| revision.id.clone()).collect();
        let mut applied = BTreeSet::new();
        for id in &order {
            self.up(driver.as_mut(), id)?;
            applied.insert(id.clone());
            self.compare(url, &applied, &format!("{id} up"))?;
        }
        for id in order.iter().rev() {
            let reversible = self.revisions.files.script(id).is_some_and(|script| script.is_reversible());
            if !reversible {
                self.say(&format!("{id} has no way down; those before it are not tried"))?;
                break;
            }
            let options = RunOptions::default();
            driver::downgrade(
                driver.as_mut(),
                &self.revisions.folder,
                &Target::relative(-1),
                &options,
                &mut |_| {},
            )
            .map_err(super::running::failed)?;
            applied.remove(id);
            self.compare(url, &applied, &format!("{id} down"))?;
        }
        if let Some(last) = order.last() {
            self.up(driver.as_mut(), last)?;
            self.compare(url, &order.iter().cloned().collect(), "up again")?;
        }
        Ok(())
    }

    fn up(&self, driver: &mut dyn Driver, id: &RevisionId) -> CliResult<()> {
        let target = Target::named(id.as_str());
        let options = RunOptions::default();
        driver::upgrade(driver, &self.revisions.folder, &target, &options, &mut |_| {})
            .map_err(super::running::failed)?;
        Ok(())
    }

    fn compare(&mut self, url: &DatabaseUrl, applied: &BTreeSet<RevisionId>, step: &str) -> CliResult<()> {
        let expected = self.recorded.catalog_of(applied, &self.revisions.sources);
        let left = differences(&expected, &live::catalog(url)?, url.dialect());
        if left.is_empty() {
            self.say(&format!("✓ {} {step}", url.dialect()))?;
            return Ok(());
        }
        self.found += left.len();
        print_line!("✗ {} {step}: the database differs from the replay:", url.dialect());
        for change in &left {
            print_line!("    {change}");
        }
        Ok(())
    }

    fn say(&self, line: &str) -> CliResult<()> {
        if !self.quiet {
            print_line!("{line}");
        }
        Ok(())
    }
}

/// A database that is made and dropped on a server.
struct Scratch {
    url: DatabaseUrl,
    admin: DatabaseUrl,
    name: String,
}

impl Scratch {
    fn create(admin: &DatabaseUrl) -> CliResult<Scratch> {
        let DatabaseUrl::Postgres(target) = admin else {
            return Err(CliError::message("`--server` names a PostgreSQL server; SQLite needs none"));
        };
        let name = format!("schema_verify_{}_{}", std::process::id(), crate::clock::now().1);
        let mut driver = driver::connect(admin, Access::Write).map_err(CliError::message)?;
        driver.execute(&format!("CREATE DATABASE {name}")).map_err(CliError::message)?;
        let mut own = target.clone();
        own.database = Some(name.clone());
        Ok(Scratch { url: DatabaseUrl::Postgres(own), admin: admin.clone(), name })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let dropped = driver::connect(&self.admin, Access::Write)
            .map_err(|error| error.to_string())
            .and_then(|mut driver| {
                let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
                driver.execute(&sql).map_err(|error| error.to_string())
            });
        if let Err(error) = dropped {
            tell!("the scratch database `{}` could not be dropped: {error}", self.name);
        }
    }
}
