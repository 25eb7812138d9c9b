//! Objects followed by name and text: made from their definition, dropped and commented on by their kind's words.

use schema_model::ObjectName;
use schema_model::catalog::{OpaqueKind, OpaqueObject};
use schema_model::ident::{fold, quote, quote_object};
use schema_model::token::{Token, TokenKind, tokens};

use super::PG;
use super::comment;

/// The statements that make the object.
pub(super) fn create(object: &OpaqueObject) -> Vec<String> {
    let definition = object.definition.clone();
    let comment = object.comment.as_ref().map(|text| comment::on(&subject(object), Some(text)));
    [definition].into_iter().chain(object.amendments.iter().cloned()).chain(comment).collect()
}

/// The statement that drops it. An operator class that was given no family got one of its own name, which goes with all
/// that is in it (manual, DROP OPERATOR CLASS, notes).
pub(super) fn drop(object: &OpaqueObject) -> String {
    let own_family = || !words(&object.definition).iter().any(|word| word.eq_ignore_ascii_case("family"));
    match object.id.kind {
        OpaqueKind::OperatorClass if own_family() => {
            format!("DROP {}", subject(object).replacen("CLASS", "FAMILY", 1))
        }
        _ => format!("DROP {}", subject(object)),
    }
}

/// What `DROP` and `COMMENT ON` call the object.
pub(super) fn subject(object: &OpaqueObject) -> String {
    let id = &object.id;
    let name = quote_object(&id.name, PG);
    let on = || id.on.as_ref().map_or_else(String::new, |table| format!(" ON {}", quote_object(table, PG)));
    match id.kind {
        OpaqueKind::Collation => format!("COLLATION {name}"),
        OpaqueKind::Type => format!("TYPE {name}"),
        OpaqueKind::Function => format!("FUNCTION {name}({})", id.arguments),
        OpaqueKind::Procedure => format!("PROCEDURE {name}({})", id.arguments),
        OpaqueKind::Aggregate => {
            format!("AGGREGATE {name}({})", if id.arguments.is_empty() { "*" } else { &id.arguments })
        }
        OpaqueKind::Statistics => format!("STATISTICS {name}"),
        OpaqueKind::EventTrigger => format!("EVENT TRIGGER {}", quote(&id.name.name, PG)),
        OpaqueKind::Rule => format!("RULE {}{}", quote(&id.name.name, PG), on()),
        OpaqueKind::Trigger => format!("TRIGGER {}{}", quote(&id.name.name, PG), on()),
        OpaqueKind::Policy => format!("POLICY {}{}", quote(&id.name.name, PG), on()),
        OpaqueKind::Operator => operator(object),
        OpaqueKind::OperatorClass => operator_class(object),
        OpaqueKind::Cast => heading(&object.definition, 1, &["WITH", "WITHOUT"]),
        OpaqueKind::TextSearch => format!("{} {name}", heading(&object.definition, 1, &[]).to_uppercase()),
        OpaqueKind::Foreign => foreign(object),
        OpaqueKind::Publication => {
            let word = words(&object.definition).get(1).copied().unwrap_or("PUBLICATION").to_uppercase();
            format!("{word} {}", quote(&id.name.name, PG))
        }
    }
}

/// The words and other tokens of a definition.
fn words(definition: &str) -> Vec<&str> {
    let all = tokens(definition, PG);
    all.iter().filter(|token| !token.is_comment()).map(|token| token.text(definition)).collect()
}

/// The definition's text from a token to the first of these words; without words, the three words of `TEXT SEARCH …`.
fn heading(definition: &str, from: usize, until: &[&str]) -> String {
    let all: Vec<Token> = tokens(definition, PG).into_iter().filter(|token| !token.is_comment()).collect();
    let is_end = |token: &Token| until.iter().any(|word| token.text(definition).eq_ignore_ascii_case(word));
    let end = if until.is_empty() {
        (from + 3).min(all.len())
    } else {
        all.iter().position(is_end).unwrap_or(all.len())
    };
    match (all.get(from), end.checked_sub(1).and_then(|last| all.get(last))) {
        (Some(first), Some(last)) if end > from => {
            definition.get(first.start as usize..last.end as usize).unwrap_or("").to_owned()
        }
        _ => String::new(),
    }
}

/// `OPERATOR name (left, right)`: the operand types stand in the definition.
fn operator(object: &OpaqueObject) -> String {
    let side = |word: &str| argument(&object.definition, word).unwrap_or_else(|| "NONE".into());
    let schema = object.id.name.schema.as_ref().map_or(String::new(), |schema| quote(schema, PG) + ".");
    format!("OPERATOR {schema}{} ({}, {})", object.id.name.name, side("leftarg"), side("rightarg"))
}

