//! Every real history of the corpus: read in its order, every revision classified, the table of bumps printed.
//!
//! The folder is `SCHEMA_CORPUS`, or `../shared/corpus` beside the repository; without one the test is skipped out loud.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use schema_core::revision::Bump;
use schema_core::rules::{self, Overrides, Word};
use schema_core::script::Folder;
use schema_core::sql::Replayer;
use schema_model::{DialectKind, SourceMap};

#[test]
fn every_history_is_classified() {
    let Some(corpus) = std::env::var_os("SCHEMA_CORPUS").map(PathBuf::from).filter(|path| path.is_dir())
    else {
        println!("SKIPPED: SCHEMA_CORPUS names no folder");
        return;
    };
    println!(
        "{:32} {:>5} {:>5} {:>5} {:>5} {:>6} {:>8}",
        "history", "all", "major", "minor", "patch", "asked", "ms"
    );
    let mut rules_found: BTreeMap<&str, usize> = BTreeMap::new();
    for dialect in DialectKind::ALL {
        for history in folders(&corpus.join(dialect.as_str())) {
            classify(&history, dialect, &mut rules_found);
        }
    }
    println!();
    for (rule, count) in rules_found {
        println!("{rule:32} {count:>5}");
    }
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    all.sort();
    all
}

fn classify(history: &Path, dialect: DialectKind, rules_found: &mut BTreeMap<&'static str, usize>) {
    let mut sources = SourceMap::default();
    let folder = Folder::read(history.join("sql"), dialect, None, &mut sources).expect("a folder");
    let steps = steps(history);
    let found: Vec<&str> = folder.scripts.iter().map(|script| script.revision.stem.as_str()).collect();
    assert_eq!(found[..steps.len()], steps, "{}", history.display());
    let mut replayer = Replayer::new(dialect);
    let mut counts: BTreeMap<Bump, usize> = BTreeMap::new();
    let (mut asked, mut judging) = (0, 0.0);
    for script in &folder.scripts {
        let before = replayer.catalog().clone();
        let effects = replayer.run(&sources, script.up.file);
        let start = Instant::now();
        let verdict =
            rules::judge_revision(&before, &effects, &script.header, dialect, &Overrides::default());
        judging += start.elapsed().as_secs_f64() * 1000.0;
        *counts.entry(verdict.bump).or_default() += 1;
        asked += usize::from(!verdict.unanswered.is_empty());
        for finding in &verdict.findings {
            *rules_found.entry(finding.rule).or_default() += 1;
            assert!(finding.word != Word::Asked || finding.span.is_some(), "{finding:?}");
        }
    }
    let count = |bump| counts.get(&bump).copied().unwrap_or(0);
    println!(
        "{:32} {:>5} {:>5} {:>5} {:>5} {asked:>6} {judging:>8.1}",
        format!("{dialect}/{}", history.file_name().unwrap_or_default().to_string_lossy()),
        folder.scripts.len(),
        count(Bump::Major),
        count(Bump::Minor),
        count(Bump::Patch),
    );
}

/// The stems of the steps, in the order in which the project's own tool ran them.
fn steps(history: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(history.join("META.json")).expect("META.json");
    let meta: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let steps = meta["steps"].as_array().cloned().unwrap_or_default();
    steps.iter().filter_map(|step| step["file"].as_str().map(str::to_owned)).collect()
}
