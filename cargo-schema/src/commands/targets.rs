//! Commands on several databases at once: some at a time, one line of result for each, a failure that stops only itself.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use schema_core::driver::{self, Access, Driver, Event, Report, RunError, RunOptions, Survey};
use schema_core::revision::Target;
use schema_model::DialectKind;
use serde_json::json;

use super::running;
use crate::cli::{DatabaseArgs, DowngradeArgs, Global, Listing, StatusArgs, TargetsArgs, UpgradeArgs};
use crate::database::{self, Revisions};
use crate::error::{CliError, CliResult};
use crate::exit;
use crate::hooks;
use crate::project::Project;
use crate::targets::{self, Database};

/// What became of one database.
struct Outcome {
    /// What was done there, or why nothing was.
    result: Result<String, String>,
    /// Where it is now, in words.
    at: String,
    /// The heads of what is applied.
    current: Vec<String>,
    pending: usize,
}

/// `upgrade --all-targets`.
pub fn upgrade(global: &Global, args: &UpgradeArgs) -> CliResult {
    let target: Target = args.target.parse().map_err(CliError::message)?;
    let fleet = Fleet::find(global, &args.targets, &args.database)?;
    let run = |driver: &mut dyn Driver, revisions: &Revisions, options: &RunOptions| {
        driver::upgrade(driver, &revisions.folder, &target, options, &mut |event| fleet.tell(&event))
    };
    fleet.report(&fleet.migrate(super::upgrade::unsure(args.unsure), "up to date", run))
}

/// `downgrade TARGET --all-targets`.
pub fn downgrade(global: &Global, args: &DowngradeArgs, target: &str) -> CliResult {
    let target: Target = target.parse().map_err(CliError::message)?;
    let fleet = Fleet::find(global, &args.targets, &args.database)?;
    running::confirm(&format!("Roll back {} databases?", fleet.databases.len()), args.yes)?;
    let run = |driver: &mut dyn Driver, revisions: &Revisions, options: &RunOptions| {
        driver::downgrade(driver, &revisions.folder, &target, options, &mut |event| fleet.tell(&event))
    };
    fleet.report(&fleet.migrate(driver::Unsure::Stop, "nothing to roll back", run))
}

/// `status --all-targets`.
pub fn status(global: &Global, args: &StatusArgs) -> CliResult {
    let fleet = Fleet::find(global, &args.targets, &args.database)?;
    let outcomes = fleet.each(Access::Read, &|_, _, _| Ok(String::new()));
    let pending = outcomes.iter().any(|outcome| outcome.pending > 0);
    let code = match args.format {
        Listing::Human => fleet.report(&outcomes)?,
        Listing::Json => {
            for (database, outcome) in fleet.databases.iter().zip(&outcomes) {
                print_line!(
                    "{}",
                    json!({
                        "target": database.name,
                        "database": database.url.to_string(),
                        "current": outcome.current,
                        "pending": outcome.pending,
                        "error": outcome.result.as_ref().err(),
                    })
                );
            }
            if outcomes.iter().any(|outcome| outcome.result.is_err()) { exit::FAILED } else { exit::CLEAN }
        }
    };
    Ok(if code == exit::CLEAN && args.exit_code && pending { exit::FOUND } else { code })
}

/// What is done on one database: words for the table, or why it failed.
type Work<'w> = &'w (dyn Fn(&mut dyn Driver, &Database, &Revisions) -> Result<String, String> + Sync);

/// The databases of a command, with the project's revisions in each dialect they speak.
struct Fleet<'a> {
    global: &'a Global,
    args: &'a TargetsArgs,
    database: &'a DatabaseArgs,
    project: Project,
    databases: Vec<Database>,
    revisions: BTreeMap<DialectKind, Revisions>,
    /// Set by the first failure under `--fail-fast`.
    stopped: AtomicBool,
}

impl<'a> Fleet<'a> {
    fn find(global: &'a Global, args: &'a TargetsArgs, database: &'a DatabaseArgs) -> CliResult<Self> {
        let project = Project::find(global)?;
        let databases = targets::resolve(&project.config.targets, args)?;
        let mut revisions = BTreeMap::new();
        for database in &databases {
            let dialect = database.url.dialect();
            if let Entry::Vacant(free) = revisions.entry(dialect) {
                free.insert(Revisions::read(global, dialect)?.1);
            }
        }
        let stopped = AtomicBool::new(false);
        Ok(Fleet { global, args, database, project, databases, revisions, stopped })
    }

    /// Statements with their times, when asked for; whose they are is not said, since databases take turns.
    fn tell(&self, event: &Event<'_>) {
        if let Event::Statement { sql, duration, rows } = event
            && self.global.verbose
        {
            tell!("{sql};  -- {}, {rows} rows", running::seconds(*duration));
        }
    }

