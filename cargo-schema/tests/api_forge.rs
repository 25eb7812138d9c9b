//! The main job, end to end, on API Forge's schema: structs, migrations, the gate, upgrade and rollback on SQLite and
//! PostgreSQL. Everything goes through the command line and cargo, as a user would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

use schema_tests::database::TestDatabase;
use tempfile::TempDir;

/// The versions with the message that each was written with.
const VERSIONS: [(&str, &str); 4] = [
    ("1.0.0", "Initial schema"),
    ("1.1.0", "Add phone and address"),
    ("1.2.0", "Add user preferences"),
    ("2.0.0", "Rename email to email_address"),
];

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/api-forge").canonicalize().expect("the fixture")
}

/// The fixture's models as they were at a version: the newest ones, less what came later.
fn models_at(version: &str) -> String {
    let newest = fs::read_to_string(fixture().join("src/models.rs")).expect("the models");
    let cut = |text: String, from: &str, to: &str| {
        assert!(text.contains(from), "the fixture's models have changed: {from}");
        text.replace(from, to)
    };
    let mut text = newest;
    if version < "2.0.0" {
        text = cut(text, "renamed_from = \"email\", ", "");
        text = cut(text, "pub email_address:", "pub email:");
    }
    if version < "1.2.0" {
        let at = text.find("/// What a person prefers.").expect("the preferences");
        text.truncate(at);
    }
    if version < "1.1.0" {
        text = cut(text, "    #[column(type = \"varchar(20)\")]\n    pub phone: Option<String>,\n", "");
        text = cut(text, "    #[column(type = \"varchar(500)\")]\n    pub address: Option<String>,\n", "");
    }
    text
}

/// A copy of the fixture in a temporary folder.
struct Project(TempDir);

impl Project {
    /// With the models of a version and no migrations.
    fn at(version: &str) -> Project {
        let project = Project(tempfile::tempdir().expect("a temporary folder"));
        let core = fixture().join("../../schema-core").canonicalize().expect("schema-core");
        let manifest = fs::read_to_string(fixture().join("Cargo.toml")).expect("the manifest");
        project.write("Cargo.toml", &manifest.replace("../../schema-core", &core.to_string_lossy()));
        for file in ["build.rs", "src/lib.rs"] {
            project.write(file, &fs::read_to_string(fixture().join(file)).expect("a source file"));
        }
        project.write("src/models.rs", &models_at(version));
        project
    }

    /// With the models and migrations that the fixture has.
    fn newest() -> Project {
        let project = Project::at("2.0.0");
        for entry in walk(&fixture().join("migrations")) {
            let relative = entry.strip_prefix(fixture()).expect("below the fixture");
            project.write(&relative.to_string_lossy(), &fs::read_to_string(&entry).expect("a migration"));
        }
        project
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "{file} does not contain {from}");
        self.write(file, &text.replace(from, to));
    }

    fn schema(&self, arguments: &[&str]) -> Output {
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
    fn expect(&self, arguments: &[&str]) -> String {
        let output = self.schema(arguments);
        assert!(output.status.success(), "cargo schema {}\n{}", arguments.join(" "), both(&output));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a command that must end with this code, and answers everything it says.
    fn fails(&self, arguments: &[&str], code: i32) -> String {
        let output = self.schema(arguments);
        assert_eq!(
            output.status.code(),
            Some(code),
            "cargo schema {}\n{}",
            arguments.join(" "),
            both(&output)
        );
        both(&output)
    }

    fn build(&self) -> Output {
        let mut command = Command::new(env!("CARGO"));
        command.args(["build", "--offline", "-v"]).current_dir(self.path());
        command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("api-forge"));
        command.env_remove("SCHEMA_GATE").env("CARGO_TERM_COLOR", "never").output().expect("cargo runs")
    }
}

/// For tests that build: cargo takes copies of one package in different folders for the same unit of the shared target
/// folder, so one such test runs at a time.
fn building() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn both(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn without_dates(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("-- Date:")).map(|line| format!("{line}\n")).collect()
}

