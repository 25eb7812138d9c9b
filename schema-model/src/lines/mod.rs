//! A catalog as lines: an object a line, in an order that a review can follow, nothing lost.
//!
//! `kind name: fact; fact; …`. Two catalogs are equal exactly when their lines are, so the lock can hold a catalog
//! as text and the gate can compare without reading SQL. Facts keep their order; a semicolon inside one is `\;`.

mod object;
mod table;

use crate::DialectKind;
use crate::catalog::Catalog;

/// An object: what it is, and its facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Kind and name: `column users.email`.
    pub key: String,
    /// What is said about it, the structural facts first.
    pub facts: Vec<String>,
}

impl Line {
    /// Reads a line.
    pub fn parse(text: &str) -> Option<Line> {
        let (key, rest) = split_key(text)?;
        Some(Line { key: unescape(key), facts: split_facts(rest) })
    }

    /// The kind: `table`, `column`, `constraint`, `index`, `enum`, ….
    pub fn kind(&self) -> &str {
        self.key.split(' ').next().unwrap_or("")
    }

    /// The name behind the kind, as it is written.
    pub fn name(&self) -> &str {
        self.key.split_once(' ').map_or("", |(_, name)| name)
    }

    /// The value of a fact that begins with this word; empty when the fact is the word alone.
    pub fn fact(&self, word: &str) -> Option<&str> {
        self.facts.iter().find_map(|fact| {
            let rest = fact.strip_prefix(word)?;
            if rest.is_empty() { Some("") } else { rest.strip_prefix(' ') }
        })
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:", escape(&self.key))?;
        for (index, fact) in self.facts.iter().enumerate() {
            write!(f, "{} {}", if index == 0 { "" } else { ";" }, escape(fact))?;
        }
        Ok(())
    }
}

/// The catalog's lines: tables with what is theirs, then types, sequences, views and the rest, each sorted by name.
pub fn lines(catalog: &Catalog, dialect: DialectKind) -> Vec<Line> {
    let mut out = Vec::new();
    object::before(catalog, dialect, &mut out);
    for table in catalog.tables.values() {
        table::lines(table, dialect, &mut out);
    }
    object::after(catalog, dialect, &mut out);
    out
}

/// The key of a constraint's line.
pub fn constraint_key(
    table: &crate::ObjectName,
    constraint: &crate::catalog::Constraint,
    dialect: DialectKind,
) -> String {
    table::constraint_line(&key_name(table), constraint, dialect).key
}

/// The key of an index's line.
pub fn index_key(table: &crate::ObjectName, index: &crate::catalog::Index) -> String {
    format!("index {}.{}", key_name(table), key_part(&index.name))
}

/// The key of a column's line.
pub fn column_key(table: &crate::ObjectName, column: &crate::Name) -> String {
    format!("column {}.{}", key_name(table), key_part(column))
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            other => out.push(other),
        }
    }
    out
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            other => out.push(other),
        }
    }
    out
}

/// The key ends at the first colon outside quotes; a name with a colon is in quotes.
fn split_key(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b':' if !quoted => return Some((&text[..at], text[at + 1..].trim_start())),
            _ => {}
        }
    }
    None
}

fn split_facts(text: &str) -> Vec<String> {
    let mut facts = Vec::new();
    let (mut start, mut skip) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if skip => skip = false,
            b'\\' => skip = true,
            b';' => {
                facts.push(unescape(text[start..at].trim_start()));
                start = at + 1;
            }
            _ => {}
        }
    }
    if !text[start..].trim().is_empty() {
        facts.push(unescape(text[start..].trim_start()));
    }
    facts
}

/// A name as a key writes it.
pub fn key_name(name: &crate::ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", key_part(schema), key_part(&name.name)),
        None => key_part(&name.name),
    }
}

/// One part of a name: in quotes unless it is a plain word.
pub fn key_part(name: &crate::Name) -> String {
    let text = name.as_str();
    let plain = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii());
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// The parts of a key's name, quotes taken off: `app.users."odd name"`.
pub fn key_parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = name.chars().peekable();
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                parts.last_mut().into_iter().for_each(|part| part.push('"'));
            }
            '"' => quoted = !quoted,
            '.' if !quoted => parts.push(String::new()),
            other => parts.last_mut().into_iter().for_each(|part| part.push(other)),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back() {
        let line = Line {
            key: "column users.\"a:b\"".to_owned(),
            facts: vec!["text".to_owned(), "default ';\n\\'".to_owned(), "not null".to_owned()],
        };
        assert_eq!(Line::parse(&line.to_string()), Some(line.clone()));
        assert_eq!(line.fact("not null"), Some(""));
        assert_eq!(key_parts(line.name()), ["users", "a:b"]);
    }
}
