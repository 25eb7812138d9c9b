//! The replay: all real histories of the corpus together, and a thousand migrations over a thousand tables. Aims: 150 ms and
//! 100 ms. Reading the files is not in the figures.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use schema_core::diff::{DiffOptions, diff};
use schema_core::plan::{PlanOptions, plan};
use schema_core::script::Folder;
use schema_core::sql::{Replayer, replay_text};
use schema_model::{DialectKind, FileId, SourceMap};

fn main() {
    corpus();
    thousand();
    plans();
}

fn corpus() {
    let root = std::env::var_os("SCHEMA_CORPUS").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus"));
    let mut sources = SourceMap::default();
    let mut histories: Vec<(DialectKind, Vec<FileId>)> = Vec::new();
    for dialect in DialectKind::ALL {
        let Ok(folders) = std::fs::read_dir(root.join(dialect.as_str())) else { continue };
        for folder in folders.flatten() {
            let Ok(folder) = Folder::read(folder.path().join("sql"), dialect, None, &mut sources) else {
                continue;
            };
            histories.push((dialect, folder.scripts.iter().map(|script| script.up.file).collect()));
        }
    }
    let files: usize = histories.iter().map(|(_, files)| files.len()).sum();
    best(&format!("{} histories, {files} migrations", histories.len()), || {
        for (dialect, files) in &histories {
            let mut replayer = Replayer::new(*dialect);
            files.iter().for_each(|file| drop(replayer.run(&sources, *file)));
        }
    });
}

fn thousand() {
    let mut sources = SourceMap::default();
    let files: Vec<_> = (0..1000).map(|n| sources.add(format!("{n}.sql"), migration(n))).collect();
    best("1,000 migrations over 1,000 tables", || {
        let mut replayer = Replayer::new(DialectKind::Postgres);
        files.iter().for_each(|file| drop(replayer.run(&sources, *file)));
    });
}

fn migration(n: usize) -> String {
    format!(
        "CREATE TABLE t{n} (id bigserial PRIMARY KEY, name text NOT NULL DEFAULT 'x', at timestamptz DEFAULT now(), \
         other bigint REFERENCES t{} (id), CHECK (length(name) > 0));\nCREATE INDEX ON t{n} (name, at);\n\
         ALTER TABLE t{n} ADD COLUMN c int DEFAULT 3;\nCOMMENT ON TABLE t{n} IS 'x';\n",
        n.max(1) - 1
    )
}

fn plans() {
    let old = replay_text(&(0..1000).map(migration).collect::<String>(), DialectKind::Postgres);
    let changes: String =
        (0..1000).step_by(10).map(|n| format!("ALTER TABLE t{n} ADD COLUMN d text;\n")).collect();
    let new = replay_text(&((0..1000).map(migration).collect::<String>() + &changes), DialectKind::Postgres);
    best("diff of two catalogs of 1,000 tables, 100 changes", || {
        assert_eq!(diff(&old, &new, &DiffOptions::new(DialectKind::Postgres)).len(), 100);
    });
    best("diff and plan, both directions", || {
        assert!(plan(&old, &new, &PlanOptions::new(DialectKind::Postgres)).is_ok());
    });
}

/// The best of ten: the machine's noise only ever adds.
fn best(what: &str, mut work: impl FnMut()) {
    let mut best = Duration::MAX;
    for _ in 0..10 {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    println!("{what}: {best:?}");
}
