//! Rules that need more than one word or node.

use std::collections::BTreeMap;

use super::ast::{
    ColumnWord, EnumItem, FieldItem, KeyColumn, Said, TableItem, TableWord, TypeItem, TypeWord,
};
use super::ctxt::Ctxt;
use super::nearest::nearest;
use crate::DialectKind;

fn find(words: &[Said<ColumnWord>], wanted: impl Fn(&ColumnWord) -> bool) -> Option<&Said<ColumnWord>> {
    words.iter().find(|said| wanted(&said.word))
}

/// Words of one field that do not go together.
pub fn field(cx: &mut Ctxt, item: &FieldItem) {
    let words = &item.words;
    let references = find(words, |word| matches!(word, ColumnWord::References(_)));
    for said in words {
        let name = match said.word {
            ColumnWord::OnDelete(_) => "on_delete",
            ColumnWord::OnUpdate(_) => "on_update",
            ColumnWord::Deferrable(_) => "deferrable",
            _ => continue,
        };
        if references.is_none() {
            cx.error_at(said.at, format!("`{name}` needs `references` on the same field"));
        }
    }
    let generated = find(words, |word| matches!(word, ColumnWord::Generated(_)));
    let default = find(words, |word| matches!(word, ColumnWord::Default(_)));
    let identity = find(words, |word| matches!(word, ColumnWord::Identity(_)));
    for (one, other, text) in [
        (generated, default, "a generated column has no `default`"),
        (identity, default, "an identity column has no `default`"),
        (identity, generated, "a column is `identity` or `generated`, not both"),
    ] {
        if let (Some(one), Some(other)) = (one, other)
            && (one.dialect == other.dialect || one.dialect.is_none() || other.dialect.is_none())
        {
            cx.error_at(other.at, text);
        }
    }
    let flatten = find(words, |word| *word == ColumnWord::Flatten);
    if let (Some(_), Some(other)) = (flatten, find(words, |word| *word != ColumnWord::Flatten)) {
        cx.error_at(other.at, "a flattened field stands for the columns of its struct: say this there");
    }
}

/// Columns named in the struct's attributes exist, one column has one field, one primary key.
pub fn table(cx: &mut Ctxt, item: &TableItem) {
    let mut seen: BTreeMap<&str, ()> = BTreeMap::new();
    for field in &item.fields {
        if !field.is_flatten() && seen.insert(field.column(DialectKind::Postgres), ()).is_some() {
            let name = field.column(DialectKind::Postgres);
            cx.error_at(field.at, format!("two fields are the column `{name}`"));
        }
    }
    let on_fields: Vec<_> = item
        .fields
        .iter()
        .filter_map(|field| find(&field.words, |word| matches!(word, ColumnWord::PrimaryKey(_))))
        .collect();
    let on_struct = item.words.iter().any(|said| matches!(said.word, TableWord::PrimaryKey(_)));
    if on_struct && let Some(said) = on_fields.first() {
        cx.error_at(said.at, "the struct has `primary_key(…)` already");
    }
    for said in on_fields.iter().skip(1).filter(|_| !on_struct) {
        cx.error_at(said.at, "a table has one primary key: say `primary_key(a, b)` on the struct");
    }
    if item.is_fragment() {
        for said in &item.words {
            if matches!(said.word, TableWord::Name(_) | TableWord::Schema(_) | TableWord::RenamedFrom(_)) {
                cx.error_at(said.at, "a fragment is no table of its own");
            }
        }
    }
    // A flattened field's columns are another struct's: only who sees both can tell an unknown name.
    if item.is_fragment() || item.fields.iter().any(FieldItem::is_flatten) {
        return;
    }
    let known: Vec<&str> = item
        .fields
        .iter()
        .flat_map(|field| {
            [field.ident.as_str(), field.column(DialectKind::Postgres), field.column(DialectKind::Sqlite)]
        })
        .collect();
    for said in &item.words {
        for column in named_columns(&said.word) {
            unknown_column(cx, column, &known);
        }
    }
}

fn named_columns(word: &TableWord) -> Vec<&KeyColumn> {
    match word {
        TableWord::PrimaryKey(key) | TableWord::Unique(key) => {
            key.columns.iter().chain(&key.include).collect()
        }
        TableWord::ForeignKey(key) => key.columns.iter().chain(&key.on_delete_columns).collect(),
        TableWord::Index(index) => {
            index.parts.iter().filter_map(|part| part.column.as_ref()).chain(&index.include).collect()
        }
        TableWord::Exclude(exclude) => exclude.include.iter().collect(),
        _ => Vec::new(),
    }
}

fn unknown_column(cx: &mut Ctxt, column: &KeyColumn, known: &[&str]) {
    if known.contains(&column.name.as_str()) {
        return;
    }
    let hint = match nearest(&column.name, known.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => String::new(),
    };
    cx.error_at(column.at, format!("this struct has no column `{}`{hint}", column.name));
}

/// An enum has values, all different.
pub fn enumeration(cx: &mut Ctxt, item: &EnumItem) {
    if item.variants.is_empty() {
        cx.error_at(item.at, "a SQL enum has at least one value");
    }
    let mut seen: BTreeMap<String, ()> = BTreeMap::new();
    for variant in &item.variants {
        let value = super::lower::enum_value(item, variant);
        if seen.insert(value.clone(), ()).is_some() {
            cx.error_at(variant.at, format!("two variants are the value `{value}`"));
        }
    }
}

/// Words of a newtype that do not go together.
pub fn newtype(cx: &mut Ctxt, item: &TypeItem) {
    let domain = item.words.iter().any(|said| matches!(said.word, TypeWord::Domain(_)));
    for said in &item.words {
        let name = match said.word {
            TypeWord::Schema(_) => "schema",
            TypeWord::Check(_) => "check",
            TypeWord::Default(_) => "default",
            TypeWord::NotNull => "not_null",
            TypeWord::Collation(_) => "collation",
            TypeWord::Comment(_) => "comment",
            TypeWord::Type(_) | TypeWord::Domain(_) => continue,
        };
        if !domain {
            cx.error_at(
                said.at,
                format!("`{name}` needs `domain = \"…\"`: a plain newtype is its inner type"),
            );
        }
    }
}
