//! `revision`: compares models with migrations and writes the next pair, the lock and the rollback script. `check`, with
//! another ending.

use std::io::Write;

use schema_core::change::Change;
use schema_core::diagnostic::{Diagnostic, Severity};
use schema_core::diff::{self, Ambiguity, DiffOptions, Renames};
use schema_core::lock;
use schema_core::plan::{self, Direction, Plan};
use schema_core::revision::{Bump, Revision, RevisionId, Version, next_version, parse_version};
use schema_core::rules::{self, Finding};
use schema_core::script::header::{Header, unsaid};
use schema_core::script::{Draft, FileChanges, Folder, Layout, ListedFile, body, slug};
use schema_core::sql::Replayer;
use schema_model::catalog::Catalog;
use schema_model::{DialectKind, SourceMap};

use crate::cli::{Global, RevisionArgs};
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::state::{Side, State};
use crate::{clock, exit, findings, locking};

pub fn run(global: &Global, args: &RevisionArgs) -> CliResult {
    let message = message(args)?;
    let mut state = State::load(global)?;
    state.demand()?;
    add_renames(&mut state, super::diff::renames(&args.rename)?);
    let parent = parent(&state)?;
    let plans = if args.empty { Vec::new() } else { plans(&state)? };
    if !args.empty && plans.iter().all(|(_, plan)| plan.is_empty()) {
        return nothing(global, &state);
    }
    refuse_ambiguity(&state)?;
    refuse_missing_values(&state, &plans)?;
    let found = judge(&state, &plans)?;
    let bump = rules::highest(&found).unwrap_or(Bump::Patch);
    let version = version(args, &state, parent.as_ref(), bump, &found)?;
    if args.sql {
        return print_sql(&plans);
    }
    let losses = data_losses(&plans, args)?;
    let draft = Drafting { args, message, version: &version, parent: parent.as_ref(), losses: &losses };
    let written = write(&state, &plans, &draft)?;
    report(global, &plans, &draft, bump, &found, &written)?;
    Ok(exit::CLEAN)
}

fn message(args: &RevisionArgs) -> CliResult<&str> {
    let message = args.message.as_deref().or(args.positional.as_deref()).unwrap_or("").trim();
    if message.is_empty() {
        return Err(CliError::message(
            "a revision needs a message: `cargo schema revision -m \"Add phone\"`",
        ));
    }
    if message.contains(['\n', '\r']) {
        return Err(CliError::message("a revision's message is one line"));
    }
    Ok(message)
}

pub(super) fn add_renames(state: &mut State, renames: Renames) {
    for side in &mut state.dialects {
        let own = &mut side.options.renames;
        own.tables.extend(renames.tables.iter().cloned());
        own.columns.extend(renames.columns.iter().cloned());
        own.types.extend(renames.types.iter().cloned());
        own.values.extend(renames.values.iter().cloned());
        own.constraints.extend(renames.constraints.iter().cloned());
        own.indexes.extend(renames.indexes.iter().cloned());
    }
}

/// The revision that the new one follows: the one head, the same in every dialect.
fn parent(state: &State) -> CliResult<Option<Revision>> {
    let mut parent: Option<Option<Revision>> = None;
    for side in &state.dialects {
        let graph =
            side.recorded.graph.as_ref().ok_or_else(|| CliError::message("the revision graph is broken"))?;
        let head = graph.head().map_err(CliError::message)?.cloned();
        match &parent {
            Some(known) if known.as_ref().map(|known| &known.id) != head.as_ref().map(|head| &head.id) => {
                return Err(CliError::message(format!(
                    "the dialects are at different revisions: {} ends elsewhere than the others; write the missing one first",
                    side.dialect
                )));
            }
            _ => parent = Some(head),
        }
    }
    Ok(parent.flatten())
}

pub(super) fn plans(state: &State) -> CliResult<Vec<(&Side, Plan)>> {
    let mut plans = Vec::new();
    for side in &state.dialects {
        let plan =
            plan::plan(&side.recorded.catalog, &side.wanted, &side.options).map_err(CliError::message)?;
        plans.push((side, plan));
    }
    Ok(plans)
}

