//! Differences between models and migrations as keys, from our findings and from what Alembic's autogenerate printed, so
//! that the two can be compared one by one.

use std::collections::BTreeSet;

use serde_json::Value;

/// What differs, a line each: `default table.column`, `remove_index name`.
pub type Keys = BTreeSet<String>;

/// The keys of `check --format json`, each finding read whole: what is not understood fails the test.
pub fn ours(json: &str) -> Keys {
    let mut keys = Keys::new();
    for line in json.lines().filter(|line| !line.trim().is_empty()) {
        let finding: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        for key in of_finding(&text("code"), &text("message")) {
            assert!(keys.insert(key.clone()), "told twice: {key}");
        }
    }
    keys
}

fn of_finding(code: &str, message: &str) -> Vec<String> {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match (code, &quoted[..]) {
        ("drift/column-changed", [column, ..]) => {
            let parts = [("default is ", "default"), ("the column is ", "nullable"), ("type is ", "type")];
            let found = parts.iter().filter(|(words, _)| message.contains(words));
            let keys: Vec<String> = found.map(|(_, key)| format!("{key} {column}")).collect();
            assert!(!keys.is_empty(), "{message}");
            keys
        }
        ("drift/object-added", [name, _, ..]) if message.starts_with("index") => {
            vec![format!("add_index {name}")]
        }
        ("drift/object-dropped", [name, _, ..]) if message.starts_with("index") => {
            vec![format!("remove_index {name}")]
        }
        ("drift/object-dropped", [_, table, ..]) if message.starts_with("unique") => {
            vec![format!("remove_unique {table}")]
        }
        ("drift/object-added", [_, table, ..]) if message.starts_with("unique") => {
            vec![format!("add_unique {table}")]
        }
        ("drift/object-dropped", [name, _, ..]) if message.starts_with("check") => {
            vec![format!("remove_check {name}")]
        }
        ("drift/object-dropped", [_, table, ..]) if message.starts_with("foreign key") => {
            vec![format!("remove_fk {table}")]
        }
        ("drift/object-added", [_, table, ..]) if message.starts_with("foreign key") => {
            vec![format!("add_fk {table}")]
        }
        ("drift/table-dropped", [table, ..]) => vec![format!("remove_table {table}")],
        _ => panic!("a finding that nobody expects: {code}: {message}"),
    }
}

/// The keys of a recorded run of Alembic's autogenerate.
pub fn alembics(text: &str) -> Vec<String> {
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
        ["add_constraint", ..] => format!("add_unique {}", table()),
        ["remove_fk", ..] => format!("remove_fk {}", table()),
        ["add_fk", ..] => format!("add_fk {}", table()),
        ["remove_table", ..] => format!("remove_table {}", quoted()),
        _ => return None,
    })
}
