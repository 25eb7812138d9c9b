//! OntoKit: 25 tables on PostgreSQL, 24 migrations, models that know less than the migrations do.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use schema_tests::database::TestDatabase;

use crate::drift;
use crate::support::{Project, both, scripts, seeds};

/// The fixture with the 24 real migrations in place of its own. A domain stands in for pgvector's type, as on the server on
/// which the history was recorded.
fn with_history() -> Option<(Project, std::path::PathBuf)> {
    let history = seeds("ontokit")?.join("postgres");
    let project = Project::of("ontokit");
    project.remove("migrations");
    for path in scripts(&history) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let mut text = fs::read_to_string(&path).expect("a script");
        text = text.replace("CREATE EXTENSION IF NOT EXISTS vector;", "");
        match name.as_str() {
            first if first.starts_with("001_") && first.ends_with(".up.sql") => {
                text = format!("CREATE DOMAIN vector AS text;\n{text}");
            }
            first if first.starts_with("001_") => text.push_str("\nDROP DOMAIN vector;\n"),
            _ => {}
        }
        project.write(&format!("migrations/{name}"), &text);
    }
    Some((project, history))
}

#[test]
fn the_models_as_found_differ_in_the_known_74_ways_and_in_the_check_that_alembic_cannot_see() {
    let project = Project::of("ontokit");
    let known = drift::Known::read(&project.read("known_differences.txt"));
    assert_eq!((known.alembics.len(), known.all.len()), (74, 75));
    let check = ["check", "-q", "--features", "as-found", "--format", "json"];
    assert_eq!(drift::ours(&project.fails(&check, 1), "postgres"), known.all);

    let Some((project, history)) = with_history() else { return };
    let found = drift::ours(&project.fails(&check, 1), "postgres");
    assert_eq!(found, known.all, "against the real migrations");
    let recorded = fs::read_to_string(history.join("../models/drift_postgres.txt"));
    known.assert_alembics(&recorded.expect("the recorded differences"));
}

#[test]
fn corrected_models_are_clean_and_ask_for_nothing() {
    let own = Project::of("ontokit");
    own.expect(&["check"]);
    assert!(own.expect(&["revision", "-m", "nothing"]).contains("nothing was written"));

    let Some((project, history)) = with_history() else { return };
    project.expect(&["check", "--fix"]);
    assert!(project.expect(&["revision", "-m", "nothing"]).contains("nothing was written"));
    let (own, real) = (own.path().join("migrations"), history.to_string_lossy().into_owned());
    let same = project.expect(&["diff", &own.to_string_lossy(), &real, "--exit-code"]);
    assert_eq!(same, "no difference\n", "the fixture's own migration leads where the 24 lead");
}

#[test]
fn models_are_listed_with_their_places() {
    let project = Project::of("ontokit");
    let listed = project.expect(&["inspect", "models"]);
    let tables: Vec<&str> = listed.lines().filter(|line| line.contains("src/models/")).collect();
    assert_eq!(tables.len(), 25, "{listed}");
    for line in tables {
        let place = line.split_whitespace().find(|word| word.starts_with("src/models/")).expect("a place");
        let (file, number) = place.split_once(':').expect("a line");
        let number: usize = number.parse().expect("a number");
        let source = project.read(file);
        assert!(source.lines().nth(number - 1).is_some_and(|line| line.contains("struct ")), "{place}");
    }
}

/// The page's commands one after the other, each state compared with the recorded one.
#[test]
fn the_day_of_commands() {
    let Some((project, history)) = with_history() else { return };
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let run = |arguments: &[&str]| project.expect(&[arguments, &["--database-url", &url]].concat());
    let left = |number: usize| {
        let snapshot = snapshot(&project, &history, number);
        project.expect(&["diff", &snapshot, &url])
    };
    assert!(run(&["current"]).contains("no migrations applied yet"));
    project.fails(&["status", "--exit-code", "--database-url", &url], 1);
    for number in 1..=24 {
        run(&["upgrade", &format!("{number:03}")]);
        assert_eq!(left(number), "no difference\n", "after {number}");
    }
    assert!(run(&["current"]).starts_with("024 (head)"));
    assert!(run(&["upgrade"]).contains("024"), "again, and nothing happens");
    run(&["status", "--exit-code"]);

    run(&["downgrade", "021", "--yes"]);
    let history_now = run(&["history", "--indicate-current"]);
    assert_eq!(history_now.matches("(pending)").count(), 3, "{history_now}");
    assert!(
        history_now.lines().next().is_some_and(|line| line.contains("024")),
        "newest first: {history_now}"
    );
    assert_eq!(project.expect(&["history", "--limit", "2"]).lines().count(), 2);
    let refused = project.fails(&["stamp", "023", "--database-url", &url], 2);
    for table in ["indexed_entities", "ontology_index_status"] {
        assert!(refused.contains(&format!("create table `{table}`")), "{refused}");
    }
    assert!(run(&["current"]).starts_with("021"), "a refused stamp changes nothing");
    run(&["upgrade", "+1"]);
    run(&["downgrade", "-1", "--yes"]);
    // pg_trgm stays behind: revision 23 makes it and its way down does not take it away.
    assert_eq!(left(21), "create extension `pg_trgm`\n");
    let too_many = project.fails(&["downgrade", "-99", "--database-url", &url, "--yes"], 2);
    assert!(run(&["current"]).starts_with("021"), "{too_many}");
    run(&["downgrade", "base", "--yes"]);
    let tables =
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version'";
    let mut client = database.connect();
    assert_eq!(client.query_one(tables, &[]).expect("a count").get::<_, i64>(0), 0);
    run(&["upgrade", "head"]);
    assert_eq!(left(24), "no difference\n");
}

#[test]
fn the_printed_sql_does_what_upgrade_does() {
    let Some((project, history)) = with_history() else { return };
    let Some(database) = TestDatabase::create() else { return };
    let script = project.expect(&["upgrade", "head", "--sql"]);
    psql(&database.url(), &script);
    let snapshot = snapshot(&project, &history, 24);
    assert_eq!(project.expect(&["diff", &snapshot, &database.url()]), "no difference\n");
    assert!(project.expect(&["current", "--database-url", &database.url()]).starts_with("024 (head)"));
    let back = project.expect(&["downgrade", "024:010", "--sql"]);
    psql(&database.url(), &back);
    assert!(project.expect(&["current", "--database-url", &database.url()]).starts_with("010"));
}

/// The recorded schema after a revision, unpacked into the project's folder.
fn snapshot(project: &Project, history: &Path, number: usize) -> String {
    let packed = history.join(format!("snapshots/{number:03}.sql.gz"));
    let mut unpack = Command::new("gzip");
    unpack.arg("-dc").arg(&packed).stdout(Stdio::piped());
    let mut child = unpack.spawn().expect("gzip");
    let mut text = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut text).expect("a snapshot");
    assert!(child.wait().expect("gzip").success());
    let file = format!("snapshot_{number:03}.sql");
    project.write(&file, &text);
    file
}

fn psql(url: &str, script: &str) {
    use std::io::Write;
    let mut command = Command::new("psql");
    command.args(["-q", "-v", "ON_ERROR_STOP=1", url]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = command.stderr(Stdio::piped()).spawn().expect("psql");
    child.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("a script");
    let output = child.wait_with_output().expect("psql");
    assert!(output.status.success(), "{}", both(&output));
}
