//! Real histories on a live PostgreSQL server: what is read back is what was recorded when they first ran.

use schema_core::introspect::postgres::catalog;
use schema_core::model::DialectKind;
use schema_tests::TestDatabase;
use schema_tests::truth::{compare, histories};

/// Every step with `SCHEMA_CORPUS_STEPS=all`; otherwise each tenth one and the last.
fn looks_at(step: u64, last: u64) -> bool {
    static ALL: std::sync::LazyLock<bool> =
        std::sync::LazyLock::new(|| std::env::var("SCHEMA_CORPUS_STEPS").is_ok_and(|word| word == "all"));
    *ALL || step == last || step.is_multiple_of(10)
}

#[test]
fn read_back_after_every_step() {
    let histories = histories(DialectKind::Postgres);
    if histories.is_empty() {
        eprintln!("SKIPPED: no corpus (set SCHEMA_CORPUS)");
    }
    let (mut shown, mut failed) = (0, 0);
    for history in histories {
        let Some(database) = TestDatabase::create() else { return };
        if let Some(prelude) = &history.prelude {
            database.connect().batch_execute(prelude).unwrap();
        }
        let truths = history.truths();
        let (mut steps, mut objects, mut exact, mut same) = (0, 0, 0, 0);
        for step in &history.steps {
            let mut client = database.connect();
            step.run(&mut client).unwrap();
            if !looks_at(step.number, history.steps.len() as u64) {
                continue;
            }
            let (_, truth) =
                truths.iter().find(|(number, _)| *number == step.number).expect("a truth of each step");
            let read = catalog(&mut client).unwrap();
            let comparison = compare(&read, truth, &|expr, _| expr.to_owned());
            steps += 1;
            objects += comparison.objects;
            exact += comparison.exact;
            same += usize::from(comparison.differences.is_empty());
            failed += comparison.differences.len();
            for difference in comparison.differences {
                shown += 1;
                if shown < 60 {
                    println!("{} {}: {difference:?}", history.name, step.file);
                }
            }
        }
        println!("{:24} steps {same}/{steps} objects {exact}/{objects}", history.name);
    }
    assert_eq!(failed, 0);
}
