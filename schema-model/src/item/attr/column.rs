//! `#[column(…)]`.

use syn::ext::IdentExt;

use super::super::ast::{ColumnWord, FieldItem};
use super::super::check;
use super::super::ctxt::Ctxt;
use super::super::rust_type::read_rust_type;
use super::super::symbol;
use super::super::tree::{Arg, Word};
use super::keys::{On, check as check_word, foreign_key, generated, identity, index, key};
use super::*;

/// A field; `None` when it is skipped.
pub(super) fn read_field(cx: &mut Ctxt, field: &syn::Field) -> Option<FieldItem> {
    let mut skip = false;
    let words = read_words(cx, &field.attrs, "column", symbol::COLUMN, &mut |cx, arg, word| {
        if word.text == "skip" {
            skip = flag(cx, arg, word);
            return None;
        }
        column_word(cx, arg, word)
    });
    if skip {
        return None;
    }
    refuse_twice(cx, &words, "column", once);
    let ident = field.ident.as_ref()?;
    let name = ident.unraw().to_string();
    let item = FieldItem {
        column_name: name.clone(),
        ident: name,
        at: cx.at(ident.span()),
        ty: read_rust_type(&field.ty),
        ty_at: cx.at(syn::spanned::Spanned::span(&field.ty)),
        words,
    };
    check::field(cx, &item);
    Some(item)
}

fn column_word(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<ColumnWord> {
    Some(match word.text.as_str() {
        "name" => ColumnWord::Name(text(cx, arg, word)?),
        "type" => ColumnWord::Type(text(cx, arg, word)?),
        "primary_key" => ColumnWord::PrimaryKey(key(cx, arg, word, On::Field)?),
        "unique" => ColumnWord::Unique(key(cx, arg, word, On::Field)?),
        "index" => ColumnWord::Index(index(cx, arg, word, On::Field)?),
        "check" => ColumnWord::Check(check_word(cx, arg, word)?),
        "default" => ColumnWord::Default(text(cx, arg, word)?),
        "generated" => ColumnWord::Generated(generated(cx, arg, word)?),
        "identity" => ColumnWord::Identity(identity(cx, arg, word)?),
        "references" => ColumnWord::References(foreign_key(cx, arg, word, On::Field)?),
        "on_delete" => ColumnWord::OnDelete(action(cx, arg, word)?),
        "on_update" => ColumnWord::OnUpdate(action(cx, arg, word)?),
        "deferrable" => ColumnWord::Deferrable(deferrable(cx, arg, word)?),
        "renamed_from" => ColumnWord::RenamedFrom(text(cx, arg, word)?),
        "backfill" => ColumnWord::Backfill(text(cx, arg, word)?),
        "using" => ColumnWord::Using(text(cx, arg, word)?),
        "collation" => ColumnWord::Collation(text(cx, arg, word)?),
        "comment" => ColumnWord::Comment(comment(cx, arg, word)?),
        "flatten" if flag(cx, arg, word) => ColumnWord::Flatten,
        "nullable" => ColumnWord::Nullable(flag(cx, arg, word)),
        "not_null" => ColumnWord::Nullable(!flag(cx, arg, word)),
        "autoincrement" if flag(cx, arg, word) => ColumnWord::Autoincrement,
        _ => return None,
    })
}

/// The name of a word that may be said once.
fn once(word: &ColumnWord) -> Option<&'static str> {
    Some(match word {
        ColumnWord::Name(_) => "name",
        ColumnWord::Type(_) => "type",
        ColumnWord::PrimaryKey(_) => "primary_key",
        ColumnWord::Default(_) => "default",
        ColumnWord::Generated(_) => "generated",
        ColumnWord::Identity(_) => "identity",
        ColumnWord::OnDelete(_) => "on_delete",
        ColumnWord::OnUpdate(_) => "on_update",
        ColumnWord::Deferrable(_) => "deferrable",
        ColumnWord::RenamedFrom(_) => "renamed_from",
        ColumnWord::Backfill(_) => "backfill",
        ColumnWord::Using(_) => "using",
        ColumnWord::Collation(_) => "collation",
        ColumnWord::Comment(_) => "comment",
        ColumnWord::Flatten => "flatten",
        ColumnWord::Nullable(_) => "nullable",
        ColumnWord::Autoincrement => "autoincrement",
        ColumnWord::Unique(_) | ColumnWord::Index(_) | ColumnWord::Check(_) | ColumnWord::References(_) => {
            return None;
        }
    })
}
