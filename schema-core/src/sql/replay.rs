//! Replay: a script's statements, one after the other, into the catalog that a database would have after them.

mod gap;
mod lookup;
mod transaction;

use std::ops::Range;

use schema_model::catalog::Catalog;
use schema_model::token::Lexer;
use schema_model::{DialectKind, FileId, Name, SourceMap, Span};

use super::cursor::{Cursor, Read, ReadError, Source, code_tokens};
use super::read;
use super::relations::Relations;
use super::session::{Session, TEMPORARY};
use super::split::{Directive, Statement, StatementKind, split};
use crate::change::Change;
use crate::diagnostic::Diagnostic;

/// What one statement did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The statement.
    pub span: Span,
    /// The changes it made, in order.
    pub changes: Vec<Change>,
    /// Whether its effect, or a part of it, is not known.
    pub gap: bool,
    /// Whether the changes are the author's word, given by `-- Schema:`.
    pub by_author: bool,
    /// Whether it is known to leave the schema alone, and was not read further: `INSERT`, `SET`, `GRANT`.
    pub passed_over: bool,
    /// The directives above it.
    pub directives: Vec<Directive>,
}

/// A replay in progress. One [`run`](Replayer::run) is one migration file, and one session.
#[derive(Clone, Debug)]
pub struct Replayer {
    dialect: DialectKind,
    catalog: Catalog,
    relations: Relations,
    diagnostics: Vec<Diagnostic>,
    pub(crate) session: Session,
    /// The statement that is being read.
    here: Span,
    /// The changes of the statement so far, and where the dropped column stood, for each.
    changes: Vec<Change>,
    dropped_at: Vec<Option<usize>>,
    gap: bool,
    /// How deep in `DO` blocks and functions.
    depth: u32,
    /// Whether some table has parents: otherwise nobody looks for children.
    inherits: bool,
}

/// The catalog after one script.
pub fn replay_text(text: &str, dialect: DialectKind) -> Catalog {
    let mut sources = SourceMap::default();
    let file = sources.add("script.sql", text);
    let mut replayer = Replayer::new(dialect);
    replayer.replay(&sources, file);
    replayer.into_catalog()
}

impl Replayer {
    /// Starts with nothing.
    pub fn new(dialect: DialectKind) -> Self {
        Replayer::with_catalog(Catalog::default(), dialect)
    }

    /// Starts with a catalog.
    pub fn with_catalog(catalog: Catalog, dialect: DialectKind) -> Self {
        let inherits = catalog.tables.values().any(has_parents);
        Replayer {
            relations: Relations::of(&catalog, dialect),
            dialect,
            catalog,
            diagnostics: Vec::new(),
            session: Session::default(),
            here: Span::new(FileId(0), 0, 0),
            changes: Vec::new(),
            dropped_at: Vec::new(),
            gap: false,
            depth: 0,
            inherits,
        }
    }

    /// The catalog so far.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The catalog at the end.
    pub fn into_catalog(self) -> Catalog {
        self.catalog
    }

    /// What is wrong with the scripts: statements that the database would refuse, and texts that are cut.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The dialect.
    pub fn dialect(&self) -> DialectKind {
        self.dialect
    }

    /// Names in use.
    pub fn relations(&self) -> &Relations {
        &self.relations
    }

    /// Replays one file in a session of its own. One effect for each of its statements.
    pub fn run(&mut self, sources: &SourceMap, file: FileId) -> Vec<Effect> {
        let mut effects = Vec::new();
        for undone in self.run_each(sources, file, |effect| effects.push(effect)) {
            effects[undone].iter_mut().for_each(|effect| effect.changes.clear());
        }
        effects
    }

    /// The same for who asks for the catalog alone: the effects of a large file are larger than the file.
    pub fn replay(&mut self, sources: &SourceMap, file: FileId) {
        drop(self.run_each(sources, file, drop));
    }

    /// Shows each effect once; answers which of them were taken back by a `ROLLBACK` later.
    fn run_each(
        &mut self,
        sources: &SourceMap,
        file: FileId,
        mut seen: impl FnMut(Effect),
    ) -> Vec<Range<usize>> {
        let text = sources.shared_text(file);
        let statements = split(&text, self.dialect);
        let source = Source::At(file, 0);
        self.session = Session::default();
        let mut undone = Vec::new();
        for (at, statement) in statements.into_iter().enumerate() {
            undone.extend(self.transaction_state(&text, &statement, at));
            seen(self.effect(&text, statement, source));
        }
        self.end_session();
        undone
    }

    fn effect(&mut self, text: &str, mut statement: Statement, source: Source) -> Effect {
        let span = source.span(statement.start, statement.end);
        self.here = span;
        self.changes.clear();
        self.dropped_at.clear();
        self.gap = false;
        let directives = std::mem::take(&mut statement.directives);
        let by_author = directives.iter().any(|directive| directive.word == "schema");
        let passed_over = if self.is_aborted() {
            true
        } else if by_author {
            self.author_says(&directives, source);
            false
        } else {
            self.statement(text, &statement, source)
        };
        let mut changes = std::mem::take(&mut self.changes);
        self.note_done(&changes);
        changes.retain(|change| !is_temporary(change));
        Effect { span, changes, gap: self.gap, by_author, passed_over, directives }
    }

    /// `-- Schema: DDL` lines stand in for the statement below them.
    fn author_says(&mut self, directives: &[Directive], source: Source) {
        for directive in directives.iter().filter(|directive| directive.word == "schema") {
            let place = Source::Whole(source.span(directive.start, directive.end));
            self.script(&directive.value, place);
        }
    }

    /// Replays every statement of a text that is a part of the current one: a directive, a routine's body.
    pub(crate) fn script(&mut self, text: &str, source: Source) {
        for statement in split(text, self.dialect) {
            self.statement(text, &statement, source);
        }
    }

