//! `ALTER INDEX`.

use schema_model::ObjectName;
use schema_model::catalog::{Constraint, Index};

use super::super::{inherit, table};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::relations::{Relation, RelationKind};
use crate::sql::replay::Replayer;

/// From after `INDEX` on.
pub(in super::super) fn alter(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    if cursor.accept("all in tablespace") {
        cursor.finish();
        return Ok(());
    }
    let if_exists = cursor.accept("if exists");
    let spelled = cursor.object()?;
    let Some(relation) = replayer.find_relation(&spelled).cloned() else {
        if if_exists {
            cursor.finish();
            return Ok(());
        }
        return Err(replayer.no_such(&spelled, "index"));
    };
    if cursor.accept("rename to") {
        let to = cursor.name()?;
        return super::super::alter::rename_relation(replayer, &relation, to);
    }
    if cursor.accept("attach partition") {
        let child = cursor.object()?;
        let Some(child) = replayer.find_relation(&child).cloned() else {
            return Err(replayer.no_such(&child, "index"));
        };
        return attach(replayer, &relation, &child);
    }
    let (RelationKind::Index, Some(table)) = (relation.kind, &relation.table) else {
        // An index of a constraint: nothing that follows is kept for it.
        cursor.finish();
        return Ok(());
    };
    edit(replayer, cursor, table, &relation.name)
}

fn edit(replayer: &mut Replayer, cursor: &mut Cursor<'_>, table: &ObjectName, name: &ObjectName) -> Read<()> {
    let Some(old) = find(replayer, table, name) else { return Ok(()) };
    let mut new = old.clone();
    if cursor.accept("set tablespace") {
        new.tablespace = Some(cursor.name()?);
    } else if cursor.accept("set") {
        for mut item in cursor.group()?.items() {
            let (name, value) = table::storage_parameter(&mut item)?;
            new.options.insert(name, value);
        }
    } else if cursor.accept("reset") {
        for mut item in cursor.group()?.items() {
            new.options.remove(item.name()?.as_str());
        }
    } else if cursor.accept("alter") {
        cursor.accept("column");
        let number = u16::try_from(cursor.integer()?).unwrap_or_default();
        cursor.expect("set statistics")?;
        let target = if cursor.accept("default") { -1 } else { cursor.integer()? };
        match i32::try_from(target).ok().filter(|target| *target >= 0) {
            Some(target) => drop(new.statistics.insert(number, target)),
            None => drop(new.statistics.remove(&number)),
        }
    }
    cursor.finish();
    if new == old {
        return Ok(());
    }
    replayer.emit(Change::AlterIndex { table: table.clone(), old: Box::new(old), new: Box::new(new) })
}

fn find(replayer: &Replayer, table: &ObjectName, name: &ObjectName) -> Option<Index> {
    let catalog = replayer.catalog();
    match catalog.tables.get(table) {
        Some(table) => table.index(&name.name).cloned(),
        None => catalog.views.get(table)?.indexes.iter().find(|index| index.name == name.name).cloned(),
    }
}

/// `ALTER INDEX parent ATTACH PARTITION child`. The parent is valid once every partition has one.
fn attach(replayer: &mut Replayer, parent: &Relation, child: &Relation) -> Read<()> {
    let Some(table) = &child.table else { return Ok(()) };
    if child.kind == RelationKind::ConstraintIndex {
        // Under a parent's constraint the child's is the parent's; under an index it stays its own.
        let known = replayer.known_table(table)?.constraint(child.name.name.as_str()).cloned();
        if let Some(old) = known {
            let new = match parent.kind {
                RelationKind::ConstraintIndex => Constraint { inherited: true, ..old.clone() },
                _ => Constraint { attached: Some(parent.name.clone()), ..old.clone() },
            };
            let (old, new) = (Box::new(old), Box::new(new));
            replayer.emit(Change::AlterConstraint { table: table.clone(), old, new })?;
        }
    } else if let Some(old) = find(replayer, table, &child.name) {
        let new = Index { parent: Some(parent.name.clone()), ..old.clone() };
        let (old, new) = (Box::new(old), Box::new(new));
        replayer.emit(Change::AlterIndex { table: table.clone(), old, new })?;
    }
    let parent = &parent.name;
    let Some(owner) = replayer.relations().get(parent).and_then(|relation| relation.table.clone()) else {
        return Ok(());
    };
    let attached = |child: &ObjectName| {
        replayer.catalog().tables.get(child).is_some_and(|table| {
            table.indexes.iter().any(|index| index.parent.as_ref() == Some(parent))
                || table.constraints.iter().any(|constraint| constraint.attached.as_ref() == Some(parent))
        })
    };
    let complete = inherit::partitions(replayer, &owner).iter().all(attached);
    match find(replayer, &owner, parent).filter(|index| complete && !index.valid) {
        Some(old) => {
            let new = Index { valid: true, ..old.clone() };
            let (old, new) = (Box::new(old), Box::new(new));
            replayer.emit(Change::AlterIndex { table: owner, old, new })
        }
        None => Ok(()),
    }
}

/// Renames an index of its own.
pub(in super::super) fn rename(
    replayer: &mut Replayer,
    table: &ObjectName,
    from: &ObjectName,
    to: schema_model::Name,
) -> Read<()> {
    replayer.emit(Change::RenameIndex { table: table.clone(), from: from.name.clone(), to })
}

/// Drops the indexes of partitions that are attached to this one.
pub(in super::super) fn drop_attached(
    replayer: &mut Replayer,
    table: &ObjectName,
    parent: &ObjectName,
) -> Read<()> {
    for child in inherit::partitions(replayer, table) {
        let known = replayer.known_table(&child)?.indexes.iter();
        let own = known.clone().find(|index| index.parent.as_ref() == Some(parent)).cloned();
        if let Some(index) = own {
            drop_attached(replayer, &child, &child.sibling(index.name.clone()))?;
            replayer.emit(Change::DropIndex { table: child.clone(), index: Box::new(index) })?;
        }
        let mut known = replayer.known_table(&child)?.constraints.iter();
        let own = known.find(|constraint| constraint.attached.as_ref() == Some(parent)).cloned();
        if let Some(constraint) = own {
            let constraint = Box::new(constraint);
            replayer.emit(Change::DropConstraint { table: child.clone(), constraint })?;
        }
    }
    Ok(())
}
