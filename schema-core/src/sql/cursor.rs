//! Reading one statement's tokens: words, names, types, and expressions as text. Nothing here descends into
//! parentheses by recursion, so that no depth of nesting can overflow the stack.

use schema_model::catalog::ColumnType;
use schema_model::ident::{fold, unicode_escapes};
use schema_model::token::{Token, TokenKind, tokens};
use schema_model::type_text::read_type_at;
use schema_model::{DialectKind, Expr, FileId, Name, ObjectName, Span};

/// Where a text that is being read stands in the user's files.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// It is a part of a file that starts at this byte.
    At(FileId, usize),
    /// It was made up from this place (a directive, a `format` string): every part of it is shown there.
    Whole(Span),
}

impl Source {
    /// The place of the bytes `start..end` of the text.
    pub fn span(self, start: usize, end: usize) -> Span {
        match self {
            Source::At(file, base) => Span::new(file, base + start, base + end),
            Source::Whole(span) => span,
        }
    }

    /// The source of the text's part that starts at this byte.
    pub fn part(self, start: usize) -> Source {
        match self {
            Source::At(file, base) => Source::At(file, base + start),
            whole @ Source::Whole(_) => whole,
        }
    }
}

/// Why a statement was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The reader does not know this form: nothing can be claimed about its effect.
    #[error("{message}")]
    Unknown {
        /// What was expected, or what is not known.
        message: String,
        /// Where.
        span: Span,
    },
    /// The database would refuse the statement here: it names what does not exist, or makes what does.
    #[error("{message}")]
    Refused {
        /// Why, in words that fit a report.
        message: String,
        /// Where.
        span: Span,
    },
}

/// The outcome of reading.
pub type Read<T> = Result<T, ReadError>;

/// A statement's tokens without its comments.
pub fn code_tokens(text: &str, dialect: DialectKind) -> Vec<Token> {
    let mut all = tokens(text, dialect);
    all.retain(|token| !token.is_comment());
    all
}

/// A name as it is spelled: perhaps with a schema, not yet looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelled {
    /// The schema, when one is written.
    pub schema: Option<Name>,
    /// The name.
    pub name: Name,
    /// Where it stands.
    pub span: Span,
}

impl Spelled {
    /// As a message shows it.
    pub fn shown(&self) -> ObjectName {
        ObjectName { schema: self.schema.clone(), name: self.name.clone() }
    }
}

/// A place in a statement's tokens. Cheap to copy: copy it to look further and come back.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    dialect: DialectKind,
    source: Source,
}

impl<'a> Cursor<'a> {
    /// Starts at the first token. The tokens are the text's, comments left out.
    pub fn new(text: &'a str, tokens: &'a [Token], dialect: DialectKind, source: Source) -> Self {
        Cursor { text, tokens, at: 0, dialect, source }
    }

    /// The dialect that the tokens were read by.
    pub fn dialect(&self) -> DialectKind {
        self.dialect
    }

