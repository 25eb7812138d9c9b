//! Findings in rustc's look, Rust and SQL places in one report.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use schema_core::diagnostic::{Diagnostic, Severity};
use schema_model::{FileId, SourceMap};

/// Writes each finding, a blank line between two.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, out: &mut impl Write) -> io::Result<()> {
    let renderer = Renderer::styled();
    for diagnostic in diagnostics {
        writeln!(out, "{}\n", renderer.render(&[group(diagnostic, sources)]))?;
    }
    Ok(())
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a SourceMap) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut title = level.primary_title(&diagnostic.message);
    if !diagnostic.code.is_empty() {
        title = title.id(diagnostic.code);
    }
    let group = title.elements(snippets(diagnostic, sources));
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}

/// One snippet per file, in the order in which the labels name the files.
fn snippets<'a>(
    diagnostic: &'a Diagnostic,
    sources: &'a SourceMap,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut files: Vec<FileId> = Vec::new();
    for label in &diagnostic.labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    let snippet = |file: FileId| {
        let labels = diagnostic.labels.iter().filter(move |label| label.span.file == file);
        let annotations = labels.map(|label| {
            let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let length = sources.text(file).len();
            let start = (label.span.start as usize).min(length);
            let end = (label.span.end as usize).clamp(start, length);
            kind.span(start..end).label(&*label.text)
        });
        Snippet::source(sources.text(file))
            .path(sources.path(file).display().to_string())
            .annotations(annotations.collect::<Vec<_>>())
    };
    files.into_iter().map(snippet).collect()
}
