//! diesel's macros to plain data (its documentation, `table!` and `joinable!`).

use proc_macro2::TokenStream;
use schema_model::item::{Ctxt, read_rust_type};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, DeriveInput, Ident, Token, UseTree, braced, parenthesized, token};

use super::{Broken, DieselColumn, DieselTable, DieselType, Foreign, Joinable, Word};

/// The body of `table!`. What is no such body is reported where diesel's models are asked for: another macro may have
/// that name.
pub fn read_table(cx: &mut Ctxt, tokens: TokenStream) -> Foreign {
    let parser = |input: ParseStream<'_>| table(cx, input);
    match parser.parse2(tokens) {
        Ok(table) => Foreign::DieselTable(table),
        Err(error) => broken(cx, &error),
    }
}

fn broken(cx: &mut Ctxt, error: &syn::Error) -> Foreign {
    Foreign::Broken(Broken { at: cx.at(error.span()), message: error.to_string() })
}

fn table(cx: &mut Ctxt, input: ParseStream<'_>) -> syn::Result<DieselTable> {
    let mut uses = Vec::new();
    while input.peek(Token![use]) {
        let item: syn::ItemUse = input.parse()?;
        paths(&item.tree, &mut Vec::new(), &mut uses);
    }
    let attrs = input.call(Attribute::parse_outer)?;
    let first = input.call(Ident::parse_any)?;
    let (schema, ident) = match input.parse::<Option<Token![.]>>()? {
        Some(_) => (Some(first.unraw().to_string()), input.call(Ident::parse_any)?),
        None => (None, first),
    };
    let mut key = Vec::new();
    if input.peek(token::Paren) {
        let list;
        parenthesized!(list in input);
        for column in Punctuated::<Ident, Token![,]>::parse_terminated_with(&list, Ident::parse_any)? {
            let at = cx.at(column.span());
            key.push(Word { key: column.unraw().to_string(), value: None, quoted: false, at });
        }
    }
    let body;
    braced!(body in input);
    let mut columns = Vec::new();
    while !body.is_empty() {
        columns.push(column(cx, &body)?);
        if body.parse::<Option<Token![,]>>()?.is_none() {
            break;
        }
    }
    let at = cx.at(ident.span());
    let sql_name = text(&attrs, "sql_name");
    Ok(DieselTable { schema, ident: ident.unraw().to_string(), at, sql_name, uses, key, columns })
}

fn column(cx: &mut Ctxt, input: ParseStream<'_>) -> syn::Result<DieselColumn> {
    let attrs = input.call(Attribute::parse_outer)?;
    let ident = input.call(Ident::parse_any)?;
    input.parse::<Token![->]>()?;
    let ty: syn::Type = input.parse()?;
    let at = cx.at(ident.span());
    let ty_at = cx.at(syn::spanned::Spanned::span(&ty));
    let max_length = attrs.iter().find_map(|attr| match &attr.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("max_length") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(number), .. }) => number.base10_parse().ok(),
            _ => None,
        },
        _ => None,
    });
    let sql_name = text(&attrs, "sql_name");
    let ident = ident.unraw().to_string();
    Ok(DieselColumn { ident, at, sql_name, max_length, ty: read_rust_type(&ty), ty_at })
}

/// `#[key = "text"]`.
fn text(attrs: &[Attribute], key: &str) -> Option<String> {
    attrs.iter().find_map(|attr| match &attr.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident(key) => super::super::facts::string_of(&pair.value),
        _ => None,
    })
}

fn paths(tree: &UseTree, prefix: &mut Vec<String>, out: &mut Vec<Vec<String>>) {
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.unraw().to_string());
            paths(&path.tree, prefix, out);
            prefix.pop();
        }
        UseTree::Name(name) => {
            out.push(prefix.iter().cloned().chain([name.ident.unraw().to_string()]).collect())
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| paths(tree, prefix, out)),
        _ => {}
    }
}

/// The body of `joinable!`.
pub fn read_joinable(cx: &mut Ctxt, tokens: TokenStream) -> Foreign {
    let parser = |input: ParseStream<'_>| {
        let child = input.call(syn::Path::parse_mod_style)?;
        input.parse::<Token![->]>()?;
        let parent = input.call(syn::Path::parse_mod_style)?;
        let list;
        parenthesized!(list in input);
        let column = list.call(Ident::parse_any)?;
        Ok((child, parent, column))
    };
    match parser.parse2(tokens) {
        Ok((child, parent, column)) => {
            let words = |path: &syn::Path| -> Vec<String> {
                path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect()
            };
            let first = child.segments.first().map_or_else(|| column.span(), |first| first.ident.span());
            Foreign::Joinable(Joinable {
                at: cx.at(first),
                child: words(&child),
                parent: words(&parent),
                column: column.unraw().to_string(),
                column_at: cx.at(column.span()),
            })
        }
        Err(error) => broken(cx, &error),
    }
}

/// A struct that stands for a SQL type: `#[diesel(postgres_type(name = "…", schema = "…"))]`, and as diesel 1 said it,
/// `#[postgres(type_name = "…")]`.
pub fn read_sql_type(cx: &mut Ctxt, input: &DeriveInput) -> Option<DieselType> {
    let said = |attr: &&Attribute| {
        ["diesel", "postgres", "sqlite_type", "mysql_type"].iter().any(|word| attr.path().is_ident(word))
    };
    let mut attrs = input.attrs.iter().filter(said).peekable();
    attrs.peek()?;
    let (mut name, mut schema, mut typed) = (None, None, false);
    for attr in attrs {
        if attr.path().is_ident("sqlite_type") || attr.path().is_ident("mysql_type") {
            typed = true;
            continue;
        }
        let _ = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("postgres_type") {
                typed = true;
                return meta.parse_nested_meta(|inner| {
                    let value = inner.value()?.parse::<syn::Lit>()?;
                    if let syn::Lit::Str(text) = value {
                        if inner.path.is_ident("name") {
                            name = Some(text.value());
                        } else if inner.path.is_ident("schema") {
                            schema = Some(text.value());
                        }
                    }
                    Ok(())
                });
            }
            if meta.path.is_ident("type_name") {
                typed = true;
                name = meta.value()?.parse::<syn::LitStr>().ok().map(|text| text.value());
                return Ok(());
            }
            typed |= meta.path.is_ident("sqlite_type") || meta.path.is_ident("mysql_type");
            // Whatever else diesel knows.
            if meta.input.peek(token::Paren) {
                let rest;
                parenthesized!(rest in meta.input);
                rest.parse::<TokenStream>()?;
            } else if meta.input.peek(Token![=]) {
                meta.value()?.parse::<syn::Expr>()?;
            }
            Ok(())
        });
    }
    let at = cx.at(input.ident.span());
    typed.then(|| DieselType { ident: input.ident.unraw().to_string(), at, name, schema })
}
