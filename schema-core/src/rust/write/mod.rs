//! A catalog as Rust structs: what `inspect --format rust` prints and `init` writes. Only what is not the default is said;
//! what a struct cannot say is listed as unmanaged.

mod attribute;
mod column;
mod constraint;
mod index;
mod names;
mod table;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use schema_model::catalog::{Catalog, TableKind};
use schema_model::item::Naming;
use schema_model::{DialectKind, ObjectName};

/// Structs for a catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The imports.
    pub imports: String,
    /// Enums and newtypes, then tables, each with the module name that a file of its own would have.
    pub items: Vec<WrittenItem>,
    /// Patterns of objects that a struct cannot say.
    pub unmanaged: Vec<String>,
}

/// One item's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenItem {
    /// `user`, for `user.rs`.
    pub module: String,
    /// The type's name.
    pub ident: String,
    /// The source.
    pub text: String,
}

impl Written {
    /// Everything as one file.
    pub fn text(&self) -> String {
        let mut out = self.imports.clone();
        for item in &self.items {
            out.push('\n');
            out.push_str(&item.text);
        }
        out
    }

    /// One file a type, by file name, with a `mod.rs`.
    pub fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        let mut root = String::new();
        for item in &self.items {
            root.push_str(&format!("mod {};\n", raw(&item.module)));
            let imports = imports_for(&self.imports, &item.text);
            let text = format!("{imports}#[allow(unused_imports)]\nuse super::*;\n\n{}", item.text);
            files.insert(format!("{}.rs", item.module), text);
        }
        root.push('\n');
        for item in &self.items {
            root.push_str(&format!("pub use {}::{};\n", raw(&item.module), item.ident));
        }
        files.insert("mod.rs".to_owned(), root);
        files
    }
}

/// The imports that an item uses.
fn imports_for(imports: &str, text: &str) -> String {
    let wanted = |line: &&str| {
        let names = line.trim_start_matches("use ").trim_end_matches(';');
        let names = names.rsplit("::").next().unwrap_or("");
        let list = line.split_once('{').map_or(names, |(_, list)| list.trim_end_matches("};"));
        list.split(',').any(|name| text.contains(name.trim()))
    };
    let lines = imports.lines().filter(|line| line.starts_with("use ")).filter(wanted);
    lines.map(|line| format!("#[allow(unused_imports)]\n{line}\n")).collect()
}

fn raw(module: &str) -> String {
    if names::is_keyword(module) { format!("r#{module}") } else { module.to_owned() }
}

/// Writes the structs of a project without a naming convention.
pub fn write(catalog: &Catalog, dialect: DialectKind) -> Written {
    write_named(catalog, dialect, &Naming::default())
}

/// Writes the structs; a name that the convention gives is not said.
pub fn write_named(catalog: &Catalog, dialect: DialectKind, naming: &Naming) -> Written {
    let mut writer = Writer {
        catalog,
        dialect,
        naming,
        idents: BTreeMap::new(),
        taken: names::RESERVED.iter().map(|name| (*name).to_owned()).collect(),
        uses: BTreeSet::new(),
        unmanaged: Vec::new(),
    };
    let mut items = Vec::new();
    writer.name_types();
    for enumeration in catalog.enums.values() {
        items.push(writer.enumeration(enumeration));
    }
    for domain in catalog.domains.values() {
        items.push(writer.domain(domain));
    }
    let mut tables = Vec::new();
    for table in catalog.tables.values().filter(|table| is_model(table)) {
        tables.push(writer.table(table));
    }
    items.append(&mut tables);
    let imports = writer.imports(&items);
    Written { imports, items, unmanaged: writer.unmanaged }
}

/// Partitions, virtual and foreign tables are the migrations' alone.
fn is_model(table: &schema_model::catalog::Table) -> bool {
    let options = &table.options;
    let plain = matches!(options.kind, TableKind::Plain | TableKind::Partitioned(_));
    plain && options.partition_of.is_none() && !options.temporary && options.inherits.is_empty()
}

struct Writer<'a> {
    catalog: &'a Catalog,
    dialect: DialectKind,
    naming: &'a Naming,
    /// Rust names of enums and domains.
    idents: BTreeMap<ObjectName, String>,
    taken: BTreeSet<String>,
    /// Imported names.
    uses: BTreeSet<&'static str>,
    unmanaged: Vec<String>,
}

impl Writer<'_> {
    fn postgres(&self) -> bool {
        self.dialect == DialectKind::Postgres
    }

    /// A type name that nothing else has.
    fn ident(&mut self, wanted: String) -> String {
        let mut name = wanted.clone();
        let mut number = 2;
        while self.taken.contains(&name) {
            name = match number {
                2 if names::RESERVED.contains(&wanted.as_str()) => format!("{wanted}Row"),
                _ => format!("{wanted}{number}"),
            };
            number += 1;
        }
        self.taken.insert(name.clone());
        name
    }

    fn imports(&self, items: &[WrittenItem]) -> String {
        let mut out = String::new();
        let chrono: Vec<&str> = ["DateTime", "NaiveDate", "NaiveDateTime", "NaiveTime", "TimeDelta", "Utc"]
            .into_iter()
            .filter(|name| self.uses.contains(name))
            .collect();
        match chrono.as_slice() {
            [] => {}
            [one] => out.push_str(&format!("use chrono::{one};\n")),
            many => out.push_str(&format!("use chrono::{{{}}};\n", many.join(", "))),
        }
        if self.uses.contains("Decimal") {
            out.push_str("use rust_decimal::Decimal;\n");
        }
        let derives: Vec<&str> = ["SqlEnum", "SqlType", "Table"]
            .into_iter()
            .filter(|name| items.iter().any(|item| item.text.contains(&format!(", {name})]"))))
            .collect();
        match derives.as_slice() {
            [] => {}
            [one] => out.push_str(&format!("use schema_core::{one};\n")),
            many => out.push_str(&format!("use schema_core::{{{}}};\n", many.join(", "))),
        }
        if self.uses.contains("IpAddr") {
            out.push_str("use std::net::IpAddr;\n");
        }
        if self.uses.contains("Uuid") {
            out.push_str("use uuid::Uuid;\n");
        }
        out
    }
}

/// A Rust string literal.
fn literal(text: &str) -> String {
    if !text.contains(['"', '\\']) && !text.chars().any(char::is_control) {
        return format!("\"{text}\"");
    }
    // A raw string holds line ends, but no lone carriage return and nothing invisible.
    if text.chars().any(|letter| letter.is_control() && letter != '\n') {
        return format!("{text:?}");
    }
    let mut hashes = String::from("#");
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_hold_any_text() {
        assert_eq!(literal("now()"), "\"now()\"");
        assert_eq!(literal("a \"b\""), "r#\"a \"b\"\"#");
        assert_eq!(literal("a \"# b"), "r##\"a \"# b\"##");
        assert_eq!(literal("\r"), "\"\\r\"");
    }
}
