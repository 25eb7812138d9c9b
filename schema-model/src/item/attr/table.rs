//! `#[table(…)]`, and the struct as a whole.

use syn::ext::IdentExt;
use syn::{DeriveInput, Fields};

use super::super::ast::{TableItem, TableWord};
use super::super::check;
use super::super::ctxt::Ctxt;
use super::super::naming::rename_field;
use super::super::symbol;
use super::super::tree::{Arg, Word};
use super::column::read_field;
use super::keys::{On, check as check_word, exclude, foreign_key, index, key};
use super::*;

/// Reads a struct with `#[derive(Table)]`. `None` when it is no struct with named fields.
pub fn read_table(cx: &mut Ctxt, input: &DeriveInput) -> Option<TableItem> {
    let fields = match &input.data {
        syn::Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => &fields.named,
            Fields::Unnamed(_) | Fields::Unit => {
                cx.error(input.ident.span(), "a table is a struct with named fields: they are its columns");
                return None;
            }
        },
        syn::Data::Enum(_) | syn::Data::Union(_) => {
            cx.error(input.ident.span(), "a table is a struct; for an enum's values derive `SqlEnum`");
            return None;
        }
    };
    for param in input.generics.const_params() {
        cx.error(param.ident.span(), "a table has no const parameters");
    }
    let words = read_words(cx, &input.attrs, "table", symbol::TABLE, &mut table_word);
    refuse_twice(cx, &words, "table", once);
    let mut item = TableItem {
        ident: input.ident.unraw().to_string(),
        at: cx.at(input.ident.span()),
        generics: input.generics.type_params().map(|param| param.ident.to_string()).collect(),
        words,
        fields: fields.iter().filter_map(|field| read_field(cx, field)).collect(),
    };
    for said in &item.words {
        if let TableWord::RenameAll(rule) = &said.word {
            item.fields.iter_mut().for_each(|field| field.column_name = rename_field(rule, &field.ident));
        }
    }
    check::table(cx, &item);
    Some(item)
}

fn table_word(cx: &mut Ctxt, arg: &Arg, word: &Word) -> Option<TableWord> {
    Some(match word.text.as_str() {
        "name" => TableWord::Name(text(cx, arg, word)?),
        "schema" => TableWord::Schema(text(cx, arg, word)?),
        "comment" => TableWord::Comment(comment(cx, arg, word)?),
        "renamed_from" => TableWord::RenamedFrom(text(cx, arg, word)?),
        "rename_all" => TableWord::RenameAll(choice(cx, arg, word, symbol::RENAME_ALL)?.to_owned()),
        "primary_key" => TableWord::PrimaryKey(key(cx, arg, word, On::Table)?),
        "unique" => TableWord::Unique(key(cx, arg, word, On::Table)?),
        "check" => TableWord::Check(check_word(cx, arg, word)?),
        "foreign_key" => TableWord::ForeignKey(foreign_key(cx, arg, word, On::Table)?),
        "index" => TableWord::Index(index(cx, arg, word, On::Table)?),
        "exclude" => TableWord::Exclude(exclude(cx, word)?),
        "partition_by" => TableWord::PartitionBy(text(cx, arg, word)?),
        "with" => TableWord::With(parameters(cx, word)),
        "tablespace" => TableWord::Tablespace(text(cx, arg, word)?),
        "unmanaged" if flag(cx, arg, word) => TableWord::Unmanaged,
        "fragment" if flag(cx, arg, word) => TableWord::Fragment,
        "unlogged" if flag(cx, arg, word) => TableWord::Unlogged,
        "strict" if flag(cx, arg, word) => TableWord::Strict,
        "without_rowid" if flag(cx, arg, word) => TableWord::WithoutRowid,
        _ => return None,
    })
}

/// The name of a word that may be said once.
fn once(word: &TableWord) -> Option<&'static str> {
    Some(match word {
        TableWord::Name(_) => "name",
        TableWord::Schema(_) => "schema",
        TableWord::Comment(_) => "comment",
        TableWord::RenamedFrom(_) => "renamed_from",
        TableWord::RenameAll(_) => "rename_all",
        TableWord::PrimaryKey(_) => "primary_key",
        TableWord::PartitionBy(_) => "partition_by",
        TableWord::With(_) => "with",
        TableWord::Tablespace(_) => "tablespace",
        TableWord::Unmanaged => "unmanaged",
        TableWord::Fragment => "fragment",
        TableWord::Unlogged => "unlogged",
        TableWord::Strict => "strict",
        TableWord::WithoutRowid => "without_rowid",
        TableWord::Unique(_)
        | TableWord::Check(_)
        | TableWord::ForeignKey(_)
        | TableWord::Index(_)
        | TableWord::Exclude(_) => return None,
    })
}
