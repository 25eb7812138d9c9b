//! The attributes of one node: what each word means. Every mistake is kept and reading goes on.

mod column;
mod keys;
mod table;
mod types;

use proc_macro2::Span;
use syn::{Attribute, Meta};

pub use table::read_table;
pub use types::{read_enum, read_type_item};

use super::ast::{At, KeyColumn, Said};
use super::ctxt::Ctxt;
use super::nearest::nearest;
use super::tree::{Arg, Value, ValueKind, Word, parse_args};
use crate::DialectKind;
use crate::catalog::{Deferrable, ReferentialAction};

/// Reads all attributes of one name on a node.
fn read_words<T>(
    cx: &mut Ctxt,
    attrs: &[Attribute],
    name: &str,
    known: &[&str],
    read: &mut dyn FnMut(&mut Ctxt, &Arg, &Word) -> Option<T>,
) -> Vec<Said<T>> {
    let mut words = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(name)) {
        let Meta::List(list) = &attr.meta else {
            let span = attr.path().segments.first().map_or_else(Span::call_site, |first| first.ident.span());
            cx.error(span, format!("expected `#[{name}(…)]`"));
            continue;
        };
        match parse_args(list.tokens.clone()) {
            Ok(args) => read_list(cx, &args, name, known, None, read, &mut words),
            Err(error) => cx.syn_error(error),
        }
    }
    words
}

fn read_list<T>(
    cx: &mut Ctxt,
    args: &[Arg],
    name: &str,
    known: &[&str],
    dialect: Option<DialectKind>,
    read: &mut dyn FnMut(&mut Ctxt, &Arg, &Word) -> Option<T>,
    words: &mut Vec<Said<T>>,
) {
    for arg in args {
        let Some(word) = arg.word() else {
            cx.error(arg.span, format!("expected a word of `#[{name}(…)]`, found a value"));
            continue;
        };
        let own = match word.text.as_str() {
            "postgres" => Some(DialectKind::Postgres),
            "sqlite" => Some(DialectKind::Sqlite),
            _ => None,
        };
        if let (Some(own), true) = (own, known.contains(&word.text.as_str())) {
            match (&word.list, dialect) {
                (Some(list), None) => read_list(cx, list, name, known, Some(own), read, words),
                (Some(_), Some(_)) => cx.error(word.span, "a dialect inside a dialect"),
                (None, _) => {
                    cx.error(word.span, format!("expected `{own}(…)` with the words for this dialect"))
                }
            }
            continue;
        }
        if !known.contains(&word.text.as_str()) {
            unknown(cx, word, &format!("`#[{name}(…)]`"), known);
            continue;
        }
        if let Some(extra) = arg.words.get(1) {
            cx.error(
                extra.span,
                format!("unexpected `{}` behind `{}`; is a comma missing?", extra.text, word.text),
            );
            continue;
        }
        if let Some(read) = read(cx, arg, word) {
            let at = cx.at(word.span);
            words.push(Said { dialect, at, word: read });
        }
    }
}

/// Words that may be said once are said once.
fn refuse_twice<T>(cx: &mut Ctxt, words: &[Said<T>], owner: &str, once: impl Fn(&T) -> Option<&'static str>) {
    let mut seen: Vec<(Option<DialectKind>, &str)> = Vec::new();
    for said in words {
        let Some(name) = once(&said.word) else { continue };
        if seen.contains(&(said.dialect, name)) {
            cx.error_at(said.at, format!("`{name}` is said twice for this {owner}"));
        }
        seen.push((said.dialect, name));
    }
}

fn unknown(cx: &mut Ctxt, word: &Word, place: &str, known: &[&str]) {
    let hint = match nearest(&word.text, known.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; known are {}", list_words(known)),
    };
    cx.error(word.span, format!("unknown word `{}` in {place}{hint}", word.text));
}

