//! A user's crate with the gate, made anew for each test; what it depends on is compiled once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use schema_core::lock::{self, FileRole, Lock, LockConfig, LockedFile, LockedRevision};
use schema_core::rust::{Cfgs, CrateRoot, ScanOptions, scan};
use schema_model::{DialectKind, SourceMap, checksum::checksum};

pub const MODELS: &str = r#"use schema_core::Table;

#[derive(Table)]
#[table(name = "usertable")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(type = "varchar(255)", index)]
    pub email: Option<String>,
}
"#;

pub const UP: &str =
    "-- Version: 1.1.0\nCREATE TABLE usertable (id bigint PRIMARY KEY, email varchar(255));\n";

pub struct Project {
    pub folder: PathBuf,
    target: PathBuf,
    _temporary: tempfile::TempDir,
    /// Cargo takes the crates of all tests for one: what one test built is not another's to find.
    _alone: MutexGuard<'static, ()>,
}

impl Project {
    pub fn new() -> Self {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("app");
        let core = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("schema-core");
        let core = core.display();
        std::fs::create_dir_all(folder.join("src")).unwrap();
        std::fs::create_dir_all(folder.join("migrations")).unwrap();
        let manifest = format!(
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[features]\nextra = []\n[workspace]\n\
             [dependencies]\nschema-core = {{ path = \"{core}\" }}\n\
             [dev-dependencies]\nschema-core = {{ path = \"{core}\", features = [\"gate\"] }}\n\
             [build-dependencies]\nschema-core = {{ path = \"{core}\", default-features = false, features = [\"gate\"] }}\n"
        );
        let project = Project {
            target: PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("gate-target"),
            folder,
            _temporary: temporary,
            _alone: alone,
        };
        project.write("Cargo.toml", &manifest);
        project.write("build.rs", "fn main() {\n    schema_core::gate::check();\n}\n");
        project.write("src/lib.rs", "#![forbid(unsafe_code)]\n#![deny(warnings)]\npub mod models;\npub const VERSION: &str = schema_core::version!();\n");
        project.write("src/models.rs", MODELS);
        let lock_file = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("Cargo.lock");
        std::fs::copy(lock_file, project.folder.join("Cargo.lock")).unwrap();
        project
    }

    pub fn write(&self, path: &str, text: &str) {
        std::fs::write(self.folder.join(path), text).unwrap();
        // Cargo compares modification times; the file systems of some machines count whole milliseconds.
        std::thread::sleep(std::time::Duration::from_millis(20));
    }

    /// What `cargo schema revision` leaves behind.
    pub fn lock(&self) {
        self.lock_with(|_| {});
    }

    /// The same for another configuration.
    pub fn lock_with(&self, change: impl FnOnce(&mut LockConfig)) {
        self.write("migrations/1.1.0_users.up.sql", UP);
        let mut config = LockConfig {
            dialects: vec![DialectKind::Postgres],
            roots: vec![("app".to_owned(), "src/lib.rs".to_owned())],
            ..LockConfig::default()
        };
        change(&mut config);
        let root = CrateRoot::new("app", self.folder.join("src/lib.rs"));
        let mut options = ScanOptions::new(root, config.dialects.clone());
        options.roots = config.model_roots(&self.folder);
        options.naming = config.naming.clone();
        options.cfgs = Cfgs::host().features(config.features.iter().map(String::as_str));
        let declared = scan(&options, &mut SourceMap::default());
        assert!(!declared.has_errors(), "{:?}", declared.diagnostics);
        let models = lock::model_lines(&declared);
        let mut lock = Lock { tool: "0.1.0".to_owned(), models, config, ..Lock::default() };
        lock.revisions.push(LockedRevision {
            version: "1.1.0".to_owned(),
            parents: Vec::new(),
            files: vec![LockedFile {
                role: FileRole::Up,
                dialect: DialectKind::Postgres,
                checksum: checksum(UP, DialectKind::Postgres),
                path: "1.1.0_users.up.sql".to_owned(),
            }],
        });
        self.write("migrations/schema.lock", &lock::write(&lock));
    }

    pub fn cargo(&self, words: &[&str], level: &str) -> (bool, String) {
        let output = Command::new(env!("CARGO"))
            .args(words)
            .arg("--offline")
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_TERM_COLOR", "never")
            .env("SCHEMA_GATE", level)
            .env_remove("RUSTFLAGS")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), text)
    }

    pub fn build(&self) -> (bool, String) {
        self.cargo(&["build"], "")
    }
}
