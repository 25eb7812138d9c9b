//! What a build script says to cargo, and the file that the fields' constants read.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use schema_model::SourceMap;

use super::environment::{Environment, Level};
use super::findings::{Finding, Weight};
use crate::rust::TablePlace;

/// Everything that one run of the gate found.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings.
    pub findings: Vec<Finding>,
    /// The models' texts.
    pub sources: SourceMap,
    /// The head's version, for `version!()`.
    pub version: Option<String>,
    /// Tables by name, with their structs.
    pub(super) tables: BTreeMap<String, TablePlace>,
    /// Which of the model roots are compiled with this package.
    pub(super) own_roots: Vec<bool>,
    watched: Vec<PathBuf>,
}

impl Report {
    pub(super) fn watch(&mut self, path: PathBuf) {
        if !self.watched.contains(&path) {
            self.watched.push(path);
        }
    }

    pub(super) fn elsewhere(&mut self, message: String, mend: &str) {
        self.findings.push(Finding::elsewhere(format!("schema gate: {message}; {mend}")));
    }

    /// Files and folders whose change makes the gate run again.
    pub fn watched(&self) -> &[PathBuf] {
        &self.watched
    }

    /// Speaks to cargo.
    pub fn print(&self, environment: &Environment) {
        let mut out = String::from(
            "cargo::rustc-check-cfg=cfg(schema_gate)\ncargo::rerun-if-env-changed=SCHEMA_GATE\n",
        );
        for path in self.watched.iter().filter(|path| path.exists()) {
            let _ = writeln!(out, "cargo::rerun-if-changed={}", path.display());
        }
        if let Some(version) = &self.version {
            let _ = writeln!(out, "cargo::rustc-env=SCHEMA_VERSION={version}");
        }
        if let Some(odd) = &environment.odd_level {
            let _ =
                writeln!(out, "cargo::warning=SCHEMA_GATE={odd} is not known; known are off, warn and deny");
        }
        out.push_str(&self.verdict(environment));
        print!("{out}");
    }

    fn is_error(&self, finding: &Finding, level: Level) -> bool {
        match level {
            Level::Off | Level::Warn => false,
            Level::Usual => finding.weight == Weight::Drift,
            Level::Deny => true,
        }
    }

    /// Whether a constant in this package's compilation reports it.
    fn is_at_field(&self, finding: &Finding) -> bool {
        let table = finding.table.as_ref().and_then(|table| self.tables.get(table));
        let own = table.is_some_and(|place| self.own_roots.get(place.root).copied().unwrap_or(false));
        own || finding.anywhere && self.carrier().is_some()
    }

    /// The struct that carries what belongs to none.
    fn carrier(&self) -> Option<&str> {
        let own = |place: &TablePlace| self.own_roots.get(place.root).copied().unwrap_or(false);
        self.tables.iter().find(|(_, place)| own(place)).map(|(name, _)| name.as_str())
    }

    fn verdict(&self, environment: &Environment) -> String {
        let mut out = String::new();
        let (errors, warnings): (Vec<&Finding>, Vec<&Finding>) =
            self.findings.iter().partition(|finding| self.is_error(finding, environment.level));
        for finding in warnings {
            let _ = writeln!(out, "cargo::warning={}", self.one_line(finding));
        }
        if errors.is_empty() {
            return out;
        }
        if errors.iter().all(|finding| self.is_at_field(finding)) {
            match std::fs::write(environment.out.join("drift.rs"), self.drift(&errors)) {
                Ok(()) => {
                    out.push_str("cargo::rustc-cfg=schema_gate\n");
                    return out;
                }
                Err(error) => {
                    let _ = writeln!(out, "cargo::error=schema gate: cannot write drift.rs: {error}");
                }
            }
        }
        for finding in errors {
            let _ = writeln!(out, "cargo::error={}", self.one_line(finding));
        }
        out
    }

    /// The message with its place; cargo takes one line.
    fn one_line(&self, finding: &Finding) -> String {
        let place =
            finding.span.map_or(String::new(), |span| format!(" --> {}", self.sources.describe(span)));
        format!("{}{place}", finding.message).replace(['\n', '\r'], " ")
    }

    /// A function from a place's key to its finding, as a constant's code.
    fn drift(&self, errors: &[&Finding]) -> String {
        let mut by_key: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for finding in errors {
            let (table, field) = match (&finding.table, finding.anywhere) {
                (Some(table), _) => (table.as_str(), finding.field.as_deref()),
                (None, _) => (self.carrier().unwrap_or_default(), None),
            };
            let key = match field {
                Some(field) => format!("{table}#{field}"),
                None => table.to_owned(),
            };
            let text = match finding.table {
                Some(_) => finding.message.clone(),
                None => self.one_line(finding),
            };
            by_key.entry(key).or_default().push(text);
        }
        let mut out = String::from(
            "{ const fn drift(key: &str) -> ::core::option::Option<&'static str> { match key.as_bytes() {\n",
        );
        for (key, texts) in by_key {
            let _ = writeln!(
                out,
                "b\"{}\" => ::core::option::Option::Some({:?}),",
                key.as_bytes().escape_ascii(),
                texts.join("\n")
            );
        }
        out.push_str("_ => ::core::option::Option::None } } drift }\n");
        out
    }
}
