//! What one file says, as plain data: modules, imports, aliases, and the items that could be models. `cfg` is decided
//! already, so what is kept depends on the text and the configuration alone.

use proc_macro2::Span as TokenSpan;
use schema_model::item::{
    At, Ctxt, EnumItem, ItemError, RustType, TableItem, TypeItem, read_enum, read_rust_type, read_table,
    read_type_item,
};
use syn::ext::IdentExt;
use syn::{DeriveInput, Item, UseTree};

use super::cfg::Cfgs;
use super::foreign::{self, Foreign};

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    pub(crate) facts: Vec<Fact>,
    /// Byte ranges by place number.
    pub(crate) places: Vec<(u32, u32)>,
    /// Mistakes that belong to no item.
    pub(crate) errors: Vec<ItemError>,
}

/// One item that matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// `mod name;`, or with its body.
    Mod { name: String, path: Option<String>, body: Option<Vec<Fact>>, at: At },
    /// `use`: the name it gives, empty for a glob.
    Use { name: String, global: bool, path: Vec<String> },
    /// `type Name<G> = T;`
    Alias { name: String, generics: Vec<String>, ty: RustType },
    /// A struct that derives `Table`, under one of these derive paths.
    Table { item: TableItem, derive: Vec<String>, errors: Vec<ItemError> },
    /// An enum that derives `SqlEnum`.
    Enum { item: EnumItem, derive: Vec<String>, errors: Vec<ItemError> },
    /// A newtype that derives `SqlType`.
    Type { item: TypeItem, derive: Vec<String>, errors: Vec<ItemError> },
    /// Any other type.
    Plain { name: String, at: At },
    /// `include!("file")`.
    Include { path: String, at: At },
    /// Models that only expansion, or a function's body, would show.
    Unseen { what: String, at: At },
    /// A model of another library.
    Foreign(Foreign),
}

schema_model::store_enum!(Fact {
    0 Mod { name, path, body, at };
    1 Use { name, global, path };
    2 Alias { name, generics, ty };
    3 Table { item, derive, errors };
    4 Enum { item, derive, errors };
    5 Type { item, derive, errors };
    6 Plain { name, at };
    7 Include { path, at };
    8 Unseen { what, at };
    9 Foreign(item);
});
schema_model::store_struct! { FileFacts { facts, places, errors } }

/// Reads a file's text. A syntax error leaves nothing but itself.
pub(crate) fn read(text: &str, cfgs: &Cfgs) -> FileFacts {
    let base = skipped(text);
    let mut out = FileFacts::default();
    let parsed = syn::parse_file(&text[base..]);
    let mut cx = Ctxt::new();
    match parsed {
        Ok(file) => {
            let mut reader = Reader { cx: &mut cx, cfgs, renamed: Vec::new() };
            if cfgs.active(&file.attrs) {
                reader.collect_renames(&file.items);
                out.facts = reader.items(file.items);
            }
        }
        Err(error) => cx.syn_error(error),
    }
    out.errors = cx.take_errors();
    out.places = cx.places().iter().map(|span| byte_range(*span, base)).collect();
    drop(cx);
    proc_macro2::extra::invalidate_current_thread_spans();
    out
}

/// The byte order mark and `#!` line that rustc passes over; `syn::parse_file` would drop them without a word about
/// places.
fn skipped(text: &str) -> usize {
    let bom = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let rest = &text[bom..];
    let shebang = rest.starts_with("#!") && !rest[2..].trim_start().starts_with('[');
    match shebang {
        true => bom + rest.find('\n').unwrap_or(rest.len()),
        false => bom,
    }
}

fn byte_range(span: TokenSpan, base: usize) -> (u32, u32) {
    let range = span.byte_range();
    let clamp = |offset: usize| u32::try_from(offset + base).unwrap_or(u32::MAX);
    (clamp(range.start), clamp(range.end))
}

/// Derives that are none of ours, so that a struct with nothing else is passed over unread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Role {
    Table,
    Enum,
    Type,
}

fn role_of(name: &str) -> Option<Role> {
    match name {
        "Table" => Some(Role::Table),
        "SqlEnum" => Some(Role::Enum),
        "SqlType" => Some(Role::Type),
        _ => None,
    }
}

