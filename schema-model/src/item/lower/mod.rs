//! Items to the catalog: a struct with its fields' types resolved becomes a table of one dialect.

mod column;
mod constraint;
mod field_type;
mod index;
mod terms;

use std::collections::BTreeMap;

pub use constraint::columns_in;
pub use field_type::{Domain, FieldType, enum_type, enum_value, lower_domain};
pub use index::index_columns;

use super::ast::{At, FieldItem, KeyColumn, TableItem, TableWord, pick, said};
use super::naming::{Names, Naming, plural_snake_case};
use super::nearest::nearest;
use crate::catalog::{Sequence, Table, TableKind, TableOptions};
use crate::{DialectKind, Name, ObjectName, ident};

/// A struct with everything that is needed to make a table of it.
pub struct TableSource<'a> {
    /// The struct.
    pub item: &'a TableItem,
    /// Its fields, flattened ones replaced by those of their struct.
    pub fields: Vec<FieldSource<'a>>,
    /// The dialect asked for.
    pub dialect: DialectKind,
    /// How unnamed things are called.
    pub naming: &'a Naming,
}

/// A field and what its type was found to be.
pub struct FieldSource<'a> {
    /// The field.
    pub item: &'a FieldItem,
    /// Its type; `None` when it could not be told, which has been reported.
    pub ty: Option<FieldType>,
}

/// Something wrong with a struct that needs its types or dialect to be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field whose source the place is in; `None`: the struct's.
    pub field: Option<usize>,
    /// The place.
    pub at: At,
    /// One sentence.
    pub message: String,
}

/// Where a constraint or index was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SaidAt {
    /// The field it stands on; `None`: the struct.
    pub field: Option<usize>,
    /// The word.
    pub at: At,
}

/// A struct as a table.
pub struct Lowered {
    /// The table, without origins.
    pub table: Table,
    /// For each column, the field it comes from.
    pub columns: Vec<LoweredColumn>,
    /// For each constraint, where it was said.
    pub constraints: Vec<SaidAt>,
    /// For each index, where it was said.
    pub indexes: Vec<SaidAt>,
    /// Sequences of serial columns.
    pub sequences: Vec<Sequence>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// A column's answers that are no part of the catalog.
#[derive(Clone, Debug, Default)]
pub struct LoweredColumn {
    /// The field.
    pub field: usize,
    /// `renamed_from`.
    pub renamed_from: Option<String>,
    /// `backfill`.
    pub backfill: Option<String>,
    /// `using`.
    pub using: Option<String>,
}

/// The table's name in a dialect. SQLite has no schemas.
pub fn table_name(item: &TableItem, dialect: DialectKind) -> ObjectName {
    let name = pick(&item.words, dialect, |word| match word {
        TableWord::Name(name) => Some(name.clone()),
        _ => None,
    });
    let schema = pick(&item.words, dialect, |word| match word {
        TableWord::Schema(schema) => Some(schema.clone()),
        _ => None,
    });
    let name = name.map_or_else(|| plural_snake_case(&item.ident), |(name, _)| name);
    let schema = schema.map(|(schema, _)| schema).filter(|_| dialect == DialectKind::Postgres);
    ObjectName { schema: schema.filter(|schema| schema != "public").map(Name::from), name: Name::from(name) }
}

/// Makes the table.
pub fn lower_table(source: &TableSource<'_>) -> Lowered {
    let mut lower = Lower::new(source);
    lower.options();
    for index in 0..source.fields.len() {
        lower.column(index);
    }
    lower.constraints();
    lower.indexes();
    lower.primary_key_columns();
    lower.long_names();
    lower.out
}

/// `users(id)`, `app.users (a, b)`, `users`: the table and its columns.
pub fn references_of(text: &str, dialect: DialectKind) -> Option<(ObjectName, Vec<Name>)> {
    terms::references(text, dialect)
}

/// The column type of a field without any word said, in a dialect.
pub fn field_column_type(ty: &FieldType, dialect: DialectKind) -> crate::catalog::ColumnType {
    ty.column_type(dialect, false)
}

struct Lower<'a> {
    source: &'a TableSource<'a>,
    dialect: DialectKind,
    names: Names,
    /// Column name by field name and by column name.
    known: BTreeMap<String, Name>,
    out: Lowered,
}

impl<'a> Lower<'a> {
    fn new(source: &'a TableSource<'a>) -> Self {
        let dialect = source.dialect;
        let mut known = BTreeMap::new();
        for field in &source.fields {
            known.insert(field.item.ident.clone(), Name::new(field.item.column(dialect)));
        }
        for field in &source.fields {
            for each in DialectKind::ALL {
                known
                    .entry(field.item.column(each).to_owned())
                    .or_insert(Name::new(field.item.column(dialect)));
            }
            let own = field.item.column(dialect);
            known.insert(own.to_owned(), Name::new(own));
        }
        let out = Lowered {
            table: Table::new(table_name(source.item, dialect)),
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            sequences: Vec::new(),
            problems: Vec::new(),
        };
        Lower { source, dialect, names: Names::default(), known, out }
    }

