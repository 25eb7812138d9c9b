//! Real histories: every tenth of their catalogs, and the first and the last, planned to each other and proven by
//! replay.

use schema_core::plan::{self, PlanOptions, verify};
use schema_core::sql::Replayer;
use schema_model::catalog::Catalog;
use schema_model::{DialectKind, SourceMap};
use schema_tests::truth::{self, History};

/// The catalogs of a history, ten migrations apart, the empty one and the last among them.
fn catalogs(history: &History) -> Vec<Catalog> {
    let mut sources = SourceMap::default();
    let mut replayer = Replayer::new(history.dialect);
    if let Some(prelude) = &history.prelude {
        let file = sources.add("prelude.sql", prelude.clone());
        replayer.run(&sources, file);
    }
    let mut all = vec![replayer.catalog().clone()];
    for (at, step) in history.steps.iter().enumerate() {
        let file = sources.add(step.file.clone(), String::from_utf8_lossy(&step.up).into_owned());
        replayer.run(&sources, file);
        if at % 10 == 9 || at + 1 == history.steps.len() {
            all.push(replayer.catalog().clone());
        }
    }
    all
}

fn prove(dialect: DialectKind) {
    let options = PlanOptions::new(dialect);
    let mut wrong = Vec::new();
    let mut count = 0;
    for history in truth::histories(dialect) {
        let all = catalogs(&history);
        let pairs = all.windows(2).map(|pair| (&pair[0], &pair[1]));
        let whole = all.first().zip(all.last());
        for (at, (old, new)) in pairs.chain(whole).enumerate() {
            count += 1;
            let proof = plan::plan(old, new, &options).and_then(|plan| verify(&plan, old, new));
            if let Err(error) = proof {
                wrong.push(format!("{} pair {at}: {error}", history.name));
            }
        }
    }
    println!("{count} pairs, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn postgres_histories() {
    prove(DialectKind::Postgres);
}

#[test]
fn sqlite_histories() {
    prove(DialectKind::Sqlite);
}
