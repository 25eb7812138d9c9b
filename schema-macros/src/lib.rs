//! The derives of `schema-core`, which re-exports them beside the traits of the same names.
//!
//! What they accept is read by `schema_model::item`, the reader that the gate uses too.

mod embed;
mod expand;
mod fallback;

use proc_macro::TokenStream;
use schema_model::item::{Ctxt, read_enum, read_table, read_type_item};
use syn::{DeriveInput, parse_macro_input};

/// A struct that is a table: see the model language in the project's README.
#[proc_macro_derive(Table, attributes(table, column))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut cx = Ctxt::new();
    let item = read_table(&mut cx, &input);
    match item.filter(|_| cx.errors().is_empty()) {
        Some(item) => expand::table(&cx, &input, &item),
        None => fallback::table(&cx, &input),
    }
    .into()
}

/// An enum whose variants are a column's values.
#[proc_macro_derive(SqlEnum, attributes(sql_enum))]
pub fn derive_sql_enum(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut cx = Ctxt::new();
    let item = read_enum(&mut cx, &input);
    match item.filter(|_| cx.errors().is_empty()) {
        Some(item) => expand::sql_enum(&input, &item),
        None => fallback::sql_enum(&cx, &input),
    }
    .into()
}

/// A newtype that is a column type.
#[proc_macro_derive(SqlType, attributes(sql_type))]
pub fn derive_sql_type(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let mut cx = Ctxt::new();
    let item = read_type_item(&mut cx, &input);
    match item.filter(|_| cx.errors().is_empty()) {
        Some(item) => expand::sql_type(&input, &item),
        None => fallback::sql_type(&cx, &input),
    }
    .into()
}

/// The migrations of the crate, as a `schema_core::Migrator` that is part of the program: `embed!()`, or `embed!("path")`
/// for another folder than `migrations`, relative to the crate's root.
#[proc_macro]
pub fn embed(input: TokenStream) -> TokenStream {
    embed::migrator(input.into()).into()
}
