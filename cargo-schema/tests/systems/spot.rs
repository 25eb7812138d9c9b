//! SPOT: make targets over one tool, services that never migrate, eight replicas at once.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use schema_tests::database::TestDatabase;

use crate::support::{Project, both, fixture};

/// Runs a target of the fixture's Makefile.
fn make(project: &Project, url: &str, arguments: &[&str]) -> Output {
    Command::new("make")
        .args(["--no-print-directory", "--silent"])
        .arg(format!("SCHEMA={}", env!("CARGO_BIN_EXE_cargo-schema")))
        .args(arguments)
        .current_dir(project.path())
        .env("DATABASE_URL", url)
        .env("NO_COLOR", "1")
        .output()
        .expect("make runs")
}

fn made(project: &Project, url: &str, arguments: &[&str]) -> String {
    let output = make(project, url, arguments);
    assert!(output.status.success(), "make {arguments:?}\n{}", both(&output));
    both(&output)
}

#[test]
fn the_make_targets_of_the_guide() {
    let Some(database) = TestDatabase::create() else { return };
    let (project, url) = (Project::of("spot"), database.url());
    assert!(made(&project, &url, &["db:status"]).starts_with("no migrations applied yet"));
    // By the stem of the file, and by a part of it.
    assert!(made(&project, &url, &["db:migrate", "REVISION=0001_initial_schema"]).contains("Applied 1.0.0"));
    assert!(made(&project, &url, &["db:migrate", "REVISION=0002"]).contains("Applied 1.1.0"));
    assert!(made(&project, &url, &["db:migrate"]).contains("Applied 1.2.0"));
    assert!(made(&project, &url, &["db:status"]).contains("1.2.0 (head)"));
    let history = made(&project, &url, &["db:history", "LIMIT=2"]);
    let lines: Vec<&str> = history.lines().collect();
    assert_eq!(lines.len(), 2, "{history}");
    assert!(lines[0].contains("1.2.0") && lines[1].contains("1.1.0"), "{history}");
    assert!(made(&project, &url, &["db:downgrade"]).contains("Rolled back 1.2.0"));
    let two = made(&project, &url, &["db:downgrade", "REVISION=-2"]);
    assert!(two.contains("Rolled back 1.1.0") && two.contains("Rolled back 1.0.0"), "{two}");
    made(&project, &url, &["db:migrate"]);
    let far = make(&project, &url, &["db:downgrade", "REVISION=-99"]);
    assert!(!far.status.success(), "{}", both(&far));
    assert!(made(&project, &url, &["db:status"]).contains("1.2.0 (head)"), "nothing of it was done");
}

#[test]
fn a_revision_from_the_models_and_an_empty_one() {
    let project = Project::of("spot");
    project.replace(
        "src/plugin_models.rs",
        "pub enabled: bool,",
        "pub enabled: bool,\n    pub homepage: Option<String>,",
    );
    let nowhere = "postgres://nobody@127.0.0.1:1/none";
    assert!(
        made(&project, nowhere, &["db:revision", "MESSAGE=Add homepage"]).contains("0004_add_homepage.sql")
    );
    let empty = made(&project, nowhere, &["db:revision", "MESSAGE=Custom data backfill", "AUTOGEN=0"]);
    assert!(empty.contains("0005_custom_data_backfill.sql"), "{empty}");
    project.expect(&["check"]);
    let wordless = make(&project, nowhere, &["db:revision", "MESSAGE="]);
    assert!(!wordless.status.success(), "{}", both(&wordless));
}

#[test]
fn a_pipeline_stops_at_a_migration_that_fails() {
    let Some(database) = TestDatabase::create() else { return };
    let project = Project::of("spot");
    project.write(
        "migrations/0004_wrong.sql",
        "-- Version: 1.3.0\n-- Revises: 1.2.0\nCREATE TABLE kept (a int);\nSELECT * FROM nowhere;\n",
    );
    let script = "set -e\n\"$SCHEMA\" upgrade head --migrations migrations\necho started\n";
    let output = Command::new("sh")
        .args(["-c", script])
        .current_dir(project.path())
        .env("SCHEMA", env!("CARGO_BIN_EXE_cargo-schema"))
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    let said = both(&output);
    assert!(!output.status.success() && !said.contains("started"), "{said}");
    assert!(said.contains("0004_wrong.sql:4:1"), "{said}");
    let mut client = database.connect();
    let kept = client.query_one("SELECT to_regclass('kept') IS NULL", &[]).unwrap();
    assert!(kept.get::<_, bool>(0), "the transaction was rolled back");
}