    fn postgres(&self) -> bool {
        self.dialect == DialectKind::Postgres
    }

    fn problem(&mut self, field: Option<usize>, at: At, message: impl Into<String>) {
        self.out.problems.push(Problem { field, at, message: message.into() });
    }

    fn options(&mut self) {
        let mut options = TableOptions::default();
        let postgres = self.postgres();
        for said in said(&self.source.item.words, self.dialect) {
            match &said.word {
                TableWord::Comment(comment) if postgres => {
                    options.comment = Some(comment.clone()).filter(|comment| !comment.is_empty())
                }
                TableWord::Unlogged => options.unlogged = postgres,
                TableWord::PartitionBy(key) if postgres => options.kind = TableKind::Partitioned(key.clone()),
                TableWord::With(all) if postgres => options.with.extend(all.iter().cloned()),
                TableWord::Tablespace(name) if postgres => options.tablespace = Some(Name::new(name)),
                TableWord::Strict => options.strict = !postgres,
                TableWord::WithoutRowid => options.without_rowid = !postgres,
                _ => {}
            }
        }
        self.out.table.options = options;
    }

    /// The column that a word in a list means: by field name, else by column name.
    fn resolve(&mut self, column: &KeyColumn, field: Option<usize>) -> Option<Name> {
        if let Some(name) = self.known.get(&column.name) {
            return Some(name.clone());
        }
        let hint = match nearest(&column.name, self.known.keys().map(String::as_str)) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => String::new(),
        };
        self.problem(field, column.at, format!("this struct has no column `{}`{hint}", column.name));
        None
    }

    fn resolve_all(&mut self, columns: &[KeyColumn], field: Option<usize>) -> Vec<Name> {
        columns.iter().filter_map(|column| self.resolve(column, field)).collect()
    }

    /// A primary key's columns hold no NULL (PostgreSQL; SQLite keeps what was declared).
    fn primary_key_columns(&mut self) {
        if !self.postgres() {
            return;
        }
        let Some(key) = self.out.table.primary_key().cloned() else { return };
        for name in &key.columns {
            if let Some(column) = self.out.table.column_mut(name.as_str()) {
                column.nullable = false;
            }
        }
    }

    /// A name that the server would cut is a name nobody wrote.
    fn long_names(&mut self) {
        let Some(limit) = self.dialect.name_limit() else { return };
        let table = self.out.table.name.name.clone();
        if table.as_str().len() > limit {
            let at = self.source.item.at;
            self.problem(None, at, too_long(table.as_str(), limit));
        }
        let columns = self.out.table.columns.iter().zip(&self.out.columns);
        let long: Vec<_> = columns
            .filter(|(column, _)| column.name.as_str().len() > limit)
            .map(|(column, lowered)| (lowered.field, column.name.clone()))
            .collect();
        for (field, name) in long {
            let at = self.source.fields[field].item.at;
            self.problem(Some(field), at, too_long(name.as_str(), limit));
        }
        let constraints = self.out.table.constraints.iter().map(|constraint| constraint.name.clone());
        let constraints = constraints.zip(self.out.constraints.iter().copied());
        let indexes = self.out.table.indexes.iter().map(|index| Some(index.name.clone()));
        let indexes = indexes.zip(self.out.indexes.iter().copied());
        let long: Vec<_> = constraints.chain(indexes).collect();
        for (name, place) in long {
            if let Some(name) = name.filter(|name| name.as_str().len() > limit) {
                self.problem(place.field, place.at, too_long(name.as_str(), limit));
            }
        }
    }

    /// A given name, kept as taken, or a generated one. SQLite leaves constraints unnamed.
    fn constraint_name(
        &mut self,
        given: &Option<String>,
        template: &Option<String>,
        columns: &[Name],
        label: &str,
    ) -> Option<Name> {
        if let Some(given) = given {
            self.names.take(given);
            return Some(Name::new(given));
        }
        if !self.postgres() && template.is_none() {
            return None;
        }
        let table = self.out.table.name.name.clone();
        let joined = super::naming::join_columns(columns.iter().map(Name::as_str));
        Some(Name::from(self.names.choose(template, table.as_str(), &joined, label)))
    }
}

fn too_long(name: &str, limit: usize) -> String {
    format!("the name `{name}` is longer than the {limit} bytes that PostgreSQL keeps; give a shorter one")
}

/// A name as written in an attribute's SQL text: quotes taken off, nothing folded.
fn written(token: &str) -> Name {
    match token.starts_with('"') {
        true => Name::from(ident::fold(token, DialectKind::Sqlite)),
        false => Name::new(token),
    }
}