    /// The whole text that the tokens are of.
    pub fn source_text(&self) -> &'a str {
        self.text
    }

    /// Where the text stands.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Whether no token is left.
    pub fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// How many tokens have been passed.
    pub fn position(&self) -> usize {
        self.at
    }

    /// The token `ahead` of the next one.
    pub fn token(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).copied()
    }

    /// The last token passed.
    pub fn last_token(&self) -> Option<Token> {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).copied()
    }

    /// Its text; empty past the end.
    pub fn word(&self, ahead: usize) -> &'a str {
        self.token(ahead).map_or("", |token| token.text(self.text))
    }

    /// Passes over the next token.
    pub fn bump(&mut self) -> Option<Token> {
        let token = self.token(0)?;
        self.at += 1;
        Some(token)
    }

    /// Passes over everything.
    pub fn finish(&mut self) {
        self.at = self.tokens.len();
    }

    /// Whether the token `ahead` is this keyword.
    pub fn is_at(&self, ahead: usize, keyword: &str) -> bool {
        self.token(ahead).is_some_and(|token| {
            token.kind == TokenKind::Word && token.text(self.text).eq_ignore_ascii_case(keyword)
        })
    }

    /// Whether the next token is this keyword.
    pub fn is(&self, keyword: &str) -> bool {
        self.is_at(0, keyword)
    }

    /// Whether the next tokens are these keywords, separated by spaces.
    pub fn are(&self, keywords: &str) -> bool {
        keywords.split(' ').enumerate().all(|(ahead, keyword)| self.is_at(ahead, keyword))
    }

    /// Passes over these keywords when they come next.
    pub fn accept(&mut self, keywords: &str) -> bool {
        let found = self.are(keywords);
        if found {
            self.at += keywords.split(' ').count();
        }
        found
    }

    /// The first of these (each may be several words) that comes next, passed over.
    pub fn accept_any<'k>(&mut self, choices: &[&'k str]) -> Option<&'k str> {
        choices.iter().copied().find(|choice| self.accept(choice))
    }

    /// Passes over these keywords.
    pub fn expect(&mut self, keywords: &str) -> Read<()> {
        if self.accept(keywords) { Ok(()) } else { Err(self.unknown(format!("expected `{keywords}`"))) }
    }

    /// Whether the next token is this punctuation or operator.
    pub fn is_punct(&self, text: &str) -> bool {
        self.is_punct_at(0, text)
    }

    /// Whether the token `ahead` is this punctuation or operator.
    pub fn is_punct_at(&self, ahead: usize, text: &str) -> bool {
        self.token(ahead).is_some_and(|token| {
            matches!(token.kind, TokenKind::Punct | TokenKind::Operator) && token.text(self.text) == text
        })
    }

    /// Passes over this punctuation when it comes next.
    pub fn accept_punct(&mut self, text: &str) -> bool {
        let found = self.is_punct(text);
        self.at += usize::from(found);
        found
    }

    /// Passes over this punctuation.
    pub fn expect_punct(&mut self, text: &str) -> Read<()> {
        if self.accept_punct(text) { Ok(()) } else { Err(self.unknown(format!("expected `{text}`"))) }
    }

    /// Nothing may be left.
    pub fn expect_done(&self) -> Read<()> {
        if self.is_done() { Ok(()) } else { Err(self.unknown("not understood from here on".to_owned())) }
    }

    /// The place of the next token; at the end, of the last.
    pub fn span(&self) -> Span {
        match self.token(0).or_else(|| self.tokens.last().copied()) {
            Some(token) => self.source.span(token.start as usize, token.end as usize),
            None => self.source.span(0, self.text.len()),
        }
    }

    /// From the token at this position up to the last one passed.
    pub fn span_since(&self, position: usize) -> Span {
        let first = self.tokens.get(position).map_or(0, |token| token.start);
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(first, |token| token.end);
        self.source.span(first as usize, last.max(first) as usize)
    }

    /// The text from the token at this position up to the last one passed, comments and white space folded.
    pub fn text_since(&self, position: usize) -> String {
        fold_space(self.text, self.tokens.get(position..self.at).unwrap_or(&[]))
    }

    /// What is left, as text.
    pub fn rest_text(&self) -> String {
        fold_space(self.text, self.tokens.get(self.at..).unwrap_or(&[]))
    }

    /// The error that this form is not known, at the next token.
    pub fn unknown(&self, message: impl Into<String>) -> ReadError {
        let message = message.into();
        let message = match self.token(0) {
            Some(token) => format!("{message}, found `{}`", shorten(token.text(self.text))),
            None => format!("{message}, found the end of the statement"),
        };
        ReadError::Unknown { message, span: self.span() }
    }

    /// Whether an identifier comes next: a quoted name, or any word (the readers ask for keywords first).
    pub fn is_name(&self) -> bool {
        self.token(0).is_some_and(|token| self.is_name_token(token))
    }

    fn is_name_token(&self, token: Token) -> bool {
        match token.kind {
            TokenKind::Word | TokenKind::Quoted => true,
            // SQLite takes a string for a name where only a name can stand.
            TokenKind::Str => self.dialect == DialectKind::Sqlite && token.text(self.text).starts_with('\''),
            _ => false,
        }
    }

    /// One identifier, folded.
    pub fn name(&mut self) -> Read<Name> {
        match self.token(0).filter(|token| self.is_name_token(*token)) {
            Some(token) => {
                self.at += 1;
                Ok(Name::from(fold(token.text(self.text), self.dialect)))
            }
            None => Err(self.unknown("expected a name")),
        }
    }

    /// A name that may be qualified; a database in front is passed over.
    pub fn object(&mut self) -> Read<Spelled> {
        let start = self.at;
        let mut parts = vec![self.name()?];
        while self.is_punct(".") && self.token(1).is_some_and(|token| self.is_name_token(token)) {
            self.at += 1;
            parts.push(self.name()?);
        }
        let name = parts.pop().unwrap_or_else(|| Name::new(""));
        Ok(Spelled { schema: parts.pop(), name, span: self.span_since(start) })
    }

    /// A parenthesised list of names.
    pub fn names(&mut self) -> Read<Vec<Name>> {
        let mut group = self.group()?;
        let mut names = Vec::new();
        loop {
            names.push(group.name()?);
            if !group.accept_punct(",") {
                group.expect_done()?;
                return Ok(names);
            }
        }
    }

    /// What stands in the parentheses that come next, as a cursor of its own; passed over.
    pub fn group(&mut self) -> Read<Cursor<'a>> {
        if !self.is_punct("(") {
            return Err(self.unknown("expected `(`"));
        }
        let Some(close) = self.matching() else {
            return Err(self.unknown("parenthesis is never closed"));
        };
        let inside = Cursor { tokens: &self.tokens[..close], at: self.at + 1, ..*self };
        self.at = close + 1;
        Ok(inside)
    }

    /// The position of the parenthesis that closes the one that comes next.
    fn matching(&self) -> Option<usize> {
        let mut depth = 0usize;
        for (index, token) in self.tokens.iter().enumerate().skip(self.at) {
            match punct(token, self.text) {
                Some(b'(') => depth += 1,
                Some(b')') => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(index);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Passes over the next token, with all that it opens.
    pub fn skip_item(&mut self) {
        if self.is_punct("(") || self.is_punct("[") {
            let mut depth = 0usize;
            while let Some(token) = self.bump() {
                match punct(&token, self.text) {
                    Some(b'(' | b'[') => depth += 1,
                    Some(b')' | b']') => {
                        depth -= 1;
                        if depth == 0 {
                            return;
                        }
                    }
                    _ => {}
                }
            }
        } else {
            self.at += usize::from(!self.is_done());
        }
    }

    /// Passes over tokens until a comma, a closing parenthesis, or one of these keyword sequences at this depth.
    /// `CASE … END` is passed over whole.
    pub fn skip_until(&mut self, stops: &[&str]) {
        let mut cases = 0usize;
        while let Some(token) = self.token(0) {
            if cases == 0 {
                let stop = matches!(punct(&token, self.text), Some(b',' | b')' | b']' | b';'));
                if stop || stops.iter().any(|stop| self.are(stop)) {
                    return;
                }
            }
            if self.is("case") {
                cases += 1;
            } else if cases > 0 && self.is("end") {
                cases -= 1;
            }
            self.skip_item();
        }
    }

    /// An expression up to a comma, a closing parenthesis, or one of these keyword sequences, all at this depth.
    pub fn expr_until(&mut self, stops: &[&str]) -> Read<Expr> {
        let start = self.at;
        self.skip_until(stops);
        if self.at == start {
            return Err(self.unknown("expected an expression"));
        }
        Ok(expr_of(self.text, &self.tokens[start..self.at]))
    }

    /// An expression in parentheses.
    pub fn expr_group(&mut self) -> Read<Expr> {
        let inside = self.group()?;
        if inside.is_done() {
            return Err(inside.unknown("expected an expression"));
        }
        Ok(expr_of(self.text, &inside.tokens[inside.at..]))
    }

    /// Everything left, as an expression.
    pub fn expr_rest(&mut self) -> Read<Expr> {
        let rest = &self.tokens[self.at.min(self.tokens.len())..];
        if rest.is_empty() {
            return Err(self.unknown("expected an expression"));
        }
        self.finish();
        Ok(expr_of(self.text, rest))
    }

    /// The cursors of a comma-separated list, at this depth, to the end.
    pub fn items(&mut self) -> Vec<Cursor<'a>> {
        let mut items = Vec::new();
        while !self.is_done() {
            let start = self.at;
            while !self.is_done() && !self.is_punct(",") {
                self.skip_item();
            }
            items.push(Cursor { tokens: &self.tokens[..self.at], at: start, ..*self });
            self.accept_punct(",");
        }
        items
    }

    /// A string constant's value.
    pub fn string(&mut self) -> Read<String> {
        match self.token(0).filter(|token| token.kind == TokenKind::Str) {
            Some(_) => {
                let start = self.at;
                self.at += 1;
                while self.token(0).is_some_and(|next| goes_on(self.text, &self.tokens[self.at - 1], &next)) {
                    self.at += 1;
                }
                Ok(string_value(&fold_space(self.text, &self.tokens[start..self.at])))
            }
            None => Err(self.unknown("expected a string")),
        }
    }

    /// An integer with its sign.
    pub fn integer(&mut self) -> Read<i64> {
        let ahead = *self;
        let negative = self.accept_punct("-");
        if !negative {
            self.accept_punct("+");
        }
        let digits = match self.token(0).filter(|token| token.kind == TokenKind::Number) {
            Some(token) => token.text(self.text).replace('_', ""),
            None => return Err(ahead.unknown("expected a number")),
        };
        let signed = if negative { format!("-{digits}") } else { digits };
        let value = signed.parse().map_err(|_| ahead.unknown("expected a whole number"))?;
        self.at += 1;
        Ok(value)
    }

    /// A type's text: name, modifier, `with time zone`, array bounds. Whether it exists is not asked.
    pub fn type_text(&mut self) -> Read<String> {
        let start = self.at;
        self.accept("setof");
        let first = self.word(0).to_ascii_lowercase();
        self.object()?;
        match first.as_str() {
            "double" => drop(self.accept("precision")),
            "character" | "char" | "bit" | "national" | "nchar" => {
                self.accept("character");
                self.accept("char");
                self.accept("varying");
            }
            _ => {}
        }
        let fields = ["year", "month", "day", "hour", "minute", "second", "to"];
        if first == "interval" {
            while self.accept_any(&fields).is_some() {}
        }
        if self.is_punct("(") {
            self.group()?;
        }
        if matches!(first.as_str(), "time" | "timestamp") {
            self.accept_any(&["with time zone", "without time zone"]);
        }
        if first == "interval" {
            while self.accept_any(&fields).is_some() {}
        }
        if self.accept("array") || self.is_punct("[") {
            while self.is_punct("[") {
                self.skip_item();
            }
        }
        // `table.column%TYPE` in routines.
        if self.is_punct("%") && self.is_at(1, "type") {
            self.at += 2;
        }
        Ok(self.text_since(start))
    }

    /// A type, its user-defined name not yet looked up.
    pub fn ty(&mut self) -> Read<ColumnType> {
        match read_type_at(self.text, self.tokens.get(self.at..).unwrap_or(&[])) {
            Some((ty, used)) if self.is_name() => {
                self.at += used;
                Ok(ty)
            }
            _ => Err(self.unknown("expected a type")),
        }
    }

    /// The tokens from here up to where another cursor of the same statement stands.
    pub fn upto(&self, end: &Cursor<'a>) -> Cursor<'a> {
        let tokens = &self.tokens[..end.at.clamp(self.at.min(self.tokens.len()), self.tokens.len())];
        Cursor { tokens, ..*self }
    }

    /// Whether a number comes next.
    pub fn integer_follows(&self) -> bool {
        let signed = usize::from(self.is_punct("-") || self.is_punct("+"));
        self.token(signed).is_some_and(|token| token.kind == TokenKind::Number)
    }

    /// Whether this keyword comes later, at this depth.
    pub fn has_ahead(&self, keyword: &str) -> bool {
        let mut ahead = *self;
        while !ahead.is_done() {
            if ahead.is(keyword) {
                return true;
            }
            ahead.skip_item();
        }
        false
    }

    /// The rest of the statement as text, passed over.
    pub fn take_rest(&mut self) -> String {
        let text = self.rest_text();
        self.finish();
        text
    }

    /// Every name that the rest of the tokens could mean, qualified ones whole; for what is not understood.
    pub fn mentioned(&self) -> Vec<Spelled> {
        let mut ahead = *self;
        let mut found = Vec::new();
        while !ahead.is_done() {
            match ahead.token(0) {
                Some(token) if matches!(token.kind, TokenKind::Word | TokenKind::Quoted) => {
                    if let Ok(name) = ahead.object() {
                        found.push(name);
                    }
                }
                _ => ahead.at += 1,
            }
        }
        found
    }
}

fn punct(token: &Token, text: &str) -> Option<u8> {
    if token.kind != TokenKind::Punct {
        return None;
    }
    text.as_bytes().get(token.start as usize).copied()
}

/// The tokens as an expression: outer parentheses off, white space folded.
pub(crate) fn expr_of(text: &str, tokens: &[Token]) -> Expr {
    Expr::new(fold_space(text, strip_parens(text, tokens)))
}

fn strip_parens<'t>(text: &str, tokens: &'t [Token]) -> &'t [Token] {
    let opening = tokens.iter().take_while(|token| punct(token, text) == Some(b'(')).count();
    let closing = tokens.iter().rev().take_while(|token| punct(token, text) == Some(b')')).count();
    // As many wrap the whole as stay open all the way between the leading and the trailing ones.
    let (mut depth, mut least) = (opening, opening.min(closing));
    for token in &tokens[opening..tokens.len() - closing] {
        match punct(token, text) {
            Some(b'(') => depth += 1,
            Some(b')') => depth = depth.saturating_sub(1),
            _ => continue,
        }
        least = least.min(depth);
    }
    let inner = &tokens[least..tokens.len() - least];
    if depth != closing || inner.is_empty() { tokens } else { inner }
}

