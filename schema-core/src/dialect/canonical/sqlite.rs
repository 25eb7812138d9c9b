//! SQLite's expressions: stored as their author wrote them, so only spelling is made uniform, token by token.

use schema_model::DialectKind::Sqlite;
use schema_model::token::{Token, TokenKind, tokens};

use super::tokens_text::{folded, spaced};

/// White space, keyword and identifier case, quotes of identifiers, outer parentheses.
pub(super) fn expr(text: &str) -> String {
    let all: Vec<Token> = tokens(text, Sqlite).into_iter().filter(|token| !token.is_comment()).collect();
    spelled(text, inner(text, &all))
}

/// A declared type: its words mean an affinity, found without regard to case (SQLite manual, "Datatypes", 3.1).
pub(super) fn type_words(text: &str) -> String {
    super::tokens_text::folded_text(text, Sqlite)
}

/// A default: a word or a name in double quotes is a string there.
pub(super) fn default(text: &str) -> String {
    let all: Vec<Token> = tokens(text, Sqlite).into_iter().filter(|token| !token.is_comment()).collect();
    match inner(text, &all) {
        [single] if single.kind == TokenKind::Quoted => {
            let value = schema_model::ident::fold(single.text(text), Sqlite);
            schema_model::ident::quote_string(&value, Sqlite)
        }
        [sign, number] if sign.text(text) == "+" && number.kind == TokenKind::Number => {
            number.text(text).to_owned()
        }
        rest => spelled(text, rest),
    }
}

fn spelled(text: &str, tokens: &[Token]) -> String {
    let (mut out, mut last) = (String::with_capacity(text.len()), String::new());
    for token in tokens {
        let part = match token.text(text) {
            "==" => "=".to_owned(),
            "!=" => "<>".to_owned(),
            // TRUE and FALSE are other names of 1 and 0 (SQLite manual, "Boolean Datatype").
            word if token.kind == TokenKind::Word && word.eq_ignore_ascii_case("true") => "1".to_owned(),
            word if token.kind == TokenKind::Word && word.eq_ignore_ascii_case("false") => "0".to_owned(),
            _ => folded(text, std::slice::from_ref(token), Sqlite),
        };
        out.push_str(if !out.is_empty() && spaced(&last, &part) { " " } else { "" });
        out.push_str(&part);
        last = part;
    }
    out
}

/// Without parentheses around the whole. Each one's partner is looked for once: ten thousand of them are no reason to hang.
fn inner<'t>(text: &str, tokens: &'t [Token]) -> &'t [Token] {
    let mut partners = vec![usize::MAX; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match (token.kind, token.text(text)) {
            (TokenKind::Punct, "(") => open.push(at),
            (TokenKind::Punct, ")") => {
                if let Some(first) = open.pop() {
                    partners[first] = at;
                }
            }
            _ => {}
        }
    }
    let (mut start, mut end) = (0, tokens.len());
    while start + 1 < end && partners[start] == end - 1 {
        (start, end) = (start + 1, end - 1);
    }
    &tokens[start..end]
}
