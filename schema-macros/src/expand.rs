//! The generated code: constant descriptions, and the places where the gate's findings stand. A pure function of the
//! input: editors cache expansions.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use schema_model::DialectKind;
use schema_model::item::{
    ColumnWord, Ctxt, EnumItem, EnumWord, FieldItem, FieldType, RustType, TableItem, TableWord, TypeItem,
    TypeWord, enum_value, lower_domain, pick, table_name,
};
use schema_model::{Name, ObjectName};
use syn::{Data, DeriveInput, Field};

/// `impl Table`, and the gate's places.
pub fn table(cx: &Ctxt, input: &DeriveInput, item: &TableItem) -> TokenStream {
    let name = table_name(item, DialectKind::Postgres);
    let table = if item.is_fragment() { "" } else { name.name.as_str() };
    let schema = option(name.schema.as_ref().filter(|_| !item.is_fragment()).map(Name::as_str));
    let ident = &input.ident;
    let struct_name = &item.ident;
    let sources = source_fields(input);
    let fields = item.fields.iter().filter_map(|field| {
        let source = sources.iter().find(|source| own_name(source) == field.ident)?;
        Some(field_meta(item, field, source))
    });
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    let gate = gate(cx, item, &name);
    quote! {
        #[automatically_derived]
        impl #generics ::schema_core::Table for #ident #arguments #bounds {
            const TABLE: ::schema_core::meta::TableMeta = ::schema_core::meta::TableMeta {
                name: #table,
                schema: #schema,
                struct_name: #struct_name,
                module: ::core::module_path!(),
                fields: &[#(#fields),*],
            };
        }
        #gate
    }
}

fn source_fields(input: &DeriveInput) -> Vec<&Field> {
    match &input.data {
        Data::Struct(data) => data.fields.iter().collect(),
        Data::Enum(_) | Data::Union(_) => Vec::new(),
    }
}

fn own_name(field: &Field) -> String {
    use syn::ext::IdentExt;
    field.ident.as_ref().map(|ident| ident.unraw().to_string()).unwrap_or_default()
}

fn option(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text)),
        None => quote!(::core::option::Option::None),
    }
}

