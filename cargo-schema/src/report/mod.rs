//! Findings as people and machines read them: one renderer per file; nothing else knows a format.

mod github;
mod human;
mod json;
mod sarif;

use std::io::{IsTerminal, Write};

use schema_core::diagnostic::{Diagnostic, Severity};
use schema_model::SourceMap;

use crate::cli::{Color, Format};
use crate::error::{CliError, CliResult};

/// Prints findings to standard output in the format asked for.
pub fn print(format: Format, diagnostics: &[Diagnostic], sources: &SourceMap) -> CliResult<()> {
    let mut out = anstream::stdout().lock();
    match format {
        Format::Human => human::render(diagnostics, sources, &mut out),
        Format::Json => json::render(diagnostics, sources, &mut out),
        Format::Github => github::render(diagnostics, sources, &mut out),
        Format::Sarif => sarif::render(diagnostics, sources, &mut out),
    }?;
    Ok(out.flush()?)
}

/// Prints findings to standard error, for people.
pub fn warn(diagnostics: &[Diagnostic], sources: &SourceMap) {
    // There is nowhere left to say that standard error is closed.
    let _ = human::render(diagnostics, sources, &mut anstream::stderr().lock());
}

/// Prints what stopped a command to standard error.
pub fn failure(error: &CliError) {
    match error {
        CliError::Findings(findings) => warn(&findings.diagnostics, &findings.sources),
        other => warn(&[Diagnostic::error("", other.to_string())], &SourceMap::default()),
    }
}

/// Whether any finding is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

impl Color {
    /// Makes the choice for the whole process.
    pub fn apply(self) {
        let word = std::env::var("CARGO_TERM_COLOR").ok();
        let choice = match (self, word.as_deref()) {
            (Color::Always, _) | (Color::Auto, Some("always")) => anstream::ColorChoice::Always,
            (Color::Never, _) | (Color::Auto, Some("never")) => anstream::ColorChoice::Never,
            (Color::Auto, _) => anstream::ColorChoice::Auto,
        };
        choice.write_global();
    }
}

/// Whether progress may be drawn.
pub fn is_interactive() -> bool {
    std::io::stderr().is_terminal() && std::io::stdin().is_terminal()
}
