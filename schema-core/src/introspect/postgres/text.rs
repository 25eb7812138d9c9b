//! Expressions and options as the server prints them.

use schema_model::catalog::Settings;

use schema_model::token::{TokenKind, tokens};
use schema_model::{DialectKind, Expr};

/// An expression without the parentheses that the server puts around it.
pub(super) fn expr(text: &str) -> Expr {
    let mut text = text.trim();
    while let Some(inner) = unwrapped(text) {
        text = inner.trim();
    }
    Expr::new(text)
}

/// What is inside, when the first parenthesis is closed by the last character.
fn unwrapped(text: &str) -> Option<&str> {
    if !(text.starts_with('(') && text.ends_with(')')) {
        return None;
    }
    let mut depth = 0usize;
    for token in tokens(text, DialectKind::Postgres) {
        if token.kind != TokenKind::Punct {
            continue;
        }
        match token.text(text) {
            "(" => depth += 1,
            ")" => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (token.end as usize == text.len()).then(|| text.get(1..text.len() - 1)).flatten();
        }
    }
    None
}

/// `reloptions`: `{fillfactor=70,autovacuum_enabled=false}`.
pub(super) fn options(list: Option<Vec<String>>) -> Settings {
    let pairs = list.unwrap_or_default();
    pairs
        .iter()
        .map(|pair| pair.split_once('=').unwrap_or((pair, "true")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// `WITH (fillfactor=70)`, or nothing.
pub(super) fn with_clause(options: &Settings) -> Option<String> {
    let parts: Vec<_> = options.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (!parts.is_empty()).then(|| format!("WITH ({})", parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outer_parentheses_are_taken_off() {
        for (from, to) in [
            ("((a > 0) AND (b > 0))", "(a > 0) AND (b > 0)"),
            ("(a > 0)", "a > 0"),
            ("(a) + (b)", "(a) + (b)"),
            ("(')' || (a))", "')' || (a)"),
            ("lower(a)", "lower(a)"),
        ] {
            assert_eq!(expr(from).as_str(), to);
        }
    }
}
