//! Names inside expressions and bodies, followed when the thing they name is renamed. A database stores references and
//! prints the new name; we store text and rewrite its tokens.

use schema_model::token::{Token, TokenKind, tokens};
use schema_model::{DialectKind, Expr, Name, ObjectName};

use schema_model::ident::{fold, quote, quote_object};

/// The expression with every reference to column `from` of `table` spelled `to`. A word followed by `(` is a function,
/// one after `::` a type, one before `.` a qualifier; one after `.` is the column only when the qualifier is the table.
pub fn rename_column_in_expr(
    expr: &Expr,
    table: &Name,
    from: &Name,
    to: &Name,
    dialect: DialectKind,
) -> Expr {
    let is_column = |before: Option<&str>, qualifier: Option<&str>, after: Option<&str>| match (before, after)
    {
        (_, Some("(" | ".")) | (Some("::"), _) => false,
        (Some("."), _) => {
            qualifier.is_some_and(|word| same_name(&fold(word, dialect), table.as_str(), dialect))
        }
        _ => true,
    };
    rewrite(expr, from, to, dialect, is_column)
}

/// The expression with every reference to the object `from` (a sequence in `nextval('…')`, a type, a function) spelled
/// `to`: as an identifier, and as a string constant that stands for a relation.
pub fn rename_object_in_expr(expr: &Expr, from: &ObjectName, to: &ObjectName, dialect: DialectKind) -> Expr {
    match rename_object_in_text(expr.as_str(), from, to, dialect) {
        Some(text) => Expr::new(text),
        None => expr.clone(),
    }
}

/// The same for any SQL text; `None` when the text does not name the object.
pub fn rename_object_in_text(
    text: &str,
    from: &ObjectName,
    to: &ObjectName,
    dialect: DialectKind,
) -> Option<String> {
    rename_where(text, from, to, dialect, |_| true)
}

/// The text with calls of the routine `from` spelled `to`; `None` when there is none.
pub(super) fn rename_call_in_text(
    text: &str,
    from: &ObjectName,
    to: &ObjectName,
    dialect: DialectKind,
) -> Option<String> {
    rename_where(text, from, to, dialect, |after| after == "(")
}

/// A routine's statement with the object's name changed in what the database keeps by reference: all of it but for a
/// body that is a string.
pub(super) fn rename_object_in_routine(
    text: &str,
    from: &ObjectName,
    to: &ObjectName,
    dialect: DialectKind,
) -> Option<String> {
    let mut all = tokens(text, dialect);
    all.retain(|token| !token.is_comment());
    let is_body = |pair: &[Token]| {
        pair[0].text(text).eq_ignore_ascii_case("as") && matches!(pair[1].kind, TokenKind::Str)
    };
    let end = all.windows(2).find(|pair| is_body(pair)).map_or(text.len(), |pair| pair[0].start as usize);
    let head = rename_object_in_text(&text[..end], from, to, dialect)?;
    Some(head + &text[end..])
}

/// Renames the object where `wanted` says so of the token that follows its name.
fn rename_where(
    text: &str,
    from: &ObjectName,
    to: &ObjectName,
    dialect: DialectKind,
    wanted: impl Fn(&str) -> bool,
) -> Option<String> {
    if !text.to_ascii_lowercase().contains(&from.name.as_str().to_ascii_lowercase()) {
        return None;
    }
    let all = tokens(text, dialect);
    let mut out = String::with_capacity(text.len() + 16);
    let (mut last, mut index) = (0, 0);
    while index < all.len() {
        let replacement = match all[index].kind {
            TokenKind::Str if names_relation(text, &all, index, from, dialect) => {
                Some((1, format!("'{}'", quote_object(to, dialect).replace('\'', "''"))))
            }
            TokenKind::Word | TokenKind::Quoted => match object_at(text, &all, index, from, dialect) {
                Some(used) => Some((used, quote_object(to, dialect))),
                None => qualifies(text, &all, index, from, dialect).then(|| (1, quote(&to.name, dialect))),
            },
            _ => None,
        };
        let after = |used: usize| all.get(index + used).map_or("", |token| token.text(text));
        let Some((used, new)) = replacement.filter(|(used, _)| wanted(after(*used))) else {
            index += 1;
            continue;
        };
        out.push_str(&text[last..all[index].start as usize]);
        out.push_str(&new);
        index += used;
        last = all[index - 1].end as usize;
    }
    (last > 0).then(|| out + &text[last..])
}

