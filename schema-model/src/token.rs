//! SQL as tokens: the one lexer of the project, which the statement splitter, the readers and the checksum share.
//!
//! It never fails: what is not closed runs to the end of the text and says so.

use crate::dialect_kind::DialectKind;

/// A token's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// An unquoted identifier or keyword.
    Word,
    /// An identifier in quotes: `"…"`; SQLite also `[…]` and `` `…` ``; PostgreSQL also `U&"…"`.
    Quoted,
    /// A string constant of any form: `'…'`, `E'…'`, `B'…'`, `X'…'`, `N'…'`, `U&'…'`, `$tag$…$tag$`.
    Str,
    /// A number.
    Number,
    /// `$1`, `?1`, `:name`, `@name`.
    Param,
    /// One or more operator characters, `::` and `:=` included.
    Operator,
    /// One of `( ) [ ] , ; . :` or anything else that stands alone.
    Punct,
    /// `-- …`, up to and without the end of the line.
    LineComment,
    /// `/* … */`, nested in PostgreSQL.
    BlockComment,
}

/// A token: its kind and the bytes it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// `false` when the text ended inside a string, quoted identifier or comment.
    pub closed: bool,
}

impl Token {
    /// The token's text.
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.start as usize..self.end as usize).unwrap_or("")
    }

    /// Whether it is a comment.
    pub fn is_comment(&self) -> bool {
        matches!(self.kind, TokenKind::LineComment | TokenKind::BlockComment)
    }
}

/// All tokens of a text, comments included.
pub fn tokens(text: &str, dialect: DialectKind) -> Vec<Token> {
    let mut lexer = Lexer::new(text, dialect);
    let mut all = Vec::with_capacity(text.len() / 5);
    while let Some(token) = lexer.next_token() {
        all.push(token);
    }
    all
}

/// A lexer over a text; can be started and stopped at any byte, as COPY data and psql's lines ask for.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    dialect: DialectKind,
}

impl<'a> Lexer<'a> {
    /// Starts at the first byte; a byte order mark is passed over.
    pub fn new(text: &'a str, dialect: DialectKind) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Lexer { text, bytes: text.as_bytes(), at, dialect }
    }

    /// The byte at which the next token is looked for.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Goes on from this byte, which must be the first of a character.
    pub fn seek(&mut self, offset: usize) {
        self.at = offset.min(self.bytes.len());
    }

