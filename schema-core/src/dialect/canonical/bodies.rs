//! PostgreSQL's routines, triggers and policies: what the server fills in and spells out is left out, the rest is put in
//! one order. A text that does not read that way is only folded token by token.

use std::collections::{BTreeMap, BTreeSet};

use schema_model::catalog::{Catalog, OpaqueKind, OpaqueObject, Table};
use schema_model::token::{Token, TokenKind};
use schema_model::type_text::{read_type_at, write_type};
use schema_model::{DialectKind, Expr, FileId, Span};

use super::tokens_text::folded;
use super::{Scope, default, expr_in};
use crate::sql::cursor::{Cursor, Read, Source, code_tokens};

const PG: DialectKind = DialectKind::Postgres;

/// The definition and amendments in canonical form.
pub(super) fn settle(object: &mut OpaqueObject, catalog: &Catalog) {
    let text = object.definition.clone();
    let tokens = code_tokens(&text, PG);
    let cursor = Cursor::new(&text, &tokens, PG, Source::Whole(Span::new(FileId(0), 0, 0)));
    let table = object.id.on.as_ref().and_then(|on| catalog.tables.get(on));
    let read = match object.id.kind {
        OpaqueKind::Function | OpaqueKind::Procedure => routine(cursor),
        OpaqueKind::Trigger => trigger(cursor),
        OpaqueKind::Policy => policy(cursor, table),
        _ => Err(cursor.unknown("kept as it is")),
    };
    object.definition = read.unwrap_or_else(|_| plain(&text));
    object.amendments.iter_mut().for_each(|amendment| *amendment = plain(amendment));
}

/// Token by token, the default schema left out.
fn plain(text: &str) -> String {
    let tokens = code_tokens(text, PG);
    let word = |at: usize| tokens.get(at).map_or("", |token: &Token| token.text(text));
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let qualifier = word(at).eq_ignore_ascii_case("public") && word(at + 1) == ".";
        let inner = at.checked_sub(1).is_some_and(|before| word(before) == ".");
        if qualifier && !inner {
            at += 2;
            continue;
        }
        kept.push(tokens[at]);
        at += 1;
    }
    folded(text, &kept, PG)
}

/// `CREATE [OR REPLACE] FUNCTION name (arguments) [RETURNS …] clauses` (manual, CREATE FUNCTION).
fn routine(mut cursor: Cursor<'_>) -> Read<String> {
    cursor.expect("create")?;
    cursor.accept("or replace");
    cursor.accept_any(&["function", "procedure"]);
    cursor.object()?;
    let arguments = arguments(&mut cursor)?;
    let out = arguments.iter().any(|argument| argument.starts_with("out ") || argument.starts_with("inout "));
    let mut result = String::new();
    if cursor.is("returns") && !cursor.is_at(1, "null") {
        cursor.bump();
        result = returned(&mut cursor, out)?;
    }
    let set = result.starts_with("setof") || result.starts_with("table");
    let mut clauses = BTreeMap::new();
    while !cursor.is_done() && !cursor.is_punct(";") {
        let (name, value) = clause(&mut cursor)?;
        clauses.insert(name, value);
    }
    let cost = if matches!(clauses.get("language").map(String::as_str), Some("c" | "internal")) {
        "1"
    } else {
        "100"
    };
    let rows = if set { "1000" } else { "0" };
    let implied = [
        ("volatility", "volatile"),
        ("parallel", "unsafe"),
        ("strict", "called on null input"),
        ("security", "invoker"),
        ("leakproof", "not"),
        ("cost", cost),
        ("rows", rows),
    ];
    for (name, value) in implied {
        if clauses.get(name).is_some_and(|own| own == value) {
            clauses.remove(name);
        }
    }
    let clauses: Vec<_> = clauses.into_iter().map(|(name, value)| format!("{name} {value}")).collect();
    Ok(format!("({}) {result} {}", arguments.join(", "), clauses.join(" ")))
}