fn list_words(known: &[&str]) -> String {
    known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// `word = "…"` or `word("…")`.
fn text(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<String> {
    let lone = word.list.as_deref().and_then(|list| match list {
        [only] => only.lone_text(),
        _ => None,
    });
    let found = match (&arg.value, lone) {
        (Some(Value { kind: ValueKind::Str(text), span }), None) => Some((text.as_str(), *span)),
        (None, Some((text, span))) => Some((text, span)),
        _ => None,
    };
    match found {
        Some((text, span)) if text.trim().is_empty() => {
            cx.error(span, format!("`{}` is empty", word.text));
            None
        }
        Some((text, _)) => Some(text.to_owned()),
        None => {
            cx.error(word.span, format!("expected `{} = \"…\"`", word.text));
            None
        }
    }
}

/// The text of a comment may be empty.
fn comment(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<String> {
    match &arg.value {
        Some(Value { kind: ValueKind::Str(text), .. }) => Some(text.clone()),
        _ => text(cx, arg, word),
    }
}

/// `word`, with nothing behind it; `word = true` is the same.
fn flag(cx: &mut Ctxt, arg: &Arg, word: &Word) -> bool {
    match (&arg.value, &word.list) {
        (None, None) => true,
        (Some(Value { kind: ValueKind::Bool(value), .. }), None) => *value,
        _ => {
            cx.error(word.span, format!("`{}` takes no value", word.text));
            false
        }
    }
}

/// `word = 12`.
fn integer(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<i64> {
    let number = arg.value.as_ref().and_then(|value| match &value.kind {
        ValueKind::Int(digits) => digits.parse().ok(),
        _ => None,
    });
    if number.is_none() {
        cx.error(word.span, format!("expected `{} = <integer>`", word.text));
    }
    number
}

/// `word = choice`, the choice one of a few words, with or without quotes.
fn choice<'a>(cx: &mut Ctxt, arg: &'a Arg, word: &Word, known: &[&str]) -> Option<&'a str> {
    let Some(value) = &arg.value else {
        cx.error(word.span, format!("expected `{} = …`, one of {}", word.text, list_words(known)));
        return None;
    };
    let said = value.text();
    if known.contains(&said) {
        return Some(said);
    }
    let hint = match nearest(said, known.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; known are {}", list_words(known)),
    };
    cx.error(value.span, format!("unknown `{} = {said}`{hint}", word.text));
    None
}

fn action(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<ReferentialAction> {
    Some(match choice(cx, arg, word, super::symbol::ACTIONS)? {
        "restrict" => ReferentialAction::Restrict,
        "cascade" => ReferentialAction::Cascade,
        "set_null" => ReferentialAction::SetNull,
        "set_default" => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    })
}

/// `deferrable` alone is initially immediate.
fn deferrable(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<Deferrable> {
    if arg.value.is_none() && word.list.is_none() {
        return Some(Deferrable::Immediate);
    }
    Some(match choice(cx, arg, word, super::symbol::DEFERRABLE)? {
        "deferred" => Deferrable::Deferred,
        _ => Deferrable::Immediate,
    })
}

/// A column in a list: `a`, `"a b"`, and for SQLite's keys `a desc`, `a collate("nocase")`.
fn key_column(cx: &mut Ctxt, arg: &Arg) -> Option<KeyColumn> {
    if let Some((name, span)) = arg.lone_text() {
        let at = cx.at(span);
        return Some(KeyColumn { name: name.to_owned(), at, suffix: String::new() });
    }
    let Some(word) = arg.word().filter(|word| arg.value.is_none() && word.list.is_none()) else {
        cx.error(arg.span, "expected a column");
        return None;
    };
    let mut suffix = Vec::new();
    for extra in &arg.words[1..] {
        match (extra.text.as_str(), &extra.list) {
            ("desc", None) => suffix.push("DESC".to_owned()),
            ("asc", None) => {}
            ("collate", Some(list)) => match list.first().and_then(Arg::lone_text) {
                Some((name, _)) => suffix.push(format!("COLLATE {name}")),
                None => cx.error(extra.span, "expected `collate(\"…\")`"),
            },
            _ => cx.error(
                extra.span,
                format!("unexpected `{}` behind a column; is a comma missing?", extra.text),
            ),
        }
    }
    let at = cx.at(word.span);
    Some(KeyColumn { name: word.text.clone(), at, suffix: suffix.join(" ") })
}

/// `columns(a, b)`.
fn column_list(cx: &mut Ctxt, word: &Word) -> Vec<KeyColumn> {
    match &word.list {
        Some(list) if !list.is_empty() => list.iter().filter_map(|arg| key_column(cx, arg)).collect(),
        _ => {
            cx.error(word.span, format!("expected `{}(column, …)`", word.text));
            Vec::new()
        }
    }
}

/// `with(fillfactor = 70)`.
fn parameters(cx: &mut Ctxt, word: &Word) -> Vec<(String, String)> {
    let Some(list) = &word.list else {
        cx.error(word.span, format!("expected `{}(name = value, …)`", word.text));
        return Vec::new();
    };
    let mut all = Vec::new();
    for arg in list {
        match (arg.word(), &arg.value) {
            (Some(name), Some(value)) => all.push((name.text.to_lowercase(), value.text().to_owned())),
            _ => cx.error(arg.span, "expected `name = value`"),
        }
    }
    all
}

/// The place of an argument's value, or of its word.
fn value_at(cx: &mut Ctxt, arg: &Arg, word: &Word) -> At {
    let span = match (&arg.value, &word.list) {
        (Some(value), _) => value.span,
        (None, Some(list)) => list.first().map_or(word.span, |first| first.span),
        _ => word.span,
    };
    cx.at(span)
}
