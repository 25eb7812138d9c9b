//! What diesel's and SeaORM's lowering share: a table in the making, and where it goes.

use std::collections::BTreeMap;

use schema_model::catalog::{Constraint, ConstraintKind, EnumType, ForeignKey, Index, Key, Sequence, Table};
use schema_model::item::{At, generated_name, join_columns};
use schema_model::{DialectKind, Name, ObjectName, Origin, Span, lines};

use super::super::ScanOptions;
use super::super::declare::{add_schema, duplicate_table, push_new};
use super::super::declared::{Declared, FieldPlace, TablePlace};
use super::super::files::{NodeKind, Tree};
use super::{Foreign, KeySaid, ModelKind, Partial, lower_diesel, lower_seaorm};
use crate::diagnostic::Diagnostic;

/// Lowers the models of diesel's and SeaORM's roots into what is declared.
pub fn declare(options: &ScanOptions, tree: &Tree, out: &mut Declared) {
    for dialect in &options.dialects {
        for kind in [ModelKind::Diesel, ModelKind::SeaOrm] {
            let scope = Scope { options, tree, dialect: *dialect, kind };
            let mut found = Vec::new();
            let made = match kind {
                ModelKind::Diesel => lower_diesel::tables(&scope, &mut found),
                ModelKind::SeaOrm => lower_seaorm::tables(&scope, &mut found),
                ModelKind::Derive => Vec::new(),
            };
            found.into_iter().for_each(|found| push_new(&mut out.diagnostics, found));
            made.into_iter().for_each(|made| insert(made, *dialect, out));
        }
    }
}

/// What is lowered.
pub(super) struct Scope<'a> {
    pub options: &'a ScanOptions,
    pub tree: &'a Tree,
    pub dialect: DialectKind,
    pub kind: ModelKind,
}

impl<'a> Scope<'a> {
    /// The items of this library in its roots, with their numbers.
    pub fn items(&self) -> impl Iterator<Item = (usize, &'a Foreign)> {
        let (tree, kind) = (self.tree, self.kind);
        let options = self.options;
        tree.items.iter().enumerate().filter_map(move |(index, node)| {
            let root = tree.root_of(node.module);
            let own = options.roots.get(root).is_some_and(|root| root.kind == kind);
            match &node.kind {
                NodeKind::Foreign(item) if own => Some((index, item)),
                _ => None,
            }
        })
    }

    pub fn span(&self, node: usize, at: At) -> Span {
        self.tree.items[node].source.span(at)
    }

    /// A table's name; SQLite has no schemas.
    pub fn table_name(&self, schema: Option<&str>, name: &str) -> ObjectName {
        let postgres = self.dialect == DialectKind::Postgres;
        let schema = schema.filter(|schema| postgres && *schema != "public").map(Name::new);
        ObjectName { schema, name: Name::new(name) }
    }
}

/// A table in the making.
pub(super) struct Made {
    pub node: usize,
    pub table: Table,
    pub place: TablePlace,
    pub partial: Partial,
    pub sequences: Vec<Sequence>,
    pub enums: Vec<EnumType>,
    /// Old and new name of columns.
    pub renames: Vec<(Name, Name)>,
    dialect: DialectKind,
}

impl Made {
    pub fn new(scope: &Scope<'_>, node: usize, ident: &str, at: At, name: ObjectName) -> Self {
        let module = scope.tree.items[node].module;
        let place = TablePlace {
            struct_name: ident.to_owned(),
            module: scope.tree.modules[module].path.clone(),
            root: scope.tree.root_of(module),
            span: scope.span(node, at),
            fields: BTreeMap::new(),
            parts: BTreeMap::new(),
            partial: None,
        };
        let mut table = Table::new(name);
        table.origin = Origin(Some(place.span));
        Made {
            node,
            table,
            place,
            partial: Partial::default(),
            sequences: Vec::new(),
            enums: Vec::new(),
            renames: Vec::new(),
            dialect: scope.dialect,
        }
    }

    pub fn postgres(&self) -> bool {
        self.dialect == DialectKind::Postgres
    }

