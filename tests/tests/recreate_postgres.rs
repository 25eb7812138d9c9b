//! The script that recreates a catalog: run on an empty database, it gives the same database.

use schema_core::introspect::postgres::catalog;
use schema_core::model::DialectKind;
use schema_core::model::catalog::Catalog;
use schema_core::plan::create_script;
use schema_core::sql::replay_text;
use schema_tests::TestDatabase;
use schema_tests::case::{Case, files};
use schema_tests::database::with_source;
use schema_tests::dump::{line_differences, raw_schema_dump, schema_dump, without_noise};
use schema_tests::replayed::InStep;
use schema_tests::truth::histories;

const DIALECT: DialectKind = DialectKind::Postgres;

/// Runs the script of the catalog on a database of its own and compares the dumps.
fn recreated(catalog: &Catalog, dump: &str) -> Vec<String> {
    let script = match create_script(catalog, DIALECT) {
        Ok(script) => script,
        Err(error) => return vec![format!("no script: {error}")],
    };
    if std::env::var_os("SHOW").is_some() {
        println!("{script}");
    }
    let Some(database) = TestDatabase::create() else { return Vec::new() };
    if let Err(error) = database.connect().batch_execute(&script) {
        return vec![format!("refused: {}\n{script}", with_source(&error))];
    }
    let ours = raw_schema_dump(database.cluster(), &database.url());
    let found = line_differences(&without_noise(&ours), &without_noise(dump));
    if found.is_empty() {
        return found;
    }
    // The server prints some expressions anew from what it printed itself: then that is the measure for both.
    let (Some(ours), Some(theirs)) = (restored(&ours), restored(dump)) else { return Vec::new() };
    line_differences(&ours, &theirs)
}

/// The dump of what a dump makes.
fn restored(dump: &str) -> Option<String> {
    let database = TestDatabase::create()?;
    let sql: String =
        dump.lines().filter(|line| !line.starts_with('\\')).map(|line| format!("{line}\n")).collect();
    database.connect().batch_execute(&sql).unwrap_or_else(|error| panic!("{}\n{dump}", with_source(&error)));
    Some(schema_dump(database.cluster(), &database.url()))
}

/// Both the catalog that was read and the one that was replayed recreate the database.
fn both_ways(script: &str) {
    let Some(database) = TestDatabase::create() else { return };
    let mut client = database.connect();
    client.batch_execute(script).unwrap_or_else(|error| panic!("{}\n{script}", with_source(&error)));
    let dump = raw_schema_dump(database.cluster(), &database.url());
    let mut found = Vec::new();
    for (way, catalog) in [
        ("read back", catalog(&mut client).unwrap()),
        ("replayed", replay_text(script, DIALECT)),
        ("replayed dump", replay_text(&raw_schema_dump(database.cluster(), &database.url()), DIALECT)),
    ] {
        found.extend(recreated(&catalog, &dump).into_iter().map(|line| format!("{way}: {line}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn everything_a_schema_can_hold() {
    both_ways(include_str!("live/everything.sql"));
}

#[test]
fn every_replayed_case() {
    let mut found = Vec::new();
    for path in files("replay") {
        let case = Case::read(&path).unwrap();
        let Some(script) = case.section("in.sql") else { continue };
        let Some(database) = TestDatabase::create() else { return };
        let mut both = InStep::default();
        // What both refuse, and what only one does, is the target `replay`'s matter.
        both.run(&mut database.connect(), "in.sql", script);
        let dump = raw_schema_dump(database.cluster(), &database.url());
        let differences = recreated(both.replayer.catalog(), &dump);
        found.extend(differences.into_iter().map(|line| format!("{}: {line}", path.display())));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn real_histories() {
    let all = std::env::var("SCHEMA_CORPUS_STEPS").is_ok_and(|word| word == "all");
    let (mut points, mut failed) = (0, Vec::new());
    for history in histories(DIALECT) {
        let Some(database) = TestDatabase::create() else { return };
        if let Some(prelude) = &history.prelude {
            database.connect().batch_execute(prelude).unwrap();
        }
        let last = history.steps.len() as u64;
        for step in &history.steps {
            let mut client = database.connect();
            step.run(&mut client).unwrap();
            if !(all || step.number == last || step.number.is_multiple_of(30)) {
                continue;
            }
            let dump = raw_schema_dump(database.cluster(), &database.url());
            let found = recreated(&catalog(&mut client).unwrap(), &dump);
            points += 1;
            if !found.is_empty() {
                failed.push(format!("{} {}:\n{}", history.name, step.file, found.join("\n")));
            }
        }
    }
    println!("recreated {} of {points} states", points - failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
