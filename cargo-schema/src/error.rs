//! What stops a command: exit code 2, one sentence, and the next step.

use std::path::{Path, PathBuf};

use schema_core::diagnostic::Diagnostic;
use schema_model::SourceMap;

/// Why a command could not answer.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A sentence, with the next step in it.
    #[error("{0}")]
    Message(String),
    /// A file or folder could not be read or written.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Standard output is closed or broken.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] std::io::Error),
    /// Findings that leave the question unanswered, with their places.
    #[error("{}", .0.diagnostics.first().map_or("bad input", |first| first.message.as_str()))]
    Findings(Box<Findings>),
}

/// Findings with the texts that they point into.
#[derive(Debug)]
pub struct Findings {
    /// The texts.
    pub sources: SourceMap,
    /// The findings.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a command returns: its exit code.
pub type CliResult<T = u8> = Result<T, CliError>;

impl CliError {
    /// A sentence.
    pub fn message(text: impl std::fmt::Display) -> Self {
        CliError::Message(text.to_string())
    }

    /// An input or output error on a path.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> CliError {
        let path = path.to_owned();
        move |source| CliError::Io { action, path, source }
    }

    /// Findings with places.
    pub fn findings(sources: SourceMap, diagnostics: Vec<Diagnostic>) -> Self {
        CliError::Findings(Box::new(Findings { sources, diagnostics }))
    }

    /// Whether the reader of our output went away, which is no error (`… | head`).
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, CliError::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}
