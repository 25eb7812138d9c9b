//! A fixture in a temporary folder, the binary run in it, and the recorded histories beside the repository.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A fixture's folder.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(name).canonicalize().expect("the fixture")
}

/// The recorded history of a system: what its own tool sent to its databases. The folder is the one that `SCHEMA_SEEDS`
/// names, else `../shared/seeds` beside the repository. `None`, said on standard error, where there is none.
pub fn seeds(system: &str) -> Option<PathBuf> {
    let named = std::env::var_os("SCHEMA_SEEDS").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/seeds");
    let folder = named.unwrap_or_else(beside).join(system);
    if folder.is_dir() {
        return Some(folder);
    }
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Written past the test harness, which would keep it back.
    let _ = writeln!(std::io::stderr(), "SKIPPED, no recorded history of {system}: {test}");
    None
}

/// The migrations of a recorded history: its `.sql` files of one dialect, failed ones left out.
pub fn scripts(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    found.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.ends_with(".up.sql") || name.ends_with(".down.sql")
    });
    found.sort();
    found
}

/// A copy of a fixture.
pub struct Project(TempDir);

impl Project {
    /// Everything of the fixture but what it has built.
    pub fn of(name: &str) -> Project {
        let project = Project(tempfile::tempdir().expect("a temporary folder"));
        copy(&fixture(name), project.path());
        let core = fixture(name).join("../../schema-core").canonicalize().expect("schema-core");
        project.replace("Cargo.toml", "../../schema-core", &core.to_string_lossy());
        project
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} does not contain {from}");
        self.write(file, &text.replace(from, to));
    }

    pub fn remove(&self, path: &str) {
        let path = self.path().join(path);
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    pub fn schema(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-schema"));
        command
            .arg("schema")
            .args(arguments)
            .current_dir(self.path())
            .env_remove("DATABASE_URL")
            .env("NO_COLOR", "1")
            .env("CARGO_TERM_COLOR", "never");
        command.output().expect("cargo-schema runs")
    }

    /// Runs a command that must succeed, and answers what it prints.
    pub fn expect(&self, arguments: &[&str]) -> String {
        let output = self.schema(arguments);
        assert!(output.status.success(), "cargo schema {}\n{}", arguments.join(" "), both(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a command that must end with this code, and answers everything it says.
    pub fn fails(&self, arguments: &[&str], code: i32) -> String {
        let output = self.schema(arguments);
        let said = both(&output);
        assert_eq!(output.status.code(), Some(code), "cargo schema {}\n{said}", arguments.join(" "));
        said
    }
}

/// Standard output, then standard error.
pub fn both(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Copies a folder, `target` left out.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).expect("an entry");
        if path.is_dir() {
            if name != "target" {
                copy(&path, &to.join(name));
            }
        } else {
            fs::write(to.join(name), fs::read(&path).expect("a file")).expect("a file");
        }
    }
}

/// The files of a folder and those below it that end so.
pub fn files_below(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_below(&path, end));
        } else if path.extension().is_some_and(|own| own == end) {
            found.push(path);
        }
    }
    found
}