fn field_meta(table: &TableItem, field: &FieldItem, source: &Field) -> TokenStream {
    let ty = &source.ty;
    if field.is_flatten() {
        return quote!(::schema_core::meta::FieldMeta::Flatten(<#ty as ::schema_core::Table>::TABLE));
    }
    let column = field.column(DialectKind::Postgres);
    let name = &field.ident;
    let type_meta = column_type(field, ty);
    let said = field.words.iter().find_map(|said| match said.word {
        ColumnWord::Nullable(nullable) => Some(nullable),
        _ => None,
    });
    let said = match said {
        Some(nullable) => quote!(::core::option::Option::Some(#nullable)),
        None => quote!(::core::option::Option::None),
    };
    let primary = is_primary(table, field);
    let default = pick(&field.words, DialectKind::Postgres, |word| match word {
        ColumnWord::Default(text) => Some(text.as_str()),
        _ => None,
    });
    let default = option(default.map(|(text, _)| text));
    quote! {
        ::schema_core::meta::FieldMeta::Column(::schema_core::meta::ColumnMeta {
            name: #column,
            field: #name,
            ty: #type_meta,
            said_nullable: #said,
            primary_key: #primary,
            default: #default,
        })
    }
}

/// A said type needs no `SqlType` of the field's.
fn column_type(field: &FieldItem, ty: &syn::Type) -> TokenStream {
    let said = |dialect| {
        pick(&field.words, dialect, |word| match word {
            ColumnWord::Type(text) => Some(text.as_str()),
            _ => None,
        })
        .map(|(text, _)| text)
    };
    let (postgres, sqlite) = (said(DialectKind::Postgres), said(DialectKind::Sqlite));
    if postgres.is_none() && sqlite.is_none() {
        let span = syn::spanned::Spanned::span(ty);
        return quote_spanned!(span=> <#ty as ::schema_core::SqlType>::TYPE);
    }
    let (postgres, sqlite) = (option(postgres), option(sqlite));
    let optional = match &field.ty {
        RustType::Path { segments, .. } => segments.last().is_some_and(|last| last == "Option"),
        RustType::Slice(_) | RustType::Other(_) => false,
    };
    quote!(::schema_core::meta::TypeMeta::Said { postgres: #postgres, sqlite: #sqlite, optional: #optional })
}

fn is_primary(table: &TableItem, field: &FieldItem) -> bool {
    let own = field.words.iter().any(|said| matches!(said.word, ColumnWord::PrimaryKey(_)));
    own || table.words.iter().any(|said| match &said.word {
        TableWord::PrimaryKey(key) => key
            .columns
            .iter()
            .any(|column| column.name == field.ident || column.name == field.column(DialectKind::Postgres)),
        _ => false,
    })
}

/// For the struct and each of its fields, a constant that panics with the gate's finding, when there is one. Only then is
/// `schema_gate` set and `drift.rs` there; the attribute keeps a crate without the gate free of warnings.
fn gate(cx: &Ctxt, item: &TableItem, name: &ObjectName) -> TokenStream {
    if item.is_fragment() || item.is_unmanaged() {
        return TokenStream::new();
    }
    let at_struct = place(cx.span(item.at), name.to_string());
    let at_fields =
        item.fields.iter().map(|field| place(cx.span(field.at), format!("{name}#{}", field.ident)));
    quote! {
        #[allow(unexpected_cfgs)]
        const _: () = {
            #at_struct
            #(#at_fields)*
        };
    }
}

fn place(span: Span, key: String) -> TokenStream {
    // The macros resolve where the struct stands; the panic is reported at the field.
    let span = span.resolved_at(Span::call_site());
    quote_spanned! {span=>
        #[cfg(schema_gate)]
        const _: () = {
            if let ::core::option::Option::Some(drift) =
                (::core::include!(::core::concat!(::core::env!("OUT_DIR"), "/drift.rs")))(#key)
            {
                ::core::panic!("{}", drift)
            }
        };
    }
}

/// `impl SqlEnum` and `impl SqlType`.
pub fn sql_enum(input: &DeriveInput, item: &EnumItem) -> TokenStream {
    let ident = &input.ident;
    let values: Vec<String> = item.variants.iter().map(|variant| enum_value(item, variant)).collect();
    let (mut name, mut schema) = (schema_model::item::snake_case(&item.ident), None);
    for said in &item.words {
        match &said.word {
            EnumWord::Name(given) => name.clone_from(given),
            EnumWord::Schema(given) if given != "public" => schema = Some(given.as_str()),
            _ => {}
        }
    }
    let schema = option(schema);
    let stored = |dialect| {
        pick(&item.words, dialect, |word| match word {
            EnumWord::Type(text) => Some(text.as_str()),
            _ => None,
        })
        .map(|(text, _)| text)
    };
    let ty = match stored(DialectKind::Postgres) {
        Some(postgres) => {
            let sqlite = stored(DialectKind::Sqlite).unwrap_or("TEXT");
            quote!(::schema_core::meta::TypeMeta::Scalar { postgres: #postgres, sqlite: #sqlite })
        }
        None => quote! {
            ::schema_core::meta::TypeMeta::Enum {
                schema: #schema,
                name: <Self as ::schema_core::SqlEnum>::NAME,
                values: <Self as ::schema_core::SqlEnum>::VALUES,
            }
        },
    };
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #generics ::schema_core::SqlEnum for #ident #arguments #bounds {
            const NAME: &'static str = #name;
            const VALUES: &'static [&'static str] = &[#(#values),*];
        }
        #[automatically_derived]
        impl #generics ::schema_core::SqlType for #ident #arguments #bounds {
            const TYPE: ::schema_core::meta::TypeMeta = #ty;
        }
    }
}

/// `impl SqlType` of a newtype: its inner type, a said type, or a domain.
pub fn sql_type(input: &DeriveInput, item: &TypeItem) -> TokenStream {
    let ident = &input.ident;
    let inner = source_fields(input).into_iter().map(|field| &field.ty).find(|ty| !is_phantom(ty));
    let Some(inner) = inner else { return TokenStream::new() };
    let said = |dialect| {
        pick(&item.words, dialect, |word| match word {
            TypeWord::Type(text) => Some(text.as_str()),
            _ => None,
        })
        .map(|(text, _)| text)
    };
    let (postgres, sqlite) = (said(DialectKind::Postgres), said(DialectKind::Sqlite));
    let base = match (postgres, sqlite) {
        (None, None) => quote!(<#inner as ::schema_core::SqlType>::TYPE),
        (postgres, sqlite) => {
            let (postgres, sqlite) = (option(postgres), option(sqlite));
            quote!(::schema_core::meta::TypeMeta::Said { postgres: #postgres, sqlite: #sqlite, optional: false })
        }
    };
    let domain = lower_domain(item, Some(&FieldType::Scalar(schema_model::item::Scalar::Text)));
    let ty = match domain {
        Some(domain) => {
            let schema = option(domain.name.schema.as_ref().map(Name::as_str));
            let name = domain.name.name.as_str();
            quote!(::schema_core::meta::TypeMeta::Domain { schema: #schema, name: #name, base: &#base })
        }
        None => base,
    };
    let mut generics = input.generics.clone();
    if postgres.is_none() && sqlite.is_none() && generics.type_params().next().is_some() {
        let clause = generics.make_where_clause();
        clause.predicates.push(syn::parse_quote!(#inner: ::schema_core::SqlType));
    }
    let (generics, arguments, bounds) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #generics ::schema_core::SqlType for #ident #arguments #bounds {
            const TYPE: ::schema_core::meta::TypeMeta = #ty;
        }
    }
}

fn is_phantom(ty: &syn::Type) -> bool {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "PhantomData"),
        _ => false,
    }
}
