//! Several revisions folded into one.

use std::collections::BTreeSet;

use schema_model::SourceMap;

use super::edit;
use super::replay::{catalog_of, difference, run};
use super::{Outcome, SurgeryError};
use crate::revision::{Revision, RevisionGraph, RevisionId};
use crate::script::header::{Formerly, Header, unsaid};
use crate::script::{Draft, Folder, NewFiles, Script};

/// Folds everything from one revision to another into the latter: all statements are kept, in order, each revision's in
/// a transaction of its own as before; the old tags are kept as `Formerly`, so that databases past them are recognised.
/// Proven by replay, both ways.
pub fn squash(
    folder: &Folder,
    sources: &SourceMap,
    from: &RevisionId,
    to: &RevisionId,
    message: &str,
) -> Result<Outcome, SurgeryError> {
    let graph = folder.graph()?;
    let (first, last) = (graph.find(from.as_str())?.clone(), graph.find(to.as_str())?.clone());
    let range = range(&graph, &first, &last)?;
    let scripts: Vec<&Script> = range.iter().filter_map(|revision| folder.script(&revision.id)).collect();
    if scripts.len() < 2 {
        return Err(SurgeryError::Nothing("one revision is no range; nothing to squash".to_owned()));
    }
    let inside: BTreeSet<&RevisionId> = range.iter().map(|revision| &revision.id).collect();
    let mut revises: Vec<String> = Vec::new();
    for parent in
        range.iter().flat_map(|revision| &revision.parents).filter(|parent| !inside.contains(parent))
    {
        if !revises.contains(&parent.to_string()) {
            revises.push(parent.to_string());
        }
    }
    let Some(up) = joined(&scripts, sources, |script| Some(sources.text(script.up.file))) else {
        return Err(SurgeryError::Nothing("there is nothing to squash".to_owned()));
    };
    let back: Vec<&Script> = scripts.iter().rev().copied().collect();
    let down = joined(&back, sources, |script| script.down.as_ref().map(|down| sources.text(down.file)));
    let irreversible = irreversible(&scripts);
    let lines: Vec<&Revision> = graph
        .revisions()
        .iter()
        .filter(|revision| {
            revises.iter().any(|parent| {
                revision.id.as_str() == parent || graph.is_ancestor(&revision.id, &RevisionId::new(parent))
            })
        })
        .collect();
    let before = catalog_of(folder, sources, lines);
    prove(folder, sources, &scripts, &before, &up, down.as_deref().filter(|_| irreversible.is_none()))?;
    let draft = Draft { header: header(&last, &scripts, revises, message), up, down, irreversible };
    let mut outcome = Outcome::default();
    write(folder, &scripts, &draft, &mut outcome);
    outcome.notes.push(format!("{} now stands for {} revisions, from {}", last.id, scripts.len(), first.id));
    let folded = scripts.iter().map(|script| script.revision.id.clone()).filter(|id| *id != last.id);
    outcome.retagged = folded.map(|id| (id, last.id.clone())).collect();
    Ok(outcome)
}

/// What lies between the two, both included. Nothing outside may hang on what goes.
fn range<'g>(
    graph: &'g RevisionGraph,
    first: &Revision,
    last: &Revision,
) -> Result<Vec<&'g Revision>, SurgeryError> {
    if first.id != last.id && !graph.is_ancestor(&first.id, &last.id) {
        return Err(SurgeryError::NoRange { from: first.id.clone(), to: last.id.clone() });
    }
    let after: BTreeSet<&RevisionId> =
        graph.descendants(&first.id).into_iter().map(|revision| &revision.id).collect();
    let inside = |revision: &&Revision| revision.id == first.id || after.contains(&revision.id);
    let range: Vec<&Revision> = graph.lineage(&last.id).into_iter().filter(inside).collect();
    let own: BTreeSet<&RevisionId> = range.iter().map(|revision| &revision.id).collect();
    for revision in range.iter().filter(|revision| revision.id != last.id) {
        if let Some(child) = graph.children(&revision.id).into_iter().find(|child| !own.contains(&child.id)) {
            return Err(SurgeryError::Entangled { child: child.id.clone(), parent: revision.id.clone() });
        }
    }
    Ok(range)
}

