//! Findings as JSON, one object a line. The format is version 1: fields are added, never changed or removed.

use std::io::{self, Write};

use schema_core::diagnostic::{Diagnostic, Label, Severity};
use schema_model::SourceMap;
use serde::Serialize;

/// One finding.
#[derive(Serialize)]
struct Line<'a> {
    /// The format's version.
    format: u32,
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    labels: Vec<Place<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// A place: lines and columns from 1, columns in characters, the end exclusive.
#[derive(Serialize)]
struct Place<'a> {
    file: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    primary: bool,
    text: &'a str,
}

/// Writes each finding on a line of its own.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, out: &mut impl Write) -> io::Result<()> {
    for diagnostic in diagnostics {
        serde_json::to_writer(&mut *out, &line(diagnostic, sources))?;
        writeln!(out)?;
    }
    Ok(())
}

fn line<'a>(diagnostic: &'a Diagnostic, sources: &SourceMap) -> Line<'a> {
    Line {
        format: 1,
        code: diagnostic.code,
        severity: severity_word(diagnostic.severity),
        message: &diagnostic.message,
        labels: diagnostic.labels.iter().map(|label| place(label, sources)).collect(),
        help: diagnostic.help.as_deref(),
    }
}

/// The word for a severity in JSON and SARIF.
pub(super) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn place<'a>(label: &'a Label, sources: &SourceMap) -> Place<'a> {
    let (start, end) = (sources.place(label.span), sources.end_place(label.span));
    Place {
        file: sources.path(label.span.file).display().to_string(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        primary: label.primary,
        text: &label.text,
    }
}
