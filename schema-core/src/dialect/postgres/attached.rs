//! Indexes and keys of partitions under those of their parents: they come with the parent's, go with it, and are attached
//! where they were there before.

use schema_model::catalog::{Catalog, Constraint, ConstraintKind, Index, Table, TableOptions};
use schema_model::{Name, ObjectName};

use super::PG;
use super::expand::Work;
use super::nodes::{Frame, phase};
use super::relations::{altering, parents};
use crate::change::Change;
use crate::dialect::SqlWriter;
use crate::plan::{Key, Node, Step};

/// What goes with a parent's index or key, though the partition keeps it, is made again.
pub(super) fn remake(old: &Catalog, new: &Catalog, work: &mut Work) {
    let mut at = 0;
    while let Some(change) = work.changes.get(at).cloned() {
        at += 1;
        let (table, gone) = match change {
            Change::DropIndex { table, index } => {
                (table.clone(), Gone::Index(table.sibling(index.name.clone())))
            }
            Change::DropConstraint { table, constraint } if constraint.owns_index() => {
                (table, Gone::Key(constraint))
            }
            _ => continue,
        };
        for (before, after) in children(old, new, &table) {
            for known in before.indexes.iter().filter(|index| gone.takes_index(index)) {
                again(
                    work,
                    after,
                    &known.name,
                    Change::DropIndex { table: before.name.clone(), index: Box::new(known.clone()) },
                );
            }
            for known in before.constraints.iter().filter(|known| gone.takes_key(known)) {
                let Some(name) = &known.name else { continue };
                again(
                    work,
                    after,
                    name,
                    Change::DropConstraint {
                        table: before.name.clone(),
                        constraint: Box::new(known.clone()),
                    },
                );
            }
        }
    }
}

/// Partitions outlive a parent that is dropped and made again: they are detached before and attached after.
pub(super) fn step_aside(old: &Catalog, new: &Catalog, work: &mut Work) {
    let dropped: Vec<ObjectName> = work.changes.iter().filter_map(dropped_table).collect();
    for parent in dropped {
        for (before, after) in children(old, new, &parent) {
            if before.options.partition_of.is_none()
                || work.changes.iter().any(|change| is_drop(change, before))
            {
                continue;
            }
            let alone = |options: &TableOptions| TableOptions { partition_of: None, ..options.clone() };
            let alter = |old: TableOptions, new: TableOptions| Change::AlterTable {
                table: after.name.clone(),
                old: Box::new(old),
                new: Box::new(new),
            };
            work.changes
                .retain(|change| !matches!(change, Change::AlterTable { table, .. } if *table == after.name));
            work.changes.push(alter(before.options.clone(), alone(&before.options)));
            if alone(&before.options) != after.options {
                work.changes.push(alter(alone(&before.options), after.options.clone()));
            }
            work.aside.insert(after.name.clone());
        }
    }
}

fn dropped_table(change: &Change) -> Option<ObjectName> {
    match change {
        Change::DropTable(table) => Some(table.name.clone()),
        _ => None,
    }
}

fn is_drop(change: &Change, table: &Table) -> bool {
    matches!(change, Change::DropTable(gone) if gone.name == table.name)
}

/// What a parent loses.
enum Gone {
    Index(ObjectName),
    Key(Box<Constraint>),
}

impl Gone {
    fn takes_index(&self, own: &Index) -> bool {
        matches!(self, Gone::Index(parent) if own.parent.as_ref() == Some(parent))
    }

    fn takes_key(&self, own: &Constraint) -> bool {
        match self {
            Gone::Index(parent) => own.attached.as_ref() == Some(parent),
            Gone::Key(parent) => own.inherited && same_key(own, parent),
        }
    }
}

fn same_key(own: &Constraint, parent: &Constraint) -> bool {
    match (&own.kind, &parent.kind) {
        (ConstraintKind::PrimaryKey(_), ConstraintKind::PrimaryKey(_)) => true,
        (own, parent) => own == parent,
    }
}

fn children<'a>(
    old: &'a Catalog,
    new: &'a Catalog,
    parent: &'a ObjectName,
) -> impl Iterator<Item = (&'a Table, &'a Table)> {
    let all = old.tables.values().filter(move |table| parents(table).any(|other| other == parent));
    all.filter_map(|table| Some((table, new.tables.get(&table.name)?)))
}

/// The drop, and the creation of what has the name afterwards; what was to change in place is not changed besides.
fn again(work: &mut Work, after: &Table, name: &Name, drop: Change) {
    if work.changes.contains(&drop) {
        return;
    }
    let table = after.name.clone();
    let made = match (after.index(name), after.constraint(name.as_str())) {
        (Some(index), _) => Change::CreateIndex { table, index: Box::new(index.clone()) },
        (None, Some(constraint)) => Change::AddConstraint { table, constraint: Box::new(constraint.clone()) },
        (None, None) => return,
    };
    work.changes.retain(|change| match change {
        Change::AlterIndex { table, new, .. } => *table != after.name || new.name != *name,
        Change::AlterConstraint { table, new, .. } => *table != after.name || new.name.as_ref() != Some(name),
        _ => true,
    });
    work.changes.push(drop);
    if !work.changes.contains(&made) {
        work.changes.push(made);
    }
}

