//! `rebase`: my revisions move onto the head of the others.

use std::collections::BTreeSet;
use std::path::Path;

use schema_core::script::{Folder, ListedFile, Script};
use schema_core::surgery::git::Repository;
use schema_core::surgery::{self, Outcome, RebaseOptions, SurgeryError};

use super::surgery::{Folders, agree, derive, finish};
use crate::cli::{Global, RebaseArgs};
use crate::error::{CliError, CliResult};
use crate::findings;
use crate::project::Project;

/// Whose a revision is.
enum Mine {
    /// Those that the other side of git does not have: its name, and the paths that it has, from the folder.
    NotIn(String, BTreeSet<String>),
    /// Those named by version or file.
    Named(Vec<String>),
}

pub fn run(global: &Global, args: &RebaseArgs) -> CliResult {
    let read = Folders::read(global)?;
    read.demand()?;
    let mine = if args.revisions.is_empty() {
        other_side(&read, args.onto.as_deref())?
    } else {
        named(&read, &args.revisions)?
    };
    let overrides = findings::overrides(&read.project)?;
    let mut nothing = None;
    let outcomes = agree(|least| {
        let mut outcomes = Vec::new();
        for folder in &read.folders {
            let is_mine = |script: &Script| mine.has(folder, script);
            let options = RebaseOptions {
                deployed: read.deployed(),
                overrides: overrides.clone(),
                at_least: least.clone(),
            };
            let moved = surgery::rebase(folder, &read.sources, &is_mine, &options);
            outcomes.push(match moved {
                Err(SurgeryError::Nothing(reason)) => {
                    nothing = Some(reason);
                    Outcome::default()
                }
                other => other.map_err(|error| read.failed(folder, error))?,
            });
        }
        Ok(outcomes)
    })?;
    if outcomes.iter().all(|outcome| outcome.changes.is_empty()) {
        if let Some(reason) = nothing.filter(|_| !global.quiet) {
            tell!("{reason}{}", mine.compared());
        }
        return derive(global);
    }
    finish(global, &outcomes)
}

impl Mine {
    fn has(&self, folder: &Folder, script: &Script) -> bool {
        match self {
            Mine::NotIn(_, theirs) => !theirs.contains(&from_folder(&folder.path, &script.up.path)),
            Mine::Named(words) => words.iter().any(|word| is_called(script, word)),
        }
    }

    fn compared(&self) -> String {
        match self {
            Mine::NotIn(reference, _) => format!(" (compared with `{reference}`; another one: `--onto REF`)"),
            Mine::Named(_) => String::new(),
        }
    }
}

fn from_folder(folder: &Path, path: &Path) -> String {
    let path = path.strip_prefix(folder).unwrap_or(path);
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// By version, file stem, or path.
fn is_called(script: &Script, word: &str) -> bool {
    let name = Path::new(word).file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let file = script.up.path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    script.id().as_str() == word || script.revision.stem == word || name == file
}

fn named(read: &Folders, words: &[String]) -> CliResult<Mine> {
    for folder in &read.folders {
        for word in words {
            let found: Vec<_> = folder.scripts.iter().filter(|script| is_called(script, word)).collect();
            match found[..] {
                [_] => {}
                [] => {
                    return Err(CliError::message(format!(
                        "no revision `{word}`; `cargo schema history` lists them"
                    )));
                }
                _ => {
                    let stems: Vec<_> = found.iter().map(|script| script.revision.stem.as_str()).collect();
                    return Err(CliError::message(format!(
                        "`{word}` is the tag of {}; name the file of the one that moves",
                        stems.join(" and ")
                    )));
                }
            }
        }
    }
    Ok(Mine::Named(words.to_vec()))
}

/// What git's other side has: named, or in the middle of a merge or rebase what is merged or rebased onto, or the main branch.
fn other_side(read: &Folders, onto: Option<&str>) -> CliResult<Mine> {
    let folder = read.project.migrations();
    let repository = Repository::of(folder).map_err(|error| {
        CliError::message(format!("{error}; name the revisions that move: `cargo schema rebase 1.2.0`"))
    })?;
    let reference = match onto {
        Some(reference) => reference.to_owned(),
        None => found(&repository)?,
    };
    let commit = repository.commit(&reference).map_err(CliError::message)?;
    let theirs: Vec<ListedFile> = repository.files(&commit, folder).map_err(CliError::message)?;
    let theirs: BTreeSet<String> = theirs.into_iter().map(|file| file.path).collect();
    let missing: Vec<&String> =
        theirs.iter().filter(|path| path.ends_with(".sql") && !folder.join(path).exists()).collect();
    if let Some(first) = missing.first() {
        let more = if missing.len() > 1 { format!(" and {} more", missing.len() - 1) } else { String::new() };
        return Err(CliError::message(format!(
            "`{reference}` has files that are not here: {}{more}; bring them in with `git merge {reference}` (or `git rebase \
             {reference}`), then run this again",
            Project::shown(&folder.join(first)).display()
        )));
    }
    Ok(Mine::NotIn(reference, theirs))
}

fn found(repository: &Repository) -> CliResult<String> {
    let commit = |reference: &str| repository.commit(reference).ok();
    if commit("MERGE_HEAD").is_some() {
        return Ok("MERGE_HEAD".to_owned());
    }
    // In the middle of `git rebase` HEAD is what my commits are put onto.
    if commit("REBASE_HEAD").is_some() {
        return Ok("HEAD".to_owned());
    }
    let head = commit("HEAD");
    let mut best: Option<(&str, String)> = None;
    for reference in ["origin/HEAD", "origin/main", "origin/master", "main", "master"] {
        let Some(found) = commit(reference).filter(|found| Some(found) != head.as_ref()) else { continue };
        let newer = match &best {
            None => true,
            Some((known, _)) => repository
                .merge_base(known, reference)
                .is_ok_and(|base| Some(&base) == commit(known).as_ref()),
        };
        if newer {
            best = Some((reference, found));
        }
    }
    best.map(|(reference, _)| reference.to_owned()).ok_or_else(|| {
        CliError::message(
            "there is no main branch beside this one; say what the revisions move onto: `--onto REF`",
        )
    })
}
