//! The names that share one namespace: tables, views, sequences, indexes. Kept beside the catalog, so that looking a
//! name up or choosing a free one never walks over the tables.

use std::collections::HashMap;

use schema_model::catalog::{Catalog, Column, CompositeType, Constraint, Sequence, Table, View};
use schema_model::{DialectKind, Name, ObjectName};

use crate::change::Change;

/// What a relation's name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationKind {
    /// A table of any kind.
    Table,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
    /// A sequence, of a serial column or its own.
    Sequence,
    /// An identity column's sequence.
    IdentitySequence,
    /// An index that a constraint owns, of the constraint's name (PostgreSQL).
    ConstraintIndex,
    /// An index.
    Index,
    /// A composite type: PostgreSQL keeps it among the relations.
    Composite,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// What it is.
    pub kind: RelationKind,
    /// Its name as the catalog has it.
    pub name: ObjectName,
    /// The table (or materialized view) of an index, or of an identity column's sequence.
    pub table: Option<ObjectName>,
}

/// All relation names of a catalog, and how often each constraint name is used in a schema.
#[derive(Clone, Debug)]
pub struct Relations {
    dialect: DialectKind,
    by_name: HashMap<ObjectName, Relation>,
    constraints: HashMap<ObjectName, u32>,
}

impl Relations {
    /// The names of a catalog.
    pub fn of(catalog: &Catalog, dialect: DialectKind) -> Self {
        let mut all = Relations { dialect, by_name: HashMap::new(), constraints: HashMap::new() };
        catalog.tables.values().for_each(|table| all.add_table(table));
        catalog.views.values().for_each(|view| all.add_view(view));
        catalog.sequences.values().for_each(|sequence| all.add_sequence(sequence));
        catalog.composites.values().for_each(|ty| all.add_composite(ty));
        for domain in catalog.domains.values() {
            domain.checks.iter().for_each(|check| all.count_constraint(&domain.name, check, true));
        }
        all
    }

    /// What the name stands for; SQLite asks without case.
    pub fn get(&self, name: &ObjectName) -> Option<&Relation> {
        self.by_name.get(&self.key(name))
    }

    /// Whether the name is free.
    pub fn is_free(&self, name: &ObjectName) -> bool {
        self.get(name).is_none()
    }

    /// Whether a constraint of any table in the name's schema has it.
    pub fn has_constraint(&self, name: &ObjectName) -> bool {
        self.constraints.get(name).is_some_and(|count| *count > 0)
    }

    fn key(&self, name: &ObjectName) -> ObjectName {
        let lower = |name: &Name| Name::from(name.as_str().to_ascii_lowercase());
        match self.dialect {
            DialectKind::Postgres => name.clone(),
            DialectKind::Sqlite => {
                ObjectName { schema: name.schema.as_ref().map(lower), name: lower(&name.name) }
            }
        }
    }

    fn add(&mut self, kind: RelationKind, name: ObjectName, table: Option<&ObjectName>) {
        let relation = Relation { kind, name: name.clone(), table: table.cloned() };
        self.by_name.insert(self.key(&name), relation);
    }

    fn remove(&mut self, name: &ObjectName) {
        self.by_name.remove(&self.key(name));
    }

    fn add_table(&mut self, table: &Table) {
        self.add(RelationKind::Table, table.name.clone(), None);
        table.columns.iter().for_each(|column| self.add_column(&table.name, column));
        table.constraints.iter().for_each(|constraint| self.add_constraint(&table.name, constraint));
        for index in &table.indexes {
            self.add(RelationKind::Index, table.name.sibling(index.name.clone()), Some(&table.name));
        }
    }

    fn remove_table(&mut self, table: &Table) {
        self.remove(&table.name);
        table.columns.iter().for_each(|column| self.remove_column(column));
        table.constraints.iter().for_each(|constraint| self.remove_constraint(&table.name, constraint));
        table.indexes.iter().for_each(|index| self.remove(&table.name.sibling(index.name.clone())));
    }

    fn add_view(&mut self, view: &View) {
        let kind = if view.materialized { RelationKind::MaterializedView } else { RelationKind::View };
        self.add(kind, view.name.clone(), None);
        for index in &view.indexes {
            self.add(RelationKind::Index, view.name.sibling(index.name.clone()), Some(&view.name));
        }
    }

    fn remove_view(&mut self, view: &View) {
        self.remove(&view.name);
        view.indexes.iter().for_each(|index| self.remove(&view.name.sibling(index.name.clone())));
    }

    fn add_sequence(&mut self, sequence: &Sequence) {
        self.add(RelationKind::Sequence, sequence.name.clone(), None);
    }

    fn add_composite(&mut self, ty: &CompositeType) {
        self.add(RelationKind::Composite, ty.name.clone(), None);
    }

    fn add_column(&mut self, table: &ObjectName, column: &Column) {
        if let Some(identity) = &column.identity {
            self.add(RelationKind::IdentitySequence, identity.sequence.clone(), Some(table));
        }
    }

    fn remove_column(&mut self, column: &Column) {
        if let Some(identity) = &column.identity {
            self.remove(&identity.sequence);
        }
    }

    fn add_constraint(&mut self, table: &ObjectName, constraint: &Constraint) {
        self.count_constraint(table, constraint, true);
        if let Some(name) = self.index_of(table, constraint) {
            self.add(RelationKind::ConstraintIndex, name, Some(table));
        }
    }