/// The multirange type that comes with a range type; the name that PostgreSQL gives it by itself (manual, CREATE TYPE).
pub(super) fn multirange(object: &OpaqueObject) -> ObjectName {
    let name = object.id.name.name.as_str();
    let given = argument(&object.definition, "multirange_type_name").and_then(|text| {
        let last = text.rsplit('.').next().unwrap_or_default().trim().to_owned();
        (!last.is_empty()).then(|| fold(&last, PG))
    });
    let own = match name.rfind("range") {
        Some(at) => format!("{}multi{}", &name[..at], &name[at..]),
        None => format!("{name}_multirange"),
    };
    object.id.name.sibling(given.unwrap_or(own))
}

/// The value of `word = value` in a definition.
fn argument(definition: &str, word: &str) -> Option<String> {
    let all: Vec<Token> = tokens(definition, PG).into_iter().filter(|token| !token.is_comment()).collect();
    let at = all.iter().position(|token| token.text(definition).eq_ignore_ascii_case(word))?;
    let rest = all.get(at + 2..)?;
    let stop = |token: &&Token| !matches!(token.text(definition), "," | ")");
    let value: Vec<_> = rest.iter().take_while(stop).collect();
    let (first, last) = (value.first()?, value.last()?);
    definition.get(first.start as usize..last.end as usize).map(str::to_owned)
}

/// `OPERATOR CLASS name USING method`, `OPERATOR FAMILY …`.
fn operator_class(object: &OpaqueObject) -> String {
    let all = words(&object.definition);
    let word = all.get(2).copied().unwrap_or("CLASS").to_uppercase();
    let using = all.iter().position(|word| word.eq_ignore_ascii_case("using"));
    let method = using.and_then(|at| all.get(at + 1)).copied().unwrap_or("btree");
    format!("OPERATOR {word} {} USING {method}", quote_object(&object.id.name, PG))
}

/// Servers, wrappers and user mappings.
fn foreign(object: &OpaqueObject) -> String {
    let all = words(&object.definition);
    let is = |at: usize, word: &str| all.get(at).is_some_and(|text| text.eq_ignore_ascii_case(word));
    let name = quote(&object.id.name.name, PG);
    if is(1, "server") {
        format!("SERVER {name}")
    } else if is(1, "user") {
        heading(&object.definition, 1, &["OPTIONS"])
    } else {
        format!("FOREIGN DATA WRAPPER {name}")
    }
}

/// Whether the new definition can take the old one's place with `OR REPLACE`: same kind of routine, same arguments, same
/// result. What depends on it then stays.
pub(super) fn replaceable(old: &OpaqueObject, new: &OpaqueObject) -> bool {
    let routine = matches!(new.id.kind, OpaqueKind::Function | OpaqueKind::Procedure);
    let signature = |object: &OpaqueObject| signature(&object.definition);
    routine && old.id == new.id && signature(old).is_some() && signature(old) == signature(new)
}

/// `CREATE OR REPLACE …`.
pub(super) fn replace(object: &OpaqueObject) -> String {
    let rest = object.definition.get("CREATE".len()..).unwrap_or("");
    let already = rest.trim_start().get(..2).is_some_and(|word| word.eq_ignore_ascii_case("or"));
    if already { object.definition.clone() } else { format!("CREATE OR REPLACE{rest}") }
}

/// The part of a routine's text that `OR REPLACE` cannot change: name, arguments, `RETURNS`.
fn signature(definition: &str) -> Option<Vec<String>> {
    const CLAUSES: [&str; 21] = [
        "as",
        "language",
        "immutable",
        "stable",
        "volatile",
        "strict",
        "called",
        "security",
        "external",
        "cost",
        "rows",
        "support",
        "parallel",
        "set",
        "window",
        "leakproof",
        "transform",
        "return",
        "begin",
        "not",
        "null",
    ];
    let all: Vec<Token> = tokens(definition, PG).into_iter().filter(|token| !token.is_comment()).collect();
    let mut depth = 0usize;
    let mut out = Vec::new();
    for (at, token) in all.iter().enumerate() {
        let word = token.text(definition);
        match word {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        let lower = if token.kind == TokenKind::Word { word.to_lowercase() } else { word.to_owned() };
        // `RETURNS NULL ON NULL INPUT` is no result type.
        let strictness = lower == "returns"
            && all.get(at + 1).is_some_and(|next| next.text(definition).eq_ignore_ascii_case("null"));
        if depth == 0 && at > 2 && (CLAUSES.contains(&lower.as_str()) || strictness) {
            return Some(out);
        }
        out.push(lower);
    }
    None
}