struct Reader<'a> {
    cx: &'a mut Ctxt,
    cfgs: &'a Cfgs,
    /// `use schema_core::Table as Model;` anywhere in the file.
    renamed: Vec<(String, Role)>,
}

impl Reader<'_> {
    fn collect_renames(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Use(item) => self.renames_in(&item.tree),
                Item::Mod(module) => {
                    if let Some((_, items)) = &module.content {
                        self.collect_renames(items);
                    }
                }
                _ => {}
            }
        }
    }

    fn renames_in(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => self.renames_in(&path.tree),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.renames_in(tree)),
            UseTree::Rename(rename) => {
                if let Some(role) = role_of(&rename.ident.to_string()) {
                    self.renamed.push((rename.rename.unraw().to_string(), role));
                }
            }
            UseTree::Name(_) | UseTree::Glob(_) => {}
            #[allow(unreachable_patterns, reason = "syn may learn new trees")]
            _ => {}
        }
    }

    fn items(&mut self, items: Vec<Item>) -> Vec<Fact> {
        let mut facts = Vec::new();
        for item in items {
            self.item(item, &mut facts);
        }
        facts
    }

    fn item(&mut self, item: Item, facts: &mut Vec<Fact>) {
        match item {
            Item::Struct(mut item) => {
                self.cfgs.expand(&mut item.attrs);
                if self.cfgs.active(&item.attrs) {
                    self.type_item(item.into(), facts);
                }
            }
            Item::Enum(mut item) => {
                self.cfgs.expand(&mut item.attrs);
                if self.cfgs.active(&item.attrs) {
                    self.type_item(item.into(), facts);
                }
            }
            Item::Union(item) if self.cfgs.active(&item.attrs) => self.type_item(item.into(), facts),
            Item::Type(item) if self.cfgs.active(&item.attrs) => facts.push(Fact::Alias {
                name: item.ident.unraw().to_string(),
                generics: item.generics.type_params().map(|param| param.ident.to_string()).collect(),
                ty: read_rust_type(&item.ty),
            }),
            Item::Mod(item) => self.module(item, facts),
            Item::Use(item) if self.cfgs.active(&item.attrs) => {
                use_tree(&item.tree, item.leading_colon.is_some(), &mut Vec::new(), facts)
            }
            Item::Macro(item) if self.cfgs.active(&item.attrs) => self.macro_item(&item, facts),
            Item::Fn(item) if self.cfgs.active(&item.attrs) => self.body(&item.block, facts),
            Item::Impl(item) if item.trait_.is_some() && self.cfgs.active(&item.attrs) => {
                facts.extend(foreign::read_impl(self.cx, &item).map(Fact::Foreign))
            }
            Item::ExternCrate(item) if self.cfgs.active(&item.attrs) => {
                if let Some((_, rename)) = &item.rename {
                    let path = vec![item.ident.unraw().to_string()];
                    facts.push(Fact::Use { name: rename.unraw().to_string(), global: true, path });
                }
            }
            _ => {}
        }
    }

    fn module(&mut self, mut item: syn::ItemMod, facts: &mut Vec<Fact>) {
        self.cfgs.expand(&mut item.attrs);
        if !self.cfgs.active(&item.attrs) {
            return;
        }
        let path = item.attrs.iter().find_map(|attr| match &attr.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("path") => string_of(&pair.value),
            _ => None,
        });
        let at = self.cx.at(item.ident.span());
        let body = item.content.map(|(_, items)| self.items(items));
        facts.push(Fact::Mod { name: item.ident.unraw().to_string(), path, body, at });
    }

    fn macro_item(&mut self, item: &syn::ItemMacro, facts: &mut Vec<Fact>) {
        let Some(name) = item.mac.path.segments.last().map(|last| last.ident.to_string()) else { return };
        let Some(span) = item.mac.path.segments.last().map(|last| last.ident.span()) else { return };
        if name == "include" {
            if let Ok(path) = syn::parse2::<syn::LitStr>(item.mac.tokens.clone()) {
                let at = self.cx.at(path.span());
                facts.push(Fact::Include { path: path.value(), at });
            }
            return;
        }
        let known = match name.as_str() {
            "table" => Some(foreign::read_table(self.cx, item.mac.tokens.clone())),
            "joinable" => Some(foreign::read_joinable(self.cx, item.mac.tokens.clone())),
            _ => None,
        };
        if let Some(known) = known {
            facts.push(Fact::Foreign(known));
            return;
        }
        let tokens = item.mac.tokens.to_string();
        if mentions_derive(&tokens) {
            let what = match (&item.ident, name.as_str()) {
                (Some(own), "macro_rules") => format!("the macro `{own}!`"),
                _ => format!("the call of `{name}!`"),
            };
            let at = self.cx.at(span);
            facts.push(Fact::Unseen { what, at });
        }
    }

    /// Items inside a function are the compiler's alone.
    fn body(&mut self, block: &syn::Block, facts: &mut Vec<Fact>) {
        for statement in &block.stmts {
            let syn::Stmt::Item(Item::Struct(item)) = statement else { continue };
            let derives = derives(&item.attrs);
            if derives.iter().any(|(path, _)| self.role(path) == Some(Role::Table)) {
                let at = self.cx.at(item.ident.span());
                facts.push(Fact::Unseen { what: format!("`{}` inside a function", item.ident), at });
            }
        }
    }

    fn role(&self, path: &[String]) -> Option<Role> {
        let last = path.last()?;
        let renamed = self.renamed.iter().find(|(name, _)| name == last && path.len() == 1);
        renamed.map(|(_, role)| *role).or_else(|| role_of(last))
    }

    /// An item of diesel or SeaORM.
    fn foreign_item(
        &mut self,
        input: &mut DeriveInput,
        derives: &[(Vec<String>, TokenSpan)],
    ) -> Option<Foreign> {
        let last = |(path, _): &(Vec<String>, TokenSpan)| path.last().cloned().unwrap_or_default();
        if let Some(role) = derives.iter().find_map(|derive| foreign::seaorm_role(&last(derive))) {
            self.expand_fields(input);
            return foreign::read_derived(self.cx, role, input);
        }
        let is_type = derives.iter().any(|derive| last(derive) == "SqlType");
        foreign::read_sql_type(self.cx, input).filter(|_| is_type).map(Foreign::DieselType)
    }

    fn type_item(&mut self, mut input: DeriveInput, facts: &mut Vec<Fact>) {
        let derives = derives(&input.attrs);
        if let Some(item) = self.foreign_item(&mut input, &derives) {
            facts.push(Fact::Foreign(item));
            return;
        }
        let has_table = || {
            let on_fields = match &input.data {
                syn::Data::Struct(data) => data
                    .fields
                    .iter()
                    .any(|field| field.attrs.iter().any(|attr| attr.path().is_ident("column"))),
                _ => false,
            };
            on_fields || input.attrs.iter().any(|attr| attr.path().is_ident("table"))
        };
        let found = derives.iter().find_map(|(path, _)| self.role(path).map(|role| (role, path.clone())));
        // A derive under another name, imported from a module of the crate: the words tell.
        let found = found.or_else(|| {
            let other = derives.iter().find(|(path, _)| !is_common(path))?;
            has_table().then(|| (Role::Table, other.0.clone()))
        });
        let Some((role, derive)) = found else {
            let at = self.cx.at(input.ident.span());
            facts.push(Fact::Plain { name: input.ident.unraw().to_string(), at });
            return;
        };
        self.expand_fields(&mut input);
        let before = self.cx.take_errors();
        let fact = self.model(role, &input, derive);
        for error in before {
            self.cx.error_at(error.at, error.message);
        }
        facts.push(fact);
    }

    fn model(&mut self, role: Role, input: &DeriveInput, derive: Vec<String>) -> Fact {
        let at = self.cx.at(input.ident.span());
        let name = input.ident.unraw().to_string();
        let fact = match role {
            Role::Table => read_table(self.cx, input).map(|item| Fact::Table {
                item,
                derive: derive.clone(),
                errors: Vec::new(),
            }),
            Role::Enum => read_enum(self.cx, input).map(|item| Fact::Enum {
                item,
                derive: derive.clone(),
                errors: Vec::new(),
            }),
            Role::Type => read_type_item(self.cx, input).map(|item| Fact::Type {
                item,
                derive: derive.clone(),
                errors: Vec::new(),
            }),
        };
        let found = self.cx.take_errors();
        match fact {
            Some(Fact::Table { item, derive, .. }) => Fact::Table { item, derive, errors: found },
            Some(Fact::Enum { item, derive, .. }) => Fact::Enum { item, derive, errors: found },
            Some(Fact::Type { item, derive, .. }) => Fact::Type { item, derive, errors: found },
            _ => {
                // Not even the shape is right: what was found stays an error of the file.
                for error in found {
                    self.cx.error_at(error.at, error.message);
                }
                Fact::Plain { name, at }
            }
        }
    }

    fn expand_fields(&self, input: &mut DeriveInput) {
        match &mut input.data {
            syn::Data::Struct(data) => {
                data.fields.iter_mut().for_each(|field| self.cfgs.expand(&mut field.attrs));
                match &mut data.fields {
                    syn::Fields::Named(fields) => {
                        retain(&mut fields.named, |field| self.cfgs.active(&field.attrs))
                    }
                    syn::Fields::Unnamed(fields) => {
                        retain(&mut fields.unnamed, |field| self.cfgs.active(&field.attrs))
                    }
                    syn::Fields::Unit => {}
                }
            }
            syn::Data::Enum(data) => {
                data.variants.iter_mut().for_each(|variant| self.cfgs.expand(&mut variant.attrs));
                retain(&mut data.variants, |variant| self.cfgs.active(&variant.attrs));
            }
            syn::Data::Union(_) => {}
        }
    }
}

