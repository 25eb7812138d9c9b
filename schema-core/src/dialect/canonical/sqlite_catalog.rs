//! What a SQLite catalog says in more than one way.

use std::collections::HashMap;

use schema_model::catalog::{Catalog, Constraint, ConstraintKind, ForeignKey, OpaqueKind, Table, TableKind};
use schema_model::{DialectKind, Name, ObjectName};

use super::tokens_text::folded_text;
use crate::sql::read::sqlite::is_rowid_alias;

/// Each table's own spelling and primary key, by its name in lower case.
type Keys = HashMap<String, (ObjectName, Vec<Name>)>;

/// One spelling for each meaning: the rowid is never NULL whether it says so or not; a foreign key without columns means
/// the primary key; SQLite edits the text of views and triggers when it renames, and puts names in quotes there.
pub(super) fn settle(catalog: &mut Catalog) {
    let known = |table: &Table| (lower(&table.name.name), (table.name.clone(), key_columns(table)));
    let keys: Keys = catalog.tables.values().map(known).collect();
    for table in catalog.tables.values_mut() {
        rowid(table);
        collations(table);
        for constraint in &mut table.constraints {
            match &mut constraint.kind {
                ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                    fold(&mut key.columns);
                    key.column_suffixes.iter_mut().for_each(|suffix| suffix.make_ascii_lowercase());
                }
                ConstraintKind::ForeignKey(key) => {
                    target(key, &keys);
                    fold(&mut key.columns);
                    fold(&mut key.referenced);
                }
                ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => {}
            }
        }
        once(&mut table.constraints);
        if let TableKind::Virtual(module) = &mut table.options.kind {
            *module = folded_text(module, DialectKind::Sqlite);
        }
    }
    for view in catalog.views.values_mut() {
        view.query = folded_text(&view.query, DialectKind::Sqlite);
    }
    for object in catalog.opaque.values_mut().filter(|object| object.id.kind == OpaqueKind::Trigger) {
        object.definition = folded_text(&object.definition, DialectKind::Sqlite);
    }
}

/// A constraint that nobody named, said twice, is one: SQLite keeps one index for both.
fn once(constraints: &mut Vec<Constraint>) {
    let mut kept: Vec<Constraint> = Vec::with_capacity(constraints.len());
    for constraint in constraints.drain(..) {
        if constraint.name.is_some() || !kept.contains(&constraint) {
            kept.push(constraint);
        }
    }
    *constraints = kept;
}

fn lower(name: &Name) -> String {
    name.as_str().to_ascii_lowercase()
}

/// Names are matched without case.
fn fold(names: &mut [Name]) {
    for name in names {
        *name = Name::from(lower(name));
    }
}

fn key_columns(table: &Table) -> Vec<Name> {
    table.primary_key().map(|key| key.columns.clone()).unwrap_or_default()
}

fn rowid(table: &mut Table) {
    if !is_rowid_alias(table) {
        return;
    }
    let key = key_columns(table);
    for column in table.columns.iter_mut().filter(|column| key.contains(&column.name)) {
        column.nullable = false;
        column.on_conflict = None;
    }
}

/// Collations are found without case, as everything is.
fn collations(table: &mut Table) {
    let columns = table.columns.iter_mut().map(|column| &mut column.collation);
    let parts = table.indexes.iter_mut().flat_map(|index| &mut index.parts);
    for collation in columns.chain(parts.map(|part| &mut part.collation)).flatten() {
        collation.name = Name::from(lower(&collation.name));
    }
}

/// The referenced table as it is spelled itself, and the columns that are meant.
fn target(key: &mut ForeignKey, keys: &Keys) {
    let Some((table, columns)) = keys.get(&lower(&key.table.name)) else { return };
    key.table.clone_from(table);
    if key.referenced.is_empty() && columns.len() == key.columns.len() {
        key.referenced.clone_from(columns);
    }
}