    /// The next token, white space passed over.
    pub fn next_token(&mut self) -> Option<Token> {
        loop {
            if self.peek(0).is_some_and(|byte| byte.is_ascii_whitespace() || byte == 0x0b) {
                self.at += 1;
            } else if self.bytes[self.at..].starts_with("\u{feff}".as_bytes()) {
                // A byte order mark between tokens, where files were put together, is as good as a blank.
                self.at += 3;
            } else {
                break;
            }
        }
        let start = self.at;
        let first = self.peek(0)?;
        let (kind, closed) = self.scan(first);
        Some(Token { kind, start: start as u32, end: self.at as u32, closed })
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn postgres(&self) -> bool {
        self.dialect == DialectKind::Postgres
    }

    fn scan(&mut self, first: u8) -> (TokenKind, bool) {
        let second = self.peek(1);
        match first {
            b'-' if second == Some(b'-') => {
                self.skip_line();
                (TokenKind::LineComment, true)
            }
            b'/' if second == Some(b'*') => (TokenKind::BlockComment, self.block_comment()),
            b'\'' => (TokenKind::Str, self.quoted(0, b'\'', false)),
            b'"' => (TokenKind::Quoted, self.quoted(0, b'"', false)),
            b'`' if !self.postgres() => (TokenKind::Quoted, self.quoted(0, b'`', false)),
            b'[' if !self.postgres() => (TokenKind::Quoted, self.bracketed()),
            b'E' | b'e' if self.postgres() && second == Some(b'\'') => {
                (TokenKind::Str, self.quoted(1, b'\'', true))
            }
            b'B' | b'b' | b'N' | b'n' if self.postgres() && second == Some(b'\'') => {
                (TokenKind::Str, self.quoted(1, b'\'', false))
            }
            b'X' | b'x' if second == Some(b'\'') => (TokenKind::Str, self.quoted(1, b'\'', false)),
            b'U' | b'u' if self.postgres() && second == Some(b'&') && self.peek(2) == Some(b'\'') => {
                (TokenKind::Str, self.quoted(2, b'\'', false))
            }
            b'U' | b'u' if self.postgres() && second == Some(b'&') && self.peek(2) == Some(b'"') => {
                (TokenKind::Quoted, self.quoted(2, b'"', false))
            }
            b'$' if self.postgres() => self.dollar(),
            b'$' | b'@' | b':' | b'?' | b'#' if !self.postgres() => self.sqlite_param(),
            b'0'..=b'9' => self.number(),
            b'.' if second.is_some_and(|byte| byte.is_ascii_digit()) => self.number(),
            _ if is_word_start(first) => {
                self.word();
                (TokenKind::Word, true)
            }
            b':' if matches!(second, Some(b':' | b'=')) => {
                self.at += 2;
                (TokenKind::Operator, true)
            }
            _ if is_operator(first) => {
                self.operator();
                (TokenKind::Operator, true)
            }
            _ => {
                self.at += 1;
                (TokenKind::Punct, true)
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
    }

    /// PostgreSQL nests block comments (manual, 4.1.5); SQLite does not, and lets the end of the text close one.
    fn block_comment(&mut self) -> bool {
        let mut depth = 0usize;
        while let Some(byte) = self.peek(0) {
            match (byte, self.peek(1)) {
                (b'/', Some(b'*')) if depth == 0 || self.postgres() => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', Some(b'/')) => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return true;
                    }
                }
                _ => self.at += 1,
            }
        }
        !self.postgres()
    }

    fn quoted(&mut self, prefix: usize, quote: u8, backslashes: bool) -> bool {
        self.at += prefix + 1;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            if byte == b'\\' && backslashes {
                self.at = (self.at + 1).min(self.bytes.len());
            } else if byte == quote {
                if self.peek(0) != Some(quote) {
                    return true;
                }
                self.at += 1;
            }
        }
        false
    }

    fn bracketed(&mut self) -> bool {
        match self.bytes[self.at..].iter().position(|byte| *byte == b']') {
            Some(length) => {
                self.at += length + 1;
                true
            }
            None => {
                self.at = self.bytes.len();
                false
            }
        }
    }

    fn dollar(&mut self) -> (TokenKind, bool) {
        let rest = &self.bytes[self.at + 1..];
        if rest.first().is_some_and(u8::is_ascii_digit) {
            self.at += 1 + rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            return (TokenKind::Param, true);
        }
        let tag = rest.iter().take_while(|byte| is_word_part(**byte) && **byte != b'$').count();
        if rest.get(tag) != Some(&b'$') {
            self.at += 1;
            return (TokenKind::Punct, true);
        }
        let delimiter = &self.text[self.at..self.at + tag + 2];
        let body = self.at + delimiter.len();
        match self.text.get(body..).and_then(|body| body.find(delimiter)) {
            Some(length) => {
                self.at = body + length + delimiter.len();
                (TokenKind::Str, true)
            }
            None => {
                self.at = self.bytes.len();
                (TokenKind::Str, false)
            }
        }
    }

    fn sqlite_param(&mut self) -> (TokenKind, bool) {
        let first = self.peek(0);
        let length = self.bytes[self.at + 1..].iter().take_while(|byte| is_word_part(**byte)).count();
        self.at += 1 + length;
        if length == 0 && first != Some(b'?') { (TokenKind::Punct, true) } else { (TokenKind::Param, true) }
    }

