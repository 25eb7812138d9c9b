//! Every single-step mutation of the structs of real histories is drift, and stands at the table that was mutated; the
//! unmutated structs are none. `SCHEMA_CORPUS` and `SCHEMA_CORPUS_ONLY` as in `corpus.rs`.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use schema_core::change::Change;
use schema_core::diff::{DiffOptions, diff};
use schema_core::model::catalog::Catalog;
use schema_core::model::{DialectKind, SourceMap};
use schema_core::rust::{
    CrateRoot, FactsStore, FileFacts, ScanOptions, diff_options, scan_with, target, write,
};
use schema_core::sql::Replayer;
use schema_tests::truth::{History, histories};

fn wanted(name: &str) -> bool {
    std::env::var("SCHEMA_CORPUS_ONLY").map_or(true, |only| name.contains(&only))
}

fn replay(history: &History) -> Catalog {
    let mut sources = SourceMap::default();
    let mut replayer = Replayer::new(history.dialect);
    for text in history.prelude.iter().cloned() {
        let file = sources.add("prelude.sql", text);
        replayer.run(&sources, file);
    }
    for step in &history.steps {
        let file = sources.add(format!("{}.sql", step.file), String::from_utf8_lossy(&step.up).into_owned());
        replayer.run(&sources, file);
    }
    replayer.into_catalog()
}

/// What a text says is read once: a mutation costs its own file.
#[derive(Default)]
struct Memory(HashMap<String, FileFacts>);

impl FactsStore for Memory {
    fn get(&mut self, _: &Path, text: &str) -> Option<FileFacts> {
        self.0.get(text).cloned()
    }

    fn put(&mut self, _: &Path, text: &str, facts: &FileFacts) {
        self.0.insert(text.to_owned(), facts.clone());
    }
}

/// Without `SCHEMA_MUTATION_ALL`, every so many mutations one is tried.
fn every() -> usize {
    if std::env::var_os("SCHEMA_MUTATION_ALL").is_some() { 1 } else { 23 }
}

/// A mutation of one struct's source.
struct Mutation {
    kind: &'static str,
    text: String,
    /// The line of the struct's own source that was changed.
    what: String,
}

/// Splits `a, b(c, d), e = "x, y"` at the outer commas.
fn words(text: &str) -> Vec<String> {
    let (mut all, mut depth, mut quoted, mut word) = (Vec::new(), 0, false, String::new());
    let mut raw = 0;
    let letters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at];
        match letter {
            'r' if !quoted && letters.get(at + 1) == Some(&'#') && letters.get(at + 2) == Some(&'"') => {
                raw = 1
            }
            '"' if quoted && raw == 1 && letters.get(at + 1) != Some(&'#') => {}
            '"' => {
                quoted = !quoted;
                if !quoted {
                    raw = 0;
                }
            }
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                all.push(std::mem::take(&mut word).trim().to_owned());
                at += 1;
                continue;
            }
            _ => {}
        }
        word.push(letter);
        at += 1;
    }
    all.push(word.trim().to_owned());
    all.retain(|word| !word.is_empty());
    all
}

/// A struct's source as attributes and fields.
struct Parsed {
    head: Vec<String>,
    table: Vec<String>,
    fields: Vec<(Vec<String>, String, String)>,
    open: String,
}

fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed { head: Vec::new(), table: Vec::new(), fields: Vec::new(), open: String::new() };
    let (mut inside, mut attribute, mut pending) = (false, None::<String>, Vec::new());
    for line in text.lines() {
        let trimmed = line.trim();
        if let Some(open) = &mut attribute {
            open.push_str(line);
            open.push('\n');
        } else if trimmed.starts_with("#[table(") || trimmed.starts_with("#[column(") {
            attribute = Some(format!("{line}\n"));
        }
        if let Some(open) = attribute.take() {
            let whole = open.trim_end();
            if !whole.ends_with(")]") {
                attribute = Some(open);
                continue;
            }
            let inner = whole.trim_start().trim_start_matches("#[table(").trim_start_matches("#[column(");
            let list = words(inner.strip_suffix(")]").unwrap_or(inner));
            if inside {
                pending = list
            } else {
                parsed.table = list
            }
            continue;
        }
        if trimmed.starts_with("pub struct") {
            parsed.open = line.to_owned();
            inside = true;
        } else if let Some((name, ty)) = trimmed.strip_prefix("pub ").and_then(|rest| rest.split_once(": ")) {
            let ty = ty.trim_end_matches(',').to_owned();
            parsed.fields.push((std::mem::take(&mut pending), name.to_owned(), ty));
        } else if trimmed.starts_with("#[") {
            parsed.head.push(line.to_owned());
        }
    }
    parsed
}

