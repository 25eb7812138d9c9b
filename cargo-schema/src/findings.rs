//! Everything that `check` finds, in the order in which it is told.

use std::path::Path;

use schema_core::change::Change;
use schema_core::diagnostic::{Diagnostic, Severity};
use schema_core::diff::{self, DiffOptions, Difference, dialect_differences};
use schema_core::lock;
use schema_core::revision::{Bump, RevisionId, next_version};
use schema_core::rules::{self, Overrides};
use schema_core::script::Script;
use schema_core::sql::Replayer;
use schema_model::DialectKind;
use schema_model::ObjectName;
use schema_model::catalog::Catalog;

use crate::drift::Drift;
use crate::error::CliResult;
use crate::locking;
use crate::project::Project;
use crate::recorded::Recorded;
use crate::state::{Side, State};

/// What differs between models and migrations, for every dialect; the same finding for two dialects is told once, and
/// one that not all dialects have says whose it is.
pub fn drift(state: &State) -> Vec<Diagnostic> {
    let mut found: Vec<(Diagnostic, Vec<DialectKind>)> = Vec::new();
    for side in &state.dialects {
        let told = Drift {
            recorded: &side.recorded.catalog,
            declared: &side.wanted,
            head: side.recorded.head().map(ToString::to_string),
            dialect: side.dialect,
        };
        let changes = side.changes();
        for change in changes.iter().filter(|change| !goes_with_its_column(change, &changes)) {
            let diagnostic = told.diagnostic(change);
            match found.iter_mut().find(|(known, _)| known.message == diagnostic.message) {
                Some((_, dialects)) => dialects.push(side.dialect),
                None => found.push((diagnostic, vec![side.dialect])),
            }
        }
    }
    let tell = |(mut diagnostic, dialects): (Diagnostic, Vec<DialectKind>)| {
        if let ([dialect], true) = (&dialects[..], state.dialects.len() > 1) {
            diagnostic.message.push_str(&format!(" ({dialect})"));
        }
        diagnostic
    };
    found.into_iter().map(tell).collect()
}

/// What the migrations of the two dialects do not both mean. What the models tell apart on purpose is not told, nor what
/// nobody manages; what differs from the models is drift already, of the dialect that differs.
pub fn dialects(state: &State) -> Vec<Diagnostic> {
    let side = |dialect| state.dialects.iter().find(|side| side.dialect == dialect);
    let (Some(postgres), Some(sqlite)) = (side(DialectKind::Postgres), side(DialectKind::Sqlite)) else {
        return Vec::new();
    };
    let declared = |side: &Side| state.declared.catalog(side.dialect);
    let meant = dialect_differences(&declared(postgres), &declared(sqlite));
    let unmanaged = schema_core::rust::Unmanaged::new(state.project.config.unmanaged.iter().cloned());
    let ours = |found: &Difference| {
        let part = found.part.as_deref().is_some_and(|part| unmanaged.part(&found.table, &part.into()));
        !meant.contains(found) && !unmanaged.object(&found.table) && !part
    };
    let tell = |found: Difference| {
        let say = if found.is_name_only() { Diagnostic::warning } else { Diagnostic::error };
        say(if found.is_name_only() { "dialects/name" } else { "dialects/differ" }, found.message)
            .at(found.postgres.0, "on postgres")
            .see(found.sqlite.0, "on sqlite")
            .help("say it in both dialects' migrations, or list it under `unmanaged`")
    };
    let all = dialect_differences(&postgres.wanted, &sqlite.wanted);
    all.into_iter().filter(ours).map(tell).collect()
}

/// A serial's sequence is no finding of its own where its column is one.
fn goes_with_its_column(change: &Change, all: &[Change]) -> bool {
    let (Change::CreateSequence(sequence) | Change::DropSequence(sequence)) = change else { return false };
    let Some((owner, name)) = &sequence.owned_by else { return false };
    let of_table = |table: &ObjectName| table == owner;
    all.iter().any(|other| {
        matches!(other, Change::CreateTable(table) | Change::DropTable(table) if of_table(&table.name))
            || matches!(other, Change::AddColumn { table, column, .. } | Change::DropColumn { table, column }
                if of_table(table) && column.name == *name)
    })
}