/// Each argument as mode, name, type and default; `IN` is not said.
fn arguments(cursor: &mut Cursor<'_>) -> Read<Vec<String>> {
    cursor.group()?.items().into_iter().map(argument).collect()
}

fn argument(mut item: Cursor<'_>) -> Read<String> {
    const MODES: [&str; 4] = ["inout", "in", "out", "variadic"];
    let mut mode = if item.is_punct_at(1, ",") { None } else { item.accept_any(&MODES) };
    let mut ahead = item;
    let starts = |item: &Cursor<'_>| item.is("default") || item.is_punct("=") || item.is_punct(":=");
    while !ahead.is_done() && !starts(&ahead) {
        ahead.skip_item();
    }
    let text = item.source_text();
    let tokens = |cursor: Cursor<'_>| {
        let (mut cursor, mut out) = (cursor, Vec::new());
        while cursor.position() < ahead.position() {
            out.extend(cursor.bump());
        }
        out
    };
    let whole = |tokens: &[Token]| read_type_at(text, tokens).filter(|(_, used)| *used == tokens.len());
    let mut name = String::new();
    let own = tokens(item);
    let ty = match whole(&own) {
        Some((ty, _)) => write_type(&ty, PG),
        None => {
            name = format!("{} ", schema_model::ident::quote(&item.name()?, PG));
            mode = mode.or(item.accept_any(&MODES));
            let own = tokens(item);
            match whole(&own) {
                Some((ty, _)) => write_type(&ty, PG),
                None => folded(text, &own, PG),
            }
        }
    };
    let mode = mode.filter(|mode| *mode != "in").map_or(String::new(), |mode| format!("{mode} "));
    let mut default_text = String::new();
    if !ahead.is_done() {
        ahead.bump();
        let ty = schema_model::type_text::read_type(&ty, PG);
        default_text = format!(" = {}", default(&ahead.expr_rest()?, &ty, &Scope::default(), PG));
    }
    Ok(format!("{mode}{name}{ty}{default_text}"))
}

/// What a function returns; with `OUT` arguments that says nothing more.
fn returned(cursor: &mut Cursor<'_>, out: bool) -> Read<String> {
    if cursor.accept("table") {
        return Ok(format!("table ({})", arguments(cursor)?.join(", ")));
    }
    let set = if cursor.accept("setof") { "setof" } else { "" };
    let ty = schema_model::type_text::read_type(&cursor.type_text()?, PG);
    let ty = if out { String::new() } else { write_type(&ty, PG) };
    Ok(format!("{set} {ty}"))
}

/// One clause as a name and a value.
fn clause(cursor: &mut Cursor<'_>) -> Read<(String, String)> {
    let said = |name: &str, value: &str| Ok((name.to_owned(), value.to_owned()));
    if let Some(word) = cursor.accept_any(&["immutable", "stable", "volatile"]) {
        return said("volatility", word);
    }
    if cursor.accept_any(&["strict", "returns null on null input"]).is_some() {
        return said("strict", "strict");
    }
    if cursor.accept("called on null input") {
        return said("strict", "called on null input");
    }
    cursor.accept("external");
    if cursor.accept("security") {
        let value = cursor.accept_any(&["definer", "invoker"]).unwrap_or_default();
        return said("security", value);
    }
    if cursor.accept("not leakproof") {
        return said("leakproof", "not");
    }
    if cursor.accept_any(&["leakproof", "window"]).map(|word| word == "leakproof").is_some_and(|leak| leak) {
        return said("leakproof", "");
    }
    if let Some(word) = cursor.accept_any(&["parallel", "cost", "rows", "support"]) {
        let value = cursor.word(0).to_lowercase();
        cursor.bump();
        return said(word, &value);
    }
    if cursor.accept("language") {
        let value = match cursor.token(0).map(|token| token.kind) {
            Some(TokenKind::Str) => cursor.string()?.to_lowercase(),
            _ => cursor.name()?.to_string(),
        };
        return said("language", &value);
    }
    if cursor.accept("set") {
        return setting(cursor);
    }
    if cursor.accept("as") {
        let mut body = cursor.string()?;
        while cursor.accept_punct(",") {
            body = format!("{body}\u{0}{}", cursor.string()?);
        }
        return Ok(("as".to_owned(), body));
    }
    if cursor.accept("return") {
        return Ok(("return".to_owned(), expr_in(&cursor.expr_rest()?, &Scope::default(), PG).to_string()));
    }
    if cursor.is("begin") {
        return Ok(("atomic".to_owned(), plain(&cursor.take_rest())));
    }
    Err(cursor.unknown("a clause that is not known"))
}