    fn number(&mut self) -> (TokenKind, bool) {
        let hex = self.peek(0) == Some(b'0')
            && matches!(self.peek(1), Some(b'x' | b'X' | b'o' | b'O' | b'b' | b'B'));
        self.at += if hex { 2 } else { 0 };
        while let Some(byte) = self.peek(0) {
            let exponent = !hex && matches!(byte, b'e' | b'E');
            let signed =
                matches!(self.peek(1), Some(b'+' | b'-')) && self.peek(2).is_some_and(|b| b.is_ascii_digit());
            if exponent && signed {
                self.at += 2;
            } else if byte.is_ascii_alphanumeric()
                || byte == b'_'
                || (byte == b'.' && !hex && self.peek(1) != Some(b'.'))
            {
                self.at += 1;
            } else {
                break;
            }
        }
        (TokenKind::Number, true)
    }

    fn word(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().take_while(|byte| is_word_part(**byte)).count();
    }

    /// Longest match, but `--` and `/*` start a comment, and in PostgreSQL an operator ends in `+` or `-` only when it
    /// has one of `~ ! @ # % ^ & | ` ?` in it (manual, 4.1.3).
    fn operator(&mut self) {
        let rest = &self.bytes[self.at..];
        let mut length = rest.iter().take_while(|byte| is_operator(**byte)).count();
        let comment = (1..length).find(|at| matches!(&rest[*at..], [b'-', b'-', ..] | [b'/', b'*', ..]));
        length = comment.unwrap_or(length);
        if self.postgres() {
            let special = rest[..length].iter().any(|byte| b"~!@#%^&|`?".contains(byte));
            while length > 1 && !special && matches!(rest[length - 1], b'+' | b'-') {
                length -= 1;
            }
        } else {
            length = sqlite_operator(&rest[..length]);
        }
        self.at += length;
    }
}

/// SQLite's operators of more than one character; anything else is one character long.
fn sqlite_operator(run: &[u8]) -> usize {
    const LONG: [&[u8]; 10] = [b"->>", b"->", b"||", b"<<", b">>", b"<=", b">=", b"<>", b"==", b"!="];
    LONG.iter().find(|operator| run.starts_with(operator)).map_or(1, |operator| operator.len())
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_word_part(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_operator(byte: u8) -> bool {
    b"+-*/<>=~!@#%^&|`?".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str, dialect: DialectKind) -> Vec<(&str, TokenKind)> {
        tokens(source, dialect).iter().map(|token| (token.text(source), token.kind)).collect()
    }

    #[test]
    fn a_byte_order_mark_between_tokens_is_a_blank() {
        let found = texts("\u{feff}\u{feff}a \u{feff}b", DialectKind::Sqlite);
        assert_eq!(found, [("a", TokenKind::Word), ("b", TokenKind::Word)]);
    }

    #[test]
    fn dollar_quotes_keep_their_tag() {
        let source = "DO $a$ x $b$ ; $a$;";
        let found = texts(source, DialectKind::Postgres);
        assert_eq!(found[1], ("$a$ x $b$ ; $a$", TokenKind::Str));
        assert_eq!(found[2], (";", TokenKind::Punct));
    }

    #[test]
    fn operators_stop_before_comments_and_signs() {
        let found = texts("a=-1 b*--c", DialectKind::Postgres);
        let expected = ["a", "=", "-", "1", "b", "*", "--c"];
        assert_eq!(found.iter().map(|(text, _)| *text).collect::<Vec<_>>(), expected[..]);
    }

    #[test]
    fn quotes_of_each_dialect() {
        assert_eq!(texts(r"E'it\'s' U&'x'", DialectKind::Postgres).len(), 2);
        assert_eq!(texts("[a b] `c` \"d\"\"e\"", DialectKind::Sqlite).len(), 3);
    }

    #[test]
    fn what_is_not_closed_says_so() {
        for source in ["'a", "\"a", "$$a", "/* a /* b */", "E'\\"] {
            assert!(!tokens(source, DialectKind::Postgres)[0].closed, "{source}");
        }
    }
}
