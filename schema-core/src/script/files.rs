//! Changing several files at once: all of it or nothing.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Files to write and to remove together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileChanges {
    /// New files; a file that is there already is an error.
    pub create: Vec<(PathBuf, String)>,
    /// Files with new text, there or not.
    pub replace: Vec<(PathBuf, String)>,
    /// Files to take away.
    pub remove: Vec<PathBuf>,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The file is there already.
    #[error("`{}` exists already; nothing was written", .0.display())]
    Exists(PathBuf),
    /// The file system refuses.
    #[error("failed to write `{}`: {source}; nothing was written", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl FileChanges {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.create.is_empty() && self.replace.is_empty() && self.remove.is_empty()
    }

    /// Does all of it. Texts are first written to temporary files beside their targets, so that what can fail (space,
    /// rights) fails before anything is changed; what still fails is undone.
    pub fn apply(&self) -> Result<(), WriteError> {
        let removed = |path: &PathBuf| self.remove.contains(path);
        if let Some((path, _)) = self.create.iter().find(|(path, _)| path.exists() && !removed(path)) {
            return Err(WriteError::Exists(path.clone()));
        }
        let mut undo = Undo::default();
        let staged = self.stage(&mut undo)?;
        for path in &self.remove {
            undo.set_aside(path)?;
        }
        for (path, file) in staged {
            if path.exists() {
                undo.set_aside(&path)?;
            }
            file.persist_noclobber(&path).map_err(|error| failed(&path, error.error))?;
            undo.created.push(path);
        }
        undo.keep();
        Ok(())
    }

    fn stage(&self, undo: &mut Undo) -> Result<Vec<(PathBuf, NamedTempFile)>, WriteError> {
        let mut staged = Vec::new();
        for (path, text) in self.create.iter().chain(&self.replace) {
            let folder = folder_of(path);
            undo.create_folder(folder)?;
            let mut file = NamedTempFile::new_in(folder).map_err(|error| failed(path, error))?;
            readable(&file, path)?;
            file.write_all(text.as_bytes()).map_err(|error| failed(path, error))?;
            file.as_file().sync_all().map_err(|error| failed(path, error))?;
            staged.push((path.clone(), file));
        }
        Ok(staged)
    }
}

/// A temporary file is its owner's alone; a migration is everybody's, as an editor would leave it.
#[cfg(unix)]
fn readable(file: &NamedTempFile, path: &Path) -> Result<(), WriteError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).map(|metadata| metadata.permissions().mode()).unwrap_or(0o644);
    let permissions = std::fs::Permissions::from_mode(mode);
    file.as_file().set_permissions(permissions).map_err(|error| failed(path, error))
}

#[cfg(not(unix))]
fn readable(_: &NamedTempFile, _: &Path) -> Result<(), WriteError> {
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn failed(path: &Path, source: std::io::Error) -> WriteError {
    match source.kind() {
        std::io::ErrorKind::AlreadyExists => WriteError::Exists(path.to_owned()),
        _ => WriteError::Io { path: path.to_owned(), source },
    }
}

/// What has been done so far; undone when dropped before `keep`.
#[derive(Default)]
struct Undo {
    folders: Vec<PathBuf>,
    created: Vec<PathBuf>,
    /// Original and where it is kept meanwhile.
    aside: Vec<(PathBuf, PathBuf)>,
}

impl Undo {
    fn create_folder(&mut self, folder: &Path) -> Result<(), WriteError> {
        let missing: Vec<PathBuf> = folder
            .ancestors()
            .take_while(|part| !part.as_os_str().is_empty() && !part.exists())
            .map(Path::to_owned)
            .collect();
        std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        self.folders.extend(missing);
        Ok(())
    }

    fn set_aside(&mut self, path: &Path) -> Result<(), WriteError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let aside = folder_of(path).join(format!(".{name}.{}.old", std::process::id()));
        std::fs::rename(path, &aside).map_err(|error| failed(path, error))?;
        self.aside.push((path.to_owned(), aside));
        Ok(())
    }

    /// Everything worked: the originals go.
    fn keep(mut self) {
        for (_, aside) in self.aside.drain(..) {
            // Left behind it is a hidden file that nobody reads.
            let _ = std::fs::remove_file(aside);
        }
        self.created.clear();
        self.folders.clear();
    }
}

impl Drop for Undo {
    fn drop(&mut self) {
        for path in &self.created {
            let _ = std::fs::remove_file(path);
        }
        for (path, aside) in self.aside.iter().rev() {
            let _ = std::fs::rename(aside, path);
        }
        for folder in &self.folders {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn both_files_or_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let (up, down) = (folder.path().join("a.up.sql"), folder.path().join("a.down.sql"));
        std::fs::write(&down, "old").expect("written");
        let changes = FileChanges {
            create: vec![(up.clone(), "up".into()), (down.clone(), "down".into())],
            ..FileChanges::default()
        };
        assert!(matches!(changes.apply(), Err(WriteError::Exists(path)) if path == down));
        assert_eq!(names(folder.path()), ["a.down.sql"]);
        let changes = FileChanges { remove: vec![down.clone()], ..changes };
        changes.apply().expect("all of it");
        assert_eq!(names(folder.path()), ["a.down.sql", "a.up.sql"]);
        assert_eq!(std::fs::read_to_string(&down).expect("read"), "down");
    }

    #[test]
    fn what_fails_late_is_undone() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = folder.path().join("kept.sql");
        std::fs::write(&kept, "old").expect("written");
        let changes = FileChanges {
            create: vec![(folder.path().join("new/x.sql"), "x".into())],
            replace: vec![(kept.clone(), "new".into())],
            remove: vec![folder.path().join("missing.sql")],
        };
        assert!(changes.apply().is_err());
        assert_eq!(names(folder.path()), ["kept.sql"]);
        assert_eq!(std::fs::read_to_string(&kept).expect("read"), "old");
    }
}