    /// Replays one statement, and says whether it was passed over. What goes wrong becomes a gap or a diagnostic.
    fn statement(&mut self, text: &str, statement: &Statement, source: Source) -> bool {
        let own = statement.text(text);
        let place = source.part(statement.start);
        if statement.kind == StatementKind::ClientCommand {
            const INCLUDES: [&str; 5] = ["\\i ", "\\ir ", "\\include", ".read ", ".import "];
            let includes = INCLUDES.iter().any(|command| own.starts_with(command));
            if includes {
                self.add_gap(own, "another file is included here", place);
            }
            return !includes;
        }
        if !statement.complete {
            let message = "the text ends inside this statement";
            self.diagnostics.push(
                Diagnostic::error("replay/incomplete", message)
                    .at(place.span(0, own.len()), "a string, quoted name, comment or body is never closed"),
            );
            self.add_gap(own, message, place);
            return false;
        }
        let first = Lexer::new(own, self.dialect).next_code_word(own);
        if read::passes_over(first, self.dialect) {
            return true;
        }
        match self.try_statement(own, place) {
            Ok(()) => {}
            Err(ReadError::Unknown { message, .. }) => self.add_gap(own, &message, place),
            Err(ReadError::Refused { message, span }) => self.refuse(own, message, span, place),
        }
        false
    }

    /// Reads and applies one statement's text; on an error nothing of it stays.
    pub(crate) fn try_statement(&mut self, text: &str, source: Source) -> Read<()> {
        let tokens = code_tokens(text, self.dialect);
        let mut cursor = Cursor::new(text, &tokens, self.dialect, source);
        self.attempt(|replayer| read::statement(replayer, &mut cursor))
    }

    /// Does something to the catalog, or nothing: on an error its changes are taken back.
    pub(crate) fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        let mark = self.changes.len();
        let outcome = work(self);
        if outcome.is_err() {
            self.undo_to(mark);
        }
        outcome
    }

    fn undo_to(&mut self, mark: usize) {
        while self.changes.len() > mark {
            let (Some(change), Some(position)) = (self.changes.pop(), self.dropped_at.pop()) else { break };
            self.take_back(&change, position);
        }
    }

    /// Does the reverse of a change; a dropped column comes back where it stood.
    fn take_back(&mut self, change: &Change, position: Option<usize>) {
        let back = match change.reverse() {
            Change::AddColumn { table, column, .. } => Change::AddColumn { table, column, position },
            other => other,
        };
        self.relations.before(&back, &self.catalog);
        // What was applied can be taken back; if it cannot, the catalog is what the changes say.
        if back.apply(&mut self.catalog, self.dialect).is_ok() {
            self.relations.after(&back, &self.catalog);
        }
    }

    /// Applies a change and records it as an effect of the current statement.
    pub(crate) fn emit(&mut self, change: Change) -> Read<()> {
        let change = read::postgres::qualify::change(self, change);
        read::postgres::index_goes(self, &change)?;
        let dropped_at = match &change {
            Change::DropColumn { table, column } => self
                .catalog
                .tables
                .get(table)
                .and_then(|table| table.columns.iter().position(|known| known.name == column.name)),
            _ => None,
        };
        let mut check = None;
        self.note_inheritance(&change);
        self.relations.before(&change, &self.catalog);
        if let Err(error) = change.apply(&mut self.catalog, self.dialect) {
            self.relations = Relations::of(&self.catalog, self.dialect);
            check = Some(self.refused(error.to_string()));
        } else {
            self.relations.after(&change, &self.catalog);
            self.changes.push(change);
            self.dropped_at.push(dropped_at);
        }
        check.map_or(Ok(()), Err)
    }

    fn note_inheritance(&mut self, change: &Change) {
        self.inherits |= match change {
            Change::CreateTable(table) => has_parents(table),
            Change::AlterTable { new, .. } => !new.inherits.is_empty() || new.partition_of.is_some(),
            _ => false,
        };
    }

    /// Whether some table may have children.
    pub(crate) fn has_inheritance(&self) -> bool {
        self.inherits
    }

    /// The error that the database would refuse the current statement.
    pub(crate) fn refused(&self, message: impl Into<String>) -> ReadError {
        ReadError::Refused { message: message.into(), span: self.here }
    }

    /// The place of the current statement.
    pub(crate) fn here(&self) -> Span {
        self.here
    }

    /// Goes into a block or a function, unless it is too deep in already.
    pub(crate) fn nested<T>(&mut self, work: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= 32 {
            let message = "blocks and functions call each other too deeply".to_owned();
            return Err(ReadError::Unknown { message, span: self.here });
        }
        self.depth += 1;
        let outcome = work(self);
        self.depth -= 1;
        outcome
    }
}

fn has_parents(table: &schema_model::catalog::Table) -> bool {
    !table.options.inherits.is_empty() || table.options.partition_of.is_some()
}

fn is_temporary(change: &Change) -> bool {
    change.table().and_then(|table| table.schema.as_ref()).is_some_and(|schema| *schema == *TEMPORARY)
}

/// The first word of a statement.
trait FirstWord<'a> {
    fn next_code_word(self, text: &'a str) -> &'a str;
}

impl<'a> FirstWord<'a> for Lexer<'a> {
    fn next_code_word(mut self, text: &'a str) -> &'a str {
        loop {
            match self.next_token() {
                Some(token) if token.is_comment() => {}
                Some(token) => return token.text(text),
                None => return "",
            }
        }
    }
}

/// The schema that the session's temporary objects are kept under.
pub(crate) fn temporary_schema() -> Name {
    Name::new(TEMPORARY)
}
