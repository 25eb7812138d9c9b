//! What a default gives, told apart as far as both databases can say it.

use std::fmt;

use schema_model::DialectKind;
use schema_model::catalog::{Column, ColumnType, Table};
use schema_model::token::{Token, TokenKind, tokens};

use crate::sql::read::sqlite::is_rowid_alias;

/// What a row gets where nothing is given.
#[derive(Clone, Debug)]
pub(super) enum Default {
    /// NULL, or an error.
    Nothing,
    /// The next number: a sequence, an identity, SQLite's rowid.
    Numbered { rowid: bool },
    /// The present moment, in whatever type.
    Now(String),
    /// A fresh unique identifier.
    Unique(String),
    /// A constant: its value, and its spelling.
    Constant { value: String, text: String },
    /// Anything else, as written.
    Other(String),
}

impl Default {
    /// The default of a column of one of the dialects, in canonical form. Only SQLite has tables with a rowid alias.
    pub(super) fn of(table: &Table, column: &Column) -> Default {
        let keyed = table.primary_key().is_some_and(|key| key.columns == [column.name.clone()]);
        if column.identity.is_some() {
            return Default::Numbered { rowid: false };
        }
        match &column.default {
            None if keyed && is_rowid_alias(table) => Default::Numbered { rowid: true },
            None => Default::Nothing,
            Some(expr) => read(expr.as_str(), column.ty == ColumnType::Boolean),
        }
    }

    /// Whether both give the same. SQLite numbers an integer key whether it is asked to or not.
    pub(super) fn means(&self, sqlite: &Default) -> bool {
        match (self, sqlite) {
            (Default::Nothing, Default::Nothing | Default::Numbered { rowid: true }) => true,
            (Default::Numbered { .. }, Default::Numbered { .. }) => true,
            (Default::Now(_), Default::Now(_)) | (Default::Unique(_), Default::Unique(_)) => true,
            (Default::Constant { value, .. }, Default::Constant { value: other, .. }) => value == other,
            (Default::Other(text), Default::Other(other)) => text == other,
            _ => false,
        }
    }
}

fn read(text: &str, boolean: bool) -> Default {
    let all: Vec<Token> = tokens(text, DialectKind::Postgres);
    let all: Vec<&Token> = all.iter().filter(|token| !token.is_comment()).collect();
    let constant = |value: String| Default::Constant { value, text: text.to_owned() };
    match &all[..] {
        [one] if one.kind == TokenKind::Number => return constant(number(text)),
        [sign, one] if one.kind == TokenKind::Number && matches!(sign.text(text), "-" | "+") => {
            return constant(number(&format!("{}{}", sign.text(text).trim_matches('+'), one.text(text))));
        }
        [one] if one.kind == TokenKind::Str => {
            let inner = one.text(text).trim_matches('\'').replace("''", "'");
            return constant(if boolean { truth(&inner) } else { number(&inner) });
        }
        [one] if one.kind == TokenKind::Word && matches!(&*word(one.text(text)), "true" | "false") => {
            return constant(truth(one.text(text)));
        }
        _ => {}
    }
    let words: Vec<String> = all.iter().map(|token| word(token.text(text))).collect();
    let says = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    if says(&["nextval"]) {
        return Default::Numbered { rowid: false };
    }
    if says(&[
        "gen_random_uuid",
        "uuid_generate_v1",
        "uuid_generate_v1mc",
        "uuid_generate_v4",
        "uuidv4",
        "uuidv7",
    ]) || says(&["randomblob"])
    {
        return Default::Unique(text.to_owned());
    }
    let clock = [
        "current_timestamp",
        "current_date",
        "current_time",
        "localtimestamp",
        "localtime",
        "transaction_timestamp",
        "statement_timestamp",
        "clock_timestamp",
        "unixepoch",
        "julianday",
        "'now'",
    ];
    let asked = words.windows(2).any(|pair| pair == ["now", "("]);
    if asked || says(&clock) || says(&["datetime", "strftime"]) {
        return Default::Now(text.to_owned());
    }
    Default::Other(text.to_owned())
}

fn word(text: &str) -> String {
    text.to_lowercase()
}

/// One spelling of a number; any other text is itself.
fn number(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && text.len() < 16 => value.to_string(),
        _ => text.to_owned(),
    }
}

fn truth(text: &str) -> String {
    match &*word(text) {
        "true" | "t" | "yes" | "on" | "1" => "1".to_owned(),
        "false" | "f" | "no" | "off" | "0" => "0".to_owned(),
        other => other.to_owned(),
    }
}

impl fmt::Display for Default {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Default::Nothing => f.write_str("not set"),
            Default::Numbered { .. } => f.write_str("the next number"),
            Default::Now(text) | Default::Unique(text) | Default::Other(text) => write!(f, "`{text}`"),
            Default::Constant { text, .. } => write!(f, "`{text}`"),
        }
    }
}
