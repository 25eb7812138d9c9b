//! What an expression says about columns: which ones it uses, and the name that an index column over it gets
//! (PostgreSQL's `FigureIndexColname`).

use schema_model::catalog::ColumnType;
use schema_model::ident::fold;
use schema_model::token::{Token, TokenKind};
use schema_model::type_text::read_type_at;
use schema_model::{DialectKind, Expr, Name};

use crate::sql::cursor::code_tokens;

const POSTGRES: DialectKind = DialectKind::Postgres;

/// Whether the expression uses a column of this name. A word before `(` is a function, one after `::` a type; one
/// after `.` counts only when the qualifier is the table.
pub(super) fn uses_column(expr: &str, table: &str, column: &str) -> bool {
    // Most expressions do not hold the word at all.
    if !expr.to_ascii_lowercase().contains(&column.to_ascii_lowercase()) {
        return false;
    }
    let tokens = code_tokens(expr, POSTGRES);
    (0..tokens.len()).any(|at| column_at(expr, &tokens, at, table).is_some_and(|name| name == column))
}

/// The columns, of those given, that an expression uses, each once, in order of use.
pub(super) fn columns_used<'c>(
    expr: &Expr,
    table: &str,
    columns: impl Iterator<Item = &'c Name> + Clone,
) -> Vec<Name> {
    let text = expr.as_str();
    let tokens = code_tokens(text, POSTGRES);
    let mut used: Vec<Name> = Vec::new();
    for at in 0..tokens.len() {
        let Some(name) = column_at(text, &tokens, at, table) else { continue };
        if let Some(column) = columns.clone().find(|column| **column == name.as_str())
            && !used.contains(column)
        {
            used.push(column.clone());
        }
    }
    used
}

fn column_at(text: &str, tokens: &[Token], at: usize, table: &str) -> Option<String> {
    let token = tokens[at];
    if !matches!(token.kind, TokenKind::Word | TokenKind::Quoted) {
        return None;
    }
    let word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |token| token.text(text));
    if matches!(word(Some(at + 1)), "(" | ".") || word(at.checked_sub(1)) == "::" {
        return None;
    }
    if word(at.checked_sub(1)) == "." && fold(word(at.checked_sub(2)), POSTGRES) != table {
        return None;
    }
    Some(fold(token.text(text), POSTGRES))
}

/// Whether the expression calls a function of this name, or names it otherwise.
pub(super) fn names_word(expr: &str, name: &str) -> bool {
    let tokens = code_tokens(expr, POSTGRES);
    // A reserved word without quotes is never a name: `SELECT` is not the column "select".
    let reserved = schema_model::keywords::is_reserved(name, POSTGRES);
    tokens.iter().any(|token| {
        let is_name = match token.kind {
            TokenKind::Word => !reserved,
            TokenKind::Quoted => true,
            _ => false,
        };
        is_name && fold(token.text(expr), POSTGRES) == name
    })
}

/// The name of an index column over this expression; none when PostgreSQL would call it `expr`.
pub(super) fn index_column(expr: &Expr) -> Option<String> {
    let text = expr.as_str();
    let tokens = code_tokens(text, POSTGRES);
    // Nobody names what is this long, and a chain of casts is read by recursion.
    if tokens.len() > 2000 {
        return None;
    }
    figure(text, &tokens).map(|(name, _)| name)
}

