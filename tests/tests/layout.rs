//! Folder listings as text: which layout they are, which revisions they hold, in which order. One test for each file of
//! `cases/layout`. A line of `files` is a path; a section `file <path>` gives one a text.

use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use schema_core::script::layout::{self, ListedFile, Part};
use schema_core::script::{Folder, Layout, groups};
use schema_model::{DialectKind, SourceMap};
use schema_tests::case::{Case, files};

fn main() {
    let args = Arguments::from_args();
    let mut trials: Vec<Trial> = files("layout")
        .into_iter()
        .map(|path| {
            let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            Trial::test(name, move || run(&path).map_err(Failed::from))
        })
        .collect();
    trials.push(Trial::test("law_any_names_and_texts_are_read", any_names_and_texts));
    libtest_mimic::run(&args, trials).exit();
}

/// Whatever files are called and hold, they are read or refused, each file once, and nothing panics.
fn any_names_and_texts() -> Result<(), Failed> {
    let name = "([a-zé/._-]{0,6}(up|down|V1__|R__|001|20230101_093000|1[.]2[.]0|postgres|rollback|[.]up|[.]down|_down|📞)?){1,4}[.]sql";
    let text = "((-- )?([+]goose (Up|Down)|migrate:up|Version: 1[.]0[.]0|Revises: x|Bump: é|BEGIN;|ROLLBACK;|CREATE TABLE é;|'|[$][$]|\n|# --- !Downs|PRAGMA foreign_keys=off;)){0,12}";
    let files = proptest::collection::vec((name, text), 0..8);
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let ran = runner.run(&(files, 0..3usize), |(files, pick)| {
        let dialect = [None, Some(DialectKind::Postgres), Some(DialectKind::Sqlite)][pick];
        let mut listed: Vec<ListedFile> = files
            .into_iter()
            .map(|(path, text)| ListedFile { path: path.trim_matches('/').to_owned(), text })
            .collect();
        listed.sort_by(|left, right| left.path.cmp(&right.path));
        listed.dedup_by(|left, right| left.path == right.path);
        let mut sources = SourceMap::default();
        let own = dialect.unwrap_or(DialectKind::Postgres);
        if let Ok(folder) = Folder::from_files("m", listed.clone(), own, None, &mut sources) {
            let _ = folder.check_graph();
            for script in &folder.scripts {
                let _ = groups(sources.text(script.up.file), own, script.up.transaction);
            }
        }
        let Ok((_, arranged)) = layout::read(listed, None, dialect) else { return Ok(()) };
        let paths: Vec<&str> = arranged.entries.iter().map(|entry| entry.up.path.as_str()).collect();
        let unique: std::collections::BTreeSet<&str> = paths.iter().copied().collect();
        prop_assert_eq!(paths.len(), unique.len());
        Ok(())
    });
    ran.map_err(|error| Failed::from(error.to_string()))
}

fn run(path: &Path) -> Result<(), String> {
    let mut case = Case::read(path).map_err(|error| error.to_string())?;
    let dialect: Option<DialectKind> = case.section("dialect").and_then(|word| word.trim().parse().ok());
    let forced: Option<Layout> = case.section("layout").and_then(|word| word.trim().parse().ok());
    let mut listed: Vec<ListedFile> = Vec::new();
    for line in case.section("files").unwrap_or_default().lines().filter(|line| !line.trim().is_empty()) {
        listed.push(ListedFile { path: line.trim().to_owned(), text: "SELECT 1;\n".to_owned() });
    }
    for (name, text) in &case.sections {
        if let Some(path) = name.strip_prefix("file ") {
            listed.push(ListedFile { path: path.trim().to_owned(), text: text.clone() });
        }
    }
    listed.sort_by(|left, right| left.path.cmp(&right.path));
    let answer = match layout::read(listed, forced, dialect) {
        Err(error) => format!("error: {error}\n"),
        Ok((layout, arranged)) => {
            let mut text = format!("{layout}\n");
            for entry in &arranged.entries {
                text.push_str(&format!("{} | {} | {}", entry.id, entry.message, shown(&entry.up)));
                if let Some(down) = &entry.down {
                    text.push_str(&format!(" | {}", shown(down)));
                }
                text.push('\n');
            }
            for (path, reason) in &arranged.ignored {
                text.push_str(&format!("- {path}: {reason}\n"));
            }
            text
        }
    };
    case.expect("history", &answer)
}

fn shown(part: &Part) -> String {
    let lines: Vec<&str> = part.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let text = lines.join(" ⏎ ");
    let text = if text == "SELECT 1;" { String::new() } else { format!(" “{text}”") };
    let alone = if part.transaction { "" } else { " (no transaction)" };
    format!("{}{alone}{text}", part.path)
}
