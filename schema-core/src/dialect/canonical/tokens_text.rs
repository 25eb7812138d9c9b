//! SQL text token by token: comments dropped, words folded, white space made uniform. What is left to compare when a
//! text is not understood.

use schema_model::token::{Token, TokenKind, tokens};
use schema_model::{DialectKind, ident};

/// The whole text.
pub(super) fn folded_text(text: &str, dialect: DialectKind) -> String {
    folded(text, &tokens(text, dialect), dialect)
}

/// These tokens of the text.
pub(super) fn folded(text: &str, tokens: &[Token], dialect: DialectKind) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = "";
    for token in tokens.iter().filter(|token| !token.is_comment()) {
        let own = token.text(text);
        if !out.is_empty() && spaced(last, own) {
            out.push(' ');
        }
        match token.kind {
            TokenKind::Word => out += &own.to_lowercase(),
            TokenKind::Quoted if token.closed => out += &identifier(own, dialect),
            _ => out += own,
        }
        last = own;
    }
    out
}

fn identifier(quoted: &str, dialect: DialectKind) -> String {
    let name = ident::fold(quoted, dialect);
    match dialect {
        DialectKind::Postgres => ident::quote(&name.into(), dialect),
        DialectKind::Sqlite => ident::quote(&name.to_lowercase().into(), dialect),
    }
}

/// Whether a space stands between two tokens; none goes where it would join them into another token.
pub(super) fn spaced(last: &str, next: &str) -> bool {
    if last == "." || next == "." {
        let other = if last == "." { next } else { last };
        return !other.starts_with(|first: char| first.is_alphabetic() || matches!(first, '_' | '"' | '`'));
    }
    !matches!(last, "(" | "[" | "::")
        && !matches!(next, ")" | "]" | "," | "::" | "[")
        && (next != "(" || !last.ends_with(|end: char| end.is_alphanumeric() || matches!(end, '_' | '"')))
}
