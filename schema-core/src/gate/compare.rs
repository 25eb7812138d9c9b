//! The models' lines against the lock's.

use std::collections::BTreeMap;

use schema_model::lines::{self, Line, key_parts};
use schema_model::{DialectKind, Name, ObjectName, Span};

use super::environment::Environment;
use super::findings::{Finding, Weight};
use super::migrations::heads;
use super::values::{self, Verdict};
use crate::lock::Lock;
use crate::rust::{Declaration, Declared, TablePlace};

pub(super) fn compare(environment: &Environment, lock: &Lock, declared: &Declared) -> Vec<Finding> {
    let own: Vec<&str> = environment.cfgs.enabled_features();
    let mut locked: Vec<&str> = lock.config.features.iter().map(String::as_str).collect();
    locked.sort_unstable();
    let same_features = own == locked;
    let mut findings: Vec<Finding> = Vec::new();
    for (dialect, declaration) in &declared.dialects {
        let known = lock.models.get(dialect).map(Vec::as_slice).unwrap_or_default();
        let models = lines::lines(&declaration.catalog, *dialect);
        if known == models {
            continue;
        }
        let mut compare = Compare {
            dialect: *dialect,
            declaration,
            until: match heads(lock).as_slice() {
                [] => String::new(),
                heads => format!(" up to {}", heads.join(", ")),
            },
            known: known.iter().map(|line| (line.key.as_str(), line)).collect(),
            models: models.iter().map(|line| (line.key.as_str(), line)).collect(),
            findings: Vec::new(),
        };
        compare.run(&models, known, same_features);
        for finding in compare.findings {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    findings
}

struct Compare<'a> {
    dialect: DialectKind,
    declaration: &'a Declaration,
    /// ` up to 1.1.0`.
    until: String,
    known: BTreeMap<&'a str, &'a Line>,
    models: BTreeMap<&'a str, &'a Line>,
    findings: Vec<Finding>,
}

impl Compare<'_> {
    fn run(&mut self, models: &[Line], known: &[Line], same_features: bool) {
        for line in models {
            match self.known.get(line.key.as_str()) {
                Some(old) => self.changed(old, line),
                None => self.added(line),
            }
        }
        // Under other features, what is not there may be only switched off.
        for line in known.iter().filter(|_| same_features) {
            if !self.models.contains_key(line.key.as_str()) {
                self.gone(line);
            }
        }
    }

    /// The table that a line of a column, constraint or index belongs to.
    fn table_of(line: &Line) -> Option<(ObjectName, String)> {
        let mut parts = key_parts(line.name());
        let part = parts.pop()?;
        Some((object(parts)?, part))
    }

    fn place(&self, table: &ObjectName) -> Option<&TablePlace> {
        self.declaration.tables.get(table)
    }

    fn push(
        &mut self,
        table: Option<&ObjectName>,
        field: Option<String>,
        span: Option<Span>,
        message: String,
    ) {
        self.findings.push(Finding {
            table: table.filter(|table| self.place(table).is_some()).map(ObjectName::to_string),
            field,
            message: format!("schema drift: {message}"),
            span,
            weight: Weight::Drift,
            anywhere: false,
        });
    }

    /// At the field of a column, at the word's field of a constraint, else at the struct.
    fn at(&self, line: &Line) -> (Option<ObjectName>, Option<String>, Option<Span>) {
        let name = match line.kind() {
            "table" => object(key_parts(line.name())),
            _ => Self::table_of(line).map(|(table, _)| table),
        };
        let Some(table) = name else { return (None, None, None) };
        let Some(place) = self.place(&table) else { return (Some(table), None, None) };
        let found = match line.kind() {
            "column" => Self::table_of(line).and_then(|(_, column)| place.fields.get(&Name::from(column))),
            "table" => None,
            _ => place.parts.get(&line.key),
        };
        match found {
            Some(found) => (Some(table), found.field.clone(), Some(found.span)),
            None => (Some(table), None, Some(place.span)),
        }
    }

    fn added(&mut self, line: &Line) {
        let until = self.until.clone();
        let (table, field, span) = self.at(line);
        match line.kind() {
            "table" => {
                let Some(table) = table else { return };
                let renamed = self.declaration.renames.tables.iter().find(|(_, to)| *to == table);
                let message = match renamed {
                    Some((from, _)) => format!(
                        "table {from} is renamed to {table} but no migration{until} renames it; {}",
                        command(&format!("rename {from} to {table}"))
                    ),
                    None => format!(
                        "table {table} is declared but no migration{until} creates it; {}",
                        command(&format!("add {table}"))
                    ),
                };
                self.push(Some(&table), None, span, message);
            }
            "column" | "constraint" | "index" => {
                let Some((owner, part)) = Self::table_of(line) else { return };
                let is_table = self.place(&owner).is_some();
                let new_table = is_table && !self.known.contains_key(table_key(&owner).as_str());
                // A new table says it all; a domain's check goes with the domain.
                if new_table || !is_table {
                    return;
                }
                let renamed = self.declaration.renames.columns.iter().find(|(table, from, to)| {
                    *table == owner
                        && *to == *part.as_str()
                        && self.known.contains_key(lines::column_key(table, from).as_str())
                });
                let message = match (line.kind(), renamed) {
                    ("column", Some((_, from, _))) => format!(
                        "column {owner}.{from} is renamed to {part} but no migration{until} renames it; {}",
                        command(&format!("rename {owner}.{from} to {part}"))
                    ),
                    ("column", None) => format!(
                        "column {owner}.{part} is declared but no migration{until} adds it; {}",
                        command(&format!("add {owner}.{part}"))
                    ),
                    _ => format!(
                        "{} is declared but no migration{until} adds it; {}",
                        described(line, &owner, &part),
                        command(&format!("change {owner}"))
                    ),
                };
                self.push(Some(&owner), field, span, message);
            }
            kind => {
                let name = line.name();
                let message = format!(
                    "{kind} {name} is declared but no migration{until} creates it; {}",
                    command(&format!("add {name}"))
                );
                let (table, field, span) = self.user_of(name);
                self.push(table.as_ref(), field, span, message);
            }
        }
    }

    fn gone(&mut self, line: &Line) {
        let until = self.until.trim_start().to_owned();
        let until =
            if until.is_empty() { "the migrations".to_owned() } else { format!("the migrations {until}") };
        match line.kind() {
            "table" => {
                let Some(table) = object(key_parts(line.name())) else { return };
                if self.declaration.renames.tables.iter().any(|(from, _)| *from == table) {
                    return;
                }
                let message = format!(
                    "table {table} is in {until} but no model declares it; declare it, name it in `unmanaged`, or {}",
                    command(&format!("drop {table}"))
                );
                self.push(None, None, None, message);
            }
            "column" | "constraint" | "index" => {
                let Some((owner, part)) = Self::table_of(line) else { return };
                let Some(place) = self.place(&owner) else { return };
                let renamed = self.declaration.renames.columns.iter();
                if renamed.filter(|(table, ..)| *table == owner).any(|(_, from, _)| *from == *part.as_str()) {
                    return;
                }
                let (name, span) = (place.struct_name.clone(), place.span);
                let message = match line.kind() {
                    "column" => format!(
                        "column {owner}.{part} is in {until} but `{name}` has no field for it; add the field, or {}",
                        command(&format!("drop {owner}.{part}"))
                    ),
                    _ => format!(
                        "{} is in {until} but `{name}` does not declare it; declare it, or {}",
                        described(line, &owner, &part),
                        command(&format!("change {owner}"))
                    ),
                };
                self.push(Some(&owner), None, Some(span), message);
            }
            kind => {
                let name = line.name();
                let message = format!(
                    "{kind} {name} is in {until} but no model declares it; {}",
                    command(&format!("drop {name}"))
                );
                self.push(None, None, None, message);
            }
        }
    }

    /// The first column of a type that has no field of its own.
    fn user_of(&self, name: &str) -> (Option<ObjectName>, Option<String>, Option<Span>) {
        let mut parts = key_parts(name);
        let last = parts.pop();
        for (table, place) in &self.declaration.tables {
            let Some(own) = self.declaration.catalog.tables.get(table) else { continue };
            let user = own.columns.iter().find(|column| {
                column.ty.user_type().is_some_and(|ty| Some(ty.name.as_str()) == last.as_deref())
            });
            if let Some(found) = user.and_then(|column| place.fields.get(&column.name)) {
                return (Some(table.clone()), found.field.clone(), Some(found.span));
            }
        }
        (None, None, None)
    }

    /// One object under one name: which of its facts differ.
    fn changed(&mut self, old: &Line, new: &Line) {
        if old == new {
            return;
        }
        let (table, field, span) = self.at(new);
        let what = match (new.kind(), Self::table_of(new)) {
            ("column", Some((owner, part))) => format!("column {owner}.{part}"),
            ("constraint" | "index", Some((owner, part))) => format!("{} {part} of {owner}", new.kind()),
            (kind, _) => format!("{kind} {}", new.name()),
        };
        let (table, field, span) = match new.kind() {
            "enum" | "domain" | "schema" => self.user_of(new.name()),
            _ => (table, field, span),
        };
        let until = self.until.clone();
        for (old, new) in changed_facts(old, new) {
            let (word, verdict) = self.verdict(old.as_deref(), new.as_deref());
            let mend = match verdict {
                Verdict::Same => continue,
                Verdict::Different => command(&format!("change {}", what.trim_start_matches("column "))),
                Verdict::Unknown => "run `cargo schema check`".to_owned(),
            };
            let message = match (&old, &new, verdict) {
                (Some(old), Some(new), Verdict::Unknown) => {
                    format!("not verified: {what} is declared as `{new}`, recorded as `{old}`; {mend}")
                }
                (Some(old), Some(new), _) => {
                    format!(
                        "{what} is declared as `{new}`, but the migrations{until} make it `{old}`; {mend}"
                    )
                }
                (None, Some(new), _) => {
                    format!("{what} is declared `{new}`, but no migration{until} makes it so; {mend}")
                }
                (Some(old), None, _) => {
                    format!("{what} is `{old}` in the migrations{until}, but not in the models; {mend}")
                }
                (None, None, _) => continue,
            };
            let _ = word;
            let weight = if verdict == Verdict::Unknown { Weight::NotVerified } else { Weight::Drift };
            self.push(table.as_ref(), field.clone(), span, message);
            if let Some(last) = self.findings.last_mut() {
                last.weight = weight;
            }
        }
    }

    fn verdict(&self, old: Option<&str>, new: Option<&str>) -> (String, Verdict) {
        let (Some(old), Some(new)) = (old, new) else { return (String::new(), Verdict::Different) };
        let (word, old_value) = split_fact(old);
        let (_, new_value) = split_fact(new);
        let verdict = match word {
            "type" => values::types(old_value, new_value, self.dialect),
            "default" | "generated" | "check" | "where" => {
                values::expressions(old_value, new_value, self.dialect)
            }
            _ if old.contains('(') && has_expression(old) | has_expression(new) => Verdict::Unknown,
            _ => Verdict::Different,
        };
        (word.to_owned(), verdict)
    }
}

