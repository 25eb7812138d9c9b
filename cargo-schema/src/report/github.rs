//! Findings as GitHub workflow commands, which show at the line in a pull request.

use std::io::{self, Write};

use schema_core::diagnostic::{Diagnostic, Severity};
use schema_model::SourceMap;

/// Writes a command per finding.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, out: &mut impl Write) -> io::Result<()> {
    for diagnostic in diagnostics {
        let level = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        write!(out, "::{level} title={}", property(diagnostic.code))?;
        if let Some(label) = diagnostic.labels.first() {
            let (start, end) = (sources.place(label.span), sources.end_place(label.span));
            let file = sources.path(label.span.file).display().to_string();
            write!(out, ",file={},line={},col={}", property(&file), start.line, start.column)?;
            write!(out, ",endLine={},endColumn={}", end.line, end.column)?;
        }
        let help = diagnostic.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
        writeln!(out, "::{}", data(&format!("{}{help}", diagnostic.message)))?;
    }
    Ok(())
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
