//! Real histories with the catalog that a real server had after every migration, and the comparison of a catalog of ours with
//! it.
//!
//! The folder is the one that `SCHEMA_CORPUS` names, else `../shared/corpus` beside the repository. Its layout: one folder for
//! each dialect, in it one for each history, with `META.json`, `sql/` and `truth/`.

mod compare;
mod definition;
mod sqlite;

use std::path::{Path, PathBuf};

use schema_core::model::DialectKind;
use serde_json::{Map, Value};

pub use compare::{Comparison, Difference, compare};
pub use sqlite::compare_sqlite;

/// The folder of histories; `None` when it is not there.
pub fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("SCHEMA_CORPUS").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    let folder = named.unwrap_or_else(beside);
    folder.is_dir().then_some(folder)
}

/// The histories of one dialect, by name.
pub fn histories(dialect: DialectKind) -> Vec<History> {
    let Some(folder) = corpus() else { return Vec::new() };
    let Ok(entries) = std::fs::read_dir(folder.join(dialect.as_str())) else { return Vec::new() };
    let folders = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut folders: Vec<_> = folders.filter(|path| path.join("META.json").is_file()).collect();
    folders.sort();
    folders.into_iter().map(|folder| History::read(folder, dialect)).collect()
}

/// One project's history.
#[derive(Debug)]
pub struct History {
    /// The folder's name.
    pub name: String,
    /// Its database.
    pub dialect: DialectKind,
    /// What had to exist before the first step.
    pub prelude: Option<String>,
    /// Its migrations, in order.
    pub steps: Vec<HistoryStep>,
    folder: PathBuf,
}

/// One migration.
#[derive(Debug)]
pub struct HistoryStep {
    /// Counted from 1.
    pub number: u64,
    /// The file's stem.
    pub file: String,
    /// How its tool runs it: `tx`, `simple`, `statements`, `flyway`.
    pub transaction: String,
    /// The SQL.
    pub up: Vec<u8>,
    /// The SQL back, where the project has one.
    pub down: Option<Vec<u8>>,
}

impl HistoryStep {
    /// Runs it on PostgreSQL as its tool does.
    pub fn run(&self, client: &mut postgres::Client) -> Result<(), postgres::Error> {
        let sql = String::from_utf8_lossy(&self.up);
        let concurrently = sql.to_uppercase().contains("CONCURRENTLY");
        let apart = self.transaction == "statements" || self.transaction == "flyway" && concurrently;
        if apart {
            let statements = schema_core::sql::split::split(&sql, DialectKind::Postgres);
            return statements.iter().try_for_each(|each| client.batch_execute(&sql[each.start..each.end]));
        }
        match self.transaction.as_str() {
            "tx" => client.batch_execute(&format!("BEGIN;\n{sql}\n;COMMIT")),
            _ => client.batch_execute(&sql),
        }
    }
}

impl History {
    fn read(folder: PathBuf, dialect: DialectKind) -> History {
        let meta = json(&folder.join("META.json"));
        let sql = |stem: &str, way: &str| std::fs::read(folder.join(format!("sql/{stem}.{way}.sql"))).ok();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let steps = meta["steps"].as_array().into_iter().flatten().map(|step| {
            let file = text(&step["file"]);
            HistoryStep {
                number: step["n"].as_u64().unwrap_or_default(),
                transaction: text(&step["tx"]),
                up: sql(&file, "up").unwrap_or_default(),
                down: sql(&file, "down"),
                file,
            }
        });
        History {
            name: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            dialect,
            prelude: meta["prelude"].as_str().map(str::to_owned),
            steps: steps.collect(),
            folder,
        }
    }

    /// The catalogs after each step, with the step's number; 0 is what was there before the first one.
    pub fn truths(&self) -> Vec<(u64, Value)> {
        let text = std::fs::read_to_string(self.folder.join("truth/steps.jsonl")).unwrap_or_default();
        let mut state = Map::new();
        let mut all = Vec::new();
        for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            step(&mut state, &line["delta"]);
            all.push((line["n"].as_u64().unwrap_or_default(), Value::Object(state.clone())));
        }
        all
    }

    /// The catalog at the end.
    pub fn truth(&self) -> Value {
        json(&self.folder.join("truth/catalog.json"))
    }

    /// What `pg_dump --schema-only` or SQLite's shell printed at the end.
    pub fn dump(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.join("truth/schema.sql")).ok()
    }
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// Puts the objects of `set` in place and takes those of `drop` away.
fn step(state: &mut Map<String, Value>, delta: &Value) {
    for (section, objects) in delta["set"].as_object().into_iter().flatten() {
        let known = state.entry(section.clone()).or_insert_with(|| Value::Object(Map::new()));
        if let (Value::Object(known), Value::Object(objects)) = (known, objects) {
            known.extend(objects.clone());
        }
    }
    for (section, names) in delta["drop"].as_object().into_iter().flatten() {
        if let Some(Value::Object(known)) = state.get_mut(section) {
            names.as_array().into_iter().flatten().filter_map(Value::as_str).for_each(|name| {
                known.remove(name);
            });
        }
    }
}