/// The name that key parts spell.
fn object(mut parts: Vec<String>) -> Option<ObjectName> {
    let name = parts.pop()?;
    let schema = parts.pop();
    Some(ObjectName { schema: schema.map(Name::from), name: Name::from(name) })
}

fn table_key(table: &ObjectName) -> String {
    format!("table {}", lines::key_name(table))
}

fn command(message: &str) -> String {
    format!("run `cargo schema revision -m \"{}\"`", message.replace('"', "'"))
}

/// `unique users_email_key (email) of users`.
fn described(line: &Line, table: &ObjectName, part: &str) -> String {
    let first = line.facts.first().map_or("", String::as_str);
    match line.kind() {
        "constraint" if part == first => format!("{first} of {table}"),
        "constraint" => format!("constraint {part} of {table}, {first},"),
        _ => format!("index {part} of {table}, {first},"),
    }
}

/// `default now()` → `default`, `now()`.
fn split_fact(fact: &str) -> (&str, &str) {
    fact.split_once(' ').unwrap_or((fact, ""))
}

/// An index over more than plain columns.
fn has_expression(fact: &str) -> bool {
    fact.matches('(').count() > 1
}

/// Facts that are not the same on both sides, paired by their word.
fn changed_facts(old: &Line, new: &Line) -> Vec<(Option<String>, Option<String>)> {
    let mut pairs = Vec::new();
    let mut rest: Vec<&String> = new.facts.iter().filter(|fact| !old.facts.contains(fact)).collect();
    for fact in old.facts.iter().filter(|fact| !new.facts.contains(fact)) {
        let (word, _) = split_fact(fact);
        let same = rest.iter().position(|other| split_fact(other).0 == word && word != "not" && word != "on");
        let same = same.or_else(|| {
            let both = |other: &&String| word == "on" && other.get(..9) == fact.get(..9);
            rest.iter().position(both)
        });
        let partner = same.map(|index| rest.remove(index).clone());
        pairs.push((Some(fact.clone()), partner));
    }
    pairs.extend(rest.into_iter().map(|fact| (None, Some(fact.clone()))));
    pairs
}
