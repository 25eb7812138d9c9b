//! `--dry-run`: what a run would do, as a script with the plan in its comments: what each revision means to applications,
//! what it loses, which locks it takes, and who waits for them. Nothing is run.

use std::collections::HashMap;
use std::io::Write;

use schema_core::driver::{Direction, StepKind, Steps, Survey};
use schema_core::locks::{self, TableLock, Waits, Work};
use schema_core::revision::{Bump, RevisionId};
use schema_core::rules::{self, Overrides};
use schema_core::script::{Script, shell};
use schema_core::sql::{Effect, Replayer};
use schema_model::catalog::Catalog;
use schema_model::{DialectKind, FileId, SourceMap};

use crate::database::Revisions;
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::{findings, hooks};

/// Prints the plan of a run.
pub fn print(
    path: &[RevisionId],
    direction: Direction,
    project: &Project,
    revisions: &Revisions,
    survey: &Survey,
) -> CliResult<()> {
    let mut out = std::io::stdout().lock();
    if path.is_empty() {
        writeln!(out, "-- nothing to do")?;
        return Ok(out.flush()?);
    }
    let mut reader = Reader::new(direction, project, revisions, survey)?;
    let told: Vec<Told> = path.iter().map(|id| reader.read(id)).collect::<CliResult<_>>()?;
    writeln!(out, "{}", summary(&told, direction))?;
    let hooks = hooks::listed(project, direction);
    hook(&mut out, &hooks, "before")?;
    for one in &told {
        writeln!(out, "\n-- {}", one.heading)?;
        for line in &one.lines {
            writeln!(out, "--   {line}")?;
        }
        if !one.text.is_empty() {
            writeln!(out, "-- {}\n{}", one.place, one.text.trim_end())?;
        }
    }
    hook(&mut out, &hooks, "after")?;
    Ok(out.flush()?)
}

/// A revision of the path.
struct Told {
    id: RevisionId,
    heading: String,
    lines: Vec<String>,
    place: String,
    text: String,
    bump: Option<Bump>,
    locks: Vec<TableLock>,
}

struct Reader<'a> {
    direction: Direction,
    revisions: &'a Revisions,
    survey: &'a Survey,
    overrides: Overrides,
    sources: SourceMap,
    replayer: Replayer,
    losses: HashMap<RevisionId, Vec<String>>,
}

impl<'a> Reader<'a> {
    fn new(
        direction: Direction,
        project: &Project,
        revisions: &'a Revisions,
        survey: &'a Survey,
    ) -> CliResult<Self> {
        let mut replayer = Replayer::new(revisions.files.dialect);
        for script in revisions.files.scripts.iter().filter(|script| survey.applied.contains(script.id())) {
            replayer.run(&revisions.sources, script.up.file);
        }
        Ok(Reader {
            direction,
            revisions,
            survey,
            overrides: findings::overrides(project)?,
            sources: revisions.sources.clone(),
            replayer,
            losses: shell::losses(&revisions.folder, direction),
        })
    }

    fn read(&mut self, id: &RevisionId) -> CliResult<Told> {
        let script = self.revisions.files.script(id);
        let mut told = Told {
            id: id.clone(),
            heading: format!("{id} {}", self.revisions.message(id)).trim_end().to_owned(),
            lines: Vec::new(),
            place: String::new(),
            text: String::new(),
            bump: None,
            locks: Vec::new(),
        };
        let Some((file, transaction)) = self.script(id, script) else {
            told.lines.push("it has no way down: the run would stop before it begins".to_owned());
            return Ok(told);
        };
        told.place = self.sources.path(file).display().to_string();
        told.text = self.sources.text(file).to_owned();
        let before = self.replayer.catalog().clone();
        let effects = self.replayer.run(&self.sources, file);
        if let Some(script) = script.filter(|_| self.direction == Direction::Up) {
            self.judge(&mut told, script, &before, &effects);
        }
        let lost = self.losses.get(id).into_iter().flatten();
        told.lines.extend(lost.map(|what| format!("loses {what}")));
        let steps = Steps::read(&told.text, self.revisions.files.dialect, transaction)
            .map_err(|fault| CliError::message(format!("{}: {}", told.place, fault.message)))?;
        lock_lines(&mut told, &steps, &effects, &before, self.revisions.files.dialect);
        Ok(told)
    }

    /// The file that would be run, or the script that was stored in the database.
    fn script(&mut self, id: &RevisionId, script: Option<&Script>) -> Option<(FileId, bool)> {
        match (script, self.direction) {
            (Some(script), Direction::Up) => Some((script.up.file, script.up.transaction)),
            (Some(script), Direction::Down) => script
                .down
                .as_ref()
                .filter(|_| script.is_reversible())
                .map(|down| (down.file, down.transaction)),
            (None, _) => {
                let stored = self.survey.row(id)?.down_sql.clone()?;
                Some((self.sources.add(format!("the script stored for {id}"), stored), true))
            }
        }
    }