/// No difference: says so, and mends a lock that is missing or stale.
fn nothing(global: &Global, state: &State) -> CliResult {
    if findings::lock(state)?.is_some() {
        super::lock::write(state)?;
    }
    if !global.quiet {
        print_line!("Models and migrations agree; nothing was written.");
    }
    Ok(exit::CLEAN)
}

/// An add and a drop that could be a rename stop the command: both answers are shown, none is guessed.
pub(super) fn refuse_ambiguity(state: &State) -> CliResult<()> {
    let mut found = Vec::new();
    for side in &state.dialects {
        for ambiguity in side.ambiguities() {
            let (from, to) = (ambiguity.from(), ambiguity.to());
            let diagnostic = Diagnostic::error("revision/ambiguous", ambiguity.to_string())
                .at(place_of(&ambiguity, &side.wanted), "the new one")
                .help(format!(
                    "if it is a rename, write `renamed_from = \"{}\"` there or pass `--rename {from}={to}`; if not, make it two \
                     revisions: first the drop, then the add",
                    from.rsplit('.').next().unwrap_or(&from)
                ));
            if !found.iter().any(|known: &Diagnostic| known.message == diagnostic.message) {
                found.push(diagnostic);
            }
        }
    }
    if found.is_empty() { Ok(()) } else { Err(CliError::findings(state.sources.clone(), found)) }
}

fn place_of(ambiguity: &Ambiguity, wanted: &Catalog) -> Option<schema_model::Span> {
    match ambiguity {
        Ambiguity::Table { to, .. } => wanted.tables.get(to)?.origin.0,
        Ambiguity::Column { table, to, .. } => wanted.tables.get(table)?.column(to.as_str())?.origin.0,
        Ambiguity::Value { ty, .. } => wanted.enums.get(ty)?.origin.0,
    }
}

/// A new NOT NULL column on a table that may have rows needs a value for them.
fn refuse_missing_values(state: &State, plans: &[(&Side, Plan)]) -> CliResult<()> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for (side, plan) in plans {
        for change in &plan.changes {
            let Change::AddColumn { table, column, .. } = change else { continue };
            let has_value = column.nullable
                || column.default.is_some()
                || column.generated.is_some()
                || column.identity.is_some()
                || side.options.backfills.contains_key(&(table.clone(), column.name.clone()));
            if has_value
                || found.iter().any(|known| known.labels.first().map(|label| label.span) == column.origin.0)
            {
                continue;
            }
            let message = format!(
                "rows that are in `{table}` already have no value for the new NOT NULL column `{}`",
                column.name
            );
            found.push(
                Diagnostic::error("revision/no-value", message).at(column.origin.0, "declared here").help(
                    "give it one: `default = \"…\"` for the database's own, `backfill = \"…\"` for these rows only, or make it `Option`",
                ),
            );
        }
    }
    if found.is_empty() { Ok(()) } else { Err(CliError::findings(state.sources.clone(), found)) }
}

fn judge(state: &State, plans: &[(&Side, Plan)]) -> CliResult<Vec<Finding>> {
    let overrides = findings::overrides(&state.project)?;
    let mut found: Vec<Finding> = Vec::new();
    for (side, plan) in plans {
        for finding in rules::judge(&side.recorded.catalog, &plan.changes, side.dialect, &overrides) {
            if !found.iter().any(|known| known.message == finding.message && known.rule == finding.rule) {
                found.push(finding);
            }
        }
    }
    Ok(found)
}

/// The lowest version that the rules allow, or the one asked for when it is no lower.
fn version(
    args: &RevisionArgs,
    state: &State,
    parent: Option<&Revision>,
    bump: Bump,
    found: &[Finding],
) -> CliResult<Version> {
    let graph = state.dialects.first().and_then(|side| side.recorded.graph.as_ref());
    let highest = parent.zip(graph).and_then(|(parent, graph)| graph.highest_version(&parent.id));
    let lowest = next_version(highest.as_ref(), bump);
    let Some(word) = &args.version else { return Ok(lowest) };
    let version = parse_version(word).map_err(CliError::message)?;
    if version < lowest && highest.is_some() {
        let cause = found.iter().find(|finding| finding.bump == bump);
        let why = cause
            .map(|cause| format!(", because it would {} ({})", cause.message, cause.rule))
            .unwrap_or_default();
        return Err(CliError::message(format!(
            "{version} is too low: this is a {bump} change{why}; {lowest} is the lowest"
        )));
    }
    Ok(version)
}

