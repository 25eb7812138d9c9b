//! `embed!()`: a folder's SQL files as part of the program.

use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::LitStr;

/// An expression that makes the migrator, or a compile error that says what is wrong with the folder.
pub fn migrator(input: TokenStream) -> TokenStream {
    match read(input) {
        Ok(tokens) => tokens,
        Err(error) => error.into_compile_error(),
    }
}

fn read(input: TokenStream) -> syn::Result<TokenStream> {
    let given: Option<LitStr> = if input.is_empty() { None } else { Some(syn::parse2(input)?) };
    let span = given.as_ref().map_or_else(Span::call_site, LitStr::span);
    let name = given.map_or_else(|| "migrations".to_owned(), |text| text.value());
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let folder = root.join(&name);
    let mut files = Vec::new();
    list(&folder, &folder, &mut files).map_err(|error| {
        syn::Error::new(span, format!("cannot read the migrations folder `{}`: {error}", folder.display()))
    })?;
    files.sort();
    let mut entries = Vec::new();
    for (relative, path) in &files {
        let Some(path) = path.to_str() else {
            return Err(syn::Error::new(span, format!("the path `{}` is not UTF-8", path.display())));
        };
        // The compiler watches what include_str! reads; a file that is new is seen when build.rs, which watches the
        // folder for the gate, runs again.
        entries.push(quote! { (#relative, ::core::include_str!(#path)) });
    }
    Ok(quote! { ::schema_core::Migrator::new(&[#(#entries),*]) })
}

fn list(root: &Path, folder: &Path, files: &mut Vec<(String, PathBuf)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            files.push((parts.join("/"), path));
        }
    }
    Ok(())
}
