//! Transactions that a script writes itself: `BEGIN … ROLLBACK` leaves nothing behind.

use schema_model::catalog::TableOptions;
use schema_model::ident::fold;
use schema_model::{DialectKind, Name, ObjectName};

use super::{FirstWord, Replayer};
use crate::sql::cursor::code_tokens;
use crate::sql::session::{Saved, Session, TEMPORARY};
use crate::sql::split::Statement;
use schema_model::token::Lexer;

fn is_rollback(word: &str) -> bool {
    word.eq_ignore_ascii_case("rollback") || word.eq_ignore_ascii_case("abort")
}

/// Whether a script goes back anywhere: only then are states kept to go back to.
pub(super) fn rolls_back(text: &str, statements: &[Statement], dialect: DialectKind) -> bool {
    statements.iter().any(|statement| {
        let own = statement.text(text);
        is_rollback(Lexer::new(own, dialect).next_code_word(own))
    })
}

impl Replayer {
    /// Follows transaction statements.
    pub(super) fn transaction_state(&mut self, text: &str, statement: &Statement, rolls_back: bool) {
        let own = statement.text(text);
        let first = Lexer::new(own, self.dialect).next_code_word(own).to_ascii_lowercase();
        match first.as_str() {
            "begin" | "start" => {
                self.session.in_transaction = true;
                if rolls_back {
                    self.save(None);
                }
            }
            "savepoint" if rolls_back => {
                let tokens = code_tokens(own, self.dialect);
                let name = tokens.get(1).map(|token| Name::from(fold(token.text(own), self.dialect)));
                self.save(name);
            }
            "commit" | "end" => self.session.end_transaction(),
            "release" => self.release(own),
            "rollback" | "abort" => self.roll_back(own),
            _ => {}
        }
    }

    /// The savepoint and those after it are gone; what was done stays.
    fn release(&mut self, own: &str) {
        let tokens = code_tokens(own, self.dialect);
        let name = tokens.last().map(|token| Name::from(fold(token.text(own), self.dialect)));
        if let Some(at) = self.session.saved.iter().rposition(|saved| saved.savepoint == name) {
            self.session.saved.truncate(at);
        }
    }

    fn save(&mut self, savepoint: Option<Name>) {
        let (catalog, relations) = (self.catalog.clone(), self.relations.clone());
        self.session.saved.push(Saved { savepoint, catalog, relations });
    }

    /// To the savepoint named, or to the start.
    fn roll_back(&mut self, own: &str) {
        let tokens = code_tokens(own, self.dialect);
        let words: Vec<&str> = tokens.iter().map(|token| token.text(own)).collect();
        let to = words.iter().position(|word| word.eq_ignore_ascii_case("to"));
        let at = match to {
            Some(_) => {
                let name = words.last().map(|word| Name::from(fold(word, self.dialect)));
                self.session.saved.iter().rposition(|saved| saved.savepoint == name)
            }
            // In SQLite a savepoint can be what started the transaction.
            None => self.session.saved.first().map(|_| 0),
        };
        let Some(at) = at else { return };
        self.catalog = self.session.saved[at].catalog.clone();
        self.relations = self.session.saved[at].relations.clone();
        self.session.saved.truncate(if to.is_some() { at + 1 } else { at });
        if to.is_none() {
            self.session.end_transaction();
        }
    }

    /// The session ends: its temporary tables go.
    pub(super) fn end_session(&mut self) {
        if self.session.temporary {
            let gone = |name: &ObjectName| name.schema.as_ref().is_some_and(|schema| *schema == *TEMPORARY);
            self.catalog.tables.retain(|name, _| !gone(name));
            self.catalog.views.retain(|name, _| !gone(name));
            self.catalog.sequences.retain(|name, _| !gone(name));
            self.catalog.opaque.retain(|id, _| !gone(&id.name) && !id.on.as_ref().is_some_and(gone));
            self.relations = super::Relations::of(&self.catalog, self.dialect);
        }
        self.session = Session::default();
    }

    /// Whether the options are those of a table that goes with its session.
    pub(crate) fn note_temporary(&mut self, options: &TableOptions) {
        self.session.temporary |= options.temporary;
    }
}
