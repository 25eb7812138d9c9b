//! Transactions that a script writes itself: `BEGIN … ROLLBACK` leaves nothing behind, and neither does one in which the
//! database refuses a statement.

use std::ops::Range;

use schema_model::catalog::TableOptions;
use schema_model::ident::fold;
use schema_model::{DialectKind, Name, ObjectName};

use super::{FirstWord, Replayer};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Source, code_tokens};
use crate::sql::session::{Mark, Session, TEMPORARY, Transaction};
use crate::sql::split::Statement;
use schema_model::token::Lexer;

impl Replayer {
    /// Follows transaction statements; `at` is the statement's number in the file. Answers whose effects it takes back.
    pub(super) fn transaction_state(
        &mut self,
        text: &str,
        statement: &Statement,
        at: usize,
    ) -> Option<Range<usize>> {
        let mut undone = None;
        let own = statement.text(text);
        let first = Lexer::new(own, self.dialect).next_code_word(own);
        let is = |words: &[&str]| words.iter().any(|word| first.eq_ignore_ascii_case(word));
        if !is(&["begin", "start", "savepoint", "release", "commit", "end", "rollback", "abort"]) {
            return None;
        }
        let tokens = code_tokens(own, self.dialect);
        let cursor = Cursor::new(own, &tokens, self.dialect, Source::Whole(self.here));
        if is(&["begin", "start"]) {
            self.begin(at);
        } else if is(&["savepoint"]) {
            let name = tokens.get(1).map(|token| Name::from(fold(token.text(own), self.dialect)));
            // In SQLite a savepoint starts a transaction where there is none.
            if self.dialect == DialectKind::Sqlite {
                self.begin(at);
            }
            self.mark(name, at);
        } else if is(&["release"]) {
            let name = tokens.last().map(|token| Name::from(fold(token.text(own), self.dialect)));
            self.release(name);
        } else if cursor.has_ahead("to") {
            let name = tokens.last().map(|token| Name::from(fold(token.text(own), self.dialect)));
            undone = self.roll_back(name, at);
        } else {
            // What is committed after a refused statement is rolled back (manual, COMMIT).
            let commits = is(&["commit", "end"]);
            if !commits || self.is_aborted() {
                undone = self.roll_back(None, at);
            }
            self.session.end_transaction();
            if cursor.has_ahead("chain") && !cursor.has_ahead("no") {
                self.begin(at);
            }
        }
        undone
    }

    /// `BEGIN` inside a transaction only warns.
    fn begin(&mut self, effects: usize) {
        if self.session.transaction.is_none() {
            self.session.transaction =
                Some(Transaction { done: Vec::new(), marks: Vec::new(), aborted: false });
            self.mark(None, effects);
        }
    }

    fn mark(&mut self, savepoint: Option<Name>, effects: usize) {
        let (gaps, search_path) = (self.catalog.gaps.len(), self.session.search_path.clone());
        if let Some(open) = self.session.transaction.as_mut().filter(|open| !open.aborted) {
            open.marks.push(Mark { savepoint, done: open.done.len(), effects, gaps, search_path });
        }
    }

    /// The savepoint and those after it are gone; what was done stays.
    fn release(&mut self, savepoint: Option<Name>) {
        let Some(open) = self.session.transaction.as_mut().filter(|open| !open.aborted) else { return };
        if let Some(at) = open.marks.iter().rposition(|mark| mark.savepoint == savepoint) {
            open.marks.truncate(at);
        }
    }

    /// Whether a statement of the open transaction was refused, so that the next ones are not done.
    pub(super) fn is_aborted(&self) -> bool {
        self.session.transaction.as_ref().is_some_and(|open| open.aborted)
    }

    /// The database refused a statement: PostgreSQL does nothing more in its transaction, SQLite goes on.
    pub(super) fn abort(&mut self) {
        if self.dialect == DialectKind::Postgres
            && let Some(open) = &mut self.session.transaction
        {
            open.aborted = true;
        }
    }

    /// Remembers what a statement of an open transaction did.
    pub(super) fn note_done(&mut self, changes: &[Change]) {
        if let Some(open) = &mut self.session.transaction {
            open.done.extend(changes.iter().cloned().zip(self.dropped_at.drain(..)));
        }
    }

    /// To the savepoint named, or to the start.
    fn roll_back(&mut self, savepoint: Option<Name>, at: usize) -> Option<Range<usize>> {
        let mut open = self.session.transaction.take()?;
        let mut undone = None;
        if let Some(found) = open.marks.iter().rposition(|mark| mark.savepoint == savepoint) {
            open.marks.truncate(found + 1);
            open.aborted = false;
            let mark = &open.marks[found];
            while open.done.len() > mark.done {
                let Some((change, position)) = open.done.pop() else { break };
                self.take_back(&change, position);
            }
            undone = Some(mark.effects..at);
            self.catalog.gaps.truncate(mark.gaps);
            self.session.search_path.clone_from(&mark.search_path);
        }
        self.session.transaction = Some(open);
        undone
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
