//! Replay against SQLite itself: the catalog that is replayed equals the one that the database has, read just now.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;

use schema_core::introspect::sqlite::catalog;
use schema_core::model::catalog::Catalog;
use schema_core::model::{DialectKind, SourceMap};
use schema_core::sql::Replayer;
use schema_tests::sqlite::script::{Choices, statement};
use schema_tests::sqlite::{memory, normal::normal, script_of};
use schema_tests::truth::{compare_sqlite, histories};

/// The up scripts of a history, in order.
fn ups(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".up.sql"))
        .collect();
    all.sort();
    all
}

/// As migration tools do: the file in a transaction, which the file itself may end.
fn run_in_transaction(connection: &rusqlite::Connection, text: &str) -> rusqlite::Result<()> {
    let own = text.to_ascii_uppercase().trim_start().starts_with("BEGIN");
    if !own {
        connection.execute_batch("BEGIN")?;
    }
    connection.execute_batch(text)?;
    if connection.is_autocommit() { Ok(()) } else { connection.execute_batch("COMMIT") }
}

fn first_difference(replayed: &str, live: &str) -> String {
    for (ours, theirs) in replayed.lines().zip(live.lines()) {
        if ours != theirs {
            return format!("replayed: {}\nlive:     {}", ours.trim(), theirs.trim());
        }
    }
    "one is longer than the other".to_owned()
}

/// Runs a history and compares after every step; the steps that differ, in words.
fn differences(folder: &Path) -> Vec<String> {
    let connection = memory();
    let mut replayer = Replayer::new(DialectKind::Sqlite);
    let mut sources = SourceMap::default();
    let mut wrong = Vec::new();
    for path in ups(folder) {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Err(error) = run_in_transaction(&connection, &text) {
            wrong.push(format!("{name}: SQLite says {error}"));
        }
        let file = sources.add(&path, text);
        replayer.run(&sources, file);
        let live = catalog(&connection).expect("the database can be read");
        let (mut replayed, live) = (normal(replayer.catalog().clone()), normal(live));
        replayed.gaps.clear();
        wrong.extend(printed_differs(&live).map(|detail| format!("{name}: printed: {detail}")));
        if replayed != live {
            let detail = first_difference(&format!("{replayed:#?}"), &format!("{live:#?}"));
            wrong.push(format!("{name}: {detail}"));
        }
    }
    for gap in &replayer.catalog().gaps {
        wrong.push(format!("a gap: {}: {}", gap.reason, gap.statement));
    }
    for diagnostic in replayer.diagnostics() {
        wrong.push(format!("{}: {:?}", diagnostic.message, diagnostic.labels));
    }
    wrong
}

/// The catalog printed as SQL, run on an empty database and read back: what differs.
fn printed_differs(original: &Catalog) -> Option<String> {
    let script = match script_of(original) {
        Ok(script) => script,
        Err(error) => return Some(error.to_string()),
    };
    let connection = memory();
    if let Err(error) = connection.execute_batch(&script) {
        return Some(format!("SQLite says {error} about\n{script}"));
    }
    let again = normal(catalog(&connection).expect("the database can be read"));
    let differs = again != *original;
    differs.then(|| first_difference(&format!("{original:#?}"), &format!("{again:#?}")) + "\n" + &script)
}

