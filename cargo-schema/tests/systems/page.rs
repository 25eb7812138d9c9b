//! docs/five-systems.md against the tests that exist: every row is there once, every test it names can be found.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::files_below;

/// How many rows each system's guide gives.
const ROWS: [(char, usize); 5] = [('O', 32), ('S', 25), ('A', 29), ('F', 44), ('R', 20)];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_row_is_there_and_every_test_it_names_exists() {
    let page = fs::read_to_string(repository().join("docs/five-systems.md")).expect("the page");
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| row"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let found: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    let wanted: Vec<String> = ROWS
        .iter()
        .flat_map(|(letter, count)| (1..=*count).map(move |row| format!("{letter}{row}")))
        .collect();
    assert_eq!(found, wanted);

    let tests = tests();
    for row in &rows {
        let last = row.last().expect("a column");
        assert!(last.starts_with("none") || last.starts_with('`'), "{row:?}");
        for name in last.split('`').skip(1).step_by(2).filter(|name| !name.starts_with("--")) {
            let known = match name.split_once("::") {
                Some((file, test)) => {
                    tests.get(file).is_some_and(|text| text.contains(&format!("fn {test}(")))
                }
                None => repository().join("tests/cases").join(name).is_file(),
            };
            assert!(known, "{} names `{name}`, which does not exist", row[0]);
        }
    }
}

/// The texts of all test files by their stem.
fn tests() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for folder in ["cargo-schema/tests", "tests/tests"] {
        for path in files_below(&repository().join(folder), "rs") {
            let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
            found.insert(stem, fs::read_to_string(&path).expect("a test"));
        }
    }
    found
}