/// The tokens' text with one space wherever there was white space or a comment; a string that goes on in another line
/// is one.
pub(crate) fn fold_space(text: &str, tokens: &[Token]) -> String {
    let mut out = String::new();
    let mut last: Option<&Token> = None;
    for token in tokens {
        match last {
            Some(before) if goes_on(text, before, token) => {
                out.pop();
                out.push_str(&token.text(text)[1..]);
            }
            Some(before) if before.end != token.start => {
                out.push(' ');
                out.push_str(token.text(text));
            }
            _ => out.push_str(token.text(text)),
        }
        last = Some(token);
    }
    out
}

/// Whether a string goes on in the next token: constants with only a line break between them are one (PostgreSQL
/// manual, 4.1.2.1). SQLite has nothing of the kind, and no two strings side by side either.
fn goes_on(text: &str, before: &Token, next: &Token) -> bool {
    let quoted = |token: &Token, open: bool| {
        let own = token.text(text);
        token.kind == TokenKind::Str
            && own.len() > 1
            && own.ends_with('\'')
            && (open || own.starts_with('\''))
    };
    let between = || text.get(before.end as usize..next.start as usize).unwrap_or_default();
    quoted(before, true) && quoted(next, false) && between().contains('\n')
}

/// What a string constant stands for.
pub(crate) fn string_value(literal: &str) -> String {
    if let Some(rest) = literal.strip_prefix('$') {
        let tag = rest.find('$').map_or(0, |at| at + 2);
        return literal.get(tag..literal.len().saturating_sub(tag)).unwrap_or("").to_owned();
    }
    let Some(open) = literal.find('\'') else { return literal.to_owned() };
    let body = &literal[open + 1..];
    let body = body.strip_suffix('\'').unwrap_or(body).replace("''", "'");
    match literal.as_bytes() {
        [b'E' | b'e', ..] => unescape(&body),
        [b'U' | b'u', ..] => unicode_escapes(&body),
        _ => body,
    }
}