fn print(parsed: &Parsed) -> String {
    let mut out = parsed.head.join("\n") + "\n";
    if !parsed.table.is_empty() {
        out.push_str(&format!("#[table({})]\n", parsed.table.join(", ")));
    }
    out.push_str(&format!("{}\n", parsed.open));
    for (words, name, ty) in &parsed.fields {
        if !words.is_empty() {
            out.push_str(&format!("    #[column({})]\n", words.join(", ")));
        }
        out.push_str(&format!("    pub {name}: {ty},\n"));
    }
    out + "}\n"
}

fn mutations(text: &str) -> Vec<Mutation> {
    let mut all = Vec::new();
    let count = parse(text).fields.len();
    let mut push = |kind, what: String, change: &mut dyn FnMut(&mut Parsed)| {
        let mut parsed = parse(text);
        change(&mut parsed);
        all.push(Mutation { kind, text: print(&parsed), what });
    };
    push("add a column", "added".to_owned(), &mut |parsed| {
        parsed.fields.push((Vec::new(), "schema_added".to_owned(), "Option<String>".to_owned()));
    });
    for index in 0..count {
        let field = parse(text).fields.swap_remove(index);
        let name = field.1.clone();
        push("rename a column", name.clone(), &mut |parsed| {
            parsed.fields[index].0.retain(|word| !word.starts_with("name = "));
            parsed.fields[index].1 = format!("{}_renamed", name.trim_start_matches("r#"));
        });
        let is = |word: &str, wanted: &str| {
            word == wanted
                || word.starts_with(&format!("{wanted}("))
                || word.starts_with(&format!("{wanted} ="))
        };
        let has = |wanted: &str| field.0.iter().any(|word| is(word, wanted));
        let in_key =
            has("primary_key") || parse(text).table.iter().any(|word| word.starts_with("primary_key"));
        if !in_key && !has("nullable") {
            push("renullable a column", name.clone(), &mut |parsed| {
                let ty = &mut parsed.fields[index].2;
                *ty = match ty.strip_prefix("Option<").and_then(|ty| ty.strip_suffix('>')) {
                    Some(inner) => inner.to_owned(),
                    None => format!("Option<{ty}>"),
                };
            });
        }
        push("retype a column", name.clone(), &mut |parsed| {
            let words = &mut parsed.fields[index].0;
            words.retain(|word| !is(word, "type"));
            words.push("type = \"macaddr\"".to_owned());
        });
        if !has("generated") && !has("identity") {
            push("redefault a column", name.clone(), &mut |parsed| {
                let words = &mut parsed.fields[index].0;
                words.retain(|word| !is(word, "default"));
                let serial = words.iter().any(|word| word.contains("serial\""));
                words.push("default = \"98765\"".to_owned());
                if serial {
                    words.retain(|word| !is(word, "type"));
                }
            });
        }
        for (at, word) in field.0.iter().enumerate() {
            let kind = match word.split(['(', ' ']).next().unwrap_or("") {
                "primary_key" => "drop a key",
                "unique" => "drop a unique",
                "references" => "drop a foreign key",
                "check" => "drop a check",
                "index" => "drop an index",
                "default" => "drop a default",
                "on_delete" | "on_update" | "deferrable" => "drop an action",
                _ => continue,
            };
            push(kind, format!("{name}: {word}"), &mut |parsed| {
                parsed.fields[index].0.remove(at);
                if kind == "drop a foreign key" {
                    parsed.fields[index].0.retain(|word| {
                        !["on_delete", "on_update", "deferrable"].iter().any(|own| is(word, own))
                    });
                }
                if kind == "drop a key" {
                    parsed.fields[index].0.retain(|word| word != "autoincrement");
                }
            });
        }
        if !has("unique") {
            push("add a unique", name.clone(), &mut |parsed| {
                parsed.fields[index].0.push("unique".to_owned())
            });
        }
        push("add an index", name.clone(), &mut |parsed| {
            parsed.fields[index].0.push("index(name = \"schema_added_index\")".to_owned())
        });
    }
    let table = parse(text).table;
    for (at, word) in table.iter().enumerate() {
        let kind = match word.split(['(', ' ']).next().unwrap_or("") {
            "primary_key" => "drop a composite key",
            "unique" => "drop a composite unique",
            "foreign_key" => "drop a composite foreign key",
            "check" => "drop a table check",
            "index" => "drop a table index",
            "exclude" => "drop an exclusion",
            _ => continue,
        };
        push(kind, word.clone(), &mut |parsed| {
            parsed.table.remove(at);
        });
    }
    all
}

