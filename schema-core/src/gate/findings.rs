//! What the gate finds.

use schema_model::Span;

/// How sure the gate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The schema differs.
    Drift,
    /// A text differs that only the engine can compare.
    NotVerified,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The table whose struct carries it.
    pub table: Option<String>,
    /// The struct's field that carries it; `None`: the struct.
    pub field: Option<String>,
    /// One sentence, and the command that mends it.
    pub message: String,
    /// The place in the models.
    pub span: Option<Span>,
    /// How sure it is.
    pub weight: Weight,
    /// The compiler will report it too, at a better place; any struct may carry it, so that nothing passes unread.
    pub anywhere: bool,
}

impl Finding {
    /// A finding without a field.
    pub fn elsewhere(message: String) -> Self {
        Finding { table: None, field: None, message, span: None, weight: Weight::Drift, anywhere: false }
    }

    /// Whether a constant of the derive can report it.
    pub fn has_place(&self) -> bool {
        self.table.is_some()
    }
}
