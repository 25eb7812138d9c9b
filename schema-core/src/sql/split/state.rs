//! What a statement's tokens so far say about the semicolons to come.

use schema_model::DialectKind;
use schema_model::token::TokenKind;

/// What a semicolon means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It ends the statement.
    Ends,
    /// It stands inside a body.
    Inside,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Not known yet: the first words are still coming.
    Open,
    /// `CREATE [OR REPLACE] FUNCTION|PROCEDURE`: may have a `BEGIN ATOMIC` body (PostgreSQL manual, CREATE FUNCTION).
    Routine,
    /// `CREATE [OR REPLACE] RULE`: may have `DO (…; …)`.
    Rule,
    /// SQLite's `CREATE [TEMP] TRIGGER … BEGIN …; END`.
    Trigger,
    /// `COPY`.
    Copy,
    /// Nothing that hides semicolons.
    Plain,
}

/// The state of one statement.
pub(super) struct Shape {
    dialect: DialectKind,
    family: Family,
    words: u32,
    begun: bool,
    /// Open `BEGIN ATOMIC` and `CASE` blocks.
    depth: u32,
    parens: i32,
    last: Last,
    from_stdin: bool,
}

/// The token before, as far as it matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Other,
    Begin,
    From,
    Semicolon,
    /// `END` right after a semicolon, or at the start of a body.
    BodyEnd,
}

impl Shape {
    pub(super) fn new(dialect: DialectKind) -> Self {
        Shape {
            dialect,
            family: Family::Open,
            words: 0,
            begun: false,
            depth: 0,
            parens: 0,
            last: Last::Other,
            from_stdin: false,
        }
    }

    pub(super) fn see(&mut self, kind: TokenKind, text: &str) {
        self.see_head(kind, text);
        match text {
            "(" => self.parens += 1,
            ")" => self.parens -= 1,
            _ => {}
        }
        if kind != TokenKind::Word {
            self.last = Last::Other;
            return;
        }
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        match self.family {
            Family::Routine => {
                let atomic = self.last == Last::Begin && is("atomic");
                if atomic || self.depth > 0 && is("case") {
                    self.depth += 1;
                } else if self.depth > 0 && is("end") {
                    self.depth -= 1;
                }
                self.last = if is("begin") { Last::Begin } else { Last::Other };
            }
            Family::Trigger => {
                let ends = is("end") && self.begun && self.last != Last::Other;
                self.last = if ends { Last::BodyEnd } else { Last::Other };
                if is("begin") && !self.begun {
                    self.begun = true;
                    self.last = Last::Begin;
                }
            }
            _ => {}
        }
    }

    /// The first words alone, and `FROM stdin`.
    pub(super) fn see_head(&mut self, kind: TokenKind, text: &str) {
        if self.family == Family::Open {
            self.words += 1;
            self.family = self.family_after(kind, text);
        } else if self.family == Family::Copy {
            let is = |word: &str| kind == TokenKind::Word && text.eq_ignore_ascii_case(word);
            self.from_stdin |= self.last == Last::From && is("stdin");
            self.last = if is("from") { Last::From } else { Last::Other };
        }
    }

    fn family_after(&self, kind: TokenKind, text: &str) -> Family {
        if kind != TokenKind::Word {
            return Family::Plain;
        }
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        let postgres = self.dialect == DialectKind::Postgres;
        if self.words == 1 {
            return match () {
                _ if is("create") || is("explain") => Family::Open,
                _ if is("copy") && postgres => Family::Copy,
                _ => Family::Plain,
            };
        }
        match () {
            _ if ["or", "replace", "temp", "temporary", "create"].iter().any(|word| is(word)) => Family::Open,
            _ if postgres && (is("function") || is("procedure")) => Family::Routine,
            _ if postgres && is("rule") => Family::Rule,
            _ if !postgres && is("trigger") => Family::Trigger,
            _ => Family::Plain,
        }
    }

    pub(super) fn semicolon(&mut self) -> Verdict {
        let inside = match self.family {
            Family::Routine => self.depth > 0,
            Family::Rule => self.parens > 0,
            // SQLite's own rule (sqlite3_complete): a trigger ends with `; END ;`.
            Family::Trigger => self.begun && self.last != Last::BodyEnd,
            Family::Open | Family::Copy | Family::Plain => false,
        };
        self.last = Last::Semicolon;
        if inside { Verdict::Inside } else { Verdict::Ends }
    }

    pub(super) fn copies_from_stdin(&self) -> bool {
        self.from_stdin
    }
}