    fn remove_constraint(&mut self, table: &ObjectName, constraint: &Constraint) {
        self.count_constraint(table, constraint, false);
        if let Some(name) = self.index_of(table, constraint) {
            self.remove(&name);
        }
    }

    /// The index of a constraint: in PostgreSQL a relation of the constraint's name.
    fn index_of(&self, table: &ObjectName, constraint: &Constraint) -> Option<ObjectName> {
        let owns = self.dialect == DialectKind::Postgres && constraint.owns_index();
        constraint.name.as_ref().filter(|_| owns).map(|name| table.sibling(name.clone()))
    }

    fn count_constraint(&mut self, owner: &ObjectName, constraint: &Constraint, more: bool) {
        if self.dialect != DialectKind::Postgres {
            return;
        }
        if let Some(name) = &constraint.name {
            let count = self.constraints.entry(owner.sibling(name.clone())).or_default();
            *count = if more { *count + 1 } else { count.saturating_sub(1) };
        }
    }

    /// Follows a change; `catalog` is the one before it.
    pub fn before(&mut self, change: &Change, catalog: &Catalog) {
        match change {
            Change::DropTable(table) => {
                if let Some(table) = catalog.tables.get(&table.name) {
                    self.remove_table(table);
                }
            }
            Change::RenameTable { from, .. } => {
                if let Some(table) = catalog.tables.get(from) {
                    self.remove_table(table);
                }
            }
            Change::DropView(view) => self.remove_view(catalog.views.get(&view.name).unwrap_or(view)),
            Change::ReplaceView { old, .. } => self.remove_view(old),
            Change::RenameView { from, .. } => {
                if let Some(view) = catalog.views.get(from) {
                    self.remove_view(view);
                }
            }
            Change::DropSequence(sequence) => self.remove(&sequence.name),
            Change::AlterSequence { old, .. } => self.remove(&old.name),
            Change::RenameSequence { from, .. } => self.remove(from),
            Change::DropComposite(ty) => self.remove(&ty.name),
            Change::RenameType { from, .. } if catalog.composites.contains_key(from) => self.remove(from),
            Change::DropColumn { column, .. } => self.remove_column(column),
            Change::AlterColumn { old, .. } => self.remove_column(old),
            Change::DropConstraint { table, constraint } => self.remove_constraint(table, constraint),
            Change::AlterConstraint { table, old, .. } => self.remove_constraint(table, old),
            Change::RenameConstraint { table, from, .. } => {
                let known = catalog.tables.get(table).and_then(|table| table.constraint(from.as_str()));
                if let Some(constraint) = known {
                    self.remove_constraint(table, constraint);
                }
            }
            Change::DropIndex { table, index } => self.remove(&table.sibling(index.name.clone())),
            Change::AlterIndex { table, old, .. } => self.remove(&table.sibling(old.name.clone())),
            Change::RenameIndex { table, from, .. } => self.remove(&table.sibling(from.clone())),
            Change::DropDomain(domain) => {
                domain.checks.iter().for_each(|check| self.count_constraint(&domain.name, check, false));
            }
            Change::AlterDomain { old, .. } => {
                old.checks.iter().for_each(|check| self.count_constraint(&old.name, check, false));
            }
            _ => {}
        }
    }

    /// Follows a change; `catalog` is the one after it.
    pub fn after(&mut self, change: &Change, catalog: &Catalog) {
        match change {
            Change::CreateTable(table) => self.add_table(table),
            Change::RenameTable { to, .. } => {
                if let Some(table) = catalog.tables.get(to) {
                    self.add_table(table);
                }
            }
            Change::CreateView(view) | Change::ReplaceView { new: view, .. } => self.add_view(view),
            Change::RenameView { to, .. } => {
                if let Some(view) = catalog.views.get(to) {
                    self.add_view(view);
                }
            }
            Change::CreateSequence(sequence) | Change::AlterSequence { new: sequence, .. } => {
                self.add_sequence(sequence);
            }
            Change::RenameSequence { to, .. } => self.add(RelationKind::Sequence, to.clone(), None),
            Change::CreateComposite(ty) => self.add_composite(ty),
            Change::RenameType { to, .. } if catalog.composites.contains_key(to) => {
                self.add(RelationKind::Composite, to.clone(), None);
            }
            Change::AddColumn { table, column, .. } | Change::AlterColumn { table, new: column, .. } => {
                self.add_column(table, column);
            }
            Change::AddConstraint { table, constraint }
            | Change::AlterConstraint { table, new: constraint, .. } => {
                self.add_constraint(table, constraint);
            }
            Change::RenameConstraint { table, to, .. } => {
                let known = catalog.tables.get(table).and_then(|table| table.constraint(to.as_str()));
                if let Some(constraint) = known {
                    self.add_constraint(table, constraint);
                }
            }
            Change::CreateIndex { table, index } | Change::AlterIndex { table, new: index, .. } => {
                self.add(RelationKind::Index, table.sibling(index.name.clone()), Some(table));
            }
            Change::RenameIndex { table, to, .. } => {
                self.add(RelationKind::Index, table.sibling(to.clone()), Some(table));
            }
            Change::CreateDomain(domain) => {
                domain.checks.iter().for_each(|check| self.count_constraint(&domain.name, check, true));
            }
            Change::AlterDomain { new, .. } => {
                new.checks.iter().for_each(|check| self.count_constraint(&new.name, check, true));
            }
            Change::RenameSchema { .. } => *self = Relations::of(catalog, self.dialect),
            _ => {}
        }
    }
}