/// The name, and how sure it is: a type cast only names what has no better name.
fn figure(text: &str, tokens: &[Token]) -> Option<(String, u8)> {
    let tokens = strip(text, tokens);
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text(text));
    let depths = depths(text, tokens);
    // Operators of least binding first: any at the top makes it an operator expression, which has no name.
    let top_operator = (0..tokens.len()).any(|at| depths[at] == 0 && is_operator(text, tokens, at));
    if top_operator {
        return at_time_zone(text, tokens, &depths);
    }
    let lower = word(0).to_ascii_lowercase();
    if let Some(at) =
        (1..tokens.len()).rev().find(|at| depths[*at] == 0 && word(*at).eq_ignore_ascii_case("collate"))
    {
        return figure(text, &tokens[..at]);
    }
    if let Some(at) = (1..tokens.len()).rev().find(|at| depths[*at] == 0 && word(*at) == "::") {
        return cast(figure(text, &tokens[..at]), type_name(text, &tokens[at + 1..]));
    }
    match lower.as_str() {
        "case" => return Some(case_name(text, tokens, &depths)),
        "cast" if word(1) == "(" => {
            let inside = tokens.get(2..tokens.len() - 1).unwrap_or(&[]);
            let at = inside.iter().rposition(|token| token.text(text).eq_ignore_ascii_case("as"))?;
            return cast(figure(text, &inside[..at]), type_name(text, &inside[at + 1..]));
        }
        "array" if matches!(word(1), "[" | "(") => return Some(("array".into(), 2)),
        "row" if word(1) == "(" => return Some(("row".into(), 2)),
        "exists" if word(1) == "(" => return Some(("exists".into(), 2)),
        "not" => return None,
        _ => {}
    }
    let identifier =
        tokens.first().is_some_and(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted));
    if !identifier || matches!(lower.as_str(), "true" | "false" | "null") {
        // A constant with its type in front, `date '2020-01-01'`, is a cast; anything else has no name.
        return None;
    }
    // A path of names, perhaps called, perhaps subscripted.
    let mut last = fold(word(0), POSTGRES);
    let mut at = 1;
    while word(at) == "." && at + 1 < tokens.len() {
        last = fold(word(at + 1), POSTGRES);
        at += 2;
    }
    if word(at) == "(" {
        return Some((special(&last, text, tokens).unwrap_or(last), 2));
    }
    if tokens.get(at).is_some_and(|token| token.kind == TokenKind::Str) {
        return Some((internal_name(&fold(word(0), POSTGRES), text, tokens), 1));
    }
    Some((last, 2))
}

/// `x AT TIME ZONE y` is a call of `timezone`; other operators name nothing.
fn at_time_zone(text: &str, tokens: &[Token], depths: &[usize]) -> Option<(String, u8)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text(text));
    let is = |at: usize, expected: &str| word(at).eq_ignore_ascii_case(expected);
    let mut operators = (0..tokens.len()).filter(|at| depths[*at] == 0 && is_operator(text, tokens, *at));
    let only = operators.all(|at| is(at, "at") && is(at + 1, "time"));
    only.then(|| ("timezone".to_owned(), 2))
}

fn is_operator(text: &str, tokens: &[Token], at: usize) -> bool {
    let token = tokens[at];
    let word = token.text(text);
    match token.kind {
        TokenKind::Operator => word != "::",
        TokenKind::Word if at > 0 => {
            const WORDS: [&str; 15] = [
                "and", "or", "is", "isnull", "notnull", "in", "like", "ilike", "similar", "between", "at",
                "not", "overlaps", "over", "filter",
            ];
            WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
        }
        _ => false,
    }
}

fn cast(inner: Option<(String, u8)>, ty: Option<String>) -> Option<(String, u8)> {
    match (inner, ty) {
        (Some((name, 2)), _) => Some((name, 2)),
        (_, Some(ty)) => Some((ty, 1)),
        (inner, None) => inner,
    }
}

/// The type's name as the grammar has it: `int4`, `varchar`, `timestamptz`.
fn type_name(text: &str, tokens: &[Token]) -> Option<String> {
    let (ty, _) = read_type_at(text, tokens)?;
    Some(parser_name(&ty).unwrap_or_else(|| fold(tokens[0].text(text), POSTGRES)))
}

fn parser_name(ty: &ColumnType) -> Option<String> {
    let name = match ty {
        ColumnType::Boolean => "bool",
        ColumnType::Integer { bits: 16 } => "int2",
        ColumnType::Integer { bits: 64 } => "int8",
        ColumnType::Integer { .. } => "int4",
        ColumnType::Float { bits: 32 } => "float4",
        ColumnType::Float { .. } => "float8",
        ColumnType::Decimal { .. } => "numeric",
        ColumnType::Text => "text",
        ColumnType::Varchar { .. } => "varchar",
        ColumnType::Char { .. } => "bpchar",
        ColumnType::Bytes => "bytea",
        ColumnType::Date => "date",
        ColumnType::Time { zoned: true, .. } => "timetz",
        ColumnType::Time { .. } => "time",
        ColumnType::Timestamp { zoned: true, .. } => "timestamptz",
        ColumnType::Timestamp { .. } => "timestamp",
        ColumnType::Interval => "interval",
        ColumnType::Uuid => "uuid",
        ColumnType::Json { binary: true } => "jsonb",
        ColumnType::Json { binary: false } => "json",
        ColumnType::Array(element) => return parser_name(element),
        ColumnType::Named { name, .. } => return Some(name.name.to_string()),
        ColumnType::Other(_) => return None,
    };
    Some(name.to_owned())
}

