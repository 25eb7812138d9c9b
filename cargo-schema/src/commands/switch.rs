//! `switch`: the database follows a change of branch. What the other branch does not have is rolled back with the scripts
//! that were stored when it was applied, the branch is checked out, and what it has is applied.

use std::collections::BTreeSet;

use schema_core::driver::{self, Access, Driver, Survey};
use schema_core::revision::{RevisionId, Target};
use schema_core::script::Folder;
use schema_core::surgery::git::Repository;
use schema_model::SourceMap;

use super::running;
use crate::cli::{Global, SwitchArgs};
use crate::database::{self, Revisions};
use crate::error::{CliError, CliResult};
use crate::exit;
use crate::project::Project;

pub fn run(global: &Global, args: &SwitchArgs) -> CliResult {
    let (url, _) = database::find_url(&args.database)?;
    let (project, revisions) = Revisions::read(global, url.dialect())?;
    let repository = Repository::of(project.migrations()).map_err(CliError::message)?;
    let there = there(&repository, &project, &revisions, &args.branch)?;
    refuse_dirty(&repository, &project)?;
    let mut driver = database::connect(&url, &args.database, Access::Write)?;
    let survey = Survey::take(driver.as_mut(), &revisions.folder).map_err(CliError::message)?;
    let keep = kept(&survey, &there);
    let gone: Vec<&str> = survey.applied.difference(&keep).map(|id| id.as_str()).collect();
    if !gone.is_empty() {
        running::confirm(&format!("Roll back {} on {}?", gone.join(", "), driver.place()), args.yes)?;
    }
    let options = running::options_of(global, &project, &url, &args.database);
    if !gone.is_empty() {
        let mut observer = running::observer(global, &revisions);
        let back =
            driver::roll_back_all_but(driver.as_mut(), &revisions.folder, &keep, &options, &mut observer);
        let back = back.map_err(running::failed)?;
        drop(observer);
        running::finish(&back, driver.as_mut(), &revisions, "Nothing to roll back")?;
    }
    checkout(&repository, &args.branch, gone.is_empty())?;
    print_line!("On {} now", args.branch);
    upgrade(global, driver.as_mut(), &options)
}

fn upgrade(global: &Global, driver: &mut dyn Driver, options: &driver::RunOptions) -> CliResult {
    let (_, revisions) = Revisions::read(global, driver.dialect())?;
    let mut observer = running::observer(global, &revisions);
    let report = driver::upgrade(driver, &revisions.folder, &Target::head(), options, &mut observer);
    let report = report.map_err(running::failed)?;
    drop(observer);
    running::finish(&report, driver, &revisions, "Already up to date")?;
    Ok(exit::CLEAN)
}

/// The migrations of the branch, which must be such that the database can be brought to their head.
fn there(
    repository: &Repository,
    project: &Project,
    here: &Revisions,
    branch: &str,
) -> CliResult<driver::Folder> {
    let commit = repository
        .commit(branch)
        .or_else(|error| repository.commit(&format!("origin/{branch}")).map_err(|_| error))
        .map_err(CliError::message)?;
    let files = repository.files(&commit, project.migrations()).map_err(CliError::message)?;
    let mut sources = SourceMap::default();
    let folder = Folder::from_files(
        format!("{branch}:{}", Project::shown(project.migrations()).display()),
        files,
        here.folder.dialect(),
        project.layout()?,
        &mut sources,
    )
    .map_err(CliError::message)?;
    let mut found = folder.diagnostics.clone();
    found.extend(folder.check_graph());
    if crate::report::has_errors(&found) {
        return Err(CliError::findings(sources, found));
    }
    database::runner_folder(&folder, &sources)
}

/// What the branch has too: the same revision with the same statements.
fn kept(survey: &Survey, there: &driver::Folder) -> BTreeSet<RevisionId> {
    let same = |id: &&RevisionId| {
        let stored = survey.row(id).and_then(|row| row.checksum.as_deref());
        there.checksum(id).is_some_and(|own| stored.is_none_or(|stored| stored == own || stored.len() != 64))
    };
    survey.applied.iter().filter(same).cloned().collect()
}

/// Git would carry changes over to the branch, or refuse when the database is already rolled back.
fn refuse_dirty(repository: &Repository, project: &Project) -> CliResult<()> {
    let changed = repository.changed(project.migrations()).map_err(CliError::message)?;
    let Some(first) = changed.first() else { return Ok(()) };
    let more = if changed.len() > 1 { format!(" and {} more", changed.len() - 1) } else { String::new() };
    Err(CliError::message(format!(
        "there are changes that are not committed: {first}{more}; commit or stash them first (nothing was done)"
    )))
}

fn checkout(repository: &Repository, branch: &str, untouched: bool) -> CliResult<()> {
    repository.switch(branch).map_err(|error| {
        let left = if untouched {
            "nothing was done"
        } else {
            "the database is rolled back; `cargo schema upgrade` brings it up to this branch again"
        };
        CliError::message(format!("{error}\n{left}"))
    })
}