/// `'name'::regclass`, `nextval('name')` and its kin.
fn names_relation(
    text: &str,
    all: &[Token],
    index: usize,
    object: &ObjectName,
    dialect: DialectKind,
) -> bool {
    let word = |index: usize| all.get(index).map_or("", |token| token.text(text));
    let cast = word(index + 1) == "::" && word(index + 2).eq_ignore_ascii_case("regclass");
    let call = index >= 2
        && word(index - 1) == "("
        && ["nextval", "currval", "setval"].iter().any(|name| word(index - 2).eq_ignore_ascii_case(name));
    let Some(inner) = word(index).strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) else {
        return false;
    };
    let parts = tokens(inner, dialect);
    (cast || call) && !parts.is_empty() && object_at(inner, &parts, 0, object, dialect) == Some(parts.len())
}

/// Whether the token is the object's bare name as the qualifier of a column: `users.id`.
fn qualifies(text: &str, all: &[Token], index: usize, object: &ObjectName, dialect: DialectKind) -> bool {
    let word = |index: usize| all.get(index).map_or("", |token| token.text(text));
    let alone = index == 0 || word(index - 1) != ".";
    let of_column = word(index + 1) == "." && word(index + 3) != "(" && word(index + 3) != ".";
    alone && of_column && same_name(&fold(word(index), dialect), object.name.as_str(), dialect)
}

fn rewrite(
    expr: &Expr,
    from: &Name,
    to: &Name,
    dialect: DialectKind,
    wanted: impl Fn(Option<&str>, Option<&str>, Option<&str>) -> bool,
) -> Expr {
    let text = expr.as_str();
    let all = tokens(text, dialect);
    let at = |index: Option<usize>| index.and_then(|index| all.get(index)).map(|token| token.text(text));
    let mut out = String::with_capacity(text.len() + 16);
    let mut last = 0;
    for (index, token) in all.iter().enumerate() {
        let identifier = matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
        if !identifier || !same_name(&fold(token.text(text), dialect), from.as_str(), dialect) {
            continue;
        }
        if wanted(at(index.checked_sub(1)), at(index.checked_sub(2)), at(Some(index + 1))) {
            out.push_str(&text[last..token.start as usize]);
            out.push_str(&quote(to, dialect));
            last = token.end as usize;
        }
    }
    out.push_str(&text[last..]);
    Expr::new(out)
}

/// How many tokens from `index` on spell the object, when they do.
fn object_at(
    text: &str,
    all: &[Token],
    index: usize,
    object: &ObjectName,
    dialect: DialectKind,
) -> Option<usize> {
    if index > 0 && all[index - 1].text(text) == "." {
        return None;
    }
    let first = fold(all[index].text(text), dialect);
    let dotted = all.get(index + 1).is_some_and(|token| token.text(text) == ".");
    if dotted {
        let second = fold(all.get(index + 2)?.text(text), dialect);
        let schema = object.schema.as_ref().map_or("public", |schema| schema.as_str());
        return (first == schema && second == object.name.as_str()).then_some(3);
    }
    (object.schema.is_none() && same_name(&first, object.name.as_str(), dialect)).then_some(1)
}

fn same_name(one: &str, other: &str, dialect: DialectKind) -> bool {
    match dialect {
        DialectKind::Postgres => one == other,
        DialectKind::Sqlite => one.eq_ignore_ascii_case(other),
    }
}
