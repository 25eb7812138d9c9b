//! One schema in two dialects: what PostgreSQL's catalog and SQLite's do not both mean.
//!
//! Compared are tables, columns, nullability, types, defaults, keys, foreign keys, checks, indexes and views. Both names
//! of a thing are found without case, as SQLite does. What one of the databases cannot have is not compared: schemas,
//! sequences, extensions, partitions, virtual tables, routines, triggers, collations, lengths (SQLite keeps none).

mod check;
mod column;
mod default;
mod foreign_key;
mod index;
mod types;

use std::collections::BTreeMap;
use std::fmt;

use schema_model::catalog::{Catalog, Table, TableKind};
use schema_model::{DialectKind, ObjectName, Origin};

use crate::dialect::canonical::{self, Scope};

/// What kind of thing differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DifferenceKind {
    /// A table that one dialect lacks.
    Table,
    /// A column that one lacks.
    Column,
    /// A column that takes NULL in one only.
    Nullability,
    /// Types that do not hold the same.
    Type,
    /// Another default, or none.
    Default,
    /// Generated in one only, or by another expression.
    Generated,
    /// Another primary key.
    PrimaryKey,
    /// A unique constraint or unique index that one lacks.
    Unique,
    /// A foreign key that one lacks, or other actions.
    ForeignKey,
    /// A check that one lacks, or other values of an enum.
    Check,
    /// An index that one lacks.
    Index,
    /// A view that one lacks.
    View,
    /// Only the name of an index or constraint.
    Name,
}

impl DifferenceKind {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            DifferenceKind::Table => "table",
            DifferenceKind::Column => "column",
            DifferenceKind::Nullability => "nullability",
            DifferenceKind::Type => "type",
            DifferenceKind::Default => "default",
            DifferenceKind::Generated => "generated",
            DifferenceKind::PrimaryKey => "primary-key",
            DifferenceKind::Unique => "unique",
            DifferenceKind::ForeignKey => "foreign-key",
            DifferenceKind::Check => "check",
            DifferenceKind::Index => "index",
            DifferenceKind::View => "view",
            DifferenceKind::Name => "name",
        }
    }
}

/// Something that the two dialects do not both mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What kind of thing.
    pub kind: DifferenceKind,
    /// The table or view.
    pub table: ObjectName,
    /// The column, constraint or index, where it is one with a name.
    pub part: Option<String>,
    /// The sentence.
    pub message: String,
    /// Where PostgreSQL's side is said.
    pub postgres: Origin,
    /// Where SQLite's side is said.
    pub sqlite: Origin,
}

impl Difference {
    /// Whether only a name differs, and no row would be treated otherwise.
    pub fn is_name_only(&self) -> bool {
        self.kind == DifferenceKind::Name
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Everything that differs, table by table.
pub fn dialect_differences(postgres: &Catalog, sqlite: &Catalog) -> Vec<Difference> {
    let canonical_postgres = canonical::catalog(postgres, DialectKind::Postgres);
    let canonical_sqlite = canonical::catalog(sqlite, DialectKind::Sqlite);
    let mut out = Vec::new();
    let (ours, theirs) = (by_key(&canonical_postgres), by_key(&canonical_sqlite));
    for (key, table) in &ours {
        match theirs.get(key) {
            Some(other) => {
                let written = sqlite.tables.get(&other.name).unwrap_or(other);
                Pair { postgres: table, sqlite: other, written, catalog: &canonical_postgres }
                    .compare(&mut out);
            }
            None => out.push(alone(table, DialectKind::Postgres)),
        }
    }
    for (_, table) in theirs.iter().filter(|(key, _)| !ours.contains_key(*key)) {
        out.push(alone(table, DialectKind::Sqlite));
    }
    views(&canonical_postgres, &canonical_sqlite, &mut out);
    out
}

/// One table on both sides.
struct Pair<'a> {
    /// As PostgreSQL has it.
    postgres: &'a Table,
    /// As SQLite has it, in canonical form.
    sqlite: &'a Table,
    /// The same with expressions as their author wrote them.
    written: &'a Table,
    /// PostgreSQL's catalog.
    catalog: &'a Catalog,
}

impl Pair<'_> {
    fn compare(&self, out: &mut Vec<Difference>) {
        column::columns(self, out);
        index::keys(self, out);
        foreign_key::foreign_keys(self, out);
        check::checks(self, out);
        index::indexes(self, out);
    }