fn print_sql(plans: &[(&Side, Plan)]) -> CliResult {
    let mut out = std::io::stdout().lock();
    for (side, plan) in plans {
        if plans.len() > 1 {
            writeln!(out, "-- {}", side.dialect)?;
        }
        out.write_all(plan::render_script(plan, Direction::Up).as_bytes())?;
    }
    out.flush()?;
    Ok(exit::CLEAN)
}

/// What the revision loses; it needs a written yes.
fn data_losses(plans: &[(&Side, Plan)], args: &RevisionArgs) -> CliResult<Vec<String>> {
    let mut losses: Vec<String> = Vec::new();
    for loss in plans.iter().flat_map(|(_, plan)| plan.data_loss()) {
        if !losses.iter().any(|known| known == loss) {
            losses.push(loss.to_owned());
        }
    }
    if !losses.is_empty() && args.allow_data_loss.as_deref().is_none_or(|reason| reason.trim().is_empty()) {
        let list: Vec<_> = losses.iter().map(|loss| format!("  {loss}")).collect();
        return Err(CliError::message(format!(
            "this revision loses data:\n{}\nif that is meant, say why: `--allow-data-loss \"reason\"`; nothing was written",
            list.join("\n")
        )));
    }
    Ok(losses)
}

/// What a new revision is written from.
struct Drafting<'a> {
    args: &'a RevisionArgs,
    message: &'a str,
    version: &'a Version,
    parent: Option<&'a Revision>,
    losses: &'a [String],
}

impl Drafting<'_> {
    fn header(&self, layout: Layout) -> Header {
        let (date, _) = clock::now();
        let revises = match self.parent {
            Some(parent) => Some(vec![parent.id.to_string()]),
            // Among other tools' files only one that says what it revises counts as tagged.
            None => (layout != Layout::Semver).then(Vec::new),
        };
        Header {
            migration: Some(unsaid(slug(self.message))),
            version: Some(unsaid(self.version.clone())),
            revises: revises.map(unsaid),
            description: Some(unsaid(self.message.to_owned())),
            date: Some(unsaid(date)),
            data_loss: match &self.args.allow_data_loss {
                Some(reason) if !self.losses.is_empty() => vec![unsaid(reason.trim().to_owned())],
                _ => Vec::new(),
            },
            ..Header::default()
        }
    }

    fn draft(&self, layout: Layout, plan: Option<&Plan>) -> Draft {
        let steps = |direction| plan.map(|plan| body(plan.steps(direction), direction)).unwrap_or_default();
        Draft {
            header: self.header(layout),
            up: steps(Direction::Up),
            down: Some(steps(Direction::Down)),
            irreversible: None,
        }
    }
}

/// Proves, then writes everything or nothing. Answers the migration files.
fn write(
    state: &State,
    plans: &[(&Side, Plan)],
    drafting: &Drafting<'_>,
) -> CliResult<Vec<std::path::PathBuf>> {
    let (_, now) = clock::now();
    let mut changes = FileChanges::default();
    let mut after: Vec<(Folder, Catalog)> = Vec::new();
    let mut sources = state.sources.clone();
    for side in &state.dialects {
        let plan = plans.iter().find(|(of, _)| of.dialect == side.dialect).map(|(_, plan)| plan);
        let folder = target_folder(state, side);
        let files = folder.new_files(drafting.version, &slug(drafting.message), &now);
        let texts = drafting.draft(folder.layout, plan).files(&files);
        after.push(prove(side, &folder, &texts, drafting, &mut sources)?);
        changes.create.extend(texts);
    }
    let sides: Vec<_> = after.iter().map(|(folder, catalog)| (folder, catalog)).collect();
    let written = changes.create.iter().map(|(path, _)| path.clone()).collect();
    changes.replace.push((locking::path(&state.project), lock::write(&locking::of(state, &sides)?)));
    let script = super::script::refreshed(&state.project, &sides, &sources)?;
    let script_path = script.as_ref().map(|(path, _)| path.clone());
    changes.replace.extend(script);
    changes.apply().map_err(CliError::message)?;
    if let Some(path) = script_path {
        super::script::make_executable(&path)?;
    }
    Ok(written)
}

