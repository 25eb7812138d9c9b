//! Keys, foreign keys, checks, indexes and exclusions: the same words on a table and on a field.

use super::super::ast::{
    CheckWord, ExcludeWord, ForeignKeyWord, GeneratedWord, IdentityWord, IndexPartWord, IndexWord, KeyWord,
};
use super::super::ctxt::Ctxt;
use super::super::symbol;
use super::super::tree::{Arg, Value, ValueKind, Word};
use super::*;

/// Whether the constraint stands on the struct, where it names its columns, or on a field, whose column it is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    Table,
    Field,
}

/// `primary_key`, `primary_key(a, b, name = "…")`, `unique(…)`.
pub(super) fn key(cx: &mut Ctxt, arg: &Arg, word: &Word, on: On) -> Option<KeyWord> {
    let mut key = KeyWord::default();
    if arg.value.is_some() {
        cx.error(word.span, format!("expected `{0}` or `{0}(…)`", word.text));
        return None;
    }
    let list = word.list.as_deref().unwrap_or_default();
    for inner in list {
        match inner.word().map(|word| (word.text.as_str(), word)) {
            Some(("name", own)) if inner.value.is_some() => key.name = text(cx, inner, own),
            Some(("comment", own)) if inner.value.is_some() => key.comment = comment(cx, inner, own),
            Some(("with", own)) if own.list.is_some() => {
                let all = parameters(cx, own);
                let all: Vec<_> = all.iter().map(|(name, value)| format!("{name} = {value}")).collect();
                key.suffix = Some(format!("WITH ({})", all.join(", ")));
            }
            Some(("on_conflict", own)) => {
                key.suffix =
                    text(cx, inner, own).map(|action| format!("ON CONFLICT {}", action.to_uppercase()))
            }
            Some(("deferrable", own)) => key.deferrable = deferrable(cx, inner, own).unwrap_or_default(),
            Some(("nulls_not_distinct", own)) => key.nulls_not_distinct = flag(cx, inner, own),
            Some(("include", own)) if own.list.is_some() => key.include = column_list(cx, own),
            Some(("columns", own)) if own.list.is_some() => key.columns = column_list(cx, own),
            Some((other, own)) if inner.value.is_some() || own.list.is_some() => {
                unknown(cx, own, &format!("`{}(…)`: `{other}`", word.text), symbol::KEY)
            }
            _ => key.columns.extend(key_column(cx, inner)),
        }
    }
    match on {
        On::Table if key.columns.is_empty() => {
            cx.error(word.span, format!("`{0}` on a struct names its columns: `{0}(a, b)`", word.text));
            None
        }
        On::Field => {
            for column in &key.columns {
                cx.error_at(
                    column.at,
                    format!("`{0}` on a field takes no columns; say `{0}(…)` on the struct", word.text),
                );
            }
            key.columns.clear();
            Some(key)
        }
        On::Table => Some(key),
    }
}