#[test]
fn revisions_are_written_with_computed_bumps_and_are_the_fixtures_own() {
    let project = Project::at("1.0.0");
    for (version, message) in VERSIONS {
        project.write("src/models.rs", &models_at(version));
        let printed = project.expect(&["revision", "-m", message]);
        assert!(printed.contains(&format!("{version}_")), "{version}: {printed}");
        project.expect(&["check"]);
        let again = project.expect(&["revision", "-m", "nothing"]);
        assert!(again.contains("nothing was written"), "{again}");
    }
    for path in walk(&fixture().join("migrations"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "sql"))
    {
        let relative = path.strip_prefix(fixture()).expect("below the fixture");
        let (ours, checked_in) =
            (project.read(&relative.to_string_lossy()), fs::read_to_string(&path).expect("a migration"));
        assert_eq!(without_dates(&ours), without_dates(&checked_in), "{}", relative.display());
    }
    for dialect in ["postgres", "sqlite"] {
        let up = project.read(&format!("migrations/{dialect}/2.0.0_rename_email_to_email_address.up.sql"));
        assert_eq!(up.matches("RENAME COLUMN email TO email_address").count(), 1, "{up}");
        assert!(!up.contains("DROP"), "{up}");
        let down =
            project.read(&format!("migrations/{dialect}/2.0.0_rename_email_to_email_address.down.sql"));
        assert!(down.contains("RENAME COLUMN email_address TO email"), "{down}");
    }
}

#[test]
fn drift_fails_the_build_at_the_field_and_goes_with_the_next_revision() {
    let _alone = building();
    let project = Project::at("1.0.0");
    project.expect(&["revision", "-m", "Initial schema"]);
    let clean = project.build();
    assert!(clean.status.success(), "{}", both(&clean));
    assert!(!both(&clean).contains("schema drift"), "a clean gate is silent: {}", both(&clean));
    let unchanged = project.build();
    assert!(
        both(&unchanged).contains("Fresh api-forge"),
        "nothing changed, so the gate must not run: {}",
        both(&unchanged)
    );

    project.write("src/models.rs", &models_at("1.1.0"));
    let line = 1 + models_at("1.1.0").lines().position(|line| line.contains("pub phone")).expect("the field");
    let drifted = both(&project.build());
    let finding = "schema drift: column usertable.phone is declared but no migration up to 1.0.0 adds it";
    assert!(drifted.contains(finding), "{drifted}");
    assert!(drifted.contains(&format!("--> src/models.rs:{line}:9")), "{drifted}");

    let found = project.fails(&["check", "--format", "json"], 1);
    assert!(
        found.contains("\"code\":\"drift/column-added\"") && found.contains(&format!("\"line\":{line}")),
        "{found}"
    );

    project.expect(&["revision", "-m", "Add phone and address"]);
    let mended = project.build();
    assert!(mended.status.success(), "{}", both(&mended));
}

#[test]
fn what_has_no_field_fails_from_the_build_script() {
    let _alone = building();
    let project = Project::newest();
    project.replace("migrations/postgres/1.1.0_add_phone_and_address.up.sql", "varying(20)", "varying(30)");
    let edited = both(&project.build());
    assert!(edited.contains("1.1.0_add_phone_and_address.up.sql"), "{edited}");
    assert!(
        edited.contains("could not compile")
            || edited.contains("build script")
            || edited.contains("build command"),
        "{edited}"
    );

    let project = Project::newest();
    let models = project.read("src/models.rs");
    let at = models.find("/// What a person prefers.").expect("the preferences");
    project.write("src/models.rs", &models[..at]);
    let missing = both(&project.build());
    assert!(missing.contains("user_preferences"), "{missing}");
    let found = project.fails(&["check"], 1);
    assert!(
        found.contains("table `user_preferences` is created by migrations but no model declares it"),
        "{found}"
    );
}