#[test]
fn an_image_needs_the_binary_the_folder_and_one_variable() {
    let Some(database) = TestDatabase::create() else { return };
    let folder = tempfile::tempdir().unwrap();
    let migrations = folder.path().join("migrations");
    crate::support::copy(&fixture("spot").join("migrations"), &migrations);
    read_only(&migrations);
    read_only(folder.path());
    let before = (names(folder.path()), names(&migrations));
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-schema"))
        .args(["upgrade", "head", "--wait", "5", "--migrations"])
        .arg(&migrations)
        .current_dir(folder.path())
        .env_clear()
        .env("DATABASE_URL", database.url())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", both(&output));
    let status = Command::new(env!("CARGO_BIN_EXE_cargo-schema"))
        .args(["status", "--exit-code", "--migrations"])
        .arg(&migrations)
        .env_clear()
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    assert!(status.status.success(), "{}", both(&status));
    // The superuser may write to what is read-only.
    assert_eq!((names(folder.path()), names(&migrations)), before, "nothing was written");
    writable(folder.path());
    writable(&migrations);
}

fn names(folder: &Path) -> Vec<std::ffi::OsString> {
    let mut names: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

#[cfg(unix)]
fn mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
fn read_only(path: &Path) {
    mode(path, 0o555);
}

#[cfg(unix)]
fn writable(path: &Path) {
    mode(path, 0o755);
}

#[cfg(not(unix))]
fn read_only(_: &Path) {}

#[cfg(not(unix))]
fn writable(_: &Path) {}

/// The gateway, built once, where CI builds the fixtures too.
fn gateway() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fixtures");
        let output = Command::new(env!("CARGO"))
            .args(["build", "--locked", "--manifest-path"])
            .arg(fixture("spot").join("Cargo.toml"))
            .arg("--target-dir")
            .arg(&target)
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", both(&output));
        target.join("debug/spot")
    })
}

struct Gateway {
    child: Child,
    address: String,
}

impl Gateway {
    /// Starts it; `Err` with what it says when it does not want to.
    fn start(url: &str) -> Result<Gateway, String> {
        let mut child = Command::new(gateway())
            .env("DATABASE_URL", url)
            .env("LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the gateway");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if let Some(address) = line.trim().strip_prefix("listening on ") {
            return Ok(Gateway { child, address: address.to_owned() });
        }
        let output = child.wait_with_output().unwrap();
        assert!(!output.status.success());
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: spot\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn eight_replicas_and_their_init_containers_start_at_once() {
    let Some(database) = TestDatabase::create() else { return };
    let (url, migrations) = (database.url(), fixture("spot").join("migrations"));
    gateway();
    let replica = || {
        let init = Command::new(env!("CARGO_BIN_EXE_cargo-schema"))
            .args(["upgrade", "head", "--wait", "60", "--migrations"])
            .arg(&migrations)
            .env("DATABASE_URL", &url)
            .output()
            .unwrap();
        assert!(init.status.success(), "{}", both(&init));
        let gateway = Gateway::start(&url).unwrap();
        let health = gateway.get("/health");
        assert!(health.starts_with("HTTP/1.1 200") && health.contains(r#""schema":"1.2.0""#), "{health}");
        both(&init).contains("Applied 1.0.0")
    };
    std::thread::scope(|scope| {
        let replicas: Vec<_> = (0..8).map(|_| scope.spawn(replica)).collect();
        let applied = replicas.into_iter().map(|replica| replica.join().unwrap());
        assert_eq!(applied.filter(|applied| *applied).count(), 1, "one of them applies");
    });
}

#[test]
fn a_service_on_another_version_does_not_start_and_changes_nothing() {
    let Some(database) = TestDatabase::create() else { return };
    let (project, url) = (Project::of("spot"), database.url());
    made(&project, &url, &["db:migrate", "REVISION=1.1.0"]);
    let behind = Gateway::start(&url).err().unwrap();
    assert!(behind.contains("database is at 1.1.0, this program needs 1.2.0"), "{behind}");
    assert!(made(&project, &url, &["db:status"]).starts_with("1.1.0"), "nothing was changed");

    made(&project, &url, &["db:migrate"]);
    let gateway = Gateway::start(&url).unwrap();
    assert!(gateway.get("/").contains(r#""schema":"1.2.0""#));

    // A newer release is rolled out beside it: it goes on while the version is compatible, and an old replica does not start.
    project.write(
        "migrations/0004_more.sql",
        "-- Version: 1.3.0\n-- Revises: 1.2.0\nALTER TABLE plugins ADD COLUMN homepage text;\n",
    );
    made(&project, &url, &["db:migrate"]);
    assert!(gateway.get("/health").starts_with("HTTP/1.1 200"), "a minor version is compatible");
    let ahead = Gateway::start(&url).err().unwrap();
    assert!(ahead.contains("database is at 1.3.0, this program knows up to 1.2.0"), "{ahead}");
    project.write(
        "migrations/0005_breaking.sql",
        "-- Version: 2.0.0\n-- Revises: 1.3.0\nALTER TABLE plugins DROP COLUMN version;\n",
    );
    made(&project, &url, &["db:migrate"]);
    let health = gateway.get("/health");
    assert!(health.starts_with("HTTP/1.1 503") && health.contains("needs ^1.2.0"), "{health}");
}
