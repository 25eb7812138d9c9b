//! Real histories run up and then down, statement by statement, on a live PostgreSQL and in a replay at once. Downs of real
//! projects are often wrong: then both have to refuse the same statements.

use schema_core::model::DialectKind;
use schema_tests::TestDatabase;
use schema_tests::replayed::InStep;
use schema_tests::truth::{History, histories};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What differs, each difference where it shows first.
fn up_and_down(history: &History) -> Vec<String> {
    let Some(database) = TestDatabase::create() else { return Vec::new() };
    let (mut both, mut found, mut known) = (InStep::default(), Vec::new(), Vec::new());
    let mut step = |path: String, text: &str| {
        found.extend(both.run(&mut database.connect(), &path, text));
        let differences = both.differences(&mut database.connect());
        let new = differences.iter().filter(|one| !known.contains(*one));
        found.extend(new.map(|one| format!("{path}: {one}")));
        known = differences;
    };
    step("prelude.sql".into(), history.prelude.as_deref().unwrap_or_default());
    for one in &history.steps {
        step(format!("{}.up.sql", one.file), &text(&one.up));
    }
    for one in history.steps.iter().rev() {
        if let Some(down) = &one.down {
            step(format!("{}.down.sql", one.file), &text(down));
        }
    }
    found
}

/// A survey to be read, not a verdict: real downs are wrong in ways of their own. It takes minutes:
/// `cargo test -p schema-tests --test corpus_live -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes, and prints what differs for reading"]
fn up_and_down_beside_a_server() {
    let only = std::env::var("SCHEMA_CORPUS_ONLY").unwrap_or_default();
    let shown = std::env::var("SCHEMA_CORPUS_SHOW").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    for history in histories(DialectKind::Postgres).iter().filter(|history| history.name.contains(&only)) {
        let found = up_and_down(history);
        println!("{:24} {} differences", history.name, found.len());
        found.iter().take(shown).for_each(|line| println!("  {line}"));
    }
}
