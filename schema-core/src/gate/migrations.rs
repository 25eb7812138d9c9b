//! The migration files against the lock's checksums.

use std::path::{Path, PathBuf};

use schema_model::checksum::checksum;

use super::environment::Environment;
use super::findings::Finding;
use crate::lock::Lock;

/// Edited, missing and new files, and more than one head.
pub(super) fn check(environment: &Environment, lock: &Lock) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |message: String| findings.push(Finding::elsewhere(format!("schema drift: {message}")));
    let folder = &environment.migrations;
    let mut known: Vec<PathBuf> = Vec::new();
    for file in lock.revisions.iter().flat_map(|revision| &revision.files) {
        let path = folder.join(&file.path);
        let shown = environment.shown(&path);
        let text = std::fs::read(&path);
        known.push(path);
        match text {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                if checksum(&text, file.dialect) != file.checksum {
                    found(format!(
                        "{shown} was changed since schema.lock was written; run `cargo schema lock` if that is meant"
                    ));
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => found(format!(
                "{shown} is in schema.lock but is not there; put it back, or run `cargo schema lock` if that is meant"
            )),
            Err(error) => found(format!("cannot read {shown}: {error}; run `cargo schema check`")),
        }
    }
    for path in scripts(folder).filter(|path| !known.contains(path)) {
        let shown = environment.shown(&path);
        found(format!("{shown} is newer than schema.lock; run `cargo schema lock`"));
    }
    let heads = heads(lock);
    if heads.len() > 1 {
        found(format!(
            "two heads ({}); run `cargo schema merge`, or `cargo schema rebase`",
            heads.join(", ")
        ));
    }
    findings
}

/// Every SQL file of the folder, `fixtures` left out.
pub(super) fn scripts(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let mut open = vec![folder.to_path_buf()];
    let mut all = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if hidden || entry.file_name() == "fixtures" {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(_) if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("sql")) => {
                    all.push(path)
                }
                _ => {}
            }
        }
    }
    all.sort();
    all.into_iter()
}

/// The revisions that no other builds on.
pub(super) fn heads(lock: &Lock) -> Vec<&str> {
    let is_parent = |version: &str| {
        lock.revisions.iter().any(|revision| revision.parents.iter().any(|parent| parent == version))
    };
    let heads = lock.revisions.iter().map(|revision| revision.version.as_str());
    heads.filter(|version| !is_parent(version)).collect()
}
