//! `schema.lock` from what is known: revisions, the catalog at head, the models.

use std::path::{Path, PathBuf};

use schema_core::lock::{self, FileRole, Lock, LockConfig, LockedFile, LockedRevision};
use schema_core::rust::{CrateRoot, ModelKind};
use schema_core::script::{Folder, Script};
use schema_model::catalog::Catalog;
use schema_model::{DialectKind, lines};

use crate::declared;
use crate::error::CliResult;
use crate::project::Project;
use crate::state::State;

/// Where the project's lock is.
pub fn path(project: &Project) -> PathBuf {
    project.migrations().join(lock::FILE)
}

/// The lock of the state as it is. It is right only for a state that `check` would pass.
pub fn current(state: &State) -> CliResult<Lock> {
    let sides: Vec<_> =
        state.dialects.iter().map(|side| (&side.recorded.folder, &side.recorded.catalog)).collect();
    of(state, &sides)
}

/// The lock for these folders and the catalogs that they lead to.
pub fn of(state: &State, sides: &[(&Folder, &Catalog)]) -> CliResult<Lock> {
    let mut locked = Lock {
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        config: config(state)?,
        models: lock::model_lines(&state.declared),
        ..Lock::default()
    };
    for (folder, catalog) in sides {
        locked.catalogs.insert(folder.dialect, lines::lines(catalog, folder.dialect));
        for script in &folder.scripts {
            add(&mut locked, script, folder.dialect, &folder.path);
        }
    }
    Ok(locked)
}

/// Adds a script's files to its revision; with two dialects a revision has files for both.
fn add(locked: &mut Lock, script: &Script, dialect: DialectKind, folder: &Path) {
    let version = script.id().to_string();
    let at = match locked.revisions.iter().position(|known| known.version == version) {
        Some(at) => at,
        None => {
            let parents = script.revision.parents.iter().map(ToString::to_string).collect();
            locked.revisions.push(LockedRevision { version, parents, files: Vec::new() });
            locked.revisions.len() - 1
        }
    };
    let files = &mut locked.revisions[at].files;
    let relative = |path: &Path| {
        let path = path.strip_prefix(folder).unwrap_or(path);
        path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    };
    let mut push = |role, file: &schema_core::script::ScriptFile| {
        files.push(LockedFile { role, dialect, checksum: file.checksum.clone(), path: relative(&file.path) });
    };
    match &script.down {
        Some(down) if down.path == script.up.path => push(FileRole::Both, &script.up),
        down => {
            push(FileRole::Up, &script.up);
            if let Some(down) = down {
                push(FileRole::Down, down);
            }
        }
    }
}

fn config(state: &State) -> CliResult<LockConfig> {
    let options = declared::options(&state.project)?;
    let root = state.project.root.canonicalize().unwrap_or_else(|_| state.project.root.clone());
    let relative = |path: &Path| {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/")
    };
    let is_own = |root: &&CrateRoot| root.kind == ModelKind::Derive;
    let own = options.roots.iter().filter(is_own);
    let foreign = options.roots.iter().filter(|root| !is_own(root));
    Ok(LockConfig {
        dialects: options.dialects.clone(),
        roots: own.map(|root| (root.name.clone(), relative(&root.path))).collect(),
        foreign: foreign.map(|root| (root.kind, relative(&root.path))).collect(),
        features: state.project.krate.as_ref().map(|krate| krate.features.clone()).unwrap_or_default(),
        unmanaged: state.project.config.unmanaged.clone(),
        naming: options.naming,
    })
}
