//! Parents and children: who they are, and what reaches from one to the other.

use std::collections::BTreeSet;

use schema_model::ObjectName;
use schema_model::catalog::{Column, Constraint, ConstraintKind, Table, TableOptions};

use super::table::inherited_checks;
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// The tables that inherit from this one directly, partitions included.
pub(super) fn children(replayer: &Replayer, table: &ObjectName) -> Vec<ObjectName> {
    if !replayer.has_inheritance() {
        return Vec::new();
    }
    let is_child = |options: &TableOptions| {
        options.inherits.contains(table)
            || options.partition_of.as_ref().is_some_and(|(parent, _)| parent == table)
    };
    let all = replayer.catalog().tables.values();
    all.filter(|other| is_child(&other.options)).map(|other| other.name.clone()).collect()
}

/// The table's partitions.
pub(super) fn partitions(replayer: &Replayer, table: &ObjectName) -> Vec<ObjectName> {
    let known = children(replayer, table).into_iter();
    known
        .filter(|child| {
            replayer.catalog().tables.get(child).is_some_and(|child| child.options.partition_of.is_some())
        })
        .collect()
}

/// Changes a table's options.
pub(super) fn set_options(
    replayer: &mut Replayer,
    table: &ObjectName,
    edit: impl FnOnce(&mut TableOptions),
) -> Read<()> {
    let old = replayer.known_table(table)?.options.clone();
    let mut new = old.clone();
    edit(&mut new);
    if old == new {
        return Ok(());
    }
    replayer.emit(Change::AlterTable { table: table.clone(), old: Box::new(old), new: Box::new(new) })
}

/// Marks the columns that the parent has as inherited, or no longer.
pub(super) fn mark_columns(
    replayer: &mut Replayer,
    child: &ObjectName,
    parent: &Table,
    inherited: bool,
) -> Read<()> {
    for column in &parent.columns {
        let old = replayer.known_table(child)?.column(column.name.as_str()).cloned();
        let Some(old) = old else {
            return Err(replayer.refused(format!("table `{child}` has no column `{}`", column.name)));
        };
        if old.inherited != inherited {
            let new = Column { inherited, ..old.clone() };
            replayer.emit(Change::AlterColumn {
                table: child.clone(),
                old: Box::new(old),
                new: Box::new(new),
            })?;
        }
    }
    Ok(())
}

/// Marks every inherited constraint as the table's own.
pub(super) fn mark_constraints(replayer: &mut Replayer, child: &ObjectName, inherited: bool) -> Read<()> {
    let known = replayer.known_table(child)?.constraints.clone();
    for old in known.into_iter().filter(|constraint| constraint.inherited != inherited) {
        let new = Constraint { inherited, ..old.clone() };
        let (old, new) = (Box::new(old), Box::new(new));
        replayer.emit(Change::AlterConstraint { table: child.clone(), old, new })?;
    }
    Ok(())
}

/// A table is never its own ancestor (`ATExecAddInherit`, `ATExecAttachPartition`).
pub(super) fn refuse_circle(replayer: &Replayer, child: &ObjectName, parent: &ObjectName) -> Read<()> {
    let mut waiting = vec![parent];
    let mut seen = BTreeSet::new();
    while let Some(next) = waiting.pop() {
        if next == child {
            return Err(replayer.refused(format!("circular inheritance: `{child}` is above `{parent}`")));
        }
        if let Some(table) = replayer.catalog().tables.get(next).filter(|_| seen.insert(next)) {
            waiting.extend(table.options.inherits.iter());
            waiting.extend(table.options.partition_of.iter().map(|(above, _)| above));
        }
    }
    Ok(())
}

/// `INHERIT parent`.
pub(super) fn inherit(replayer: &mut Replayer, cursor: &mut Cursor<'_>, child: &ObjectName) -> Read<()> {
    let parent = replayer.table(&cursor.object()?)?;
    refuse_circle(replayer, child, &parent)?;
    if replayer.known_table(child)?.options.inherits.contains(&parent) {
        return Err(replayer.refused(format!("table `{child}` inherits from `{parent}` already")));
    }
    let source = replayer.known_table(&parent)?.clone();
    set_options(replayer, child, |options| options.inherits.push(parent))?;
    // What the child has already stays its own: it is not dropped with the parent's.
    let own = replayer.known_table(child)?.clone();
    if let Some(column) = source.columns.iter().find(|column| own.column(column.name.as_str()).is_none()) {
        return Err(replayer.refused(format!("table `{child}` has no column `{}`", column.name)));
    }
    let lacks =
        |check: &Constraint| check.name.as_ref().is_none_or(|name| own.constraint(name.as_str()).is_none());
    if inherited_checks(&source).any(|check| lacks(&check)) {
        return Err(replayer.refused(format!("table `{child}` lacks a check of its parent")));
    }
    Ok(())
}

/// `NO INHERIT parent`.
pub(super) fn no_inherit(replayer: &mut Replayer, cursor: &mut Cursor<'_>, child: &ObjectName) -> Read<()> {
    let parent = replayer.table(&cursor.object()?)?;
    let source = replayer.known_table(&parent)?.clone();
    set_options(replayer, child, |options| options.inherits.retain(|known| *known != parent))?;
    mark_columns(replayer, child, &source, false)?;
    mark_constraints(replayer, child, false)
}

/// Whether children have the constraint too.
pub(super) fn is_inherited(constraint: &Constraint) -> bool {
    match &constraint.kind {
        ConstraintKind::Check(check) => !check.no_inherit,
        _ => false,
    }
}
