//! Statements whose effect is not known, and statements that the database would refuse.

use std::collections::BTreeSet;

use schema_model::catalog::Gap;
use schema_model::token::TokenKind;
use schema_model::{ObjectName, Origin, Span};

use super::Replayer;
use crate::diagnostic::Diagnostic;
use crate::sql::cursor::{Cursor, Source, Spelled, code_tokens, string_value};

/// Words after which a name is an object's, whether it is known or not.
const INTRODUCE: [&str; 16] = [
    "table",
    "exists",
    "view",
    "index",
    "sequence",
    "type",
    "domain",
    "function",
    "procedure",
    "on",
    "into",
    "from",
    "only",
    "update",
    "join",
    "references",
];

impl Replayer {
    /// Records that a statement's effect is not known.
    pub(crate) fn add_gap(&mut self, statement: &str, reason: &str, source: Source) {
        let touches = self.mentions(statement, source, 0);
        self.gap = true;
        let span = source.span(0, statement.len());
        self.catalog.gaps.push(Gap {
            statement: statement.to_owned(),
            reason: reason.to_owned(),
            touches,
            origin: Origin::from(span),
        });
    }

    /// Records that something about one object is not known.
    pub(crate) fn note_gap(&mut self, object: &ObjectName, reason: &str) {
        self.gap = true;
        self.catalog.gaps.push(Gap {
            statement: object.to_string(),
            reason: reason.to_owned(),
            touches: BTreeSet::from([object.clone()]),
            origin: Origin::from(self.here),
        });
    }

    /// What a text names, in its own words and in its strings: known objects, and those a keyword introduces.
    pub(crate) fn mentions(&self, text: &str, source: Source, depth: u32) -> BTreeSet<ObjectName> {
        let tokens = code_tokens(text, self.dialect);
        let cursor = Cursor::new(text, &tokens, self.dialect, source);
        let mut found = BTreeSet::new();
        let mut before = "";
        let mut walk = cursor;
        while let Some(token) = walk.token(0) {
            let word = walk.word(0);
            match token.kind {
                TokenKind::Word | TokenKind::Quoted => {
                    let introduced = INTRODUCE.iter().any(|known| before.eq_ignore_ascii_case(known));
                    match walk.object() {
                        Ok(name) => found.extend(self.mentioned(&name, introduced)),
                        Err(_) => drop(walk.bump()),
                    }
                }
                TokenKind::Str => {
                    walk.bump();
                    if depth < 4 {
                        found.extend(self.mentions(&string_value(word), source, depth + 1));
                    }
                }
                _ => drop(walk.bump()),
            }
            before = word;
        }
        found
    }

    fn mentioned(&self, name: &Spelled, introduced: bool) -> Option<ObjectName> {
        if let Some(known) = self.find_any(name) {
            return Some(known);
        }
        let keyword = schema_model::keywords::is_reserved(name.name.as_str(), self.dialect)
            || INTRODUCE.contains(&name.name.as_str())
            || matches!(name.name.as_str(), "if" | "set" | "concurrently");
        (introduced && !keyword).then(|| self.for_new(name))
    }

    /// Reports a statement that the database would refuse. One that names what a gap names is in doubt itself.
    pub(super) fn refuse(&mut self, statement: &str, message: String, span: Span, source: Source) {
        if !self.catalog.gaps.is_empty() {
            let touches = self.mentions(statement, source, 0);
            if touches.iter().any(|name| self.catalog.is_doubtful(name)) {
                self.add_gap(statement, &message, source);
                return;
            }
        }
        self.abort();
        let label = match message.contains("already") {
            true => "made again here",
            false => "the database refuses this",
        };
        self.diagnostics.push(Diagnostic::error("replay/refused", message).at(span, label));
    }
}
