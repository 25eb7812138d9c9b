//! The comment lines at the top of a revision file that say what it is.

use schema_model::checksum::header_line;
use schema_model::token::{Lexer, TokenKind};
use schema_model::{DialectKind, FileId, Name, Span};
use semver::Version;

use crate::diagnostic::Diagnostic;
use crate::revision::{Bump, parse_version};

/// A value and the place where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// The bytes of the value.
    pub span: Span,
}

/// What the header of a file says; a line that is not there is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// `Migration`: the name in the file name.
    pub migration: Option<Said<String>>,
    /// `Version`.
    pub version: Option<Said<Version>>,
    /// `Revises`: the parents; an empty list is a first revision that says so.
    pub revises: Option<Said<Vec<String>>>,
    /// `Description`: the author's message.
    pub description: Option<Said<String>>,
    /// `Author`.
    pub author: Option<Said<String>>,
    /// `Date`.
    pub date: Option<Said<String>>,
    /// `Formerly`: tags that this revision had, with the checksum it had then.
    pub formerly: Vec<Said<Formerly>>,
    /// `Labels`: branch labels.
    pub labels: Vec<Said<Name>>,
    /// `Irreversible`: why there is no way back.
    pub irreversible: Option<Said<String>>,
    /// `Bump`: what the file means to applications, where the statements do not say.
    pub bump: Option<Said<Bump>>,
    /// `Data-loss`: what the author accepts to lose.
    pub data_loss: Vec<Said<String>>,
}

/// An earlier tag of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formerly {
    /// The tag.
    pub version: Version,
    /// The checksum of the up script under that tag; empty when not given.
    pub checksum: String,
}

/// Reads the header: comments before the first statement. Problems come back as diagnostics with their places.
pub fn read(text: &str, file: FileId, dialect: DialectKind) -> (Header, Vec<Diagnostic>) {
    let mut header = Header::default();
    let mut problems = Vec::new();
    let mut lexer = Lexer::new(text, dialect);
    while let Some(token) = lexer.next_token() {
        match token.kind {
            TokenKind::LineComment => {}
            TokenKind::BlockComment => continue,
            _ => break,
        }
        let line = token.text(text);
        let Some((word, value)) = header_line(line) else { continue };
        let start = token.start as usize + offset_of(line, value);
        let span = Span::new(file, start, start + value.len());
        problems.extend(header.take(&word, value, span));
    }
    (header, problems)
}

/// Where a part of a line begins in it.
fn offset_of(line: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(line.as_ptr() as usize).min(line.len())
}

impl Header {
    fn take(&mut self, word: &str, value: &str, span: Span) -> Option<Diagnostic> {
        let said = |value: &str| Said { value: value.to_owned(), span };
        let repeated = match word {
            "migration" => self.migration.replace(said(value)).is_some(),
            "description" => self.description.replace(said(value)).is_some(),
            "author" => self.author.replace(said(value)).is_some(),
            "date" => self.date.replace(said(value)).is_some(),
            "irreversible" => self.irreversible.replace(said(value)).is_some(),
            "revises" => self.revises.replace(Said { value: parents(value), span }).is_some(),
            "version" => match parse_version(value) {
                Ok(value) => self.version.replace(Said { value, span }).is_some(),
                Err(error) => return Some(problem("header/version", error.to_string(), span)),
            },
            "bump" => match value.parse() {
                // A directive above the first statement reads the same; the highest word counts.
                Ok(value) => {
                    let known = self.bump.as_ref().map(|bump| bump.value);
                    if known.is_none_or(|known| known < value) {
                        self.bump = Some(Said { value, span });
                    }
                    false
                }
                Err(error) => return Some(problem("header/bump", format!("{error}"), span)),
            },
            "formerly" => match formerly(value) {
                Some(value) => {
                    self.formerly.push(Said { value, span });
                    false
                }
                None => {
                    let message = format!("`{value}` is not an earlier tag; write a version and a checksum");
                    return Some(problem("header/formerly", message, span));
                }
            },
            "labels" => {
                let names = words(value).map(|label| Said { value: Name::new(label), span });
                self.labels.extend(names);
                false
            }
            "data-loss" => {
                self.data_loss.push(said(value));
                false
            }
            _ => false,
        };
        repeated.then(|| problem("header/repeated", format!("`{word}` is said twice"), span))
    }