/// `SET name TO values`: the values without their quotes.
fn setting(cursor: &mut Cursor<'_>) -> Read<(String, String)> {
    let mut name = cursor.name()?.to_string();
    while cursor.accept_punct(".") {
        name = format!("{name}.{}", cursor.name()?);
    }
    if cursor.accept("from current") {
        return Ok((format!("set {name}"), "from current".to_owned()));
    }
    if !cursor.accept("to") {
        cursor.expect_punct("=")?;
    }
    let mut values = Vec::new();
    loop {
        values.push(match cursor.token(0).map(|token| token.kind) {
            Some(TokenKind::Str) => cursor.string()?,
            _ if cursor.is_name() => cursor.name()?.to_string(),
            _ => {
                let word = cursor.word(0).to_lowercase();
                cursor.bump();
                word
            }
        });
        if !cursor.accept_punct(",") {
            return Ok((format!("set {name}"), values.join(", ")));
        }
    }
}

/// `CREATE [CONSTRAINT] TRIGGER` (manual, CREATE TRIGGER).
fn trigger(mut cursor: Cursor<'_>) -> Read<String> {
    cursor.expect("create")?;
    cursor.accept("or replace");
    let constraint = cursor.accept("constraint");
    cursor.expect("trigger")?;
    cursor.name()?;
    let timing = cursor.accept_any(&["before", "after", "instead of"]).unwrap_or_default();
    let mut events = BTreeSet::new();
    loop {
        let event = cursor.accept_any(&["insert", "update", "delete", "truncate"]).unwrap_or_default();
        let mut columns = Vec::new();
        if cursor.accept("of") {
            columns.push(cursor.name()?.to_string());
            while cursor.accept_punct(",") {
                columns.push(cursor.name()?.to_string());
            }
        }
        events.insert(format!("{event} {}", columns.join(",")));
        if !cursor.accept("or") {
            break;
        }
    }
    cursor.expect("on")?;
    cursor.object()?;
    let (mut level, mut condition, mut rest) = ("statement", String::new(), Vec::new());
    while !cursor.is("execute") {
        if cursor.accept("for") {
            cursor.accept("each");
            level = cursor.accept_any(&["row", "statement"]).unwrap_or_default();
        } else if cursor.accept("when") {
            condition = condition_text(&cursor.expr_group()?, &["old", "new"]);
        } else if cursor.accept_any(&["not deferrable", "initially immediate"]).is_some() {
            // What holds when nothing is said.
        } else {
            let start = cursor.position();
            if cursor.bump().is_none() {
                return Err(cursor.unknown("expected EXECUTE"));
            }
            rest.push(cursor.text_since(start).to_lowercase());
        }
    }
    cursor.expect("execute")?;
    cursor.accept_any(&["function", "procedure"]);
    let function = cursor.object()?.shown();
    let mut values = Vec::new();
    for mut item in cursor.group()?.items() {
        let text = item.token(0).is_some_and(|token| token.kind == TokenKind::Str);
        values.push(if text { item.string()? } else { item.take_rest() });
    }
    let schema =
        function.schema.filter(|schema| *schema != "public").map_or(String::new(), |name| format!("{name}."));
    let events: Vec<_> = events.into_iter().collect();
    Ok(format!(
        "{constraint} {timing} {} {level} {} when {condition} execute {schema}{} {values:?}",
        events.join(" or "),
        rest.join(" "),
        function.name
    ))
}