fn retain<T, P: Default>(list: &mut syn::punctuated::Punctuated<T, P>, keep: impl Fn(&T) -> bool) {
    if list.iter().all(&keep) {
        return;
    }
    *list = std::mem::take(list).into_iter().filter(|item| keep(item)).collect();
}

fn is_common(path: &[String]) -> bool {
    let last = path.last().map_or("", String::as_str);
    [
        "Debug",
        "Clone",
        "Copy",
        "PartialEq",
        "Eq",
        "PartialOrd",
        "Ord",
        "Hash",
        "Default",
        "Serialize",
        "Deserialize",
    ]
    .contains(&last)
}

/// Every path in every `#[derive(…)]`.
fn derives(attrs: &[syn::Attribute]) -> Vec<(Vec<String>, TokenSpan)> {
    let mut all = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("derive")) {
        let _ = attr.parse_nested_meta(|meta| {
            let span = meta.path.segments.last().map_or_else(TokenSpan::call_site, |last| last.ident.span());
            all.push((meta.path.segments.iter().map(|part| part.ident.unraw().to_string()).collect(), span));
            Ok(())
        });
    }
    all
}

/// Whether tokens hold `derive(… Table …)`.
fn mentions_derive(tokens: &str) -> bool {
    let mut rest = tokens;
    while let Some(at) = rest.find("derive") {
        rest = &rest[at + "derive".len()..];
        let Some(list) = rest.trim_start().strip_prefix('(') else { continue };
        let list = list.split(')').next().unwrap_or("");
        if list.split(',').any(|path| path.rsplit("::").next().is_some_and(|last| last.trim() == "Table")) {
            return true;
        }
    }
    false
}