    /// What expressions of both sides are about: the table as PostgreSQL types it.
    fn scope(&self) -> Scope<'_> {
        Scope::table(self.postgres).in_catalog(self.catalog)
    }

    fn difference(&self, kind: DifferenceKind, part: Option<&str>, message: String) -> Difference {
        Difference {
            kind,
            table: self.postgres.name.clone(),
            part: part.map(str::to_owned),
            message,
            postgres: self.postgres.origin,
            sqlite: self.sqlite.origin,
        }
    }

    /// Something that one side has and the other lacks: where it is said, and where it is missing.
    fn lacking(
        &self,
        kind: DifferenceKind,
        part: Option<&str>,
        what: &str,
        (has, origin): (DialectKind, Origin),
    ) -> Difference {
        let mut found = self.difference(kind, part, format!("{what} exists only on {has}"));
        match has {
            DialectKind::Postgres => found.postgres = origin,
            DialectKind::Sqlite => found.sqlite = origin,
        }
        found
    }

    fn names(&self, part: &str, what: &str, postgres: &str, sqlite: &str) -> Difference {
        let message = format!("{what} is named `{postgres}` on postgres and `{sqlite}` on sqlite");
        self.difference(DifferenceKind::Name, Some(part), message)
    }
}

/// The tables that both databases can have, by the name under which they meet: SQLite has no schemas, so the bare name
/// unless two PostgreSQL schemas have a table of that name.
fn by_key(catalog: &Catalog) -> BTreeMap<String, &Table> {
    let mut found: BTreeMap<String, &Table> = BTreeMap::new();
    for table in catalog.tables.values().filter(|table| is_shared(table)) {
        let bare = bare_key(&table.name);
        let key = if found.contains_key(&bare) { table.name.to_string().to_lowercase() } else { bare };
        found.insert(key, table);
    }
    found
}

fn bare_key(name: &ObjectName) -> String {
    name.name.as_str().to_lowercase()
}

fn is_shared(table: &Table) -> bool {
    let kind = matches!(table.options.kind, TableKind::Plain | TableKind::Partitioned(_));
    kind && table.options.partition_of.is_none() && !table.options.temporary
}

fn alone(table: &Table, has: DialectKind) -> Difference {
    let (postgres, sqlite) = match has {
        DialectKind::Postgres => (table.origin, Origin::NONE),
        DialectKind::Sqlite => (Origin::NONE, table.origin),
    };
    let message = format!("table `{}` exists only on {has}", table.name);
    Difference {
        kind: DifferenceKind::Table,
        table: table.name.clone(),
        part: None,
        message,
        postgres,
        sqlite,
    }
}

fn views(postgres: &Catalog, sqlite: &Catalog, out: &mut Vec<Difference>) {
    let known = |catalog: &Catalog, name: &ObjectName| {
        let same = |own: &ObjectName| bare_key(own) == bare_key(name);
        catalog.views.keys().any(same) || catalog.tables.keys().any(same)
    };
    let sides = [(postgres, sqlite, DialectKind::Postgres), (sqlite, postgres, DialectKind::Sqlite)];
    for (own, other, has) in sides {
        for view in own.views.values().filter(|view| !known(other, &view.name)) {
            let message = format!("view `{}` exists only on {has}", view.name);
            let (postgres, sqlite) = match has {
                DialectKind::Postgres => (view.origin, Origin::NONE),
                DialectKind::Sqlite => (Origin::NONE, view.origin),
            };
            let table = view.name.clone();
            out.push(Difference { kind: DifferenceKind::View, table, part: None, message, postgres, sqlite });
        }
    }
}

/// A list of columns by which both sides find each other.
fn folded<'a>(names: impl IntoIterator<Item = &'a schema_model::Name>) -> Vec<String> {
    names.into_iter().map(|name| name.as_str().to_lowercase()).collect()
}
