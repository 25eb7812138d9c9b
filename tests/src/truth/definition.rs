//! Definitions as PostgreSQL prints them, brought to a form in which quoting and the default schema's name do not count.

use schema_core::model::DialectKind;
use schema_core::model::ident::fold;
use schema_core::model::token::{Token, TokenKind, tokens};

/// The text's tokens, identifiers unquoted, `public.` left out, with a space between.
pub(super) fn plain(text: &str) -> String {
    let all = tokens(text, DialectKind::Postgres);
    let mut out: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(token) = all.get(at) {
        let word = spelled(token, text);
        let qualifies = word == "public" && all.get(at + 1).is_some_and(|next| next.text(text) == ".");
        at += if qualifies { 2 } else { 1 };
        if !qualifies {
            out.push(word);
        }
    }
    out.join(" ")
}

fn spelled(token: &Token, text: &str) -> String {
    let word = token.text(text);
    match token.kind {
        TokenKind::Quoted => fold(word, DialectKind::Postgres),
        TokenKind::Str => word.replace("'public.", "'").replace('"', ""),
        _ => word.to_owned(),
    }
}

/// The text inside the first pair of parentheses, what stands before it and what behind.
pub(super) fn parenthesised(text: &str) -> Option<(&str, &str, &str)> {
    let (mut depth, mut open) = (0usize, None);
    for token in tokens(text, DialectKind::Postgres) {
        match (token.kind, token.text(text)) {
            (TokenKind::Punct, "(") => {
                depth += 1;
                open.get_or_insert(token);
            }
            (TokenKind::Punct, ")") => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    let open: Token = open?;
                    return Some((
                        text.get(..open.start as usize)?,
                        text.get(open.end as usize..token.start as usize)?,
                        text.get(token.end as usize..)?,
                    ));
                }
            }
            _ => {}
        }
    }
    None
}

/// The text cut at commas outside parentheses.
pub(super) fn list(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0usize, 0, Vec::new());
    for token in tokens(text, DialectKind::Postgres) {
        match token.text(text) {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                parts.push(text[start..token.start as usize].trim());
                start = token.end as usize;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// An index part cut into its term and what follows: `lower(a) text_ops DESC` is `lower(a)` and `text_ops DESC`.
pub(super) fn index_part(text: &str) -> (&str, &str) {
    let all = tokens(text, DialectKind::Postgres);
    let first = all.first().map_or(0, |token| token.end as usize);
    let call = text.get(first..).is_some_and(|rest| rest.trim_start().starts_with('('))
        && all.first().is_some_and(|token| token.kind != TokenKind::Punct);
    let qualified = all.get(1).is_some_and(|token| token.text(text) == ".");
    let end = if text.starts_with('(') || call || qualified {
        parenthesised(text).map_or(first, |(_, _, rest)| text.len() - rest.len())
    } else {
        first
    };
    (text[..end].trim(), text[end..].trim())
}

/// An expression without the parentheses around all of it.
pub(super) fn bare(mut text: &str) -> &str {
    text = text.trim();
    while let Some(("", inside, "")) = parenthesised(text) {
        text = inside.trim();
    }
    text
}
