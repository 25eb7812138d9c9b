//! Changes by table: which tables are made, which go, which are altered and how.

use std::collections::BTreeSet;

use schema_model::catalog::{
    Catalog, Constraint, ConstraintKind, Deferrable, ForeignKey, Index, IndexTerm, Table, TableKind,
};
use schema_model::{Name, ObjectName};

use super::virtual_table::is_virtual;
use super::{is_shadow, same_column, table};
use crate::change::Change;
use crate::dialect::Transition;
use crate::sql::read::sqlite::same;

/// One table that both sides have, with what differs.
pub(super) struct Group<'a> {
    /// After the renames.
    pub before: &'a Table,
    /// As it shall be.
    pub after: &'a Table,
    /// What differs.
    pub changes: Vec<&'a Change>,
    /// `ALTER TABLE` does not reach: the table is made anew.
    pub rebuild: bool,
}

pub(super) struct Groups<'a> {
    created: Vec<&'a Table>,
    dropped: Vec<&'a ObjectName>,
    altered: Vec<Group<'a>>,
}

impl<'a> Groups<'a> {
    pub fn of(transition: &Transition<'a>, renamed: &'a Catalog) -> Self {
        let mut all = Groups { created: Vec::new(), dropped: Vec::new(), altered: Vec::new() };
        let mut touched: BTreeSet<&ObjectName> = BTreeSet::new();
        for change in transition.changes {
            match change {
                Change::CreateTable(table) if is_told(table) => {
                    all.created.extend(transition.new.tables.get(&table.name));
                }
                Change::DropTable(table) => {
                    all.dropped.extend(renamed.tables.get_key_value(&table.name).map(|(name, _)| name))
                }
                Change::CreateTable(_) | Change::RenameTable { .. } => {}
                other if is_about_table(other) => {
                    touched.extend(other.table().and_then(|name| {
                        let name = renamed_name(transition.changes, name);
                        renamed.tables.get_key_value(name).map(|(name, _)| name)
                    }));
                }
                _ => {}
            }
        }
        for name in touched {
            let (Some(before), Some(after)) = (renamed.tables.get(name), transition.new.tables.get(name))
            else {
                continue;
            };
            if !is_shadow(renamed, name) {
                all.altered.extend(Group::of(transition, before, after));
            }
        }
        all.created = parents_first(all.created);
        all.dropped = children_first(all.dropped, renamed);
        all
    }

    /// Tables that are new, referenced ones first where that can be.
    pub fn created(&self) -> impl Iterator<Item = &'a Table> {
        self.created.iter().copied()
    }

    /// Tables that go, referring ones first where that can be.
    pub fn dropped(&self) -> impl Iterator<Item = &'a ObjectName> {
        self.dropped.iter().copied()
    }

    /// Tables that change.
    pub fn altered(&self) -> impl Iterator<Item = &Group<'a>> {
        self.altered.iter()
    }

    /// The columns that go by `ALTER TABLE … DROP COLUMN`.
    pub fn dropped_columns(&self) -> impl Iterator<Item = (&'a ObjectName, &'a Name)> {
        self.altered.iter().filter(|group| !group.rebuild).flat_map(|group| {
            let table = &group.before.name;
            group.changes.iter().filter_map(move |change| match change {
                Change::DropColumn { column, .. } => Some((table, &column.name)),
                _ => None,
            })
        })
    }

    /// Whether some statement makes SQLite look at every view and trigger again.
    pub fn reparse(&self) -> bool {
        self.altered.iter().any(|group| {
            group.rebuild || group.changes.iter().any(|change| matches!(change, Change::DropColumn { .. }))
        })
    }

    /// A rebuild drops a table that others refer to; so does a dropped table that some surviving one refers to. With
    /// foreign keys on, `DROP TABLE` would delete or refuse the referring rows (Foreign Keys, 5), and it fails at a deferred
    /// key whose parent, or the parent's key, is not there.
    pub fn needs_keys_off(&self, renamed: &Catalog) -> bool {
        let rebuilt = self.altered.iter().any(|group| group.rebuild && !is_virtual(group));
        let dangles =
            |name: &&ObjectName| renamed.tables.get(*name).is_some_and(|table| is_orphan(table, renamed));
        rebuilt
            || self.dropped.iter().any(|name| self.is_referenced(name, renamed))
            || self.dropped.iter().any(dangles)
    }

    fn is_referenced(&self, name: &ObjectName, renamed: &Catalog) -> bool {
        let gone = |table: &Table| self.dropped.iter().any(|dropped| **dropped == table.name);
        let mut others = renamed.tables.values().filter(|table| table.name != *name);
        let cycle = |table: &Table| self.position(&table.name) > self.position(name);
        others.any(|table| refers_to(table, name) && (!gone(table) || cycle(table)))
    }

    fn position(&self, name: &ObjectName) -> Option<usize> {
        self.dropped.iter().position(|dropped| *dropped == name)
    }
}

