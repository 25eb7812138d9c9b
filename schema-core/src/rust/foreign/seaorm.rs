//! SeaORM's derives to plain data: entities with their relations, in the formats of SeaORM 1 and 2, and enums.

use schema_model::item::{Ctxt, read_rust_type};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Expr, Meta, Token};

use super::{ActiveEnum, Entity, EntityField, EntityPart, EntityVariant, Foreign, Relation, Relations, Word};

/// What a derive of SeaORM makes of its item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Entity,
    Relations,
    ActiveEnum,
    /// A part of the expanded format.
    Part(&'static str),
}

/// The role of a derive's name.
pub fn role(derive: &str) -> Option<Role> {
    Some(match derive {
        "DeriveEntityModel" => Role::Entity,
        "DeriveRelation" => Role::Relations,
        "DeriveActiveEnum" => Role::ActiveEnum,
        "DeriveEntity" => Role::Part("name"),
        "DeriveModel" => Role::Part("model"),
        "DeriveColumn" => Role::Part("columns"),
        "DerivePrimaryKey" => Role::Part("key"),
        _ => return None,
    })
}

/// The item as data; `None` when it is not of the shape that the derive asks for, which the compiler says.
pub fn read_derived(cx: &mut Ctxt, role: Role, input: &DeriveInput) -> Option<Foreign> {
    let at = cx.at(input.ident.span());
    let words = words(cx, &input.attrs);
    let ident = input.ident.unraw().to_string();
    match role {
        Role::Entity => Some(Foreign::Entity(Entity { at, words, fields: fields(cx, input)? })),
        Role::Relations => {
            let variants = variants(cx, input)?;
            let variants =
                variants.into_iter().map(|variant| Relation { at: variant.at, words: variant.words });
            Some(Foreign::Relations(Relations { at, variants: variants.collect() }))
        }
        Role::ActiveEnum => {
            Some(Foreign::ActiveEnum(ActiveEnum { ident, at, words, variants: variants(cx, input)? }))
        }
        Role::Part(kind) => {
            let variants = match &input.data {
                Data::Enum(_) => variants(cx, input)?,
                Data::Struct(_) | Data::Union(_) => Vec::new(),
            };
            Some(Foreign::Part(EntityPart { kind: kind.to_owned(), at, words, variants }))
        }
    }
}

fn fields(cx: &mut Ctxt, input: &DeriveInput) -> Option<Vec<EntityField>> {
    let Data::Struct(data) = &input.data else { return None };
    let mut fields = Vec::new();
    for field in &data.fields {
        let ident = field.ident.as_ref()?;
        let at = cx.at(ident.span());
        let ty_at = cx.at(syn::spanned::Spanned::span(&field.ty));
        let words = words(cx, &field.attrs);
        fields.push(EntityField {
            ident: ident.unraw().to_string(),
            at,
            ty: read_rust_type(&field.ty),
            ty_at,
            words,
        });
    }
    Some(fields)
}

fn variants(cx: &mut Ctxt, input: &DeriveInput) -> Option<Vec<EntityVariant>> {
    let Data::Enum(data) = &input.data else { return None };
    let mut all = Vec::new();
    for variant in &data.variants {
        let at = cx.at(variant.ident.span());
        let mut words = words(cx, &variant.attrs);
        if let Some((_, number)) = &variant.discriminant {
            words.push(Word {
                key: "discriminant".to_owned(),
                value: Some(tokens(number)),
                quoted: false,
                at,
            });
        }
        all.push(EntityVariant { ident: variant.ident.unraw().to_string(), at, words });
    }
    Some(all)
}

/// The words of every `#[sea_orm(…)]`.
fn words(cx: &mut Ctxt, attrs: &[Attribute]) -> Vec<Word> {
    let mut out = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("sea_orm")) {
        let Ok(list) = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else {
            continue;
        };
        for meta in list {
            let Some(ident) = meta.path().get_ident() else { continue };
            let at = cx.at(ident.span());
            let key = ident.unraw().to_string();
            let (value, quoted) = match &meta {
                Meta::NameValue(pair) => match super::super::facts::string_of(&pair.value) {
                    Some(text) => (Some(text), true),
                    None => (Some(tokens(&pair.value)), false),
                },
                Meta::Path(_) | Meta::List(_) => (None, false),
            };
            out.push(Word { key, value, quoted, at });
        }
    }
    out
}

/// An expression's tokens, a number's sign at the number.
pub(super) fn tokens(expr: &Expr) -> String {
    let text = quote::ToTokens::to_token_stream(expr).to_string();
    match text.strip_prefix("- ") {
        Some(number) => format!("-{number}"),
        None => text,
    }
}
