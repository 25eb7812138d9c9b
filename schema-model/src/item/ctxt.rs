//! Gathers all of an item's mistakes, so that they are reported together.

use proc_macro2::Span;

use super::ast::At;

/// One mistake in an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemError {
    /// Where.
    pub at: At,
    /// What: one sentence, lower case.
    pub message: String,
}

/// The places and mistakes of the items that are being read.
#[derive(Default)]
pub struct Ctxt {
    places: Vec<Span>,
    errors: Vec<ItemError>,
}

impl Ctxt {
    /// Nothing read yet.
    pub fn new() -> Self {
        Ctxt::default()
    }

    /// Keeps a span and gives its number.
    pub fn at(&mut self, span: Span) -> At {
        self.places.push(span);
        At(self.places.len() as u32 - 1)
    }

    /// The span of a number.
    pub fn span(&self, at: At) -> Span {
        self.places.get(at.0 as usize).copied().unwrap_or_else(Span::call_site)
    }

    /// Every span kept, by number.
    pub fn places(&self) -> &[Span] {
        &self.places
    }

    /// Keeps a mistake.
    pub fn error(&mut self, span: Span, message: impl Into<String>) {
        let at = self.at(span);
        self.error_at(at, message);
    }

    /// Keeps a mistake at a place already known.
    pub fn error_at(&mut self, at: At, message: impl Into<String>) {
        self.errors.push(ItemError { at, message: message.into() });
    }

    /// Keeps a parser's mistakes.
    pub fn syn_error(&mut self, error: syn::Error) {
        for one in error {
            self.error(one.span(), one.to_string());
        }
    }

    /// The mistakes so far.
    pub fn errors(&self) -> &[ItemError] {
        &self.errors
    }

    /// Takes the mistakes out.
    pub fn take_errors(&mut self) -> Vec<ItemError> {
        std::mem::take(&mut self.errors)
    }
}
