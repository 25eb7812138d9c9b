//! Differences between models and migrations as keys, from our findings and from what Alembic's autogenerate printed, so
//! that the two can be compared one by one.

use std::collections::BTreeSet;

use serde_json::Value;

/// What differs, a line each: `default table.column`, `remove_index name`.
pub type Keys = BTreeSet<String>;

/// The keys of `check --format json`, each finding read whole: what is not understood fails the test. In a project with
/// two dialects a finding that only one of them has says whose it is; the other's are left out.
pub fn ours(json: &str, dialect: &str) -> Keys {
    let mut keys = Keys::new();
    for line in json.lines().filter(|line| !line.trim().is_empty()) {
        let finding: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let (severity, message) = (text("severity"), text("message"));
        let other = if dialect == "postgres" { "(sqlite)" } else { "(postgres)" };
        if severity != "error" || message.ends_with(other) {
            continue;
        }
        for key in of_finding(&text("code"), &message) {
            assert!(keys.insert(key.clone()), "told twice: {key}");
        }
    }
    keys
}

fn of_finding(code: &str, message: &str) -> Vec<String> {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let verb = match code {
        "drift/column-changed" => {
            let parts = [("default is ", "default"), ("the column is ", "nullable"), ("type is ", "type")];
            let found = parts.iter().filter(|(words, _)| message.contains(words));
            let keys: Vec<String> = found.map(|(_, key)| format!("{key} {}", quoted[0])).collect();
            assert!(!keys.is_empty(), "{message}");
            return keys;
        }
        "drift/name" => {
            return vec![format!("remove_index {}", quoted[0]), format!("add_index {}", quoted[2])];
        }
        "drift/table-dropped" => return vec![format!("remove_table {}", quoted[0])],
        "drift/changed" => {
            let asked = message.split("ask to ").nth(1).unwrap_or_else(|| panic!("{message}"));
            let words: Vec<&str> = asked.split_whitespace().take(3).collect();
            return vec![words.join(" ").replace('`', "")];
        }
        "drift/object-added" => "add",
        "drift/object-dropped" => "remove",
        _ => panic!("a finding that nobody expects: {code}: {message}"),
    };
    // Named things say their name and their table, unnamed ones their table only.
    let table = || message.split(" of `").nth(1).and_then(|rest| rest.split('`').next()).unwrap_or_default();
    let kinds = [("unique", "unique"), ("foreign key", "fk"), ("primary key", "primary_key")];
    match kinds.iter().find(|(words, _)| message.starts_with(words)) {
        Some((_, key)) => vec![format!("{verb}_{key} {}", table())],
        None if message.starts_with("index") => vec![format!("{verb}_index {}", quoted[0])],
        None if message.starts_with("check") => vec![format!("{verb}_check {}", quoted[0])],
        None => panic!("a finding that nobody expects: {code}: {message}"),
    }
}

/// A list of known differences: those that Alembic knows, and, behind `+`, those that it cannot see.
pub struct Known {
    pub alembics: Vec<String>,
    pub all: Keys,
}

impl Known {
    pub fn read(text: &str) -> Known {
        let (beyond, alembics): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|line| line.starts_with("+ "));
        let all = alembics.iter().copied().chain(beyond.iter().map(|line| &line[2..]));
        Known {
            all: all.map(str::to_owned).collect(),
            alembics: alembics.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Whether these are what a recorded run of Alembic said, each once. It cuts its lines before a foreign key's table.
    pub fn assert_alembics(&self, recorded: &str) {
        let short = |key: &String| match key.split_once("_fk ") {
            Some((verb, _)) => format!("{verb}_fk"),
            None => key.clone(),
        };
        let mut known: Vec<String> = self.alembics.iter().map(short).collect();
        let mut said = alembics(recorded);
        known.sort();
        said.sort();
        assert_eq!(known, said);
    }
}

/// The keys of a recorded run of Alembic's autogenerate.
fn alembics(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| line.strip_prefix("    ")).filter_map(of_line).collect()
}

fn of_line(line: &str) -> Option<String> {
    let parts: Vec<&str> = line.split(" | ").collect();
    let quoted = || line.split('\'').nth(1).unwrap_or_default();
    let table = || line.split("table=<").nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default();
    Some(match &parts[..] {
        ["modify_default", _, table, column, ..] => format!("default {table}.{column}"),
        ["modify_nullable", _, table, column, ..] => format!("nullable {table}.{column}"),
        ["modify_type", _, table, column, ..] => format!("type {table}.{column}"),
        ["add_index", ..] => format!("add_index {}", quoted()),
        ["remove_index", ..] => format!("remove_index {}", quoted()),
        ["remove_constraint", ..] => format!("remove_unique {}", table()),
        ["add_constraint", ..] if parts[1].starts_with("UniqueConstraint") => {
            format!("add_unique {}", table())
        }
        ["remove_fk", ..] => "remove_fk".to_owned(),
        ["add_fk", ..] => "add_fk".to_owned(),
        ["remove_table", table, ..] => format!("remove_table {table}"),
        _ => return None,
    })
}