/// The folder that new files go to: with several dialects, each has one of its own.
fn target_folder(state: &State, side: &Side) -> Folder {
    let mut folder = side.recorded.folder.clone();
    if state.dialects.len() > 1 && folder.scripts.is_empty() {
        folder.path = folder.path.join(side.dialect.as_str());
    }
    folder
}

/// Replays the files as they will be written: up must lead to what the models ask for, down must lead back.
fn prove(
    side: &Side,
    folder: &Folder,
    texts: &[(std::path::PathBuf, String)],
    drafting: &Drafting<'_>,
    sources: &mut SourceMap,
) -> CliResult<(Folder, Catalog)> {
    let root = &side.recorded.folder.path;
    let listed = |path: &std::path::Path, text: &str| ListedFile {
        path: path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/"),
        text: text.to_owned(),
    };
    let mut files: Vec<ListedFile> = Vec::new();
    for script in &folder.scripts {
        for file in std::iter::once(&script.up).chain(&script.down) {
            let text = std::fs::read_to_string(&file.path).map_err(CliError::io("read", &file.path))?;
            let file = listed(&file.path, &text);
            if !files.iter().any(|known| known.path == file.path) {
                files.push(file);
            }
        }
    }
    files.extend(texts.iter().map(|(path, text)| listed(path, text)));
    let read = Folder::from_files(root.clone(), files, side.dialect, Some(folder.layout), sources);
    let read = read.map_err(CliError::message)?;
    let id = RevisionId::from(drafting.version);
    let script = read
        .script(&id)
        .ok_or_else(|| CliError::message(format!("bug: the new revision {id} is not read back")))?;
    let mut replayer = Replayer::with_catalog(side.recorded.catalog.clone(), side.dialect);
    replayer.run(sources, script.up.file);
    proven(
        &replayer,
        if drafting.args.empty { &side.recorded.catalog } else { &side.wanted },
        side.dialect,
        "up",
    )?;
    let after = replayer.catalog().clone();
    if let Some(down) = &script.down {
        replayer.run(sources, down.file);
        proven(&replayer, &side.recorded.catalog, side.dialect, "down")?;
    }
    Ok((read, after))
}

fn proven(replayer: &Replayer, wanted: &Catalog, dialect: DialectKind, direction: &str) -> CliResult<()> {
    let refused = replayer.diagnostics().iter().find(|found| found.severity == Severity::Error);
    let left = diff::diff(replayer.catalog(), wanted, &DiffOptions::new(dialect));
    if refused.is_none() && left.is_empty() {
        return Ok(());
    }
    let mut what: Vec<String> = left.iter().map(ToString::to_string).collect();
    what.extend(refused.map(|refused| refused.message.clone()));
    Err(CliError::message(format!(
        "bug: the {direction} script for {dialect} does not lead where it should; what is left: {}; nothing was written. Please \
         report this with your models and migrations",
        what.join("; ")
    )))
}

/// What was written, each change in words, and the next steps.
fn report(
    global: &Global,
    plans: &[(&Side, Plan)],
    drafting: &Drafting<'_>,
    bump: Bump,
    found: &[Finding],
    written: &[std::path::PathBuf],
) -> CliResult<()> {
    let mut out = std::io::stdout().lock();
    for path in written {
        writeln!(out, "{}", Project::shown(path).display())?;
    }
    out.flush()?;
    if global.quiet {
        return Ok(());
    }
    tell!();
    let mut told: Vec<String> = Vec::new();
    for change in plans.iter().flat_map(|(_, plan)| &plan.changes) {
        let sentence = change.to_string();
        if !told.contains(&sentence) {
            tell!("  {sentence}");
            told.push(sentence);
        }
    }
    for loss in drafting.losses {
        tell!("  loses data: {loss}");
    }
    let cause = found.iter().find(|finding| finding.bump == bump);
    match (drafting.parent, cause) {
        (Some(parent), Some(cause)) => {
            tell!(
                "\n{} after {}: {bump}, because it would {} ({})",
                drafting.version,
                parent.id,
                cause.message,
                cause.rule
            );
        }
        (Some(parent), None) => tell!("\n{} after {}: {bump}", drafting.version, parent.id),
        (None, _) => tell!("\n{}: the first revision", drafting.version),
    }
    tell!("Next: review the files, then `cargo schema upgrade`.");
    Ok(())
}