impl<'a> Group<'a> {
    fn of(transition: &Transition<'a>, before: &'a Table, after: &'a Table) -> Option<Self> {
        let about = |change: &&Change| {
            let name = change.table().map(|name| renamed_name(transition.changes, name));
            name == Some(&before.name) && is_about_table(change) && !is_comment_only(change)
        };
        let changes: Vec<&Change> = transition.changes.iter().filter(about).collect();
        if changes.is_empty() {
            return None;
        }
        let mut group = Group { before, after, changes, rebuild: false };
        group.rebuild = !table::fits_alter(&group, transition);
        Some(group)
    }
}

/// Whether a statement makes the table: a shadow table comes with its virtual one, and one without columns is a gap's.
fn is_told(table: &Table) -> bool {
    match &table.options.kind {
        TableKind::Shadow(_) => false,
        TableKind::Virtual(_) => true,
        _ => !table.columns.is_empty(),
    }
}

/// The table's name after all renames: a rename of a column may come before its table's.
fn renamed_name<'c>(changes: &'c [Change], name: &'c ObjectName) -> &'c ObjectName {
    let mut current = name;
    for change in changes {
        if let Change::RenameTable { from, to } = change
            && from == current
        {
            current = to;
        }
    }
    current
}

/// Changes of a table's parts that are not renames made in place.
fn is_about_table(change: &Change) -> bool {
    matches!(
        change,
        Change::AlterTable { .. }
            | Change::AddColumn { .. }
            | Change::DropColumn { .. }
            | Change::AlterColumn { .. }
            | Change::AddConstraint { .. }
            | Change::DropConstraint { .. }
            | Change::AlterConstraint { .. }
            | Change::RenameConstraint { .. }
            | Change::CreateIndex { .. }
            | Change::DropIndex { .. }
            | Change::AlterIndex { .. }
            | Change::RenameIndex { .. }
    )
}

/// SQLite keeps no comments.
fn is_comment_only(change: &Change) -> bool {
    match change {
        Change::AlterColumn { old, new, .. } => same_column(old, new),
        Change::AlterTable { old, new, .. } => {
            let mut old = old.clone();
            old.comment.clone_from(&new.comment);
            old == *new
        }
        _ => false,
    }
}

/// Whether the table has a deferred key to a table, or to a key of one, that is not there.
fn is_orphan(table: &Table, catalog: &Catalog) -> bool {
    table.constraints.iter().filter(|constraint| constraint.deferrable == Deferrable::Deferred).any(
        |constraint| {
            let ConstraintKind::ForeignKey(key) = &constraint.kind else { return false };
            let parent = catalog.tables.values().find(|table| same(&table.name.name, &key.table.name));
            !parent.is_some_and(|parent| has_key(parent, key))
        },
    )
}

/// Whether the columns that the foreign key names are a key of the table (Foreign Keys, 3).
fn has_key(parent: &Table, key: &ForeignKey) -> bool {
    let meant = |columns: &[Name]| {
        columns.len() == key.columns.len()
            && key.referenced.iter().all(|name| columns.iter().any(|own| same(own, name)))
    };
    let of_constraint = |constraint: &Constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(own) => meant(&own.columns),
        ConstraintKind::Unique(own) => !key.referenced.is_empty() && meant(&own.columns),
        _ => false,
    };
    let of_index = |index: &Index| {
        let columns = index.parts.iter().map(|part| match &part.term {
            IndexTerm::Column(name) => Some(name.clone()),
            IndexTerm::Expr(_) => None,
        });
        let columns: Option<Vec<Name>> = columns.collect();
        let plain = index.unique && index.predicate.is_none() && !key.referenced.is_empty();
        plain && columns.is_some_and(|columns| meant(&columns))
    };
    parent.constraints.iter().any(of_constraint) || parent.indexes.iter().any(of_index)
}

pub(super) fn refers_to(table: &Table, name: &ObjectName) -> bool {
    table.constraints.iter().any(|constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(key) => key.table.name.as_str().eq_ignore_ascii_case(name.name.as_str()),
        _ => false,
    })
}

/// Stable: a table waits for those it refers to; a cycle is broken at the first name.
fn parents_first(mut rest: Vec<&Table>) -> Vec<&Table> {
    rest.sort_by(|one, other| one.name.cmp(&other.name));
    let mut sorted = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let free = |table: &&Table| {
            !rest.iter().any(|other| other.name != table.name && refers_to(table, &other.name))
        };
        let (ready, waiting): (Vec<&Table>, Vec<&Table>) = rest.iter().partition(|table| free(table));
        if ready.is_empty() {
            sorted.push(rest.remove(0));
        } else {
            sorted.extend(ready);
            rest = waiting;
        }
    }
    sorted
}

fn children_first<'a>(names: Vec<&'a ObjectName>, catalog: &'a Catalog) -> Vec<&'a ObjectName> {
    let tables = names.iter().filter_map(|name| catalog.tables.get(*name)).collect();
    let mut sorted: Vec<&ObjectName> = parents_first(tables).into_iter().map(|table| &table.name).collect();
    sorted.reverse();
    sorted
}
