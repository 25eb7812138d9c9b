//! A migrations folder on disk.

use std::path::{Path, PathBuf};

use schema_model::{DialectKind, SourceMap};

use super::dir::{Folder, FolderError};
use super::files::FileChanges;
use super::layout::{Layout, ListedFile};
use crate::diagnostic::Diagnostic;

impl Folder {
    /// Reads the folder; as [`Folder::from_files`] otherwise.
    pub fn read(
        path: impl Into<PathBuf>,
        dialect: DialectKind,
        layout: Option<Layout>,
        sources: &mut SourceMap,
    ) -> Result<Folder, FolderError> {
        Folder::read_changed(path, dialect, layout, &FileChanges::default(), sources)
    }

    /// The folder as it will be after these changes, which are not made.
    pub fn read_changed(
        path: impl Into<PathBuf>,
        dialect: DialectKind,
        layout: Option<Layout>,
        changes: &FileChanges,
        sources: &mut SourceMap,
    ) -> Result<Folder, FolderError> {
        let path = path.into();
        let mut diagnostics = Vec::new();
        let files = match list(&path, &mut diagnostics) {
            Err(FolderError::Missing(_)) if !changes.is_empty() => Vec::new(),
            other => other?,
        };
        let files = changed(files, &path, changes);
        let mut folder = Folder::from_files(path, files, dialect, layout, sources)?;
        folder.diagnostics.splice(0..0, diagnostics);
        Ok(folder)
    }
}

/// The files as the changes leave them, sorted by path.
fn changed(mut files: Vec<ListedFile>, folder: &Path, changes: &FileChanges) -> Vec<ListedFile> {
    let own = |path: &Path| path.strip_prefix(folder).ok().map(relative);
    let written: Vec<ListedFile> = changes
        .create
        .iter()
        .chain(&changes.replace)
        .filter_map(|(path, text)| Some(ListedFile { path: own(path)?, text: text.clone() }))
        .collect();
    let removed: Vec<String> = changes.remove.iter().filter_map(|path| own(path)).collect();
    files.retain(|file| !removed.contains(&file.path) && !written.iter().any(|new| new.path == file.path));
    files.extend(written);
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

/// The dialects for which a folder has subfolders.
pub fn dialects_of(path: &Path) -> Vec<DialectKind> {
    let has = |dialect: &DialectKind| {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.path().is_dir());
        folders
            .into_iter()
            .any(|entry| entry.file_name().to_str().and_then(|name| name.parse().ok()) == Some(*dialect))
    };
    DialectKind::ALL.into_iter().filter(has).collect()
}

/// Every file below a folder, sorted by path; texts of SQL files and of the small files that say how they run.
fn list(path: &Path, diagnostics: &mut Vec<Diagnostic>) -> Result<Vec<ListedFile>, FolderError> {
    let io = |path: &Path, source| FolderError::Io { path: path.to_owned(), source };
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(FolderError::Missing(path.to_owned()));
        }
        Err(error) => return Err(io(path, error)),
        Ok(metadata) if !metadata.is_dir() => return Err(FolderError::NotAFolder(path.to_owned())),
        Ok(_) => {}
    }
    let mut files = Vec::new();
    let walk = walkdir::WalkDir::new(path).max_depth(8).follow_links(true).sort_by_file_name();
    let visible = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
    };
    for entry in walk.into_iter().filter_entry(visible) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let place = error.path().unwrap_or(path).to_owned();
                // A link that leads nowhere, or in a circle, is no migration.
                if error.loop_ancestor().is_some() {
                    continue;
                }
                return Err(io(&place, error.into()));
            }
        };
        if !entry.file_type().is_file() {
            continue;
        }
        let Some(name) = entry.path().strip_prefix(path).ok().map(relative) else { continue };
        let mut file = ListedFile { path: name, text: String::new() };
        let option = file.name() == "metadata.toml" || file.path.ends_with(".sql.conf");
        if file.is_sql() || option {
            let bytes = std::fs::read(entry.path()).map_err(|error| io(entry.path(), error))?;
            match String::from_utf8(bytes) {
                Ok(text) => file.text = text,
                Err(error) => {
                    let at = error.utf8_error().valid_up_to();
                    let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
                    let message =
                        format!("`{}` is not UTF-8 (line {line}, byte {at})", entry.path().display());
                    let help = "save the file as UTF-8";
                    diagnostics.push(Diagnostic::error("script/not-utf8", message).help(help));
                    file.text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                }
            }
        }
        files.push(file);
    }
    Ok(files)
}

/// A path with `/` between its parts, on every system.
fn relative(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