/// `CREATE POLICY` (manual, CREATE POLICY).
fn policy(mut cursor: Cursor<'_>, table: Option<&Table>) -> Read<String> {
    cursor.expect("create policy")?;
    cursor.name()?;
    cursor.expect("on")?;
    let on = cursor.object()?;
    let (mut kind, mut command) = ("permissive", "all");
    let mut roles = BTreeSet::new();
    let (mut using, mut check) = (String::new(), String::new());
    let condition = |expr: &Expr| match table {
        Some(table) if !has_query(expr.as_str()) => {
            expr_in(&Expr::new(qualified(expr.as_str(), &[on.name.as_str()])), &Scope::table(table), PG)
                .to_string()
        }
        _ => plain(expr.as_str()),
    };
    while !cursor.is_done() && !cursor.is_punct(";") {
        if cursor.accept("as") {
            kind = cursor.accept_any(&["permissive", "restrictive"]).unwrap_or_default();
        } else if cursor.accept("for") {
            command = cursor.accept_any(&["all", "select", "insert", "update", "delete"]).unwrap_or_default();
        } else if cursor.accept("to") {
            roles.insert(cursor.name()?.to_string());
            while cursor.accept_punct(",") {
                roles.insert(cursor.name()?.to_string());
            }
        } else if cursor.accept("using") {
            using = condition(&cursor.expr_group()?);
        } else {
            cursor.expect("with check")?;
            check = condition(&cursor.expr_group()?);
        }
    }
    if roles.is_empty() {
        roles.insert("public".to_owned());
    }
    Ok(format!("{kind} {command} {roles:?} using ({using}) check ({check})"))
}

fn has_query(text: &str) -> bool {
    code_tokens(text, PG).iter().any(|token| token.text(text).eq_ignore_ascii_case("select"))
}

fn condition_text(expr: &Expr, kept: &[&str]) -> String {
    if has_query(expr.as_str()) {
        return plain(expr.as_str());
    }
    let text = named_apart(expr.as_str(), kept);
    expr_in(&Expr::new(text), &Scope::default(), PG).to_string()
}

/// `old.a` as one name, so that it is told from `new.a` where qualifiers are left out.
fn named_apart(text: &str, kept: &[&str]) -> String {
    replaced(text, kept, |qualifier, name| {
        format!("\"{qualifier}.{}\"", schema_model::ident::fold(name, PG).replace('"', "\"\""))
    })
}

/// Columns of the table itself without their qualifier; others keep it, as one name.
fn qualified(text: &str, own: &[&str]) -> String {
    replaced(text, own, |_, name| name.to_owned())
}

fn replaced(text: &str, qualifiers: &[&str], with: impl Fn(&str, &str) -> String) -> String {
    let tokens = code_tokens(text, PG);
    let word = |at: usize| tokens.get(at).map_or("", |token: &Token| token.text(text));
    let mut out = String::with_capacity(text.len());
    let (mut at, mut last) = (0, 0usize);
    while at < tokens.len() {
        let qualifier = schema_model::ident::fold(word(at), PG);
        let name = matches!(tokens[at].kind, TokenKind::Word | TokenKind::Quoted);
        if name && word(at + 1) == "." && word(at + 3) != "(" && qualifiers.contains(&qualifier.as_str()) {
            out.push_str(&text[last..tokens[at].start as usize]);
            out.push_str(&with(&qualifier, word(at + 2)));
            at += 3;
            last = tokens.get(at - 1).map_or(text.len(), |token| token.end as usize);
            continue;
        }
        at += 1;
    }
    out + &text[last..]
}
