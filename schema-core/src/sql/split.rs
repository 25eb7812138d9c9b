//! A script as statements with exact places. One statement that nobody understands never loses the rest: everything
//! here works on tokens alone and knows only what can hide a semicolon.
//!
//! Known: dollar quotes and nested comments (the lexer's), `BEGIN ATOMIC … END` bodies, `CREATE RULE … DO (…; …)`,
//! SQLite trigger bodies, psql's backslash lines, and the data under `COPY … FROM stdin`. A file layout's own sections
//! (goose, dbmate, sql-migrate) are cut before, by `script`.

mod copy;
mod state;

use schema_model::DialectKind;
use schema_model::checksum::directive;
use schema_model::token::{Lexer, Token, TokenKind};

use state::{Shape, Verdict};

/// One statement of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// First byte of its first token.
    pub start: usize,
    /// One past the last byte of its last token, the semicolon not counted.
    pub end: usize,
    /// What it is.
    pub kind: StatementKind,
    /// Directive comments that stand above it.
    pub directives: Vec<Directive>,
    /// The bytes of the data lines that follow a `COPY … FROM stdin`, its `\.` line not counted.
    pub data: Option<(usize, usize)>,
    /// `false` when the text ends inside it: in a string, a quoted name, a comment or a routine's body.
    pub complete: bool,
}

impl Statement {
    /// Its text.
    pub fn text<'a>(&self, script: &'a str) -> &'a str {
        script.get(self.start..self.end).unwrap_or("")
    }
}

/// What a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatementKind {
    /// SQL for the server.
    Sql,
    /// A line for the client: psql's `\connect`, `\restrict`, `\set`; the sqlite3 shell's `.mode`, `.read`, `# comment`.
    ClientCommand,
}

/// A `-- Word: value` line that changes what the statement below it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The word, in lower case.
    pub word: String,
    /// What stands behind the colon.
    pub value: String,
    /// First byte of the comment.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// A script's statements, and the directives that stand below the last of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// The statements, in order.
    pub statements: Vec<Statement>,
    /// Directives with no statement below them.
    pub trailing: Vec<Directive>,
}

/// The statements of a script, in order.
pub fn split(text: &str, dialect: DialectKind) -> Vec<Statement> {
    split_script(text, dialect).statements
}

/// The statements of a script, and its trailing directives.
pub fn split_script(text: &str, dialect: DialectKind) -> Script {
    let mut splitter = Splitter {
        text,
        dialect,
        lexer: Lexer::new(text, dialect),
        script: Script::default(),
        directives: Vec::new(),
        open: None,
        bodies: true,
        copy: copy::CopyData::default(),
    };
    splitter.run();
    Script { trailing: splitter.directives, ..splitter.script }
}

struct Splitter<'a> {
    text: &'a str,
    dialect: DialectKind,
    lexer: Lexer<'a>,
    script: Script,
    /// Directives seen since the last statement.
    directives: Vec<Directive>,
    /// The statement that is being read.
    open: Option<Open>,
    /// Whether bodies may hide semicolons: no longer after one that did not end, so that a text is read twice at most.
    bodies: bool,
    copy: copy::CopyData,
}

struct Open {
    start: usize,
    end: usize,
    complete: bool,
    shape: Shape,
    /// End of the statement, would its body not count, and where to go on reading.
    fallback: Option<(usize, usize)>,
}

impl Splitter<'_> {
    fn run(&mut self) {
        loop {
            match self.lexer.next_token() {
                Some(token) => self.token(token),
                None => match self.open.as_ref().and_then(|open| open.fallback) {
                    // The body never ended: it was none, or the file is cut. Take its first semicolon for the end.
                    Some((end, next)) => {
                        self.bodies = false;
                        self.close(end, false);
                        self.lexer.seek(next);
                    }
                    None => break,
                },
            }
        }
        if let Some(open) = &self.open {
            let end = open.end;
            self.close(end, true);
        }
    }

    fn token(&mut self, token: Token) {
        let text = token.text(self.text);
        if token.is_comment() {
            self.comment(token, text);
        } else if text == "\\" && self.dialect == DialectKind::Postgres {
            self.backslash(token);
        } else if self.is_shell_line(token, text) {
            let line = self.line_end(token.start as usize);
            self.client_line(token.start as usize, line);
        } else if text == ";" && token.kind == TokenKind::Punct {
            self.semicolon(token);
        } else {
            let bodies = self.bodies;
            let open = self.open.get_or_insert_with(|| Open {
                start: token.start as usize,
                end: 0,
                complete: true,
                shape: Shape::new(self.dialect),
                fallback: None,
            });
            open.end = token.end as usize;
            open.complete &= token.closed;
            if bodies {
                open.shape.see(token.kind, text);
            } else {
                open.shape.see_head(token.kind, text);
            }
        }
    }

    fn comment(&mut self, token: Token, text: &str) {
        if self.open.is_some() || token.kind != TokenKind::LineComment {
            return;
        }
        if let Some((word, value)) = directive(text) {
            let (start, end) = (token.start as usize, token.end as usize);
            self.directives.push(Directive { word, value: value.to_owned(), start, end });
        }
    }

    fn semicolon(&mut self, token: Token) {
        let Some(open) = &mut self.open else { return };
        let verdict = if self.bodies { open.shape.semicolon() } else { Verdict::Ends };
        if verdict == Verdict::Inside {
            open.fallback.get_or_insert((open.end, token.end as usize));
            open.end = token.end as usize;
            return;
        }
        let (end, copies) = (open.end, open.shape.copies_from_stdin());
        self.close(end, true);
        if copies && let Some(data) = self.copy.after(self.text, token.end as usize) {
            if let Some(statement) = self.script.statements.last_mut() {
                statement.data = Some((data.start, data.end));
            }
            self.lexer.seek(data.next);
        }
    }

    /// psql's own lines: a command where a statement could start; `\g` and its kin also end a statement.
    fn backslash(&mut self, token: Token) {
        let start = token.start as usize;
        let line = self.line_end(start);
        if let Some(open) = &self.open {
            let end = open.end;
            if !self.text[start + 1..].starts_with('g') {
                return;
            }
            self.close(end, true);
            self.lexer.seek(line);
        } else {
            self.client_line(start, line);
        }
    }

    /// The sqlite3 shell's own lines: `.` or `#` in the first column, where no statement is open (its page, 3).
    fn is_shell_line(&self, token: Token, text: &str) -> bool {
        let start = token.start as usize;
        let first = || matches!(self.text[..start].chars().next_back(), None | Some('\n' | '\u{feff}'));
        self.dialect == DialectKind::Sqlite && text.starts_with(['.', '#']) && self.open.is_none() && first()
    }

    fn line_end(&self, start: usize) -> usize {
        let rest = self.text.get(start..).unwrap_or("");
        rest.find(['\n', '\r']).map_or(self.text.len(), |length| start + length)
    }

    fn client_line(&mut self, start: usize, line: usize) {
        self.script.statements.push(Statement {
            start,
            end: start + self.text[start..line].trim_end().len(),
            kind: StatementKind::ClientCommand,
            directives: std::mem::take(&mut self.directives),
            data: None,
            complete: true,
        });
        self.lexer.seek(line);
    }

    fn close(&mut self, end: usize, whole: bool) {
        let Some(open) = self.open.take() else { return };
        let complete = open.complete && whole;
        let directives = std::mem::take(&mut self.directives);
        self.script.statements.push(Statement {
            start: open.start,
            end,
            kind: StatementKind::Sql,
            directives,
            data: None,
            complete,
        });
    }
}

#[cfg(test)]
mod tests;
