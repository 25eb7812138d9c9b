//! `rollback.sh` and `migrate.sh`, run for real by every shell at hand.
#![allow(missing_docs, reason = "a test's name says it")]

mod runner_support;

use std::path::Path;
use std::process::{Command, Output};

use runner_support::{applied, done, folder, one, open, rows, target, up};
use schema_core::driver::Folder;
use schema_core::script::shell::{ShellScript, render};
use schema_model::DialectKind;
use schema_tests::TestDatabase;

const SQLITE: [(&str, &str, &str); 4] = [
    (
        "1.0.0",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT, m TEXT); CREATE TABLE c (p REFERENCES p(id) ON DELETE CASCADE);\
               INSERT INTO p VALUES (1, 'it''s $HOME `x` \\ \"', 'é'); INSERT INTO c VALUES (1);",
        "DROP TABLE c; DROP TABLE p;",
    ),
    ("1.1.0", "ALTER TABLE p ADD COLUMN phone TEXT;", "ALTER TABLE p DROP COLUMN phone;"),
    (
        "1.2.0",
        "CREATE TABLE notes (t TEXT);\nINSERT INTO notes VALUES ('a\nCARGO_SCHEMA_SQL\n.quit\n$(touch /tmp/no)');",
        "DROP TABLE notes;",
    ),
    ("2.0.0", "ALTER TABLE p RENAME COLUMN n TO name;", "ALTER TABLE p RENAME COLUMN name TO n;"),
];

const POSTGRES: [(&str, &str, &str); 4] = [
    (
        "1.0.0",
        "CREATE TABLE p (id int PRIMARY KEY, n text, m text); INSERT INTO p VALUES (1, 'it''s $HOME `x` \\ \"', 'é');",
        "DROP TABLE p;",
    ),
    ("1.1.0", "ALTER TABLE p ADD COLUMN phone text;", "ALTER TABLE p DROP COLUMN phone;"),
    (
        "1.2.0",
        "CREATE TABLE notes (t text);\nINSERT INTO notes VALUES (E'a\\n\nCARGO_SCHEMA_SQL\n\\q\n$(touch /tmp/no)');",
        "DROP TABLE notes;",
    ),
    (
        "2.0.0",
        "ALTER TABLE p RENAME COLUMN n TO name; SET search_path = pg_catalog;",
        "ALTER TABLE p RENAME COLUMN name TO n;",
    ),
];

fn sqlite(revisions: &[(&str, &str, &str)]) -> Folder {
    folder(DialectKind::Sqlite, revisions)
}

fn postgres(revisions: &[(&str, &str, &str)]) -> Folder {
    folder(DialectKind::Postgres, revisions)
}

fn shells() -> Vec<Vec<&'static str>> {
    let all = [vec!["dash"], vec!["bash", "--posix"], vec!["busybox", "sh"], vec!["sh"]];
    let there = |shell: &Vec<&str>| {
        Command::new(shell[0]).arg("-c").arg("true").output().is_ok() || shell[0] == "busybox"
    };
    all.into_iter().filter(|shell| there(shell) && which(shell[0])).collect()
}

