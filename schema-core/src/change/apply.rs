//! What a change does to a catalog.
//!
//! Purely structural: a statement's side effects (`CASCADE`, the indexes of a dropped column) are changes of their own,
//! which the SQL reader spells out. Only renames reach further, since a reference is one thing with two ends: see
//! `references`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Display;

use schema_model::catalog::{Catalog, Constraint, Index, Table};
use schema_model::{DialectKind, Name, ObjectName};

use super::{Change, references};

/// The change does not fit the catalog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// What it changes is not there.
    #[error("{kind} `{name}` does not exist")]
    Missing {
        /// The kind of object, in words.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// What it makes is there already.
    #[error("{kind} `{name}` already exists")]
    Exists {
        /// The kind of object, in words.
        kind: &'static str,
        /// Its name.
        name: String,
    },
}

impl Change {
    /// Makes the change. On an error the catalog is as it was.
    pub fn apply(&self, catalog: &mut Catalog, dialect: DialectKind) -> Result<(), ApplyError> {
        use Change::*;
        match self {
            CreateSchema(new) => insert(&mut catalog.schemas, "schema", &new.name, new),
            DropSchema(old) => remove(&mut catalog.schemas, "schema", &old.name).map(drop),
            AlterSchema { new, .. } if new.is_default() => {
                match new.comment {
                    Some(_) => drop(catalog.schemas.insert(new.name.clone(), new.clone())),
                    None => drop(catalog.schemas.remove(&new.name)),
                }
                Ok(())
            }
            AlterSchema { old, new } => replace(&mut catalog.schemas, "schema", &old.name, &new.name, new),
            RenameSchema { from, to } => references::rename_schema(catalog, from, to, dialect),
            CreateExtension(new) => insert(&mut catalog.extensions, "extension", &new.name, new),
            DropExtension(old) => remove(&mut catalog.extensions, "extension", &old.name).map(drop),
            AlterExtension { old, new } => {
                replace(&mut catalog.extensions, "extension", &old.name, &new.name, new)
            }

            CreateTable(new) => insert(&mut catalog.tables, "table", &new.name, new),
            DropTable(old) => remove(&mut catalog.tables, "table", &old.name).map(drop),
            RenameTable { from, to } => references::rename_table(catalog, from, to, dialect),
            AlterTable { table, new, .. } => {
                table_mut(catalog, table)?.options = (**new).clone();
                Ok(())
            }

            AddColumn { table, column, position } => {
                let table = table_mut(catalog, table)?;
                if table.column(column.name.as_str()).is_some() {
                    return Err(exists("column", format!("{}.{}", table.name, column.name)));
                }
                let at = position.unwrap_or(table.columns.len()).min(table.columns.len());
                table.columns.insert(at, (**column).clone());
                Ok(())
            }
            DropColumn { table, column } => {
                let table = table_mut(catalog, table)?;
                let at = column_at(table, &column.name)?;
                table.columns.remove(at);
                Ok(())
            }
            AlterColumn { table, old, new } => {
                let table = table_mut(catalog, table)?;
                let at = column_at(table, &old.name)?;
                table.columns[at] = (**new).clone();
                Ok(())
            }
            RenameColumn { table, from, to } if catalog.views.contains_key(table) => {
                references::rename_view_column(catalog, table, from, to, dialect)
            }
            RenameColumn { table, from, to } => {
                let known = table_mut(catalog, table)?;
                column_at(known, from)?;
                if known.column(to.as_str()).is_some() {
                    return Err(exists("column", format!("{table}.{to}")));
                }
                references::rename_column(catalog, table, from, to, dialect);
                Ok(())
            }

            AddConstraint { table, constraint } => {
                let table = table_mut(catalog, table)?;
                // SQLite does not ask whether a constraint's name is taken.
                let unique = dialect == DialectKind::Postgres;
                let taken = |name: &&Name| unique && table.constraint(name.as_str()).is_some();
                if let Some(name) = constraint.name.as_ref().filter(taken) {
                    return Err(exists("constraint", format!("{name} of {}", table.name)));
                }
                table.constraints.push((**constraint).clone());
                Ok(())
            }
            DropConstraint { table, constraint } => {
                let table = table_mut(catalog, table)?;
                let at = constraint_at(table, constraint)?;
                table.constraints.remove(at);
                Ok(())
            }
            AlterConstraint { table, old, new } => {
                let table = table_mut(catalog, table)?;
                let at = constraint_at(table, old)?;
                table.constraints[at] = (**new).clone();
                Ok(())
            }
            RenameConstraint { table, from, to } => {
                let table = table_mut(catalog, table)?;
                if table.constraint(to.as_str()).is_some() {
                    return Err(exists("constraint", format!("{to} of {}", table.name)));
                }
                let missing = missing("constraint", format!("{from} of {}", table.name));
                table.constraint_mut(from.as_str()).ok_or(missing)?.name = Some(to.clone());
                references::rename_index_in_options(&mut table.options, from, to, dialect);
                Ok(())
            }

            CreateIndex { table, index } => {
                let indexes = indexes_mut(catalog, table)?;
                if indexes.iter().any(|known| known.name == index.name) {
                    return Err(exists("index", &index.name));
                }
                indexes.push((**index).clone());
                Ok(())
            }
            DropIndex { table, index } => {
                let indexes = indexes_mut(catalog, table)?;
                let at = index_at(indexes, &index.name)?;
                indexes.remove(at);
                Ok(())
            }
            AlterIndex { table, old, new } => {
                let indexes = indexes_mut(catalog, table)?;
                let at = index_at(indexes, &old.name)?;
                indexes[at] = (**new).clone();
                Ok(())
            }
            RenameIndex { table, from, to } => {
                let indexes = indexes_mut(catalog, table)?;
                let at = index_at(indexes, from)?;
                indexes[at].name = to.clone();
                if let Some(owner) = catalog.tables.get_mut(table) {
                    references::rename_index_in_options(&mut owner.options, from, to, dialect);
                }
                references::rename_parent_index(
                    catalog,
                    &table.sibling(from.clone()),
                    &table.sibling(to.clone()),
                );
                Ok(())
            }

            CreateEnum(new) => insert(&mut catalog.enums, "type", &new.name, new),
            DropEnum(old) => remove(&mut catalog.enums, "type", &old.name).map(drop),
            AddEnumValue { name, value, before } => {
                let values = enum_values(catalog, name)?;
                if values.contains(value) {
                    return Err(exists("enum value", value));
                }
                let at = match before {
                    Some(before) => value_at(values, before)?,
                    None => values.len(),
                };
                values.insert(at, value.clone());
                Ok(())
            }
            RemoveEnumValue { name, value, .. } => {
                let values = enum_values(catalog, name)?;
                let at = value_at(values, value)?;
                values.remove(at);
                Ok(())
            }
            RenameEnumValue { name, from, to } => {
                let values = enum_values(catalog, name)?;
                if values.contains(to) {
                    return Err(exists("enum value", to));
                }
                let at = value_at(values, from)?;
                values[at] = to.clone();
                references::rename_enum_value(catalog, name, from, to, dialect);
                Ok(())
            }
            ReplaceEnum { old, new } => replace(&mut catalog.enums, "type", &old.name, &new.name, new),

            CreateDomain(new) => insert(&mut catalog.domains, "domain", &new.name, new),
            DropDomain(old) => remove(&mut catalog.domains, "domain", &old.name).map(drop),
            AlterDomain { old, new } => replace(&mut catalog.domains, "domain", &old.name, &new.name, new),
            CreateComposite(new) => insert(&mut catalog.composites, "type", &new.name, new),
            DropComposite(old) => remove(&mut catalog.composites, "type", &old.name).map(drop),
            AlterComposite { old, new } => {
                replace(&mut catalog.composites, "type", &old.name, &new.name, new)
            }
            RenameType { from, to } => references::rename_type(catalog, from, to, dialect),

            CreateSequence(new) => insert(&mut catalog.sequences, "sequence", &new.name, new),
            DropSequence(old) => remove(&mut catalog.sequences, "sequence", &old.name).map(drop),
            AlterSequence { old, new } => {
                replace(&mut catalog.sequences, "sequence", &old.name, &new.name, new)
            }
            RenameSequence { from, to } => references::rename_sequence(catalog, from, to, dialect),

            CreateView(new) => insert(&mut catalog.views, "view", &new.name, new),
            DropView(old) => remove(&mut catalog.views, "view", &old.name).map(drop),
            ReplaceView { old, new } => replace(&mut catalog.views, "view", &old.name, &new.name, new),
            RenameView { from, to } => references::rename_view(catalog, from, to, dialect),

            CreateOpaque(new) => insert(&mut catalog.opaque, new.id.kind.as_str(), &new.id, new),
            DropOpaque(old) => remove(&mut catalog.opaque, old.id.kind.as_str(), &old.id).map(drop),
            ReplaceOpaque { old, new } => {
                replace(&mut catalog.opaque, old.id.kind.as_str(), &old.id, &new.id, new)?;
                references::rename_opaque(catalog, &old.id, &new.id.name, dialect);
                Ok(())
            }
        }
    }
}

