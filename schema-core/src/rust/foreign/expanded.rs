//! SeaORM's expanded format: what `impl ColumnTrait`, `impl EntityName` and `impl RelationTrait` say in their arms.

use schema_model::item::Ctxt;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, ImplItem, ItemImpl, Stmt};

use super::seaorm::tokens;
use super::{EntityPart, EntityVariant, Foreign, Relation, Relations, Word};

/// What an implementation of one of SeaORM's traits says; `None` for any other.
pub fn read_impl(cx: &mut Ctxt, item: &ItemImpl) -> Option<Foreign> {
    let path = item.trait_.as_ref().map(|(path, ..)| trait_name(path))?;
    match path.as_str() {
        "ColumnTrait" => {
            let at = cx.at(item.self_ty.span());
            let variants = arms(item)?
                .map(|(ident, body)| EntityVariant {
                    at: cx.at(ident.span()),
                    words: definition(cx, body),
                    ident: ident.unraw().to_string(),
                })
                .collect();
            let kind = "definitions".to_owned();
            Some(Foreign::Part(EntityPart { kind, at, words: Vec::new(), variants }))
        }
        "RelationTrait" => {
            let at = cx.at(item.self_ty.span());
            let variants = arms(item)?
                .map(|(ident, body)| Relation { at: cx.at(ident.span()), words: relation(cx, body) })
                .collect();
            Some(Foreign::Relations(Relations { at, variants }))
        }
        "EntityName" => {
            let at = cx.at(item.self_ty.span());
            let mut words = Vec::new();
            for (function, word) in [("table_name", "table_name"), ("schema_name", "schema_name")] {
                let body = result(item, function);
                let text = body.and_then(|body| match body {
                    Expr::Call(call) => call.args.first().and_then(super::super::facts::string_of),
                    other => super::super::facts::string_of(other),
                });
                words.extend(text.map(|text| Word {
                    key: word.to_owned(),
                    value: Some(text),
                    quoted: true,
                    at,
                }));
            }
            let kind = "name".to_owned();
            Some(Foreign::Part(EntityPart { kind, at, words, variants: Vec::new() }))
        }
        _ => None,
    }
}

fn trait_name(path: &syn::Path) -> String {
    path.segments.last().map_or_else(String::new, |last| last.ident.to_string())
}

/// The last expression of a method's body.
fn result<'a>(item: &'a ItemImpl, name: &str) -> Option<&'a Expr> {
    item.items.iter().find_map(|item| match item {
        ImplItem::Fn(function) if function.sig.ident == name => match function.block.stmts.last()? {
            Stmt::Expr(expr, _) => Some(expr),
            _ => None,
        },
        _ => None,
    })
}

/// `match self { Self::Name => body, … }` of `def`.
fn arms(item: &ItemImpl) -> Option<impl Iterator<Item = (&syn::Ident, &Expr)>> {
    let Some(Expr::Match(all)) = result(item, "def") else { return None };
    Some(all.arms.iter().filter_map(|arm| {
        let path = match &arm.pat {
            syn::Pat::Path(path) => &path.path,
            _ => return None,
        };
        Some((&path.segments.last()?.ident, &*arm.body))
    }))
}

/// `receiver.method(arguments)…`, innermost first, with what the chain begins with.
fn chain(expr: &Expr) -> (&Expr, Vec<(&syn::Ident, Vec<&Expr>)>) {
    let (mut at, mut calls) = (expr, Vec::new());
    while let Expr::MethodCall(call) = at {
        calls.push((&call.method, call.args.iter().collect()));
        at = &call.receiver;
    }
    calls.reverse();
    (at, calls)
}

/// `ColumnType::String(None).def().nullable().unique()`.
fn definition(cx: &mut Ctxt, body: &Expr) -> Vec<Word> {
    let (start, calls) = chain(body);
    let at = cx.at(start.span());
    let word = |key: &str, value: Option<String>, quoted| Word { key: key.to_owned(), value, quoted, at };
    let mut words = vec![word("column_type", Some(tokens(start)), true)];
    for (method, arguments) in calls {
        let first = arguments.first();
        match method.to_string().as_str() {
            "null" | "nullable" => words.push(word("nullable", None, false)),
            "unique" => words.push(word("unique", None, false)),
            "indexed" => words.push(word("indexed", None, false)),
            name @ ("default_value" | "default" | "comment") => {
                if let Some(value) = first {
                    let key = if name == "comment" { "comment" } else { "default_value" };
                    let text = super::super::facts::string_of(value);
                    let quoted = text.is_some();
                    words.push(word(key, Some(text.unwrap_or_else(|| tokens(value))), quoted));
                }
            }
            _ => {}
        }
    }
    words
}

/// `Entity::belongs_to(super::cake::Entity).from(Column::CakeId).to(super::cake::Column::Id).into()`.
fn relation(cx: &mut Ctxt, body: &Expr) -> Vec<Word> {
    let (start, calls) = chain(body);
    let at = cx.at(start.span());
    let word = |key: &str, value: String| Word { key: key.to_owned(), value: Some(value), quoted: true, at };
    let Expr::Call(call) = start else { return Vec::new() };
    let Expr::Path(function) = &*call.func else { return Vec::new() };
    if function.path.segments.last().is_none_or(|last| last.ident != "belongs_to") {
        return Vec::new();
    }
    let Some(target) = call.args.first() else { return Vec::new() };
    let plain = |expr: &Expr| tokens(expr).replace(' ', "");
    let mut words = vec![word("belongs_to", plain(target))];
    for (method, arguments) in calls {
        let Some(first) = arguments.first() else { continue };
        match method.to_string().as_str() {
            name @ ("from" | "to") => words.push(word(name, plain(first))),
            name @ ("on_delete" | "on_update") => {
                let action = plain(first);
                let action = action.rsplit("::").next().unwrap_or_default();
                words.push(word(name, action.to_owned()));
            }
            "fk_name" => {
                words.extend(super::super::facts::string_of(first).map(|name| word("fk_name", name)))
            }
            _ => {}
        }
    }
    words
}