pub(super) fn string_of(value: &syn::Expr) -> Option<String> {
    match value {
        syn::Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

fn use_tree(tree: &UseTree, global: bool, prefix: &mut Vec<String>, facts: &mut Vec<Fact>) {
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.unraw().to_string());
            use_tree(&path.tree, global, prefix, facts);
            prefix.pop();
        }
        UseTree::Name(name) => use_one(&name.ident.unraw().to_string(), None, global, prefix, facts),
        UseTree::Rename(rename) => {
            let name = rename.rename.unraw().to_string();
            use_one(&rename.ident.unraw().to_string(), Some(name), global, prefix, facts);
        }
        UseTree::Glob(_) => facts.push(Fact::Use { name: String::new(), global, path: prefix.clone() }),
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| use_tree(tree, global, prefix, facts));
        }
        #[allow(unreachable_patterns, reason = "syn may learn new trees")]
        _ => {}
    }
}

fn use_one(last: &str, rename: Option<String>, global: bool, prefix: &[String], facts: &mut Vec<Fact>) {
    let mut path = prefix.to_vec();
    let own = match last {
        // `use a::b::{self}` is `b`.
        "self" => prefix.last().cloned().unwrap_or_default(),
        other => {
            path.push(other.to_owned());
            other.to_owned()
        }
    };
    let name = rename.unwrap_or(own);
    if name != "_" && !path.is_empty() {
        facts.push(Fact::Use { name, global, path });
    }
}
