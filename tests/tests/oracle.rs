//! Pairs of schemas from outside: `SCHEMA_ORACLE_CASES` names a folder of `.jsonl` files, an object a line with `id`,
//! `dialect`, `setup`, `old` and `new`. Each is planned from its text alone, run up and down, and compared by dump.
//! Prints what passed, what was refused with its reason, and what failed; only the last fails the test.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Arguments, Failed, Trial};
use schema_core::plan::PlanOptions;
use schema_core::sql::replay_text;
use schema_model::DialectKind;
use schema_tests::plans::live::{self, Failure, Pair};
use schema_tests::plans::sqlite;

fn main() {
    let arguments = Arguments::from_args();
    let Some(folder) = std::env::var_os("SCHEMA_ORACLE_CASES").map(PathBuf::from) else {
        libtest_mimic::run(&arguments, Vec::new()).exit();
    };
    let refused = Arc::new(AtomicUsize::new(0));
    let mut trials = Vec::new();
    for (id, dialect, pair) in cases(&folder) {
        let refused = Arc::clone(&refused);
        trials.push(Trial::test(id.clone(), move || match proven(dialect, &pair) {
            Ok(()) => Ok(()),
            Err(Failure::Refused(reason)) => {
                refused.fetch_add(1, Ordering::Relaxed);
                let _ = writeln!(std::io::stderr(), "REFUSED {id}: {reason}");
                Ok(())
            }
            Err(failure) => Err(Failed::from(failure.to_string())),
        }));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    let refused = refused.load(Ordering::Relaxed);
    let passed = usize::try_from(conclusion.num_passed).unwrap_or_default().saturating_sub(refused);
    println!("passed {passed}, refused {refused}, failed {}", conclusion.num_failed);
    conclusion.exit();
}

fn cases(folder: &std::path::Path) -> Vec<(String, DialectKind, Pair)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let case: serde_json::Value = match serde_json::from_str(line) {
                Ok(case) => case,
                Err(error) => panic!("{}: {error}", file.display()),
            };
            let field = |name: &str| case[name].as_str().unwrap_or_default().to_owned();
            let dialect = field("dialect").parse().unwrap_or(DialectKind::Postgres);
            let pair =
                Pair { setup: field("setup"), old: field("old"), rows: String::new(), new: field("new") };
            all.push((field("id"), dialect, pair));
        }
    }
    all
}

fn proven(dialect: DialectKind, pair: &Pair) -> Result<(), Failure> {
    let side = |schema: &str| replay_text(&format!("{}\n{schema}", pair.setup), dialect);
    let plan = live::planned(&side(&pair.old), &side(&pair.new), &PlanOptions::new(dialect))?;
    match dialect {
        DialectKind::Postgres => live::prove(pair, &plan),
        DialectKind::Sqlite => sqlite::prove(pair, &plan),
    }
}
