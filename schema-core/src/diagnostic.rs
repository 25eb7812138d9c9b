//! Findings about the user's schema: data first, rendering last. Every report format is fed from these.

use schema_model::Span;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For information; never changes an exit code.
    Note,
    /// Worth a look; never changes an exit code.
    Warning,
    /// Fails `check` and the build.
    Error,
}

/// A place that a finding points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be seen there, a few words.
    pub text: String,
    /// Whether the user will mend it here.
    pub primary: bool,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable code such as `drift/column-added`.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// One sentence, lower case, names in backticks, without a full stop.
    pub message: String,
    /// Places, the primary one first.
    pub labels: Vec<Label>,
    /// The next step.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without places.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            help: None,
        }
    }

    /// A warning without places.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message) }
    }

    /// With the place where the user will mend it, when there is one.
    pub fn at(self, span: impl Into<Option<Span>>, text: impl Into<String>) -> Self {
        self.labelled(span.into(), text.into(), true)
    }

    /// With another place worth seeing, when there is one.
    pub fn see(self, span: impl Into<Option<Span>>, text: impl Into<String>) -> Self {
        self.labelled(span.into(), text.into(), false)
    }

    /// With the next step.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn labelled(mut self, span: Option<Span>, text: String, primary: bool) -> Self {
        if let Some(span) = span {
            self.labels.push(Label { span, text, primary });
        }
        self
    }
}
