//! What the migrations will be when HEAD is merged into a reference, judged before the merge is made.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use schema_model::{DialectKind, SourceMap, Span};

use super::git::{GitError, Repository};
use super::released;
use crate::diagnostic::Diagnostic;
use crate::revision::RevisionId;
use crate::script::header::{Formerly, Said};
use crate::script::{Folder, FolderError, Layout, ListedFile, Script};

/// The merge result and what is wrong with it.
#[derive(Debug)]
pub struct BaseReport {
    /// The migrations as they will be.
    pub merged: Folder,
    /// Findings: the graph's, and released revisions that were edited or deleted.
    pub diagnostics: Vec<Diagnostic>,
    /// Up files that HEAD adds to the reference, by path from the folder: what `rebase` would move.
    pub added: BTreeSet<String>,
}

/// Why it cannot be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaseError {
    /// Git cannot say.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The folder cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// Judges the result of merging `head` (a commit, such as `HEAD`) into `reference`. `deployed` is what production runs
/// according to the reference; without it every revision of the reference counts as released.
pub fn check_base(
    folder: &Path,
    dialect: DialectKind,
    layout: Option<Layout>,
    (reference, head): (&str, &str),
    deployed: Option<&RevisionId>,
    sources: &mut SourceMap,
) -> Result<BaseReport, BaseError> {
    let repository = Repository::of(folder)?;
    let (target, ours) = (repository.commit(reference)?, repository.commit(head)?);
    let fork = repository.merge_base(reference, head)?;
    let read = |commit: &str| repository.files(commit, folder).map(by_path);
    let (fork, theirs, ours) = (read(&fork)?, read(&target)?, read(&ours)?);
    let (merged, conflicts) = three_way(&fork, &theirs, &ours);
    let added = ours.keys().filter(|path| !theirs.contains_key(*path)).cloned().collect();
    let listed = |files: BTreeMap<String, String>| {
        files.into_iter().map(|(path, text)| ListedFile { path, text }).collect::<Vec<_>>()
    };
    let before = Folder::from_files(folder, listed(theirs), dialect, layout, sources)?;
    let merged = Folder::from_files(folder, listed(merged), dialect, layout, sources)?;
    let mut diagnostics = merged.diagnostics.clone();
    diagnostics.extend(merged.check_graph());
    diagnostics.extend(conflicts.iter().map(|path| {
        let message = format!("`{}` was changed on both sides", folder.join(path).display());
        Diagnostic::error("base/conflict", message).help(format!("merge `{reference}` and mend the file"))
    }));
    diagnostics.extend(released_changes(&before, &merged, deployed, reference));
    Ok(BaseReport { merged, diagnostics, added })
}

fn by_path(files: Vec<ListedFile>) -> BTreeMap<String, String> {
    files.into_iter().map(|file| (file.path, file.text)).collect()
}

/// The merge, file by file; paths of SQL files that both sides changed. The lock conflicts on purpose and is not looked
/// at: it is derived.
fn three_way(
    fork: &BTreeMap<String, String>,
    theirs: &BTreeMap<String, String>,
    ours: &BTreeMap<String, String>,
) -> (BTreeMap<String, String>, Vec<String>) {
    let paths: BTreeSet<&String> = fork.keys().chain(theirs.keys()).chain(ours.keys()).collect();
    let (mut merged, mut conflicts) = (BTreeMap::new(), Vec::new());
    for path in paths {
        let (fork, theirs, ours) = (fork.get(path), theirs.get(path), ours.get(path));
        let result = if ours == fork {
            theirs
        } else {
            if theirs != fork && theirs != ours && path.ends_with(".sql") {
                conflicts.push(path.clone());
            }
            ours
        };
        if let Some(text) = result {
            merged.insert(path.clone(), text.clone());
        }
    }
    (merged, conflicts)
}

/// Released revisions stay as they are, by meaning. The way down may be mended, which is said.
fn released_changes(
    before: &Folder,
    merged: &Folder,
    deployed: Option<&RevisionId>,
    reference: &str,
) -> Vec<Diagnostic> {
    let frozen: Option<BTreeSet<RevisionId>> = match (deployed, before.graph()) {
        (Some(deployed), Ok(graph)) => Some(released(&graph, deployed)),
        _ => None,
    };
    let is_frozen = |id: &RevisionId| frozen.as_ref().is_none_or(|frozen| frozen.contains(id));
    let mut found = Vec::new();
    for old in before.scripts.iter().filter(|script| is_frozen(script.id())) {
        let id = old.id();
        let covered = |script: &Script| {
            let former = |said: &Said<Formerly>| {
                RevisionId::from(&said.value.version) == *id && said.value.checksum == old.up.checksum
            };
            script.header.formerly.iter().any(former)
        };
        // Of two revisions with one tag, the one in the same file is the old one.
        let same = merged.scripts.iter().filter(|script| script.id() == id);
        let Some(new) = same.max_by_key(|script| script.up.path == old.up.path) else {
            if !merged.scripts.iter().any(covered) {
                let message = format!("`{id}` is in `{reference}` and would be deleted");
                let help = "bring the file back; to undo what it does, write a new revision";
                found.push(Diagnostic::error("released/deleted", message).help(help));
            }
            continue;
        };
        if new.up.checksum != old.up.checksum && !covered(new) {
            let message = format!(
                "`{id}` is in `{reference}` and was edited: databases that have it will not get the change"
            );
            let path = new.up.path.display();
            let help =
                format!("bring it back with `git checkout {reference} -- {path}` and write a new revision");
            let place = Span::new(new.up.file, 0, 0);
            found.push(Diagnostic::error("released/edited", message).at(place, "edited here").help(help));
        }
        let down = |script: &Script| script.down.as_ref().map(|down| down.checksum.clone());
        if down(new) != down(old) && !covered(new) {
            let message = format!("the way down of `{id}` is another one than in `{reference}`");
            let place = new.down.as_ref().map(|down| Span::new(down.file, 0, 0));
            found.push(Diagnostic::warning("released/down-edited", message).at(place, "edited here"));
        }
    }
    found
}
