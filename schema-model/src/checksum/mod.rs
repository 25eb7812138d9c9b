//! The checksum of a script's meaning: its tokens and directive lines. Comments, white space, line ends, keyword case
//! and the identity header do not count, so reformatting a released migration is no edit of it.

mod sha256;

use crate::dialect_kind::DialectKind;
use crate::token::{TokenKind, tokens};

/// Header lines that say who a file is rather than what it does: renaming or redating a revision is no edit.
const IDENTITY: [&str; 8] =
    ["migration", "version", "revises", "description", "author", "date", "formerly", "labels"];

/// Comment lines that change what a script does, and so count.
pub const DIRECTIVES: [&str; 9] = [
    "transaction",
    "commit",
    "foreign-keys",
    "guard",
    "repeat",
    "schema",
    "bump",
    "irreversible",
    "data-loss",
];

/// The SHA-256 of a script's meaning, in 64 lower-case hex digits.
pub fn checksum(script: &str, dialect: DialectKind) -> String {
    let mut hash = sha256::Sha256::default();
    for token in tokens(script, dialect) {
        let text = token.text(script);
        match token.kind {
            TokenKind::BlockComment => continue,
            TokenKind::LineComment => match directive(text) {
                Some((word, value)) => {
                    hash.update(b"--");
                    hash.update(word.as_bytes());
                    hash.update(b":");
                    hash.update(value.as_bytes());
                }
                None => continue,
            },
            TokenKind::Word => hash.update(text.to_lowercase().as_bytes()),
            TokenKind::Str => hash.update(text.replace("\r\n", "\n").as_bytes()),
            _ => hash.update(text.as_bytes()),
        }
        hash.update(&[0]);
    }
    hash.finish()
}

/// A `-- Word: value` comment that is a directive: its word in lower case, and its value. `-- Commit` has no value.
pub fn directive(comment: &str) -> Option<(String, &str)> {
    let (word, value) = header_line(comment)?;
    DIRECTIVES.contains(&word.as_str()).then_some((word, value))
}

/// A `-- Word: value` comment whose word the project knows, identity or directive: the word in lower case, and its
/// value. `-- Commit` stands without a colon.
pub fn header_line(comment: &str) -> Option<(String, &str)> {
    let body = comment.trim_start_matches('-').trim();
    let (word, value) = match body.split_once(':') {
        Some((word, value)) => (word.trim(), value.trim()),
        None if body.eq_ignore_ascii_case("commit") => (body, ""),
        None => return None,
    };
    let word = word.to_ascii_lowercase();
    (IDENTITY.contains(&word.as_str()) || DIRECTIVES.contains(&word.as_str())).then_some((word, value))
}

/// The SHA-256 of bytes as they are, in 64 lower-case hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut hash = sha256::Sha256::default();
    hash.update(bytes);
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_is_not_meaning() {
        let one = "-- Version: 1.0.0\r\nCREATE TABLE a (\r\n  id int -- the key\r\n);\r\n";
        let two = "\u{feff}create /* x */ table a(id int);";
        assert_eq!(checksum(one, DialectKind::Postgres), checksum(two, DialectKind::Postgres));
    }

    #[test]
    fn strings_names_and_directives_are() {
        let base = checksum("SELECT 'a'", DialectKind::Postgres);
        for other in ["SELECT 'A'", "SELECT \"a\"", "-- Transaction: none\nSELECT 'a'"] {
            assert_ne!(base, checksum(other, DialectKind::Postgres), "{other}");
        }
    }
}