/// Statements that are not understood, and what cannot be verified because of them.
pub fn gaps(catalog: &Catalog) -> Vec<Diagnostic> {
    let tell = |gap: &schema_model::catalog::Gap| {
        let names: Vec<_> = gap.touches.iter().map(|name| format!("`{name}`")).collect();
        let what = if names.is_empty() { "its effect".to_owned() } else { names.join(", ") };
        Diagnostic::warning(
            "replay/gap",
            format!("cannot verify {what}: statement not understood: {}", gap.reason),
        )
        .at(gap.origin.0, "this statement")
        .help("say what it does to the schema in a line above it: `-- Schema: ALTER TABLE …;`")
    };
    catalog.gaps.iter().map(tell).collect()
}

/// What the rules, the versions and the ways down of unreleased revisions leave to be said.
pub fn unreleased(project: &Project, recorded: &Recorded, state: &State) -> CliResult<Vec<Diagnostic>> {
    let overrides = overrides(project)?;
    let mut found = Vec::new();
    let mut replayer = Replayer::new(recorded.folder.dialect);
    for script in &recorded.folder.scripts {
        if is_released(project, recorded, script.id()) {
            replayer.run(&state.sources, script.up.file);
            continue;
        }
        let before = replayer.catalog().clone();
        let effects = replayer.run(&state.sources, script.up.file);
        if script.revision.version.is_some() {
            let verdict =
                rules::judge_revision(&before, &effects, &script.header, recorded.folder.dialect, &overrides);
            found.extend(version_finding(recorded, script, &verdict));
            found.extend(verdict.unanswered.iter().map(|finding| {
                Diagnostic::error(
                    "version/unanswered",
                    format!("{}: what does it mean to applications?", finding.message),
                )
                .at(finding.span, "nobody but its author can tell")
                .help("say it above the statement: `-- Bump: patch`, `minor` or `major`")
            }));
            found.extend(way_down(script, &before, replayer.catalog(), recorded, state));
        }
    }
    Ok(found)
}

/// Levels and bumps from the configuration.
pub fn overrides(project: &Project) -> CliResult<Overrides> {
    let mut overrides = Overrides::default();
    for (rule, word) in &project.config.rules {
        for word in word.split([',', ' ']).filter(|word| !word.is_empty()) {
            if let Ok(level) = word.parse() {
                overrides.levels.insert(rule.clone(), level);
            } else if let Ok(bump) = word.parse::<Bump>() {
                overrides.bumps.insert(rule.clone(), bump);
            } else {
                return Err(crate::error::CliError::message(format!(
                    "rule `{rule}`: `{word}` is neither a level (allow, warn, deny) nor a bump (patch, minor, major)"
                )));
            }
        }
    }
    if let Some(unknown) = overrides.unknown().first() {
        let near = schema_model::item::nearest(unknown, rules::ALL.iter().map(|rule| rule.id));
        let help = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(crate::error::CliError::message(format!("there is no rule `{unknown}`{help}")));
    }
    Ok(overrides)
}

/// Whether production has the revision: it is the deployed version or comes before it.
pub fn is_released(project: &Project, recorded: &Recorded, id: &RevisionId) -> bool {
    let (Some(deployed), Some(graph)) = (&project.config.deployed, &recorded.graph) else { return false };
    let deployed = RevisionId::new(deployed);
    *id == deployed || graph.is_ancestor(id, &deployed)
}

