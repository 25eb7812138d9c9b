//! What `pg_dump` says of a database, in a form in which the order of columns and of statements means nothing.

use std::process::Command;

use crate::TestDatabase;

/// The schema as sorted statements.
pub fn dump(database: &TestDatabase) -> Result<Vec<String>, String> {
    let program = database.cluster().program("pg_dump");
    let output = Command::new(program)
        .args(["--schema-only", "--no-owner", "--no-privileges", "--dbname", &database.url()])
        .output()
        .map_err(|error| format!("pg_dump: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(normal(&String::from_utf8_lossy(&output.stdout)))
}

/// Statements sorted, the lines of a `CREATE TABLE` among them.
pub fn normal(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.starts_with("--") && !line.starts_with('\\'));
    let mut all = Vec::new();
    let mut current: Vec<String> = Vec::new();
    for line in lines {
        if line.trim().is_empty() {
            // A blank line ends a statement only where nothing is open.
            if current.last().is_some_and(|last| last.ends_with(';')) {
                all.push(statement(std::mem::take(&mut current)));
            }
            continue;
        }
        current.push(line.to_owned());
    }
    if !current.is_empty() {
        all.push(statement(current));
    }
    all.retain(|text| !text.starts_with("SET ") && !text.starts_with("SELECT pg_catalog.set_config"));
    all.sort();
    all
}

fn statement(mut lines: Vec<String>) -> String {
    if lines.first().is_some_and(|line| line.starts_with("CREATE ") && line.contains("TABLE "))
        && lines.len() > 2
    {
        for line in &mut lines {
            if line.starts_with("    ") && line.ends_with(',') {
                line.pop();
            }
        }
        let inner = lines.iter().skip(1).take_while(|line| line.starts_with("    ")).count();
        lines[1..=inner].sort();
    }
    for line in &mut lines {
        if let Some(sorted) = options(line) {
            *line = sorted;
        }
    }
    lines.join("\n")
}

/// `WITH (…)` at the end of a line, its options in order.
fn options(line: &str) -> Option<String> {
    let at = line.find("WITH (")? + "WITH (".len();
    let end = at + line.get(at..)?.find(')')?;
    let mut list: Vec<_> = line[at..end].split(", ").collect();
    list.sort_unstable();
    Some(format!("{}{}{}", &line[..at], list.join(", "), &line[end..]))
}

/// What one side has and the other has not.
pub fn difference(expected: &[String], actual: &[String]) -> Option<String> {
    let only = |one: &[String], other: &[String], mark: &str| {
        let mut rest: Vec<&String> = other.iter().collect();
        let mut out = String::new();
        for text in one {
            match rest.iter().position(|known| *known == text) {
                Some(at) => _ = rest.swap_remove(at),
                None => out.push_str(&format!("{mark} {}\n", text.replace('\n', &format!("\n{mark} ")))),
            }
        }
        out
    };
    let text = only(expected, actual, "-") + &only(actual, expected, "+");
    (!text.is_empty()).then_some(text)
}