pub(super) fn missing(kind: &'static str, name: impl Display) -> ApplyError {
    ApplyError::Missing { kind, name: name.to_string() }
}

pub(super) fn exists(kind: &'static str, name: impl Display) -> ApplyError {
    ApplyError::Exists { kind, name: name.to_string() }
}

fn insert<K, V>(map: &mut BTreeMap<K, V>, kind: &'static str, key: &K, new: &V) -> Result<(), ApplyError>
where
    K: Ord + Clone + Display,
    V: Clone,
{
    match map.entry(key.clone()) {
        Entry::Occupied(_) => Err(exists(kind, key)),
        Entry::Vacant(free) => {
            free.insert(new.clone());
            Ok(())
        }
    }
}

pub(super) fn remove<K: Ord + Display, V>(
    map: &mut BTreeMap<K, V>,
    kind: &'static str,
    key: &K,
) -> Result<V, ApplyError> {
    map.remove(key).ok_or_else(|| missing(kind, key))
}

fn replace<K, V>(
    map: &mut BTreeMap<K, V>,
    kind: &'static str,
    old: &K,
    key: &K,
    new: &V,
) -> Result<(), ApplyError>
where
    K: Ord + Clone + Display,
    V: Clone,
{
    if old != key && map.contains_key(key) {
        return Err(exists(kind, key));
    }
    remove(map, kind, old)?;
    map.insert(key.clone(), new.clone());
    Ok(())
}

pub(super) fn table_mut<'a>(
    catalog: &'a mut Catalog,
    name: &ObjectName,
) -> Result<&'a mut Table, ApplyError> {
    catalog.tables.get_mut(name).ok_or_else(|| missing("table", name))
}