/// `check = "…"`, `check("…")`, `check(name = "…", "…")`.
pub(super) fn check(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<CheckWord> {
    let mut check = CheckWord::default();
    if let Some(Value { kind: ValueKind::Str(expr), .. }) = &arg.value {
        check.expr = expr.clone();
    }
    for inner in word.list.as_deref().unwrap_or_default() {
        if let Some((expr, span)) = inner.lone_text() {
            if !check.expr.is_empty() {
                cx.error(span, "one condition a check");
            }
            check.expr = expr.to_owned();
            continue;
        }
        match inner.word().map(|word| (word.text.as_str(), word)) {
            Some(("name", own)) => check.name = text(cx, inner, own),
            Some(("comment", own)) => check.comment = comment(cx, inner, own),
            Some(("no_inherit", own)) => check.no_inherit = flag(cx, inner, own),
            Some((_, own)) => unknown(cx, own, "`check(…)`", symbol::CHECK),
            None => cx.error(inner.span, "expected a condition in quotes"),
        }
    }
    if check.expr.trim().is_empty() {
        cx.error(word.span, "a check needs its condition: `check(\"price > 0\")`");
        return None;
    }
    Some(check)
}

/// `references = "t(c)"`, `references("t(c)", on_delete = cascade)`, `foreign_key(columns(a), references = "t(c)")`.
pub(super) fn foreign_key(cx: &mut Ctxt, arg: &Arg, word: &Word, on: On) -> Option<ForeignKeyWord> {
    let mut key = ForeignKeyWord::default();
    if arg.value.is_some() {
        key.references = text(cx, arg, word)?;
        key.references_at = value_at(cx, arg, word);
    }
    for inner in word.list.as_deref().unwrap_or_default() {
        if let Some((target, span)) = inner.lone_text() {
            key.references = target.to_owned();
            key.references_at = cx.at(span);
            continue;
        }
        match inner.word().map(|word| (word.text.as_str(), word)) {
            Some(("references", own)) => {
                key.references = text(cx, inner, own).unwrap_or_default();
                key.references_at = value_at(cx, inner, own);
            }
            Some(("name", own)) if inner.value.is_some() => key.name = text(cx, inner, own),
            Some(("comment", own)) if inner.value.is_some() => key.comment = comment(cx, inner, own),
            Some(("columns", own)) if own.list.is_some() => key.columns = column_list(cx, own),
            Some(("on_delete", own)) => key.on_delete = action(cx, inner, own),
            Some(("on_update", own)) => key.on_update = action(cx, inner, own),
            Some(("on_delete_columns", own)) => key.on_delete_columns = column_list(cx, own),
            Some(("match_full", own)) => key.match_full = flag(cx, inner, own),
            Some(("deferrable", own)) => key.deferrable = deferrable(cx, inner, own),
            Some((_, own)) if inner.value.is_some() || own.list.is_some() || on == On::Field => {
                unknown(cx, own, &format!("`{}(…)`", word.text), symbol::FOREIGN_KEY)
            }
            _ => key.columns.extend(key_column(cx, inner)),
        }
    }
    if key.references.trim().is_empty() {
        cx.error(word.span, "a foreign key says what it references: `references = \"users(id)\"`");
        return None;
    }
    match on {
        On::Table if key.columns.is_empty() => {
            cx.error(word.span, "a foreign key on a struct names its columns: `columns(a, b)`");
            None
        }
        On::Field if !key.columns.is_empty() => {
            cx.error(
                word.span,
                "`references` on a field takes no columns; say `foreign_key(…)` on the struct",
            );
            None
        }
        _ => Some(key),
    }
}

/// `index`, `index(name = "…", using = "gin")`, `index(columns(a desc, b), where = "…")`.
pub(super) fn index(cx: &mut Ctxt, arg: &Arg, word: &Word, on: On) -> Option<IndexWord> {
    let mut index = IndexWord::default();
    let mut own_part = IndexPartWord::default();
    if arg.value.is_some() {
        cx.error(word.span, "expected `index` or `index(…)`");
        return None;
    }
    for inner in word.list.as_deref().unwrap_or_default() {
        let Some(first) = inner.word() else {
            match (inner.lone_text(), on) {
                (Some(_), On::Table) => index.parts.extend(index_part(cx, inner)),
                _ => cx.error(inner.span, "expected a word of `index(…)`"),
            }
            continue;
        };
        let said = inner.value.is_some() || first.list.is_some();
        match first.text.as_str() {
            "name" if inner.value.is_some() => index.name = text(cx, inner, first),
            "comment" if inner.value.is_some() => index.comment = comment(cx, inner, first),
            "unique" if !said => index.unique = true,
            "using" if said => index.using = text(cx, inner, first),
            "where" if said => index.predicate = text(cx, inner, first),
            "tablespace" if said => index.tablespace = text(cx, inner, first),
            "expr" if said => {
                let expr = text(cx, inner, first);
                index.parts.extend(expr.map(|expr| IndexPartWord { expr: Some(expr), ..Default::default() }));
            }
            "include" if first.list.is_some() => index.include = column_list(cx, first),
            "with" if first.list.is_some() => index.with = parameters(cx, first),
            "nulls_not_distinct" if !said => index.nulls_not_distinct = true,
            "columns" if first.list.is_some() => match on {
                On::Table => {
                    let list = first.list.as_deref().unwrap_or_default();
                    index.parts.extend(list.iter().filter_map(|part| index_part(cx, part)));
                }
                On::Field => {
                    cx.error(first.span, "`index` on a field takes no columns; say it on the struct")
                }
            },
            _ if on == On::Field => part_words(cx, &inner.words, &mut own_part, "`index(…)`", symbol::INDEX),
            _ if inner.value.is_some() => unknown(cx, first, "`index(…)`", symbol::INDEX),
            _ => index.parts.extend(index_part(cx, inner)),
        }
    }
    match on {
        On::Field if index.parts.is_empty() => index.parts.push(own_part),
        On::Field => {}
        On::Table if index.parts.is_empty() => {
            cx.error(
                word.span,
                "an index on a struct names its columns: `index(columns(a, b))`, or `expr = \"…\"`",
            );
            return None;
        }
        On::Table => {}
    }
    Some(index)
}

/// `created_at desc nulls_last`, `slug opclass("text_pattern_ops")`.
fn index_part(cx: &mut Ctxt, arg: &Arg) -> Option<IndexPartWord> {
    let mut part = IndexPartWord::default();
    let (name, span) = match (arg.lone_text(), arg.word()) {
        (Some((name, span)), _) => (name, span),
        (None, Some(word)) if word.list.is_none() && arg.value.is_none() => (word.text.as_str(), word.span),
        _ => {
            cx.error(arg.span, "expected a column; an expression is said as `expr = \"…\"`");
            return None;
        }
    };
    let at = cx.at(span);
    part.column = Some(KeyColumn { name: name.to_owned(), at, suffix: String::new() });
    part_words(cx, arg.words.get(1..).unwrap_or_default(), &mut part, "an index's column", symbol::PART);
    Some(part)
}

fn part_words(cx: &mut Ctxt, words: &[Word], part: &mut IndexPartWord, place: &str, known: &[&str]) {
    for word in words {
        let inner = word.list.as_deref().and_then(|list| list.first()).and_then(Arg::lone_text);
        match (word.text.as_str(), inner) {
            ("asc", None) => part.descending = false,
            ("desc", None) => part.descending = true,
            ("nulls_first", None) => part.nulls_first = Some(true),
            ("nulls_last", None) => part.nulls_first = Some(false),
            ("opclass", Some((class, _))) => part.opclass = Some(class.to_owned()),
            ("collate", Some((collation, _))) => part.collate = Some(collation.to_owned()),
            ("opclass" | "collate", None) => cx.error(word.span, format!("expected `{}(\"…\")`", word.text)),
            _ => unknown(cx, word, place, known),
        }
    }
}

/// `exclude(using = "gist", "room WITH =", "during WITH &&", where = "…")`.
pub(super) fn exclude(cx: &mut Ctxt, word: &Word) -> Option<ExcludeWord> {
    let mut exclude = ExcludeWord::default();
    for inner in word.list.as_deref().unwrap_or_default() {
        if let Some((term, _)) = inner.lone_text() {
            exclude.terms.push(term.to_owned());
            continue;
        }
        match inner.word().map(|word| (word.text.as_str(), word)) {
            Some(("name", own)) => exclude.name = text(cx, inner, own),
            Some(("using", own)) => exclude.using = text(cx, inner, own),
            Some(("where", own)) => exclude.predicate = text(cx, inner, own),
            Some(("include", own)) => exclude.include = column_list(cx, own),
            Some(("comment", own)) => exclude.comment = comment(cx, inner, own),
            Some(("deferrable", own)) => exclude.deferrable = deferrable(cx, inner, own).unwrap_or_default(),
            Some((_, own)) => unknown(cx, own, "`exclude(…)`", symbol::EXCLUDE),
            None => cx.error(inner.span, "expected `\"column WITH operator\"`"),
        }
    }
    if exclude.terms.is_empty() {
        cx.error(word.span, "an exclusion needs its terms: `exclude(using = \"gist\", \"during WITH &&\")`");
        return None;
    }
    Some(exclude)
}

/// `identity`, `identity = always`, `identity(always, start = 100)`.
pub(super) fn identity(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<IdentityWord> {
    let mut identity = IdentityWord::default();
    if arg.value.is_some() {
        identity.always = choice(cx, arg, word, &["always", "by_default"])? == "always";
    }
    for inner in word.list.as_deref().unwrap_or_default() {
        match inner.word().map(|word| (word.text.as_str(), word)) {
            Some(("always", own)) => identity.always = flag(cx, inner, own),
            Some(("by_default", own)) => identity.always = !flag(cx, inner, own),
            Some(("start", own)) => identity.start = integer(cx, inner, own),
            Some(("increment", own)) => identity.increment = integer(cx, inner, own),
            Some(("min", own)) => identity.min = integer(cx, inner, own),
            Some(("max", own)) => identity.max = integer(cx, inner, own),
            Some(("cache", own)) => identity.cache = integer(cx, inner, own),
            Some(("cycle", own)) => identity.cycle = flag(cx, inner, own),
            Some(("sequence", own)) => identity.sequence = text(cx, inner, own),
            Some((_, own)) => unknown(cx, own, "`identity(…)`", symbol::IDENTITY),
            None => cx.error(inner.span, "expected a word of `identity(…)`"),
        }
    }
    Some(identity)
}

/// `generated = "…"`, `generated(virtual, "…")`.
pub(super) fn generated(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<GeneratedWord> {
    let mut generated = GeneratedWord::default();
    if arg.value.is_some() {
        generated.expr = text(cx, arg, word)?;
    }
    for inner in word.list.as_deref().unwrap_or_default() {
        if let Some((expr, _)) = inner.lone_text() {
            generated.expr = expr.to_owned();
            continue;
        }
        match inner.word().map(|word| (word.text.as_str(), word)) {
            Some(("stored", own)) => generated.is_virtual = !flag(cx, inner, own),
            Some(("virtual", own)) => generated.is_virtual = flag(cx, inner, own),
            Some((_, own)) => unknown(cx, own, "`generated(…)`", symbol::GENERATED),
            None => cx.error(inner.span, "expected an expression in quotes"),
        }
    }
    if generated.expr.trim().is_empty() {
        cx.error(word.span, "a generated column needs its expression: `generated = \"lower(slug)\"`");
        return None;
    }
    Some(generated)
}
