//! `#[sql_enum(…)]` and `#[sql_type(…)]`.

use syn::ext::IdentExt;
use syn::{DeriveInput, Fields};

use super::super::ast::{EnumItem, EnumWord, TypeItem, TypeWord, Variant};
use super::super::check;
use super::super::ctxt::Ctxt;
use super::super::rust_type::read_rust_type;
use super::super::symbol;
use super::super::tree::{Arg, Word};
use super::keys::check as check_word;
use super::*;

/// Reads an enum with `#[derive(SqlEnum)]`.
pub fn read_enum(cx: &mut Ctxt, input: &DeriveInput) -> Option<EnumItem> {
    let syn::Data::Enum(data) = &input.data else {
        cx.error(input.ident.span(), "`SqlEnum` is for enums; for a newtype derive `SqlType`");
        return None;
    };
    let words = read_words(cx, &input.attrs, "sql_enum", symbol::ENUM, &mut enum_word);
    let variants = data.variants.iter().map(|variant| read_variant(cx, variant)).collect();
    let item =
        EnumItem { ident: input.ident.unraw().to_string(), at: cx.at(input.ident.span()), words, variants };
    check::enumeration(cx, &item);
    Some(item)
}

fn enum_word(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<EnumWord> {
    Some(match word.text.as_str() {
        "name" => EnumWord::Name(text(cx, arg, word)?),
        "schema" => EnumWord::Schema(text(cx, arg, word)?),
        "rename_all" => EnumWord::RenameAll(choice(cx, arg, word, symbol::RENAME_ALL)?.to_owned()),
        "type" => EnumWord::Type(text(cx, arg, word)?),
        "comment" => EnumWord::Comment(comment(cx, arg, word)?),
        "renamed_from" => EnumWord::RenamedFrom(text(cx, arg, word)?),
        _ => return None,
    })
}

enum VariantWord {
    Rename(String),
    RenamedFrom(String),
}

fn read_variant(cx: &mut Ctxt, variant: &syn::Variant) -> Variant {
    if !matches!(variant.fields, Fields::Unit) {
        cx.error(variant.ident.span(), "a value of a SQL enum carries no data");
    }
    let words = read_words(cx, &variant.attrs, "sql_enum", symbol::VARIANT, &mut |cx, arg, word| {
        let value = value_text(cx, arg, word)?;
        match word.text.as_str() {
            "rename" => Some(VariantWord::Rename(value)),
            _ => Some(VariantWord::RenamedFrom(value)),
        }
    });
    let mut item = Variant {
        ident: variant.ident.unraw().to_string(),
        at: cx.at(variant.ident.span()),
        rename: None,
        renamed_from: None,
    };
    for said in words {
        match said.word {
            VariantWord::Rename(value) => item.rename = Some(value),
            VariantWord::RenamedFrom(value) => item.renamed_from = Some(value),
        }
    }
    item
}

/// An enum's value may be the empty text.
fn value_text(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<String> {
    comment(cx, arg, word)
}

/// Reads a newtype with `#[derive(SqlType)]`: one field, others only `PhantomData`.
pub fn read_type_item(cx: &mut Ctxt, input: &DeriveInput) -> Option<TypeItem> {
    let syn::Data::Struct(data) = &input.data else {
        cx.error(input.ident.span(), "`SqlType` is for newtypes; for an enum derive `SqlEnum`");
        return None;
    };
    let mut fields = data.fields.iter().filter(|field| !is_phantom(&field.ty));
    let (Some(inner), None) = (fields.next(), fields.next()) else {
        cx.error(input.ident.span(), "a newtype wraps one field");
        return None;
    };
    let words = read_words(cx, &input.attrs, "sql_type", symbol::TYPE, &mut type_word);
    let item = TypeItem {
        ident: input.ident.unraw().to_string(),
        at: cx.at(input.ident.span()),
        generics: input.generics.type_params().map(|param| param.ident.to_string()).collect(),
        inner: read_rust_type(&inner.ty),
        words,
    };
    check::newtype(cx, &item);
    Some(item)
}

fn is_phantom(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "PhantomData"),
        _ => false,
    }
}

fn type_word(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<TypeWord> {
    Some(match word.text.as_str() {
        "type" => TypeWord::Type(text(cx, arg, word)?),
        "domain" => TypeWord::Domain(text(cx, arg, word)?),
        "schema" => TypeWord::Schema(text(cx, arg, word)?),
        "check" => TypeWord::Check(check_word(cx, arg, word)?),
        "default" => TypeWord::Default(text(cx, arg, word)?),
        "not_null" if flag(cx, arg, word) => TypeWord::NotNull,
        "collation" => TypeWord::Collation(text(cx, arg, word)?),
        "comment" => TypeWord::Comment(comment(cx, arg, word)?),
        _ => return None,
    })
}
