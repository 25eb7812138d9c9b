//! What `pg_dump` makes of a database.

use std::process::Command;

use crate::cluster::Cluster;

/// `pg_dump --schema-only`, without comments, settings and what differs from run to run.
///
/// # Panics
/// When `pg_dump` is missing or fails.
pub fn schema_dump(cluster: &Cluster, url: &str) -> String {
    without_noise(&raw_schema_dump(cluster, url))
}

/// A dump without comments, settings and what differs from run to run.
pub fn without_noise(text: &str) -> String {
    let noise = |line: &str| {
        let line = line.trim();
        line.is_empty()
            || line.starts_with("--")
            || line.starts_with("SET ")
            || line.starts_with("SELECT pg_catalog.set_config")
            || line.starts_with("\\restrict")
            || line.starts_with("\\unrestrict")
    };
    text.lines().filter(|line| !noise(line)).map(|line| sorted_options(line) + "\n").collect()
}

/// Storage parameters are printed in the order in which they were given, which means nothing.
fn sorted_options(line: &str) -> String {
    let inside = line.strip_prefix("WITH (").and_then(|rest| rest.split_once(')'));
    let Some((inside, rest)) = inside else { return line.to_owned() };
    let mut options: Vec<_> = inside.split(", ").collect();
    options.sort_unstable();
    format!("WITH ({}){rest}", options.join(", "))
}

/// The same as it is.
///
/// # Panics
/// When `pg_dump` is missing or fails.
pub fn raw_schema_dump(cluster: &Cluster, url: &str) -> String {
    let program = cluster.program("pg_dump");
    let output = Command::new(&program)
        .args(["--schema-only", "--no-owner", "--no-privileges", "--dbname", url])
        .output()
        .unwrap_or_else(|error| panic!("failed to run {}: {error}", program.display()));
    assert!(output.status.success(), "pg_dump: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The lines that only one of two dumps has, in order.
pub fn line_differences(ours: &str, theirs: &str) -> Vec<String> {
    let only = |from: &str, other: &str, mark: &str| -> Vec<String> {
        let mut left: Vec<&str> = other.lines().collect();
        let mut out = Vec::new();
        for line in from.lines() {
            match left.iter().position(|known| *known == line) {
                Some(at) => drop(left.swap_remove(at)),
                None => out.push(format!("{mark} {line}")),
            }
        }
        out
    };
    let mut all = only(ours, theirs, "+");
    all.extend(only(theirs, ours, "-"));
    if all.is_empty() && ours != theirs {
        let first = ours.lines().zip(theirs.lines()).find(|(a, b)| a != b);
        all.push(format!("order: {first:?}"));
    }
    all
}