fn shared(path: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let root = std::env::var_os("SCHEMA_CORPUS").map_or_else(beside, PathBuf::from);
    let path = root.join(path);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// The truth is what a SQLite server of another version recorded after every step.
#[test]
fn recorded_histories_replay_to_what_sqlite_had() {
    let all = histories(DialectKind::Sqlite);
    if all.is_empty() {
        eprintln!("SKIPPED: no corpus (set SCHEMA_CORPUS)");
        return;
    }
    let mut wrong = Vec::new();
    for history in &all {
        let mut replayer = Replayer::new(DialectKind::Sqlite);
        let mut sources = SourceMap::default();
        let truths: HashMap<u64, _> = history.truths().into_iter().collect();
        let (mut steps, mut exact, mut objects, mut same, mut took) = (0, 0, 0, 0, Duration::ZERO);
        for step in &history.steps {
            let file =
                sources.add(format!("{}.sql", step.file), String::from_utf8_lossy(&step.up).into_owned());
            let start = Instant::now();
            replayer.run(&sources, file);
            took += start.elapsed();
            let Some(truth) = truths.get(&step.number) else { continue };
            let comparison = compare_sqlite(replayer.catalog(), truth);
            steps += 1;
            exact += usize::from(comparison.differences.is_empty());
            objects += comparison.objects;
            same += comparison.exact;
            let differences = comparison.differences.iter();
            wrong.extend(differences.map(|one| {
                format!("{} {}: {} {}: {}", history.name, step.file, one.section, one.object, one.detail)
            }));
        }
        println!(
            "{:16} steps {exact}/{steps}, objects {same}/{objects}, gaps {}, diagnostics {}, {took:.1?}",
            history.name,
            replayer.catalog().gaps.len(),
            replayer.diagnostics().len()
        );
    }
    assert!(wrong.is_empty(), "{}", wrong[..wrong.len().min(20)].join("\n"));
}

#[test]
fn real_histories_replay_as_sqlite_runs_them() {
    let histories = [
        "sqlite/taproot_assets/sql",
        "sqlite/tari_wallet/sql",
        "sqlite/vibe_kanban/sql",
        "../seeds/antarest/sqlite",
        "../seeds/apiforge/sqlite",
    ];
    let mut wrong = Vec::new();
    for history in histories {
        let Some(folder) = shared(history) else { continue };
        let found = differences(&folder);
        println!("{history}: {} steps, {} differ", ups(&folder).len(), found.len());
        wrong.extend(found.into_iter().map(|line| format!("{history}: {line}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs statements made from bytes, each in both worlds; the first difference.
fn random_script(bytes: &[Vec<u8>]) -> Result<(), String> {
    let connection = memory();
    let mut replayer = Replayer::new(DialectKind::Sqlite);
    let mut sources = SourceMap::default();
    let mut script = String::new();
    for bytes in bytes {
        let sql = statement(&mut Choices::new(bytes), replayer.catalog());
        // One by one: a statement that is refused does not keep the ones before it from having run.
        for sql in split_plainly(&sql) {
            let outcome = connection.execute_batch(&sql);
            script +=
                &format!("{sql};{}\n", outcome.as_ref().err().map_or(String::new(), |e| format!(" -- {e}")));
            let mut own = replayer.clone();
            // One statement is one file: what a session remembers is said again.
            let legacy: bool =
                connection.query_row("PRAGMA legacy_alter_table", [], |row| row.get(0)).unwrap_or(false);
            let text =
                if legacy { format!("PRAGMA legacy_alter_table = on;\n{sql};") } else { format!("{sql};") };
            let file = sources.add("random.sql", text);
            let said = own.diagnostics().len();
            own.run(&sources, file);
            if outcome.is_err() && own.diagnostics().len() == said && own.catalog() != replayer.catalog() {
                // SQLite knows more reasons to refuse than a replay can: whether a name is written with its column, what a
                // body refers to. The statement does not count.
                continue;
            }
            if outcome.is_err() {
                continue;
            }
            replayer = own;
            let live = normal(catalog(&connection).map_err(|error| error.to_string())?);
            let replayed = normal(replayer.catalog().clone());
            if replayed != live {
                let detail = first_difference(&format!("{replayed:#?}"), &format!("{live:#?}"));
                let said: Vec<_> = replayer.diagnostics().iter().map(|d| d.message.clone()).collect();
                return Err(format!("{detail}\n{said:?}\nafter:\n{script}"));
            }
            if let Some(detail) = printed_differs(&live) {
                return Err(format!("printed: {detail}\nafter:\n{script}"));
            }
        }
    }
    Ok(())
}

/// At semicolons outside of a trigger.
fn split_plainly(sql: &str) -> Vec<String> {
    if sql.starts_with("CREATE TRIGGER") {
        return vec![sql.to_owned()];
    }
    sql.split("; ").map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_scripts_replay_as_sqlite_runs_them(
        bytes in prop::collection::vec(prop::collection::vec(any::<u8>(), 24), 1..30)
    ) {
        if let Err(detail) = random_script(&bytes) {
            prop_assert!(false, "{}", detail);
        }
    }
}