#[test]
fn every_mutation_is_drift() {
    if schema_tests::truth::corpus().is_none() {
        eprintln!("SKIPPED: no corpus (set SCHEMA_CORPUS)");
        return;
    }
    let (mut counts, mut missed, mut misplaced) = (BTreeMap::<&str, usize>::new(), Vec::new(), Vec::new());
    let mut number = 0;
    for dialect in DialectKind::ALL {
        for history in histories(dialect).iter().filter(|history| wanted(&history.name)) {
            let recorded = replay(history);
            let written = write::write(&recorded, dialect);
            let folder = tempfile::tempdir().unwrap();
            let write_all = |files: BTreeMap<String, String>| {
                for (name, text) in files {
                    let name = if name == "mod.rs" { "lib.rs" } else { &name };
                    std::fs::write(folder.path().join(name), text).unwrap();
                }
            };
            write_all(written.files());
            let mut memory = Memory::default();
            for (at, item) in written.items.iter().enumerate() {
                if !item.text.contains(", Table)]") {
                    continue;
                }
                let own_file = format!("{}.rs", item.module);
                for mutation in mutations(&item.text) {
                    number += 1;
                    if number % every() != 0 {
                        continue;
                    }
                    let mut mutated = written.clone();
                    mutated.items[at].text = mutation.text.clone();
                    let path = folder.path().join("lib.rs");
                    std::fs::write(folder.path().join(&own_file), &mutated.files()[&own_file]).unwrap();
                    let mut options = ScanOptions::new(CrateRoot::new("app", path), vec![dialect]);
                    options.base = folder.path().to_path_buf();
                    let mut sources = SourceMap::default();
                    let declared = scan_with(&options, &mut sources, &mut memory);
                    std::fs::write(folder.path().join(&own_file), &written.files()[&own_file]).unwrap();
                    *counts.entry(mutation.kind).or_default() += 1;
                    let place = declared.dialects[&dialect]
                        .tables
                        .iter()
                        .find(|(_, place)| place.struct_name == item.ident);
                    let errors = declared.has_errors();
                    let Some((table, _)) = place else {
                        if !errors {
                            missed.push(format!("{}: {} {}", history.name, mutation.kind, mutation.what));
                        }
                        continue;
                    };
                    let compare: DiffOptions = diff_options(&declared, dialect);
                    let asked = target(&declared, &recorded, &compare);
                    let changes = diff(&recorded, &asked, &compare);
                    if changes.is_empty() && !errors {
                        missed.push(format!(
                            "{}: {} {}.{}",
                            history.name, mutation.kind, item.ident, mutation.what
                        ));
                    }
                    let there = |change: &Change| change.table() == Some(table);
                    if !changes.is_empty() && !changes.iter().any(there) {
                        misplaced.push(format!(
                            "{}: {} {}.{}: {}",
                            history.name, mutation.kind, item.ident, mutation.what, changes[0]
                        ));
                    }
                }
            }
        }
    }
    let total: usize = counts.values().sum();
    counts.iter().for_each(|(kind, count)| println!("{count:6} {kind}"));
    println!("{total:6} mutations, {} missed, {} at another table", missed.len(), misplaced.len());
    missed.iter().chain(&misplaced).take(40).for_each(|line| println!("  {line}"));
    assert!(missed.is_empty() && misplaced.is_empty());
}