    /// The header as text, a line each, in the order in which people read them.
    pub fn write(&self) -> String {
        let mut text = String::new();
        let mut line = |word: &str, value: &str| text.push_str(&format!("-- {word}: {}\n", one_line(value)));
        let said = |value: &Option<Said<String>>| value.as_ref().map(|said| said.value.clone());
        if let Some(value) = said(&self.migration) {
            line("Migration", &value);
        }
        if let Some(version) = &self.version {
            line("Version", &version.value.to_string());
        }
        if let Some(revises) = &self.revises {
            line("Revises", &if revises.value.is_empty() { "base".into() } else { revises.value.join(", ") });
        }
        if let Some(value) = said(&self.description) {
            line("Description", &value);
        }
        if let Some(value) = said(&self.author) {
            line("Author", &value);
        }
        if let Some(value) = said(&self.date) {
            line("Date", &value);
        }
        for former in &self.formerly {
            line("Formerly", format!("{} {}", former.value.version, former.value.checksum).trim_end());
        }
        if !self.labels.is_empty() {
            let labels: Vec<&str> = self.labels.iter().map(|label| label.value.as_str()).collect();
            line("Labels", &labels.join(", "));
        }
        if let Some(value) = said(&self.irreversible) {
            line("Irreversible", &value);
        }
        if let Some(bump) = &self.bump {
            line("Bump", bump.value.as_str());
        }
        for loss in &self.data_loss {
            line("Data-loss", &loss.value);
        }
        text
    }

    /// Whether the file is tagged for certain: other tools' authors write `-- Version:` comments too, but do not say
    /// what a file revises.
    pub fn is_tagged(&self) -> bool {
        self.version.is_some() && self.revises.is_some()
    }
}

/// A value that nobody read from a file.
pub fn unsaid<T>(value: T) -> Said<T> {
    Said { value, span: Span::new(FileId(u32::MAX), 0, 0) }
}

fn problem(code: &'static str, message: String, span: Span) -> Diagnostic {
    Diagnostic::error(code, message).at(span, "here")
}

/// Parents, divided by commas or spaces. `base`, `none` and nothing at all are a first revision.
fn parents(value: &str) -> Vec<String> {
    let all =
        words(value).filter(|word| !matches!(word.to_ascii_lowercase().as_str(), "base" | "none" | "-"));
    all.map(str::to_owned).collect()
}

fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split([',', ' ', '\t']).filter(|word| !word.is_empty())
}

fn formerly(value: &str) -> Option<Formerly> {
    let mut parts = value.split_whitespace();
    let version = parse_version(parts.next()?).ok()?;
    let checksum = parts.next().unwrap_or_default().to_ascii_lowercase();
    let hex = checksum.bytes().all(|byte| byte.is_ascii_hexdigit());
    (hex && parts.next().is_none()).then_some(Formerly { version, checksum })
}

/// A header line is one line: a message with a line break in it must not become SQL.
fn one_line(value: &str) -> String {
    let clean: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_reads_back_as_written_with_its_places() {
        let text = "\u{feff}-- Migration: a\r\n-- Version: 1.1.0\r\n-- Revises: 1.0.0, 1.0.1\r\n-- Formerly: 1.0.2 ab12\r\n\
                    -- Labels: api\r\n-- Bump: minor\r\nSELECT 1;\r\n-- Version: 9.9.9\r\n";
        let (header, problems) = read(text, FileId(0), DialectKind::Postgres);
        assert_eq!(problems, []);
        let version = header.version.clone().expect("a version");
        assert_eq!(
            (
                &text[version.span.start as usize..version.span.end as usize],
                version.value.to_string().as_str()
            ),
            ("1.1.0", "1.1.0")
        );
        let again = header.write();
        assert_eq!(again.lines().count(), 6);
        assert_eq!(read(&again, FileId(0), DialectKind::Postgres).0.write(), again);
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        let text = "-- Version: 1.0\n-- Bump: huge\n-- Formerly: x\n-- Date: a\n-- Date: b\n";
        let (_, problems) = read(text, FileId(0), DialectKind::Sqlite);
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["header/version", "header/bump", "header/formerly", "header/repeated"]);
        assert!(problems.iter().all(|problem| problem.labels.len() == 1));
    }

    #[test]
    fn a_message_cannot_break_out_of_its_line() {
        let header =
            Header { description: Some(unsaid("a\nDROP TABLE x;\r\u{0}b".into())), ..Header::default() };
        assert_eq!(header.write(), "-- Description: a DROP TABLE x; b\n");
    }
}
