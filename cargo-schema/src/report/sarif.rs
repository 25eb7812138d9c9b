//! Findings as SARIF 2.1.0, for code scanning.

use std::io::{self, Write};

use schema_core::diagnostic::Diagnostic;
use schema_model::SourceMap;
use serde_json::{Value, json};

/// Writes one log with one run.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, out: &mut impl Write) -> io::Result<()> {
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| result(diagnostic, sources)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "cargo-schema", "version": env!("CARGO_PKG_VERSION") } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn result(diagnostic: &Diagnostic, sources: &SourceMap) -> Value {
    let locations: Vec<Value> = diagnostic
        .labels
        .iter()
        .map(|label| {
            let (start, end) = (sources.place(label.span), sources.end_place(label.span));
            json!({ "physicalLocation": {
                "artifactLocation": { "uri": sources.path(label.span.file).display().to_string() },
                "region": { "startLine": start.line, "startColumn": start.column,
                            "endLine": end.line, "endColumn": end.column },
            }})
        })
        .collect();
    let help = diagnostic.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
    json!({
        "ruleId": diagnostic.code,
        "level": super::json::severity_word(diagnostic.severity),
        "message": { "text": format!("{}{help}", diagnostic.message) },
        "locations": locations,
    })
}
