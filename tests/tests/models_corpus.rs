//! Real histories as structs: what migrations make is written as Rust, read back by the scan, and must be the same schema.
//!
//! `SCHEMA_CORPUS` and `SCHEMA_CORPUS_ONLY` as in `corpus.rs`; `SCHEMA_MODELS_OUT=folder` keeps the structs.

use schema_core::diff::{DiffOptions, diff};
use schema_core::model::catalog::Catalog;
use schema_core::model::{DialectKind, SourceMap};
use schema_core::rust::{self, CrateRoot, Declared, ScanOptions, Unmanaged, write};
use schema_core::sql::Replayer;
use schema_tests::truth::{History, histories};

fn wanted(name: &str) -> bool {
    std::env::var("SCHEMA_CORPUS_ONLY").map_or(true, |only| name.contains(&only))
}

fn replay(history: &History) -> Catalog {
    let mut sources = SourceMap::default();
    let mut replayer = Replayer::new(history.dialect);
    for text in history.prelude.iter().cloned() {
        let file = sources.add("prelude.sql", text);
        replayer.run(&sources, file);
    }
    for step in &history.steps {
        let file = sources.add(format!("{}.sql", step.file), String::from_utf8_lossy(&step.up).into_owned());
        replayer.run(&sources, file);
    }
    replayer.into_catalog()
}

fn read_back(text: &str, dialect: DialectKind, unmanaged: &[String]) -> (Declared, SourceMap) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lib.rs");
    std::fs::write(&path, text).unwrap();
    let mut options = ScanOptions::new(CrateRoot::new("app", path), vec![dialect]);
    options.unmanaged = Unmanaged::new(unmanaged.iter().cloned());
    options.base = folder.path().to_path_buf();
    let mut sources = SourceMap::default();
    let declared = rust::scan(&options, &mut sources);
    (declared, sources)
}

#[test]
fn every_history_survives_being_written_as_structs() {
    if schema_tests::truth::corpus().is_none() {
        eprintln!("SKIPPED: no corpus (set SCHEMA_CORPUS)");
        return;
    }
    let mut wrong = Vec::new();
    for dialect in DialectKind::ALL {
        for history in histories(dialect).iter().filter(|history| wanted(&history.name)) {
            let recorded = replay(history);
            let written = write::write(&recorded, dialect);
            let text = written.text();
            if let Some(folder) = std::env::var_os("SCHEMA_MODELS_OUT") {
                let path = std::path::Path::new(&folder).join(format!("{}.rs", history.name));
                std::fs::write(path, &text).unwrap();
            }
            let (declared, sources) = read_back(&text, dialect, &written.unmanaged);
            for found in declared
                .diagnostics
                .iter()
                .filter(|found| found.severity == schema_core::diagnostic::Severity::Error)
            {
                let place = found.labels.first().map_or_else(String::new, |label| {
                    let line = sources.place(label.span).line as usize;
                    format!(
                        "{}: {}",
                        sources.describe(label.span),
                        text.lines().nth(line - 1).unwrap_or_default().trim()
                    )
                });
                wrong.push(format!("{}: {} ({place})", history.name, found.message));
            }
            let complete = rust::complete(&declared.catalog(dialect), &recorded, &declared.unmanaged);
            let changes = diff(&recorded, &complete, &DiffOptions::new(dialect));
            println!(
                "{:24} {} tables, {} unmanaged, {} changes",
                history.name,
                recorded.tables.len(),
                written.unmanaged.len(),
                changes.len()
            );
            written.unmanaged.iter().for_each(|pattern| println!("    unmanaged {pattern}"));
            for change in &changes {
                wrong.push(format!("{}: {change}\n        {change:?}", history.name));
            }
        }
    }
    for line in wrong.iter().take(60) {
        println!("  {line}");
    }
    assert!(wrong.is_empty(), "{} differences", wrong.len());
}
