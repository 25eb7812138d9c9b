//! Many databases with one command: tenants in schemas of a real server, a failure among them, a kill in the middle.
#![allow(missing_docs, reason = "a test's name says it")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use schema_tests::database::TestDatabase;
use tempfile::TempDir;

/// How many tenants: `SCHEMA_TEST_TENANTS` for more.
fn tenants() -> usize {
    std::env::var("SCHEMA_TEST_TENANTS").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// A folder with a `schema.toml` and three revisions, and a database with a schema for each tenant.
struct Fleet {
    folder: TempDir,
    database: TestDatabase,
}

impl Fleet {
    fn create() -> Option<Fleet> {
        let database = TestDatabase::create()?;
        let mut schemas = String::from("CREATE SCHEMA other;");
        for number in 1..=tenants() {
            let _ = write!(schemas, "CREATE SCHEMA \"Tenant {number:03}\";");
        }
        database.connect().batch_execute(&schemas).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "schema.toml",
            "[targets]\ntenants = { url = \"${TENANTS_URL}\", schemas = \"Tenant *\", search-path = \"{schema}, public\" }\n\
             main = \"${TENANTS_URL}\"\n",
        );
        write("1.0.0_users.up.sql", "CREATE TABLE users (id int PRIMARY KEY, name text);\n");
        write("1.0.0_users.down.sql", "DROP TABLE users;\n");
        write(
            "1.1.0_email.up.sql",
            "-- Revises: 1.0.0\nALTER TABLE users ADD COLUMN email text;\n-- Transaction: none\n\
             CREATE INDEX CONCURRENTLY users_email ON users (email);\n",
        );
        write("1.1.0_email.down.sql", "ALTER TABLE users DROP COLUMN email;\n");
        Some(Fleet { folder, database })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-schema"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("TENANTS_URL", self.database.url())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let Output { status, stdout, .. } = self.command(arguments).output().unwrap();
        (status.code().unwrap(), String::from_utf8(stdout).unwrap())
    }

    fn count(&self, table: &str) -> i64 {
        let sql = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
                   WHERE nspname ~ '^Tenant' AND relname = $1";
        self.database.connect().query_one(sql, &[&table]).unwrap().get(0)
    }
}

#[test]
fn a_failure_stops_only_itself() {
    let Some(fleet) = Fleet::create() else { return };
    let all = i64::try_from(tenants()).unwrap();
    let mut client = fleet.database.connect();
    client.batch_execute("CREATE TABLE \"Tenant 007\".users (id int)").unwrap();
    let (code, out) = fleet.run(&["upgrade", "--on", "tenants", "--jobs", "4"]);
    assert_eq!(code, 2, "{out}");
    let failed: Vec<&str> = out.lines().filter(|line| line.contains("FAILED")).collect();
    assert_eq!(failed.len(), 1, "{out}");
    assert!(failed[0].starts_with("tenants/Tenant 007 ") && failed[0].contains("already exists"), "{out}");
    assert!(out.ends_with(&format!("{all} databases, 1 failed\n")), "{out}");
    assert_eq!((fleet.count("users"), fleet.count("users_email")), (all, all - 1));

    // What is mended is done by the next run, and nothing else.
    client.batch_execute("DROP TABLE \"Tenant 007\".users").unwrap();
    let (code, out) = fleet.run(&["upgrade", "--on", "tenants"]);
    assert_eq!((code, out.matches("up to date").count()), (0, tenants() - 1), "{out}");
    assert_eq!(fleet.count("users_email"), all);
    let (code, out) = fleet.run(&["downgrade", "1.0.0", "--on", "tenants/Tenant 01*", "--yes"]);
    assert_eq!((code, out.lines().count()), (0, 11), "{out}");
    let (code, out) = fleet.run(&["status", "--all-targets", "--exit-code", "--format", "json"]);
    assert_eq!((code, out.lines().count()), (1, tenants() + 1), "{out}");
    assert!(out.contains(r#""target":"main""#), "{out}");
}

#[test]
fn the_first_failure_stops_all_when_asked() {
    let Some(fleet) = Fleet::create() else { return };
    let tables: String = (1..=tenants())
        .map(|number| format!("CREATE TABLE \"Tenant {number:03}\".users (id int);"))
        .collect();
    fleet.database.connect().batch_execute(&tables).unwrap();
    let (code, out) = fleet.run(&["upgrade", "--on", "tenants", "--fail-fast", "--jobs", "2"]);
    assert_eq!(code, 2);
    let tried = out.matches("already exists").count();
    assert!((1..=2).contains(&tried), "{out}");
    assert_eq!(out.matches("not started").count(), tenants() - tried, "{out}");
}

#[test]
fn a_run_that_was_killed_is_taken_up_again() {
    let Some(fleet) = Fleet::create() else { return };
    let all = i64::try_from(tenants()).unwrap();
    for pause in [60, 150, 300] {
        let mut run = fleet.command(&["upgrade", "--on", "tenants", "--quiet"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        let _ = run.kill();
        let _ = run.wait();
    }
    let (code, out) = fleet.run(&["upgrade", "--on", "tenants"]);
    assert_eq!(code, 0, "{out}");
    assert_eq!(
        (fleet.count("users"), fleet.count("users_email"), fleet.count("schema_version")),
        (all, all, all)
    );
    let invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";
    let invalid: i64 = fleet.database.connect().query_one(invalid, &[]).unwrap().get(0);
    assert_eq!(invalid, 0);
}

#[test]
fn what_cannot_be_known_is_refused_before_anything_runs() {
    let Some(fleet) = Fleet::create() else { return };
    let error = |arguments: &[&str], variable: Option<&str>| {
        let mut command = fleet.command(arguments);
        match variable {
            Some(url) => command.env("TENANTS_URL", url),
            None => command.env_remove("TENANTS_URL"),
        };
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(error(&["upgrade", "--all-targets"], None).contains("the variable `TENANTS_URL` is not set"));
    let closed = error(&["upgrade", "--all-targets"], Some("postgres://me:geheim@127.0.0.1:1/app"));
    assert!(closed.contains("target `tenants`") && !closed.contains("geheim"), "{closed}");
    let unknown = error(&["status", "--on", "tenant"], Some(&fleet.database.url()));
    assert!(unknown.contains("no target is called `tenant`; there are main, tenants"), "{unknown}");
    assert!(Path::new(fleet.folder.path()).join("schema.toml").exists());
    assert_eq!(fleet.count("users"), 0);
}