/// The statements of these scripts, one after another, each beginning a group; `None` when one has none to give.
fn joined<'a>(
    scripts: &[&Script],
    _sources: &SourceMap,
    text: impl Fn(&Script) -> Option<&'a str>,
) -> Option<String> {
    let mut all = String::new();
    for script in scripts {
        let text = edit::without_header(text(script)?).trim();
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(&format!("-- From {} ({})\n", script.revision.id, script.revision.message));
        if has_statements(text) {
            if all.contains(';') {
                all.push_str("-- Commit\n");
            }
            all.push_str(text);
            all.push_str(if text.ends_with(';') { "\n" } else { ";\n" });
        }
    }
    Some(all)
}

fn has_statements(text: &str) -> bool {
    text.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with("--"))
}

fn irreversible(scripts: &[&Script]) -> Option<String> {
    scripts.iter().find(|script| !script.is_reversible()).map(|script| match &script.irreversible {
        Some(reason) => format!("{} ({reason})", script.revision.id),
        None => format!("{} has no way down", script.revision.id),
    })
}

fn header(last: &Revision, scripts: &[&Script], revises: Vec<String>, message: &str) -> Header {
    let former = |script: &&Script| {
        let version = script.revision.version.clone()?;
        Some(unsaid(Formerly { version, checksum: script.up.checksum.clone() }))
    };
    let own = scripts.last().map(|script| script.header.clone()).unwrap_or_default();
    let mut formerly: Vec<_> = scripts.iter().flat_map(|script| script.header.formerly.clone()).collect();
    formerly.extend(scripts.iter().filter_map(former));
    let message = if message.is_empty() { last.message.clone() } else { message.to_owned() };
    Header {
        version: last.version.clone().map(unsaid),
        revises: Some(unsaid(revises)),
        description: Some(unsaid(message)),
        bump: scripts.iter().filter_map(|script| script.header.bump.clone()).max_by_key(|bump| bump.value),
        data_loss: scripts.iter().flat_map(|script| script.header.data_loss.clone()).collect(),
        labels: scripts.iter().flat_map(|script| script.header.labels.clone()).collect(),
        formerly,
        irreversible: None,
        ..own
    }
}

/// The squashed revision goes where the last one was.
fn write(folder: &Folder, scripts: &[&Script], draft: &Draft, outcome: &mut Outcome) {
    let Some(last) = scripts.last() else { return };
    let down_path = last.down.as_ref().map(|down| down.path.clone());
    let version = last.revision.version.clone().unwrap_or_else(|| semver::Version::new(1, 0, 0));
    let files = match folder.new_files(&version, "x", "00000000000000") {
        NewFiles::Sections { up, down, .. } => NewFiles::Sections { path: last.up.path.clone(), up, down },
        NewFiles::Pair { down, .. } => {
            let name =
                last.up.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let beside = match name.strip_suffix(".up.sql") {
                Some(stem) => last.up.path.with_file_name(format!("{stem}.down.sql")),
                None => down,
            };
            NewFiles::Pair { up: last.up.path.clone(), down: down_path.unwrap_or(beside) }
        }
    };
    let texts = draft.files(&files);
    for script in scripts {
        for file in std::iter::once(&script.up).chain(&script.down) {
            let kept = texts.iter().any(|(path, _)| *path == file.path);
            if !kept && !outcome.changes.remove.contains(&file.path) {
                outcome.changes.remove.push(file.path.clone());
            }
        }
    }
    outcome.changes.replace.extend(texts);
}

/// One script must do what the many did, and undo it.
fn prove(
    folder: &Folder,
    sources: &SourceMap,
    scripts: &[&Script],
    before: &schema_model::catalog::Catalog,
    up: &str,
    down: Option<&str>,
) -> Result<(), SurgeryError> {
    let dialect = folder.dialect;
    let mut many = before.clone();
    for script in scripts {
        many = run(&many, sources.text(script.up.file), dialect).after;
    }
    let one = run(before, up, dialect);
    let what = "the squashed script".to_owned();
    if let Some(difference) = difference(&one.after, &many, dialect) {
        return Err(SurgeryError::NotEqual { what, difference });
    }
    let Some(down) = down else { return Ok(()) };
    let mut back = many.clone();
    for script in scripts.iter().rev() {
        if let Some(down) = &script.down {
            back = run(&back, sources.text(down.file), dialect).after;
        }
    }
    let one = run(&many, down, dialect);
    match difference(&one.after, &back, dialect) {
        None => Ok(()),
        Some(difference) => {
            Err(SurgeryError::NotEqual { what: "the squashed way down".to_owned(), difference })
        }
    }
}