/// Whether the plan makes the index on the parent so that it takes the partitions' own over by itself.
pub(super) fn taken_over(frame: &Frame<'_>, parent: &ObjectName) -> bool {
    let made = frame.work.changes.iter().any(|change| match change {
        Change::CreateIndex { table, index } => table.sibling(index.name.clone()) == *parent,
        Change::CreateTable(table) => {
            table.name.schema == parent.schema && table.index(&parent.name).is_some()
        }
        _ => false,
    });
    let valid = frame.new.table_of_index(parent).and_then(|table| table.index(&parent.name));
    made && valid.is_some_and(|index| index.valid)
}

/// `ALTER INDEX parent ATTACH PARTITION name`, where it is not taken over.
pub(super) fn attach(
    frame: &Frame<'_>,
    table: &ObjectName,
    name: &Name,
    parent: &ObjectName,
) -> Option<Node> {
    let made = frame.made.contains(table);
    let valid = frame.new.table_of_index(parent).and_then(|table| table.index(&parent.name));
    // A partition that is attached brings its indexes along.
    if taken_over(frame, parent) || made && valid.is_none_or(|index| index.valid) {
        return None;
    }
    let own = table.sibling(name.clone());
    let attach = SqlWriter::start(PG, "ALTER INDEX").object(parent).sql("ATTACH PARTITION").object(&own);
    let mut node = altering(phase::LATE, table, 1, []);
    node.steps.push(Step::new(attach.finish()));
    node.needs.extend([Key::Relation(parent.clone()), Key::Relation(own)]);
    Some(node)
}

/// Whether a partition's key comes under a key that its parent has and keeps: it is made and attached by itself.
pub(super) fn key_above<'a>(frame: &'a Frame<'_>, table: &Table, own: &Constraint) -> Option<&'a Constraint> {
    let before = frame.old.tables.get(&table.name)?;
    if !own.owns_index() || before.options.partition_of != table.options.partition_of {
        return None;
    }
    let (parent, _) = table.options.partition_of.as_ref()?;
    let above = frame.new.tables.get(parent)?.constraints.iter().find(|above| same_key(own, above))?;
    let made = frame.work.changes.iter().any(|change| match change {
        Change::AddConstraint { table, constraint } => table == parent && constraint.name == above.name,
        Change::CreateTable(table) => table.name == *parent,
        _ => false,
    });
    (!made).then_some(above)
}

/// Whether an index of the partition or its key goes with the parent's (manual, ALTER INDEX).
pub(super) fn goes_along(frame: &Frame<'_>, table: &ObjectName, parent: &ObjectName) -> bool {
    let moved = frame.work.aside.contains(table)
        || match (frame.old.tables.get(table), frame.new.tables.get(table)) {
            (Some(old), Some(new)) => old.options.partition_of != new.options.partition_of,
            _ => false,
        };
    !moved && frame.old.table_of_index(parent).is_some()
}

/// Whether keys of partitions hang on the index: they go only when that is said.
pub(super) fn holds_keys(frame: &Frame<'_>, table: &ObjectName, index: &Name) -> bool {
    let parent = table.sibling(index.clone());
    frame
        .old
        .tables
        .values()
        .flat_map(|table| &table.constraints)
        .any(|key| key.attached.as_ref() == Some(&parent))
}

/// The names of the partitions' indexes that go with a parent's index or key.
pub(super) fn gone_with(frame: &Frame<'_>, table: &ObjectName, index: &Name) -> Vec<Key> {
    let Some(whole) = frame.old.tables.get(table) else { return Vec::new() };
    let gone = match whole.constraint(index.as_str()).filter(|constraint| constraint.owns_index()) {
        Some(constraint) => Gone::Key(Box::new(constraint.clone())),
        None => Gone::Index(table.sibling(index.clone())),
    };
    let children = frame.old.tables.values().filter(|child| parents(child).any(|parent| parent == table));
    let mut keys = Vec::new();
    for child in children {
        for own in child.indexes.iter().filter(|own| gone.takes_index(own)) {
            keys.push(Key::Relation(child.name.sibling(own.name.clone())));
            keys.extend(gone_with(frame, &child.name, &own.name));
        }
        for own in child.constraints.iter().filter(|own| gone.takes_key(own)) {
            let Some(name) = &own.name else { continue };
            keys.push(Key::Relation(child.name.sibling(name.clone())));
            keys.push(Key::Constraint(child.name.clone(), name.clone()));
            keys.extend(gone_with(frame, &child.name, name));
        }
    }
    keys
}