const SEED: &str = "INSERT INTO usertable (id, first_name, last_name, email) VALUES \
     ('00000000-0000-0000-0000-000000000001', 'Ada', 'Lovelace', 'ada@example.org'), \
     ('00000000-0000-0000-0000-000000000002', 'Alan', 'Turing', NULL)";

/// Up one by one, down to base, up again: the live catalog is the replayed one at every step, and rows survive.
fn round_trip(url: &str, run: &mut dyn FnMut(&str) -> String) {
    let project = Project::newest();
    let same = |version: &str| {
        let recorded =
            if version == "base" { "migrations@base".to_owned() } else { format!("migrations@{version}") };
        project.expect(&["diff", &recorded, url, "--exit-code"]);
    };
    for (version, _) in VERSIONS {
        project.expect(&["upgrade", version, "--database-url", url]);
        same(version);
        if version == "1.0.0" {
            run(SEED);
        }
    }
    assert_eq!(run("SELECT email_address FROM usertable WHERE first_name = 'Ada'"), "ada@example.org");
    assert!(project.expect(&["current", "--database-url", url]).starts_with("2.0.0 (head)"));
    project.expect(&["downgrade", "1.1.0", "--database-url", url, "--yes"]);
    same("1.1.0");
    assert_eq!(run("SELECT email FROM usertable WHERE first_name = 'Ada'"), "ada@example.org");
    project.expect(&["downgrade", "base", "--database-url", url, "--yes"]);
    same("base");
    project.expect(&["upgrade", "--database-url", url]);
    same("2.0.0");
    assert_eq!(run("SELECT count(*) FROM schema_version"), "4");
    rollback(&project, url);
    project.expect(&["upgrade", "--database-url", url]);
    project.fails(&["stamp", "1.0.0", "--database-url", url], 2);
    project.expect(&["stamp", "head", "--purge", "--database-url", url]);
    assert!(project.expect(&["status", "--database-url", url, "--exit-code"]).contains("[X] 2.0.0"));
}

/// The script that `revision` keeps: back to the version before, nothing more, and refused where it does not belong.
fn rollback(project: &Project, url: &str) {
    let script = |arguments: &[&str]| {
        let mut command = Command::new("sh");
        command.arg("scripts/rollback.sh").args(arguments).arg(url).current_dir(project.path());
        command.env_remove("DATABASE_URL").output().expect("sh runs")
    };
    project.expect(&["script", "rollback"]);
    let dry = script(&["--dry-run"]);
    assert!(dry.status.success(), "{}", both(&dry));
    assert!(
        project.expect(&["current", "--database-url", url]).starts_with("2.0.0"),
        "a dry run changes nothing"
    );
    let done = script(&["--yes"]);
    assert!(done.status.success(), "{}", both(&done));
    project.expect(&["diff", "migrations@1.2.0", url, "--exit-code"]);
    assert!(project.expect(&["current", "--database-url", url]).starts_with("1.2.0"));
    project.expect(&["downgrade", "1.0.0", "--database-url", url, "--yes"]);
    let refused = script(&["--yes"]);
    assert!(!refused.status.success(), "1.0.0 is below the script's target: {}", both(&refused));
}

#[test]
fn sqlite_goes_up_down_and_up_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("app.db");
    let url = format!("sqlite://{}", path.display());
    round_trip(&url, &mut |sql| {
        let connection = rusqlite::Connection::open(&path).expect("the database");
        if sql.starts_with("SELECT") {
            let value =
                connection.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0)).expect(sql);
            return match value {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => panic!("{other:?}"),
            };
        }
        connection.execute_batch(sql).expect(sql);
        String::new()
    });
}

#[test]
fn postgres_goes_up_down_and_up_again() {
    let Some(database) = TestDatabase::create() else { return };
    let mut client = database.connect();
    round_trip(&database.url(), &mut |sql| {
        let messages = client.simple_query(sql).expect(sql);
        let rows = messages.iter().filter_map(|message| match message {
            postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        rows.into_iter().next().unwrap_or_default()
    });
}
