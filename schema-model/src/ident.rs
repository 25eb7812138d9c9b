//! Identifiers: folding what is read, quoting what is written.

use std::borrow::Cow;

use crate::dialect_kind::DialectKind;
use crate::name::{Name, ObjectName};

/// The name that an identifier token stands for: quotes taken off, doubled quotes undone, unquoted words folded to lower
/// case and cut to 63 bytes in PostgreSQL (manual, 4.1.1). SQLite keeps the spelling; it compares without case.
pub fn fold(identifier: &str, dialect: DialectKind) -> String {
    let name: Cow<'_, str> = match identifier.as_bytes() {
        [b'"', .., b'"'] if identifier.len() >= 2 => {
            identifier[1..identifier.len() - 1].replace("\"\"", "\"").into()
        }
        [b'`', .., b'`'] if identifier.len() >= 2 => {
            identifier[1..identifier.len() - 1].replace("``", "`").into()
        }
        [b'[', .., b']'] => identifier[1..identifier.len() - 1].into(),
        [b'\'', .., b'\''] if identifier.len() >= 2 => {
            identifier[1..identifier.len() - 1].replace("''", "'").into()
        }
        [b'U' | b'u', b'&', b'"', .., b'"'] if identifier.len() >= 4 => {
            unicode_escapes(&identifier[3..identifier.len() - 1].replace("\"\"", "\"")).into()
        }
        // Only A to Z: in a multi-byte encoding the server leaves other letters alone (its `downcase_identifier`).
        _ if dialect == DialectKind::Postgres => identifier.to_ascii_lowercase().into(),
        _ => identifier.into(),
    };
    truncate(&name, dialect).to_owned()
}

/// The part of a name that the database keeps: PostgreSQL cuts at 63 bytes, never inside a character.
pub fn truncate(name: &str, dialect: DialectKind) -> &str {
    let Some(limit) = dialect.name_limit().filter(|limit| name.len() > *limit) else { return name };
    &name[..name.floor_char_boundary(limit)]
}

/// What `\0061` and `\+000061` in a `U&"…"` identifier or a `U&'…'` constant stand for.
pub fn unicode_escapes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let (digits, skip) =
            if let Some(long) = tail.strip_prefix('+') { (long.get(..6), 7) } else { (tail.get(..4), 4) };
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        match code {
            Some(character) => {
                out.push(character);
                rest = &tail[skip..];
            }
            None => {
                out.push('\\');
                rest = tail.strip_prefix('\\').unwrap_or(tail);
            }
        }
    }
    out.push_str(rest);
    out
}

/// The name as SQL spells it: bare when every reader takes the bare word for this name, else in double quotes.
pub fn quote(name: &Name, dialect: DialectKind) -> String {
    let text = name.as_str();
    let mut bytes = text.bytes();
    let plain_start = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let upper = dialect == DialectKind::Sqlite;
    let plain = plain_start || upper && text.starts_with(|first: char| first.is_ascii_uppercase());
    let plain = plain
        && bytes.all(|byte| {
            byte.is_ascii_lowercase()
                || byte.is_ascii_digit()
                || byte == b'_'
                || upper && byte.is_ascii_uppercase()
        });
    if plain && !crate::keywords::is_reserved(text, dialect) {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A name in its schema as SQL spells it; the default schema is left out.
pub fn quote_object(name: &ObjectName, dialect: DialectKind) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quote(schema, dialect), quote(&name.name, dialect)),
        None => quote(&name.name, dialect),
    }
}

/// A string constant.
pub fn quote_string(text: &str, dialect: DialectKind) -> String {
    let body = text.replace('\'', "''");
    if dialect == DialectKind::Postgres && body.contains('\\') {
        return format!("E'{}'", body.replace('\\', "\\\\"));
    }
    format!("'{body}'")
}
