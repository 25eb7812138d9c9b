//! What an expression or body names, told from its tokens.

use std::collections::BTreeSet;

use schema_model::ident::fold;
use schema_model::token::{Token, TokenKind, tokens};
use schema_model::{DialectKind, Expr, Name, ObjectName};

const PG: DialectKind = DialectKind::Postgres;

/// The names in a text, by the role that their place gives them.
#[derive(Clone, Debug, Default)]
pub(super) struct Mentions {
    /// Names before `(`.
    pub calls: BTreeSet<ObjectName>,
    /// Every other name, dotted or not: types, relations, columns.
    pub names: BTreeSet<ObjectName>,
    /// Names in string constants that stand for relations: `nextval('seq')`.
    pub quoted: BTreeSet<ObjectName>,
    /// Operators, as written.
    pub operators: BTreeSet<String>,
    /// Every identifier by itself.
    pub words: BTreeSet<String>,
    /// A `*` stands where a column list could.
    pub star: bool,
}

impl Mentions {
    /// Reads a text; string constants are opaque but for relation names.
    pub fn of(text: &str) -> Mentions {
        let all: Vec<Token> = tokens(text, PG).into_iter().filter(|token| !token.is_comment()).collect();
        let word = |at: usize| all.get(at).map_or("", |token| token.text(text));
        let mut found = Mentions::default();
        let mut at = 0;
        while at < all.len() {
            match all[at].kind {
                TokenKind::Word | TokenKind::Quoted => {
                    let (name, used) = dotted(text, &all, at);
                    for step in (0..used).step_by(2) {
                        found.words.insert(fold(word(at + step), PG));
                    }
                    found.star |= word(at + used) == "." && word(at + used + 1) == "*";
                    let list = if word(at + used) == "(" { &mut found.calls } else { &mut found.names };
                    list.insert(name);
                    at += used;
                    continue;
                }
                TokenKind::Str => {
                    let inner = word(at).strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
                    if let Some(name) = inner.and_then(relation) {
                        found.quoted.insert(name);
                    }
                }
                TokenKind::Operator if word(at) != "*" => {
                    found.operators.insert(word(at).to_owned());
                }
                TokenKind::Operator if word(at) == "*" => {
                    let before = at.checked_sub(1).map_or("", word).to_ascii_lowercase();
                    found.star |= matches!(before.as_str(), "select" | "," | "all" | "distinct");
                }
                _ => {}
            }
            at += 1;
        }
        found
    }

    /// Whether the identifier occurs.
    pub fn word(&self, name: &Name) -> bool {
        self.words.contains(name.as_str())
    }

    /// Whether the object is named outside strings.
    pub fn object(&self, name: &ObjectName) -> bool {
        self.names.contains(name) || self.calls.contains(name)
    }
}

/// `a`, `a.b`, `a.b.c`: the name of the last two parts, `public` taken off, and how many tokens it took.
fn dotted(text: &str, all: &[Token], at: usize) -> (ObjectName, usize) {
    let part = |at: usize| Name::new(fold(all[at].text(text), PG));
    let is_name = |at: usize| {
        all.get(at).is_some_and(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted))
    };
    let dot = |at: usize| all.get(at).is_some_and(|token| token.text(text) == ".");
    if dot(at + 1) && is_name(at + 2) {
        return (in_schema(part(at), part(at + 2)), 3);
    }
    (ObjectName::bare(part(at)), 1)
}

fn in_schema(schema: Name, name: Name) -> ObjectName {
    if schema == "public" { ObjectName::bare(name) } else { ObjectName { schema: Some(schema), name } }
}

/// The relation that a string constant names, if it could name one.
fn relation(inner: &str) -> Option<ObjectName> {
    if inner.is_empty() || inner.len() > 140 || inner.contains(' ') && !inner.contains('"') {
        return None;
    }
    let all = tokens(inner, PG);
    let first = all.first()?;
    if !matches!(first.kind, TokenKind::Word | TokenKind::Quoted) {
        return None;
    }
    let (name, used) = dotted(inner, &all, 0);
    (used == all.len()).then_some(name)
}

/// Whether the expression can stand after `DEFAULT` bare: a constant or a call, with casts behind it.
fn is_simple(expr: &str) -> bool {
    let all: Vec<Token> = tokens(expr, PG).into_iter().filter(|token| !token.is_comment()).collect();
    let word = |at: usize| all.get(at).map_or("", |token| token.text(expr));
    let mut at = usize::from(matches!(word(0), "-" | "+"));
    match all.get(at).map(|token| token.kind) {
        Some(TokenKind::Str | TokenKind::Number) => at += 1,
        Some(TokenKind::Word | TokenKind::Quoted) if at == 0 => {
            let keyword = |word_: &str| word(0).eq_ignore_ascii_case(word_);
            let array = keyword("array") && word(1) == "[";
            if !array && ["case", "not", "array", "row", "interval", "exists"].into_iter().any(keyword) {
                return false;
            }
            at = if array { 1 } else { dotted(expr, &all, 0).1 };
            if word(at) == "(" || array {
                let Some(end) = closing(expr, &all, at) else { return false };
                at = end + 1;
            }
        }
        _ => return false,
    }
    while word(at) == "::" {
        let Some(rest) = all.get(at + 1..) else { return false };
        match schema_model::type_text::read_type_at(expr, rest) {
            Some((_, used)) => at += 1 + used,
            None => return false,
        }
    }
    at == all.len()
}

fn closing(expr: &str, all: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, token) in all.iter().enumerate().skip(open) {
        match token.text(expr) {
            "(" | "[" => depth += 1,
            ")" | "]" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The expression as it stands after `DEFAULT`: in parentheses unless it is plain.
pub(super) fn default_text(expr: &Expr) -> String {
    if is_simple(expr.as_str()) { expr.to_string() } else { format!("({expr})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_get_parentheses_only_where_the_grammar_asks() {
        let written = |text: &str| default_text(&Expr::new(text));
        for plain in [
            "0",
            "-1",
            "now()",
            "'a'::text",
            "nextval('s'::regclass)",
            "CURRENT_TIMESTAMP",
            "true",
            "ARRAY[]::text[]",
            "'{}'::character varying(20)[]",
            "app.f(1, 2)",
        ] {
            assert_eq!(written(plain), plain);
        }
        for wrapped in
            ["1 + 2", "now() + '1 day'::interval", "a IS NULL", "NOT true", "now() AT TIME ZONE 'utc'"]
        {
            assert_eq!(written(wrapped), format!("({wrapped})"));
        }
    }

    #[test]
    fn names_are_told_by_their_place() {
        let found = Mentions::of("lower(app.f(x)) = nextval('app.s'::regclass) and y::public.mood = 'q'");
        assert!(found.calls.contains(&ObjectName::in_schema("app", "f")));
        assert!(found.names.contains(&ObjectName::bare("mood")));
        assert!(found.quoted.contains(&ObjectName::in_schema("app", "s")));
        assert!(found.words.contains("x") && !found.star);
        assert!(Mentions::of("select t.* from t").star);
    }
}