fn which(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn run_in(shell: &[&str], script: &str, url: &str, arguments: &[&str]) -> (bool, String) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("rollback.sh");
    std::fs::write(&file, script).unwrap();
    let mut command = Command::new(shell[0]);
    command
        .args(&shell[1..])
        .arg(&file)
        .args(arguments)
        .env("DATABASE_URL", url)
        .stdin(std::process::Stdio::null());
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.success(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

fn run(script: &str, url: &str, arguments: &[&str]) -> (bool, String) {
    run_in(&["sh"], script, url, arguments)
}

fn rollback(folder: &Folder, to: &str) -> String {
    render(&ShellScript::Rollback(target(to)), &[folder]).unwrap()
}

fn migrate(folder: &Folder) -> String {
    render(&ShellScript::Migrate, &[folder]).unwrap()
}

fn file_url(folder: &Path) -> String {
    format!("sqlite://{}/a%20b.db", folder.display())
}

/// Both scripts, from every state, in every shell; the runner agrees with what they wrote.
fn there_and_back(folder: &Folder, url: &str, shell: &[&str]) {
    let (ok, text) = run_in(shell, &migrate(folder), url, &["--yes"]);
    assert!(ok, "{shell:?}: {text}");
    for word in [
        "Current schema version: none",
        "Applying 1.0.0",
        "✓ Applied 2.0.0",
        "All migrations applied successfully",
    ] {
        assert!(text.contains(word), "{shell:?}: {text}");
    }
    assert_eq!(applied(url), ["1.0.0", "1.1.0", "1.2.0", "2.0.0"]);
    assert!(up(url, folder, "head").unwrap().done.is_empty());
    assert_eq!(one(url, "SELECT name FROM p"), "it's $HOME `x` \\ \"");
    let (ok, text) = run_in(shell, &migrate(folder), url, &[]);
    assert!(
        ok && text.contains("⊘ Skipping 2.0.0 (already applied)") && !text.contains("Applying"),
        "{text}"
    );

    let script = rollback(folder, "1.1.0");
    let (ok, text) = run_in(shell, &script, url, &[]);
    assert!(!ok && text.contains("add --yes") && text.contains("1.2.0: table notes"), "{shell:?}: {text}");
    let (ok, text) = run_in(shell, &script, url, &["--dry-run"]);
    assert!(ok && text.contains("DROP TABLE notes"), "{text}");
    assert_eq!(applied(url).len(), 4);
    let (ok, text) = run_in(shell, &script, url, &["--yes"]);
    assert!(
        ok && text.contains("✓ Rolled back 2.0.0") && text.contains("The database is at 1.1.0"),
        "{shell:?}: {text}"
    );
    assert_eq!(applied(url), ["1.0.0", "1.1.0"]);
    assert_eq!(one(url, "SELECT n FROM p"), "it's $HOME `x` \\ \"");
    let (ok, text) = run_in(shell, &script, url, &["--yes"]);
    assert!(ok && text.contains("at 1.1.0 already"), "{text}");
    assert_eq!(done(&up(url, folder, "1.2.0").unwrap()), ["1.2.0"]);
    let (ok, text) = run_in(shell, &script, url, &["--yes"]);
    assert!(ok && !text.contains("2.0.0"), "{text}");
    let (ok, text) = run_in(shell, &rollback(folder, "base"), url, &["--yes"]);
    assert!(ok, "{text}");
    assert!(applied(url).is_empty());
}

#[test]
fn sqlite_there_and_back_in_every_shell() {
    for shell in shells() {
        let place = tempfile::tempdir().unwrap();
        there_and_back(&sqlite(&SQLITE), &file_url(place.path()), &shell);
    }
}

#[test]
fn postgres_there_and_back_in_every_shell() {
    for shell in shells() {
        let Some(database) = TestDatabase::create() else { return };
        there_and_back(&postgres(&POSTGRES), &database.url(), &shell);
    }
}

#[test]
fn both_dialects_in_one_script() {
    let place = tempfile::tempdir().unwrap();
    let url = file_url(place.path());
    let script = render(&ShellScript::Migrate, &[&sqlite(&SQLITE), &postgres(&POSTGRES)]).unwrap();
    assert!(run(&script, &url, &[]).0);
    let Some(database) = TestDatabase::create() else { return };
    let (ok, text) = run(&script, &database.url(), &[]);
    assert!(ok, "{text}");
    assert_eq!(applied(&database.url()), applied(&url));
}

fn refusals(folder: &Folder, broken: &Folder, url: &str) {
    let script = rollback(folder, "1.1.0");
    let (ok, text) = run(&script, url, &["--yes"]);
    assert!(!ok && (text.contains("no history table") || text.contains("no database")), "{text}");
    up(url, folder, "1.0.0").unwrap();
    let (ok, text) = run(&script, url, &["--yes"]);
    assert!(!ok && text.contains("not at 1.1.0 or above it"), "{text}");
    up(url, folder, "head").unwrap();
    // A failing statement in the middle: nothing is changed.
    let (ok, text) = run(&rollback(broken, "1.0.0"), url, &["--yes"]);
    assert!(!ok && text.contains("no_such_table") && !text.contains("✓"), "{text}");
    assert_eq!(applied(url).len(), 4);
    assert_eq!(one(url, "SELECT count(*) FROM notes"), "1");
    assert_eq!(one(url, "SELECT count(name) FROM p"), "1");
    // An unknown version.
    let unknown = "INSERT INTO schema_version (version, applied_at) VALUES ('9.9.9', '2999-01-01')";
    open(url).execute(unknown).unwrap();
    let (ok, text) = run(&script, url, &["--yes"]);
    assert!(!ok && text.contains("9.9.9, which this script does not know"), "{text}");
    assert_eq!(rows(url, "SELECT version FROM schema_version").len(), 5);
}

#[test]
fn sqlite_refuses_what_it_does_not_know_and_stops_at_an_error() {
    let place = tempfile::tempdir().unwrap();
    let mut broken = SQLITE.to_vec();
    broken[2].2 = "DROP TABLE notes; DELETE FROM no_such_table;";
    refusals(&sqlite(&SQLITE), &sqlite(&broken), &file_url(place.path()));
}

#[test]
fn postgres_refuses_what_it_does_not_know_and_stops_at_an_error() {
    let Some(database) = TestDatabase::create() else { return };
    let mut broken = POSTGRES.to_vec();
    broken[2].2 = "DROP TABLE notes; DELETE FROM no_such_table;";
    refusals(&postgres(&POSTGRES), &postgres(&broken), &database.url());
}

#[test]
fn sqlite_rebuilds_keep_children_and_repeats_end() {
    let place = tempfile::tempdir().unwrap();
    let url = file_url(place.path());
    let rebuild = "-- Foreign-keys: off\nCREATE TABLE q (id INTEGER PRIMARY KEY, n TEXT NOT NULL);\nINSERT INTO q SELECT id, n FROM p;\n\
                   DROP TABLE p;\nALTER TABLE q RENAME TO p;\n";
    let repeat = "-- Repeat: 2\nUPDATE p SET n = n || '!' WHERE id IN (SELECT id FROM p WHERE n NOT LIKE '%!' LIMIT 2);\nCREATE TABLE after (a INT);\n";
    let orphans = "-- Foreign-keys: off\nDELETE FROM p;\n";
    let revisions = [
        (
            "1.0.0",
            "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE c (p REFERENCES p(id) ON DELETE CASCADE);\
                   INSERT INTO p VALUES (1, 'x'), (2, 'y'), (3, 'z'); INSERT INTO c VALUES (1), (1);",
            "DROP TABLE c; DROP TABLE p;",
        ),
        ("1.0.1", repeat, "DROP TABLE after; UPDATE p SET n = substr(n, 1, 1);"),
        ("2.0.0", rebuild, rebuild),
        ("2.0.1", "CREATE TABLE z (a INT);", orphans),
    ];
    let history = sqlite(&revisions);
    let (ok, text) = run(&migrate(&history), &url, &["--yes"]);
    assert!(ok, "{text}");
    assert_eq!(one(&url, "SELECT group_concat(n) FROM p"), "x!,y!,z!");
    assert_eq!(one(&url, "SELECT count(*) FROM c"), "2");
    let (ok, text) = run(&rollback(&history, "1.0.0"), &url, &["--yes"]);
    assert!(!ok && text.contains("no parent"), "{text}");
    assert_eq!(one(&url, "SELECT count(*) FROM p"), "3");
    let mut mended = revisions;
    mended[3].2 = "DROP TABLE z;";
    let (ok, text) = run(&rollback(&sqlite(&mended), "1.0.0"), &url, &["--yes"]);
    assert!(ok, "{text}");
    assert_eq!(one(&url, "SELECT count(*) FROM c"), "2");
}

#[test]
fn postgres_steps_outside_transactions_go_on_where_they_stopped() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let build = "CREATE INDEX CONCURRENTLY i ON p (n);\n-- Repeat: 10\nUPDATE p SET m = n WHERE ctid IN (SELECT ctid FROM p WHERE m IS NULL LIMIT 10);\n\
                 -- Guard: m is missing\nSELECT 1 FROM p WHERE m IS NULL;\nALTER TABLE p ALTER COLUMN m SET NOT NULL;\n\
                 COPY p FROM stdin;\n200\tx\ty\n\\.\n";
    let revisions = [
        (
            "1.0.0",
            "CREATE TABLE p (id int PRIMARY KEY, n text, m text); INSERT INTO p SELECT i, 'a' || i FROM generate_series(1, 95) i;",
            "",
        ),
        (
            "1.0.1",
            build,
            "ALTER TABLE p ALTER COLUMN m DROP NOT NULL;\nDROP INDEX CONCURRENTLY i;\nDELETE FROM p WHERE id = 200;\nUPDATE p SET m = NULL;",
        ),
    ];
    let history = postgres(&revisions);
    let (ok, text) = run(&migrate(&history), &url, &[]);
    assert!(ok, "{text}");
    assert_eq!(one(&url, "SELECT count(*) FROM p WHERE m IS NOT NULL"), "96");
    assert!(up(&url, &history, "head").unwrap().done.is_empty());
    let (ok, text) = run(&rollback(&history, "1.0.0"), &url, &["--yes"]);
    assert!(ok, "{text}");
    assert_eq!(one(&url, "SELECT count(*) FROM pg_class WHERE relname = 'i'"), "0");

    // Half way, by the runner; the script takes over there.
    let mut broken = revisions;
    let text = build.replace("SELECT 1 FROM p WHERE m IS NULL", "SELECT 1 FROM p");
    broken[1].1 = &text;
    up(&url, &postgres(&broken), "head").unwrap_err();
    let (ok, text) = run(&rollback(&history, "1.0.0"), &url, &["--yes"]);
    assert!(!ok && text.contains("finish it first"), "{text}");
    let (ok, text) = run(&migrate(&history), &url, &[]);
    assert!(ok, "{text}");
    assert_eq!(applied(&url), ["1.0.0", "1.0.1"]);
}

#[test]
fn shellcheck_finds_nothing() {
    if !which("shellcheck") {
        eprintln!("SKIPPED: shellcheck is not installed");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let both = [&sqlite(&SQLITE), &postgres(&POSTGRES)];
    let scripts =
        [("rollback.sh", ShellScript::Rollback(target("1.1.0"))), ("migrate.sh", ShellScript::Migrate)];
    for (name, script) in scripts {
        let file = place.path().join(name);
        std::fs::write(&file, render(&script, &both).unwrap()).unwrap();
        let output = Command::new("shellcheck").arg("--shell=sh").arg(&file).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}
