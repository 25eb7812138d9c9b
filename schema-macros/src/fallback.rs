//! What to emit when the input is wrong: every mistake at its place, and an impl that keeps the errors from multiplying.

use proc_macro2::TokenStream;
use quote::quote;
use schema_model::item::Ctxt;
use syn::DeriveInput;

fn errors(cx: &Ctxt) -> TokenStream {
    cx.errors()
        .iter()
        .map(|error| syn::Error::new(cx.span(error.at), &error.message).to_compile_error())
        .collect()
}

pub fn table(cx: &Ctxt, input: &DeriveInput) -> TokenStream {
    let errors = errors(cx);
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        #errors
        #[automatically_derived]
        impl #generics ::schema_core::Table for #name #arguments #bounds {
            const TABLE: ::schema_core::meta::TableMeta = ::schema_core::meta::TableMeta {
                name: "",
                schema: ::core::option::Option::None,
                struct_name: "",
                module: "",
                fields: &[],
            };
        }
    }
}

pub fn sql_enum(cx: &Ctxt, input: &DeriveInput) -> TokenStream {
    let sql_type = sql_type(cx, input);
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        #sql_type
        #[automatically_derived]
        impl #generics ::schema_core::SqlEnum for #name #arguments #bounds {
            const NAME: &'static str = "";
            const VALUES: &'static [&'static str] = &[];
        }
    }
}

pub fn sql_type(cx: &Ctxt, input: &DeriveInput) -> TokenStream {
    let errors = errors(cx);
    let name = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        #errors
        #[automatically_derived]
        impl #generics ::schema_core::SqlType for #name #arguments #bounds {
            const TYPE: ::schema_core::meta::TypeMeta =
                ::schema_core::meta::TypeMeta::Scalar { postgres: "", sqlite: "" };
        }
    }
}