    fn migrate(
        &self,
        unsure: driver::Unsure,
        nothing: &str,
        run: impl Fn(&mut dyn Driver, &Revisions, &RunOptions) -> Result<Report, RunError> + Sync,
    ) -> Vec<Outcome> {
        let common = RunOptions { unsure, ..running::options() };
        self.each(Access::Write, &|driver, database, revisions| {
            if common.stopped() {
                return Err("not started".to_owned());
            }
            let hooks = hooks::of(&self.project, &database.url, Some(&database.text), self.global.quiet);
            let options = RunOptions { hooks, ..common.clone() };
            let report = run(driver, revisions, &options).map_err(|error| error.to_string())?;
            Ok(summary(&report, nothing))
        })
    }

    /// Works on every database, `--jobs` of them at once; the outcomes are in the order of the databases.
    fn each(&self, access: Access, work: Work<'_>) -> Vec<Outcome> {
        let next = AtomicUsize::new(0);
        let finished = AtomicUsize::new(0);
        let outcomes: Mutex<BTreeMap<usize, Outcome>> = Mutex::default();
        let worker = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(database) = self.databases.get(at) else { return };
                let outcome = self.one(database, access, work);
                if outcome.result.is_err() && self.args.fail_fast {
                    self.stopped.store(true, Ordering::Relaxed);
                }
                let finished = finished.fetch_add(1, Ordering::Relaxed) + 1;
                if access == Access::Write && !self.global.quiet {
                    tell!("[{finished}/{}] {}: {}", self.databases.len(), database.name, outcome.words());
                }
                if let Ok(mut outcomes) = outcomes.lock() {
                    outcomes.insert(at, outcome);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.args.jobs.get().min(self.databases.len()) {
                scope.spawn(worker);
            }
        });
        let mut outcomes = outcomes.into_inner().unwrap_or_default();
        let lost = || Outcome::failed("its worker stopped without a word".to_owned());
        (0..self.databases.len()).map(|at| outcomes.remove(&at).unwrap_or_else(lost)).collect()
    }

    fn one(&self, database: &Database, access: Access, work: Work<'_>) -> Outcome {
        if self.stopped.load(Ordering::Relaxed) {
            return Outcome::failed("not started".to_owned());
        }
        let Some(revisions) = self.revisions.get(&database.url.dialect()) else {
            return Outcome::failed("no revisions for its dialect".to_owned());
        };
        let mut driver = match database::connect(&database.url, self.database, access) {
            Ok(driver) => driver,
            Err(error) => return Outcome::failed(error.to_string()),
        };
        let result = work(driver.as_mut(), database, revisions);
        match Survey::take(driver.as_mut(), &revisions.folder) {
            Ok(survey) => Outcome {
                result,
                at: super::current::describe(&survey, revisions),
                current: survey.current().iter().map(|revision| revision.id.to_string()).collect(),
                pending: survey.pending(&revisions.folder).len(),
            },
            Err(error) => Outcome::failed(result.err().unwrap_or_else(|| error.to_string())),
        }
    }

    /// The table of results. A database that failed makes it exit code 2.
    fn report(&self, outcomes: &[Outcome]) -> CliResult {
        let width = self.databases.iter().map(|database| database.name.chars().count()).max().unwrap_or(0);
        let mut out = std::io::stdout().lock();
        for (database, outcome) in self.databases.iter().zip(outcomes) {
            writeln!(out, "{:width$}  {}", database.name, outcome.words())?;
        }
        let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
        writeln!(out, "{} databases, {failed} failed", outcomes.len())?;
        out.flush()?;
        Ok(if failed > 0 { exit::FAILED } else { exit::CLEAN })
    }
}

impl Outcome {
    fn failed(reason: String) -> Self {
        Outcome { result: Err(reason), at: String::new(), current: Vec::new(), pending: 0 }
    }

    fn words(&self) -> String {
        match &self.result {
            Ok(done) if done.is_empty() => self.at.clone(),
            Ok(done) => format!("{done}, at {}", self.at),
            Err(reason) if self.at.is_empty() => format!("FAILED: {reason}"),
            Err(reason) => format!("FAILED, at {}: {reason}", self.at),
        }
    }
}

fn summary(report: &Report, nothing: &str) -> String {
    let time = running::seconds(report.done.iter().map(|done| done.duration).sum());
    match (report.done.len(), report.by_others.len()) {
        (0, 0) => nothing.to_owned(),
        (0, others) => format!("{others} applied by another runner"),
        (done, _) => format!("{done} done in {time}"),
    }
}