fn internal_name(word: &str, text: &str, tokens: &[Token]) -> String {
    let before_string = tokens.iter().position(|token| token.kind == TokenKind::Str).unwrap_or(0);
    type_name(text, &tokens[..before_string]).unwrap_or_else(|| word.to_owned())
}

/// A `CASE` is named by its `ELSE` when that has a name of its own, else `case`.
fn case_name(text: &str, tokens: &[Token], depths: &[usize]) -> (String, u8) {
    let is_else = |at: &usize| depths[*at] == 1 && tokens[*at].text(text).eq_ignore_ascii_case("else");
    let rest = (0..tokens.len()).rfind(is_else).and_then(|at| tokens.get(at + 1..tokens.len() - 1));
    match rest.and_then(|rest| figure(text, rest)) {
        Some((name, 2)) => (name, 2),
        _ => ("case".to_owned(), 1),
    }
}

/// Calls that the grammar turns into others.
fn special(name: &str, text: &str, tokens: &[Token]) -> Option<String> {
    let inside = tokens.get(2).map_or("", |token| token.text(text)).to_ascii_lowercase();
    Some(match (name, inside.as_str()) {
        ("trim", "leading") => "ltrim".to_owned(),
        ("trim", "trailing") => "rtrim".to_owned(),
        ("trim", _) => "btrim".to_owned(),
        _ => return None,
    })
}

/// Outer parentheses off.
fn strip<'t>(text: &str, mut tokens: &'t [Token]) -> &'t [Token] {
    loop {
        let depths = depths(text, tokens);
        let wrapped = tokens.len() > 2
            && tokens[0].text(text) == "("
            && depths[1..tokens.len() - 1].iter().all(|depth| *depth > 0);
        if !wrapped || tokens[tokens.len() - 1].text(text) != ")" {
            return tokens;
        }
        tokens = &tokens[1..tokens.len() - 1];
    }
}

/// The depth in parentheses, brackets and `CASE … END` of each token; those at the edge count as outside.
fn depths(text: &str, tokens: &[Token]) -> Vec<usize> {
    let mut depth = 0usize;
    let depth_of = |token: &Token| {
        let word = token.text(text);
        if matches!(word, "(" | "[") || word.eq_ignore_ascii_case("case") {
            depth += 1;
            depth - 1
        } else if matches!(word, ")" | "]") || word.eq_ignore_ascii_case("end") {
            depth = depth.saturating_sub(1);
            depth
        } else {
            depth
        }
    };
    tokens.iter().map(depth_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_columns_are_named_as_postgresql_does() {
        let cases = [
            ("lower(email)", Some("lower")),
            ("(data ->> 'x')", None),
            ("(a)::int", Some("a")),
            ("('x')::varchar", Some("varchar")),
            ("(data ->> 'x')::integer", Some("int4")),
            ("COALESCE(a, b)", Some("coalesce")),
            ("date(created AT TIME ZONE 'utc')", Some("date")),
            ("created AT TIME ZONE 'utc'", Some("timezone")),
            ("CASE WHEN a THEN 1 ELSE b END", Some("b")),
            ("CASE WHEN a THEN 1 ELSE 2 END", Some("case")),
            ("(a) IS NULL", None),
            ("lower(a) COLLATE \"C\"", Some("lower")),
            ("trim(a)", Some("btrim")),
            ("tags[1]", Some("tags")),
            ("app.f(x)", Some("f")),
            ("(data -> 'a') ->> 'b'", None),
        ];
        for (text, expected) in cases {
            assert_eq!(index_column(&Expr::new(text)).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn columns_are_told_from_functions_and_types() {
        assert!(uses_column("a > 0", "t", "a"));
        assert!(uses_column("t.a > 0", "t", "a"));
        for text in ["a(1)", "x::a", "b.a > 0", "'a'"] {
            assert!(!uses_column(text, "t", "a"), "{text}");
        }
    }
}