/// The indexes of a table or materialized view.
fn indexes_mut<'a>(catalog: &'a mut Catalog, name: &ObjectName) -> Result<&'a mut Vec<Index>, ApplyError> {
    match catalog.tables.get_mut(name) {
        Some(table) => Ok(&mut table.indexes),
        None => {
            catalog.views.get_mut(name).map(|view| &mut view.indexes).ok_or_else(|| missing("table", name))
        }
    }
}

fn enum_values<'a>(catalog: &'a mut Catalog, name: &ObjectName) -> Result<&'a mut Vec<String>, ApplyError> {
    catalog.enums.get_mut(name).map(|ty| &mut ty.values).ok_or_else(|| missing("type", name))
}

fn column_at(table: &Table, name: &Name) -> Result<usize, ApplyError> {
    let at = table.columns.iter().position(|column| column.name == *name);
    at.ok_or_else(|| missing("column", format!("{}.{name}", table.name)))
}

/// By name; a constraint without one, or one of several of a name (SQLite), is found by what it demands.
fn constraint_at(table: &Table, wanted: &Constraint) -> Result<usize, ApplyError> {
    let exact = |known: &Constraint| known.name == wanted.name && known.kind == wanted.kind;
    if let Some(at) = table.constraints.iter().position(exact) {
        return Ok(at);
    }
    let at = table.constraints.iter().position(|known| match &wanted.name {
        Some(name) => known.name.as_ref() == Some(name),
        None => known.name.is_none() && known.kind == wanted.kind,
    });
    let name = || wanted.name.as_ref().map_or_else(|| "(unnamed)".to_owned(), ToString::to_string);
    at.ok_or_else(|| missing("constraint", format!("{} of {}", name(), table.name)))
}

fn index_at(indexes: &[Index], name: &Name) -> Result<usize, ApplyError> {
    indexes.iter().position(|index| index.name == *name).ok_or_else(|| missing("index", name))
}

fn value_at(values: &[String], value: &str) -> Result<usize, ApplyError> {
    values.iter().position(|known| known == value).ok_or_else(|| missing("enum value", value))
}
