//! A position in a SQLite statement's tokens.

use schema_model::ident::fold;
use schema_model::token::{Token, TokenKind, tokens};
use schema_model::{DialectKind, Expr, Name, Origin};

use crate::sql::cursor::{Read, ReadError, Source, Spelled};

/// The tokens of one statement, comments left out.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    source: Source,
}

impl<'a> Cursor<'a> {
    /// At the first token of a text that stands there.
    pub fn new(text: &'a str, source: Source) -> Self {
        let mut tokens = tokens(text, DialectKind::Sqlite);
        tokens.retain(|token| !token.is_comment());
        while tokens.last().is_some_and(|token| token.text(text) == ";") {
            tokens.pop();
        }
        Cursor { text, tokens, at: 0, source }
    }

    /// Where the text stands.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Where the next token is, for [`Cursor::raw`] and the like.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes back, or on, to a position.
    pub fn go_to(&mut self, position: usize) {
        self.at = position.min(self.tokens.len());
    }

    /// Whether all tokens are read.
    pub fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    fn token(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead)
    }

    /// The text of a token ahead; empty past the end.
    pub fn ahead(&self, ahead: usize) -> &'a str {
        self.token(ahead).map_or("", |token| token.text(self.text))
    }

    /// Whether the token ahead is this bare keyword.
    pub fn is_word(&self, ahead: usize, word: &str) -> bool {
        self.token(ahead).is_some_and(|token| {
            token.kind == TokenKind::Word && token.text(self.text).eq_ignore_ascii_case(word)
        })
    }

    /// Whether the next tokens are these keywords.
    pub fn is_words(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.is_word(ahead, word))
    }

    /// Passes over these keywords when they are next.
    pub fn take(&mut self, words: &[&str]) -> bool {
        let next = self.is_words(words);
        if next {
            self.at += words.len();
        }
        next
    }

    /// Passes over a token that is no word when it is next.
    pub fn take_mark(&mut self, mark: &str) -> bool {
        let next = self.ahead(0) == mark;
        if next {
            self.at += 1;
        }
        next
    }

    /// These keywords have to be next.
    pub fn expect(&mut self, words: &[&str]) -> Read<()> {
        if self.take(words) { Ok(()) } else { Err(self.expected(&format!("`{}`", words.join(" ")))) }
    }

    /// This mark has to be next.
    pub fn expect_mark(&mut self, mark: &str) -> Read<()> {
        if self.take_mark(mark) { Ok(()) } else { Err(self.expected(&format!("`{mark}`"))) }
    }

    /// The next token, of any kind, as it is written.
    pub fn advance(&mut self) -> &'a str {
        let text = self.ahead(0);
        self.at = (self.at + 1).min(self.tokens.len());
        text
    }

    /// The next token's kind.
    pub fn kind(&self) -> Option<TokenKind> {
        self.token(0).map(|token| token.kind)
    }

    /// Whether a name can start here. SQLite takes string constants for names (its quirks page, 8).
    pub fn is_name(&self) -> bool {
        matches!(self.kind(), Some(TokenKind::Word | TokenKind::Quoted | TokenKind::Str))
    }

    /// A name, quotes taken off, spelling kept.
    pub fn name(&mut self) -> Read<Name> {
        if !self.is_name() {
            return Err(self.expected("a name"));
        }
        let text = self.advance();
        Ok(Name::new(fold(text, DialectKind::Sqlite)))
    }

    /// `name` or `schema.name`.
    pub fn object(&mut self) -> Read<Spelled> {
        let start = self.at;
        let first = self.name()?;
        let (schema, name) = if self.take_mark(".") { (Some(first), self.name()?) } else { (None, first) };
        let (first, last) = self.bytes(start, self.at);
        Ok(Spelled { schema, name, span: self.source.span(first as usize, last as usize) })
    }

    /// `(a, b, …)`.
    pub fn names(&mut self) -> Read<Vec<Name>> {
        self.expect_mark("(")?;
        let mut all = vec![self.name()?];
        // SQLite takes and ignores COLLATE and a direction here.
        loop {
            if self.take(&["COLLATE"]) {
                self.name()?;
            } else if !(self.take(&["ASC"]) || self.take(&["DESC"])) {
                if !self.take_mark(",") {
                    break;
                }
                all.push(self.name()?);
            }
        }
        self.expect_mark(")")?;
        Ok(all)
    }

    /// Past the parenthesis that matches the one just before; the range inside it.
    pub fn rest_of_parens(&mut self) -> Read<(usize, usize)> {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(token) = self.token(0) {
            match token.text(self.text) {
                "(" => depth += 1,
                ")" if depth == 0 => {
                    self.at += 1;
                    return Ok((start, self.at - 1));
                }
                ")" => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        self.at = start.saturating_sub(1);
        Err(self.unknown("a parenthesis is not closed"))
    }

    /// Goes to the next `,` or `)` that belongs to no inner parenthesis, or to the end.
    pub fn pass_item(&mut self) -> (usize, usize) {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(token) = self.token(0) {
            match token.text(self.text) {
                "(" => depth += 1,
                ")" if depth == 0 => break,
                ")" => depth -= 1,
                "," if depth == 0 => break,
                _ => {}
            }
            self.at += 1;
        }
        (start, self.at)
    }

    /// `( … )` as an expression.
    pub fn parens_expr(&mut self) -> Read<Expr> {
        self.expect_mark("(")?;
        let (start, end) = self.rest_of_parens()?;
        Ok(self.expr(start, end))
    }

    /// The tokens of a range as an expression: comments dropped, white space folded.
    pub fn expr(&self, start: usize, end: usize) -> Expr {
        Expr::new(self.folded(start, end))
    }

    /// The text of a range, comments dropped and white space folded.
    pub fn folded(&self, start: usize, end: usize) -> String {
        let mut out = String::new();
        let mut last = None;
        for token in self.tokens.get(start..end).unwrap_or_default() {
            if last.is_some_and(|last| last < token.start) {
                out.push(' ');
            }
            out.push_str(token.text(self.text));
            last = Some(token.end);
        }
        out
    }

    /// The text of a range as written.
    pub fn raw(&self, start: usize, end: usize) -> &'a str {
        let (first, last) = self.bytes(start, end);
        self.text.get(first as usize..last as usize).unwrap_or("")
    }

    /// From a position to the end, as written, trailing comments left out.
    pub fn raw_to_end(&self, start: usize) -> &'a str {
        self.raw(start, self.tokens.len())
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    fn bytes(&self, start: usize, end: usize) -> (u32, u32) {
        let end_of_text = self.text.len() as u32;
        let first = self.tokens.get(start).map_or(end_of_text, |token| token.start);
        let last = end.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(first, |token| token.end);
        (first, last.max(first))
    }

    /// Where a range stands in its file.
    pub fn origin(&self, start: usize, end: usize) -> Origin {
        let (first, last) = self.bytes(start, end);
        Origin::from(self.source.span(first as usize, last as usize))
    }

    /// The error that the next token is not what SQLite, or this reader, takes there.
    pub fn unknown(&self, message: impl Into<String>) -> ReadError {
        let (first, last) = self.bytes(self.at, self.at + 1);
        let span = self.source.span(first as usize, last as usize);
        ReadError::Unknown { message: message.into(), span }
    }

    /// The error that SQLite refuses what stands in a range.
    pub fn refused(&self, message: impl Into<String>, start: usize, end: usize) -> ReadError {
        let (first, last) = self.bytes(start, end);
        let span = self.source.span(first as usize, last as usize);
        ReadError::Refused { message: message.into(), span }
    }

    fn expected(&self, what: &str) -> ReadError {
        match self.ahead(0) {
            "" => self.unknown(format!("expected {what}, found the end of the statement")),
            found => self.unknown(format!("expected {what}, found `{found}`")),
        }
    }
}