    /// Keeps where a column is said.
    pub fn column_at(&mut self, column: &Name, field: &str, span: Span) {
        let place = FieldPlace { field: Some(field.to_owned()), span };
        self.place.fields.insert(column.clone(), place);
    }

    /// A name that nobody wrote, as PostgreSQL makes it; SQLite leaves constraints unnamed.
    fn generated(&self, columns: &[Name], label: &str) -> Option<Name> {
        let joined = join_columns(columns.iter().map(Name::as_str));
        let joined = if label == "pkey" { "" } else { joined.as_str() };
        let table = self.table.name.name.as_str();
        let taken = |name: &str| self.table.constraint(name).is_some();
        let names = (0..).map(|number| {
            let end = if number == 0 { String::new() } else { number.to_string() };
            generated_name(table, joined, &format!("{label}{end}"))
        });
        let mut names = names;
        names.find(|name| !taken(name)).filter(|_| self.postgres()).map(Name::from)
    }

    pub fn primary_key(&mut self, columns: Vec<Name>, span: Span) {
        if self.postgres() {
            for column in self.table.columns.iter_mut().filter(|column| columns.contains(&column.name)) {
                column.nullable = false;
            }
        }
        let name = self.generated(&columns, "pkey");
        self.constraint(name, ConstraintKind::PrimaryKey(Key::over(columns)), None, span);
    }

    pub fn unique(&mut self, columns: Vec<Name>, field: Option<&str>, span: Span) {
        let name = self.generated(&columns, "key");
        self.constraint(name, ConstraintKind::Unique(Key::over(columns)), field, span);
    }

    pub fn foreign_key(
        &mut self,
        name: Option<&str>,
        key: ForeignKey,
        said: KeySaid,
        field: Option<&str>,
        span: Span,
    ) {
        let name = name.map(Name::new).or_else(|| self.generated(&key.columns, "fkey"));
        self.partial.keys.push(said);
        self.constraint(name, ConstraintKind::ForeignKey(key), field, span);
    }

    fn constraint(&mut self, name: Option<Name>, kind: ConstraintKind, field: Option<&str>, span: Span) {
        let mut constraint = Constraint::new(name, kind);
        constraint.origin = Origin(Some(span));
        let key = lines::constraint_key(&self.table.name, &constraint, self.dialect);
        self.place.parts.insert(key, FieldPlace { field: field.map(str::to_owned), span });
        self.table.constraints.push(constraint);
    }

    pub fn index(&mut self, name: String, column: &Name, field: &str, span: Span) {
        let mut index = Index::over(name, [column.clone()]);
        index.origin = Origin(Some(span));
        let key = lines::index_key(&self.table.name, &index);
        self.place.parts.insert(key, FieldPlace { field: Some(field.to_owned()), span });
        self.table.indexes.push(index);
    }
}

fn insert(made: Made, dialect: DialectKind, out: &mut Declared) {
    let Some(declaration) = out.dialects.get_mut(&dialect) else { return };
    let name = made.table.name.clone();
    if let Some(found) = duplicate_table(declaration, &name, &made.place.struct_name, made.place.span) {
        return push_new(&mut out.diagnostics, found);
    }
    add_schema(&mut declaration.catalog, &name);
    for sequence in made.sequences {
        declaration.catalog.sequences.insert(sequence.name.clone(), sequence);
    }
    for own in made.enums {
        add_schema(&mut declaration.catalog, &own.name);
        declaration.catalog.enums.entry(own.name.clone()).or_insert(own);
    }
    for (from, to) in made.renames {
        declaration.renames.columns.push((name.clone(), from, to));
    }
    let place = TablePlace { partial: Some(made.partial), ..made.place };
    declaration.catalog.tables.insert(name.clone(), made.table);
    declaration.tables.insert(name, place);
}

/// A column that a key names and the model does not have.
pub(super) fn unknown_column(table: &str, column: &str, span: Span) -> Diagnostic {
    let message = format!("`{table}` has no column `{column}`");
    Diagnostic::error("model/unknown-column", message).at(span, "named here")
}