fn version_finding(recorded: &Recorded, script: &Script, verdict: &rules::Verdict) -> Option<Diagnostic> {
    let graph = recorded.graph.as_ref()?;
    let version = script.revision.version.as_ref()?;
    let parents: Vec<_> =
        script.revision.parents.iter().filter_map(|parent| graph.highest_version(parent)).collect();
    let parent = parents.iter().max()?;
    let lowest = next_version([parent], verdict.bump);
    if *version >= lowest {
        return None;
    }
    let cause = verdict.findings.iter().find(|finding| finding.bump == verdict.bump);
    let why = cause.map(|cause| format!(": {} ({})", cause.message, cause.rule)).unwrap_or_default();
    let span = script.header.version.as_ref().map(|said| said.span);
    let mut diagnostic = Diagnostic::error(
        "version/too-low",
        format!("{version} after {parent} is too low for a {} change{why}", verdict.bump),
    )
    .at(span.or(Some(schema_model::Span::new(script.up.file, 0, 0))), format!("must be {lowest} or higher"));
    if let Some(cause) = cause {
        diagnostic = diagnostic.see(cause.span, "asks for it").help(format!(
            "tag it {lowest}, or see `cargo schema explain {}` for a way without it",
            cause.rule
        ));
    }
    Some(diagnostic)
}

/// The way down must be there, or be said to be missing, and lead back.
fn way_down(
    script: &Script,
    before: &Catalog,
    after: &Catalog,
    recorded: &Recorded,
    state: &State,
) -> Option<Diagnostic> {
    let top = schema_model::Span::new(script.up.file, 0, 0);
    if script.irreversible.is_some() {
        return None;
    }
    let Some(down) = &script.down else {
        return Some(
            Diagnostic::error("down/missing", format!("`{}` has no way down", script.id()))
                .at(top, "goes up only")
                .help("write its `.down.sql`, or say `-- Irreversible: reason` in its header"),
        );
    };
    let dialect = recorded.folder.dialect;
    let mut replayer = Replayer::with_catalog(after.clone(), dialect);
    replayer.run(&state.sources, down.file);
    let refused = replayer.diagnostics().iter().find(|found| found.severity == Severity::Error).cloned();
    if let Some(refused) = refused {
        return Some(refused);
    }
    let left = diff::diff(replayer.catalog(), before, &DiffOptions::new(dialect));
    if left.is_empty() {
        return None;
    }
    let list: Vec<_> = left.iter().take(5).map(ToString::to_string).collect();
    Some(
        Diagnostic::error(
            "down/differs",
            format!(
                "the way down of `{}` does not lead back: it still has to {}",
                script.id(),
                list.join(", ")
            ),
        )
        .at(schema_model::Span::new(down.file, 0, 0), "this way down"),
    )
}

/// Whether the lock is what the state gives.
pub fn lock(state: &State) -> CliResult<Option<Diagnostic>> {
    let path = locking::path(&state.project);
    let shown = Project::shown(&path);
    let wanted = lock::write(&locking::current(state)?);
    let help = "run `cargo schema lock` (or `cargo schema check --fix`)";
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(_) if state.dialects.iter().all(|side| side.recorded.folder.scripts.is_empty()) => {
            return Ok(None);
        }
        Err(error) => {
            let message = format!("`{}` cannot be read: {error}", shown.display());
            return Ok(Some(Diagnostic::error("lock/missing", message).help(help)));
        }
    };
    if text.replace("\r\n", "\n") == wanted {
        return Ok(None);
    }
    if let Err(error) = lock::read(&text) {
        return Ok(Some(Diagnostic::error("lock/unreadable", format!("`{}`: {error}", shown.display()))));
    }
    let message = format!(
        "`{}` is not what migrations and models give{}",
        shown.display(),
        first_difference(&text, &wanted)
    );
    Ok(Some(Diagnostic::error("lock/stale", message).help(help)))
}

fn first_difference(text: &str, wanted: &str) -> String {
    let differs = text.lines().zip(wanted.lines()).find(|(one, other)| one != other);
    match differs {
        Some((one, other)) => format!(": it says `{one}` where `{other}` is right"),
        None => String::new(),
    }
}

/// Whether the checked-in rollback script is what the state gives; a project without one is not asked for it.
pub fn rollback_script(path: &Path, wanted: &str) -> Option<Diagnostic> {
    let text = std::fs::read_to_string(path).ok()?;
    (text.replace("\r\n", "\n") != wanted).then(|| {
        Diagnostic::error(
            "script/stale",
            format!("`{}` is not what the migrations give", Project::shown(path).display()),
        )
        .help("run `cargo schema script rollback` (or `cargo schema check --fix`)")
    })
}
