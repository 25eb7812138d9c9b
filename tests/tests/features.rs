//! What a user's build pulls in: a feature brings its own crates, and only `engine` a SQL parser.
#![allow(missing_docs, reason = "a test's name says it")]

use std::collections::BTreeSet;
use std::process::Command;

/// The crates that `schema-core` with these features is built from, those of macros included, by name.
fn crates(features: &str) -> BTreeSet<String> {
    tree(features, "normal")
}

/// The crates that are linked with it.
fn linked(features: &str) -> BTreeSet<String> {
    tree(features, "normal,no-proc-macro")
}

fn tree(features: &str, edges: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["tree", "--locked", "--package", "schema-core", "--edges", edges, "--prefix", "none"])
        .args(["--no-default-features", "--features", features])
        .output()
        .expect("cargo runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let lines = String::from_utf8(output.stdout).expect("text");
    lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn only_the_engine_reads_sql_with_a_parser() {
    assert!(crates("engine").contains("sqlparser"), "this test looks for the wrong name");
    for feature in [
        "derive",
        "gate",
        "migrate",
        "sqlite",
        "postgres",
        "tls",
        "tokio-postgres",
        "sqlx",
        "derive,gate,sqlite,postgres",
    ] {
        let crates = crates(feature);
        assert!(!crates.contains("sqlparser"), "{feature} pulls in sqlparser: {crates:?}");
    }
}

#[test]
fn a_client_brings_itself_alone() {
    let (sqlite, postgres) = (linked("sqlite"), linked("postgres"));
    assert!(sqlite.contains("rusqlite") && !sqlite.contains("postgres"), "{sqlite:?}");
    assert!(postgres.contains("postgres") && !postgres.contains("rusqlite"), "{postgres:?}");
    for crates in [&sqlite, &postgres] {
        for unwanted in ["syn", "walkdir", "tempfile", "toml", "serde"] {
            assert!(!crates.contains(unwanted), "{unwanted} in {crates:?}");
        }
    }
}

#[test]
fn the_gate_is_syn_and_nothing_else() {
    let outside: Vec<String> =
        crates("gate").into_iter().filter(|name| !name.starts_with("schema-")).collect();
    assert_eq!(outside, ["proc-macro2", "quote", "syn", "unicode-ident"]);
}