    /// What the revision means to the applications that run against the database now.
    fn judge(&self, told: &mut Told, script: &Script, before: &Catalog, effects: &[Effect]) {
        let dialect = self.revisions.files.dialect;
        let verdict = rules::judge_revision(before, effects, &script.header, dialect, &self.overrides);
        let parents = script.revision.parents.iter().map(RevisionId::as_str);
        // Nothing runs on a fresh database.
        let after: Vec<&str> = parents.filter(|_| !self.survey.applied.is_empty()).collect();
        let applications = match after.is_empty() {
            true => "there is no application yet".to_owned(),
            false => match verdict.bump {
                Bump::Major => format!("applications built for {} may fail with it", after.join(" and ")),
                Bump::Minor | Bump::Patch => {
                    format!("applications built for {} keep working", after.join(" and "))
                }
            },
        };
        told.lines.push(format!("{}: {applications}", verdict.bump));
        let causes =
            verdict.findings.iter().filter(|finding| finding.bump == Bump::Major && !after.is_empty());
        told.lines.extend(causes.map(|cause| format!("{} ({})", cause.message, cause.rule)));
        told.bump = Some(verdict.bump).filter(|_| !after.is_empty());
    }
}

/// The locks of each transaction, and who waits for them.
fn lock_lines(told: &mut Told, steps: &Steps, effects: &[Effect], before: &Catalog, dialect: DialectKind) {
    let of = steps.steps.len();
    for (at, step) in steps.steps.iter().enumerate() {
        let mut statements = Vec::new();
        let mut work = Work::Moment;
        for piece in &step.pieces {
            let text = &told.text[piece.range.clone()];
            let effect = effects.iter().find(|effect| piece.range.contains(&(effect.span.start as usize)));
            if effect.is_some_and(|effect| effect.gap) {
                let first = text.lines().next().unwrap_or_default();
                told.lines.push(format!("what `{first}` does is not known, nor what it locks"));
            }
            match dialect {
                DialectKind::Postgres => {
                    let changes = effect.map_or(&[][..], |effect| &effect.changes);
                    statements.push(locks::of_statement(text, changes, before));
                }
                DialectKind::Sqlite => work = work.max(locks::sqlite_work(text)),
            }
        }
        let how = match &step.kind {
            StepKind::Group => "one transaction".to_owned(),
            StepKind::Outside(_) => "outside transactions".to_owned(),
            StepKind::Repeat => "a transaction for each batch".to_owned(),
        };
        let prefix = if of > 1 { format!("step {} of {of}, {how}: ", at + 1) } else { String::new() };
        let held = locks::held(&statements);
        let mut says: Vec<String> =
            held.iter().map(|lock| format!("locks {lock} ({})", lock.mode.waits())).collect();
        if dialect == DialectKind::Sqlite {
            says.push(format!("other writers wait {work}"));
        }
        if says.is_empty() {
            says.push("nobody waits".to_owned());
        }
        told.lines.extend(says.into_iter().map(|line| format!("{prefix}{line}")));
        if step.kind != StepKind::Repeat {
            told.locks.extend(held);
        }
    }
}

/// Whether the application may keep running, in one line.
fn summary(told: &[Told], direction: Direction) -> String {
    let count = match told {
        [one] => one.id.to_string(),
        [first, .., last] => format!("{} revisions, {} to {}", told.len(), first.id, last.id),
        [] => String::new(),
    };
    let majors: Vec<&str> =
        told.iter().filter(|one| one.bump == Some(Bump::Major)).map(|one| one.id.as_str()).collect();
    let mut long: Vec<String> = Vec::new();
    for one in told {
        let waits =
            one.locks.iter().filter(|lock| lock.mode.waits() > Waits::Nobody && lock.work > Work::Moment);
        long.extend(
            waits.map(|lock| {
                format!("{} of {} {} ({})", verb(lock.mode.waits()), lock.table, lock.work, one.id)
            }),
        );
    }
    let may = match (direction, &majors[..]) {
        (Direction::Down, _) => "put the application of the older version in place first".to_owned(),
        (Direction::Up, []) => "the application may keep running".to_owned(),
        (Direction::Up, _) if told.len() == 1 => "the application as it is may fail with it".to_owned(),
        (Direction::Up, majors) => format!("the application as it is may fail with {}", majors.join(", ")),
    };
    let waits = if long.is_empty() { String::new() } else { format!("; {}", long.join("; ")) };
    format!("-- {count}: {may}{waits}")
}

fn verb(waits: Waits) -> &'static str {
    if waits == Waits::Writes { "writes wait for the lock" } else { "reads and writes wait for the lock" }
}

fn hook(out: &mut impl Write, hooks: &[(String, &str)], moment: &str) -> CliResult<()> {
    for (name, command) in hooks.iter().filter(|(name, _)| name.starts_with(moment)) {
        writeln!(out, "-- {name} hook: {}", command.replace('\n', "\n--   "))?;
    }
    Ok(())
}