fn unescape(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut chars = body.chars();
    while let Some(character) = chars.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some(code @ ('u' | 'U' | 'x')) => {
                let most = match code {
                    'u' => 4,
                    'U' => 8,
                    _ => 2,
                };
                let digits: String =
                    chars.as_str().chars().take(most).take_while(char::is_ascii_hexdigit).collect();
                match u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32) {
                    Some(value) => {
                        out.push(value);
                        chars = chars.as_str()[digits.len()..].chars();
                    }
                    None => out.push(code),
                }
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(text: &str, read: impl FnOnce(&mut Cursor<'_>) -> T) -> T {
        let tokens = code_tokens(text, DialectKind::Postgres);
        read(&mut Cursor::new(text, &tokens, DialectKind::Postgres, Source::At(FileId(0), 0)))
    }

    fn expr(text: &str) -> String {
        with(text, |cursor| cursor.expr_until(&["not null"]).map(|expr| expr.to_string()).unwrap_or_default())
    }

    #[test]
    fn expressions_stop_at_their_depth() {
        assert_eq!(expr("f(a, b NOT NULL) + 1 NOT NULL"), "f(a, b NOT NULL) + 1");
        assert_eq!(expr("CASE WHEN a THEN b END, c"), "CASE WHEN a THEN b END");
        assert_eq!(expr("(( a /* x */ +\n b ))"), "a + b");
        assert_eq!(expr("(a) + (b)"), "(a) + (b)");
        assert_eq!(expr("((a) + (b))"), "(a) + (b)");
        assert_eq!(expr("((a))"), "a");
        assert_eq!(expr("(((a)) + b)"), "((a)) + b");
        assert_eq!(expr("(a + ((b)))"), "a + ((b))");
    }

    #[test]
    fn deep_nesting_is_only_long() {
        let text = format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000));
        assert_eq!(expr(&text), "1");
        assert!(with(&"(".repeat(10_000), |cursor| cursor.group().is_err()));
    }

    #[test]
    fn types_as_text() {
        let cases = [
            ("timestamp(3) with time zone NOT NULL", "timestamp(3) with time zone"),
            ("character varying (10) [] DEFAULT", "character varying (10) []"),
            ("interval day to second(3)", "interval day to second(3)"),
            ("app.\"Kind\"[][3] x", "app.\"Kind\"[][3]"),
            ("double precision,", "double precision"),
        ];
        for (text, expected) in cases {
            assert_eq!(with(text, |cursor| cursor.type_text().unwrap_or_default()), expected);
        }
    }

    #[test]
    fn strings_and_numbers() {
        let strings =
            [(r"E'a\n\u0041\'b'", "a\nA'b"), ("'it''s'", "it's"), ("$x$a$x$", "a"), ("'a'\n'b'", "ab")];
        for (text, expected) in strings {
            assert_eq!(with(text, |cursor| cursor.string().unwrap_or_default()), expected);
        }
        assert_eq!(with("-12", |cursor| cursor.integer().ok()), Some(-12));
    }
}
