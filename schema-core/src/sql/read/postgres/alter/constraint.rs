//! `ADD`, `DROP`, `ALTER`, `VALIDATE` and `RENAME` of constraints, children included.

use schema_model::catalog::{Constraint, ConstraintKind, Deferrable, Key};
use schema_model::{Name, ObjectName, Origin};

use super::super::constraint::{Pending, PendingKind, settle, table_constraint};
use super::super::drop::{self, Object};
use super::super::names::Taken;
use super::super::{inherit, partition};
use super::Target;
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read, Spelled};
use crate::sql::relations::RelationKind;
use crate::sql::replay::Replayer;

/// A table constraint, from its first word on.
pub(super) fn add(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    match table_constraint(cursor)? {
        Some(pending) => add_pending(replayer, target, pending),
        None => Ok(()),
    }
}

/// The order in which PostgreSQL makes the constraints of a new column: checks, keys, foreign keys.
pub(super) fn in_order(mut pending: Vec<Pending>) -> Vec<Pending> {
    pending.sort_by_key(|one| match &one.kind {
        PendingKind::Check(_) => 0,
        PendingKind::Key { .. } | PendingKind::KeyUsing { .. } | PendingKind::Exclude(_) => 1,
        PendingKind::ForeignKey { .. } => 2,
    });
    pending
}

/// Adds a constraint that has been read.
pub(super) fn add_pending(replayer: &mut Replayer, target: &Target, mut pending: Pending) -> Read<()> {
    let mut attached = None;
    if let PendingKind::KeyUsing { primary, index } = &pending.kind {
        let (primary, index) = (*primary, index.clone());
        attached = use_index(replayer, target, &mut pending, primary, &index)?;
    }
    let table = replayer.known_table(&target.table)?;
    let settled = settle(replayer, table, &mut Taken::default(), &pending)?;
    let constraint = Constraint { attached, ..settled };
    if let Some(name) = constraint.name.as_ref().filter(|name| table.constraint(name.as_str()).is_some()) {
        let message = format!("constraint `{name}` of `{}` already exists", target.table);
        return Err(replayer.refused(message));
    }
    if let Some(columns) = partition::primary_columns(&pending) {
        let columns = columns.to_vec();
        partition::set_not_null(replayer, &target.table, &columns)?;
        for child in inherit::children(replayer, &target.table) {
            partition::set_not_null(replayer, &child, &columns)?;
        }
    }
    let (table, boxed) = (target.table.clone(), Box::new(constraint.clone()));
    replayer.emit(Change::AddConstraint { table, constraint: boxed })?;
    if inherit::is_inherited(&constraint) {
        return add_to_children(replayer, &target.table, &constraint);
    }
    if !target.only {
        partition::hand_down(replayer, &target.table, &constraint)?;
    }
    Ok(())
}

/// `USING INDEX`: the index becomes the constraint's, and takes its name; what it is attached to, it stays attached to.
fn use_index(
    replayer: &mut Replayer,
    target: &Target,
    pending: &mut Pending,
    primary: bool,
    spelled: &Spelled,
) -> Read<Option<ObjectName>> {
    let name = target.table.sibling(spelled.name.clone());
    let relation = replayer.relations().get(&name);
    if !relation.is_some_and(|relation| relation.kind == RelationKind::Index) {
        return Err(replayer.no_such(spelled, "index"));
    }
    let Some(index) = replayer.known_table(&target.table)?.index(&name.name).cloned() else {
        return Err(replayer.no_such(spelled, "index"));
    };
    let columns = index.parts.iter().filter_map(|part| match &part.term {
        schema_model::catalog::IndexTerm::Column(name) => Some(name.clone()),
        schema_model::catalog::IndexTerm::Expr(_) => None,
    });
    let nulls_not_distinct = index.nulls_not_distinct;
    let key = Key { include: index.include.clone(), nulls_not_distinct, ..Key::over(columns) };
    pending.kind = PendingKind::Key { primary, key };
    pending.name.get_or_insert_with(|| index.name.clone());
    let attached = index.parent.clone();
    replayer.emit(Change::DropIndex { table: target.table.clone(), index: Box::new(index) })?;
    Ok(attached)
}

fn add_to_children(replayer: &mut Replayer, parent: &ObjectName, constraint: &Constraint) -> Read<()> {
    for child in inherit::children(replayer, parent) {
        let copy = Constraint { inherited: true, ..constraint.clone() };
        let known = copy.name.as_ref().and_then(|name| {
            replayer.known_table(&child).ok().and_then(|table| table.constraint(name.as_str())).cloned()
        });
        match known {
            Some(old) => {
                let new = Constraint { inherited: true, ..old.clone() };
                change(replayer, &child, old, new)?;
            }
            None => {
                let (table, constraint) = (child.clone(), Box::new(copy.clone()));
                replayer.emit(Change::AddConstraint { table, constraint })?;
            }
        }
        add_to_children(replayer, &child, constraint)?;
    }
    Ok(())
}

fn change(replayer: &mut Replayer, table: &ObjectName, old: Constraint, new: Constraint) -> Read<()> {
    if old == new {
        return Ok(());
    }
    let (old, new) = (Box::new(old), Box::new(new));
    replayer.emit(Change::AlterConstraint { table: table.clone(), old, new })
}

fn find(replayer: &Replayer, table: &ObjectName, name: &Name) -> Read<Constraint> {
    let known = replayer.known_table(table)?.constraint(name.as_str()).cloned();
    known.ok_or_else(|| replayer.refused(format!("constraint `{name}` of `{table}` does not exist")))
}

/// `[IF EXISTS] name [RESTRICT | CASCADE]`.
pub(super) fn drop_constraint(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    let if_exists = cursor.accept("if exists");
    let name = cursor.name()?;
    let cascade = cursor.accept("cascade");
    cursor.accept("restrict");
    cursor.expect_done()?;
    let known = replayer.known_table(&target.table)?.constraint(name.as_str()).cloned();
    if known.is_none() && (if_exists || is_not_null_name(replayer, &target.table, &name)?) {
        return Ok(());
    }
    let constraint = find(replayer, &target.table, &name)?;
    if constraint.inherited {
        return Err(replayer.refused(format!("constraint `{name}` of `{}` is inherited", target.table)));
    }
    drop_down(replayer, target, &constraint, cascade)
}

/// PostgreSQL 18 names NOT NULL constraints; here they are the column's flag.
fn is_not_null_name(replayer: &Replayer, table: &ObjectName, name: &Name) -> Read<bool> {
    let Some(column) = name.as_str().strip_suffix("_not_null") else { return Ok(false) };
    let column = column.strip_prefix(table.name.as_str()).and_then(|rest| rest.strip_prefix('_'));
    let table = replayer.known_table(table)?;
    Ok(column.is_some_and(|column| table.column(column).is_some_and(|column| !column.nullable)))
}

fn drop_down(replayer: &mut Replayer, target: &Target, dropped: &Constraint, cascade: bool) -> Read<()> {
    let Some(name) = &dropped.name else { return Ok(()) };
    let children = inherit::children(replayer, &target.table);
    drop::objects(replayer, vec![Object::Constraint(target.table.clone(), name.clone())], cascade)?;
    for child in children {
        let same = |own: &&Constraint| {
            own.inherited
                && match &dropped.kind {
                    ConstraintKind::Check(_) => own.name == dropped.name,
                    ConstraintKind::PrimaryKey(_) => matches!(own.kind, ConstraintKind::PrimaryKey(_)),
                    kind => own.kind == *kind,
                }
        };
        let Some(old) = replayer.known_table(&child)?.constraints.iter().find(same).cloned() else {
            continue;
        };
        if target.only {
            let new = Constraint { inherited: false, ..old.clone() };
            change(replayer, &child, old, new)?;
        } else {
            drop_down(replayer, &Target { table: child, only: false }, &old, cascade)?;
        }
    }
    Ok(())
}

/// `VALIDATE CONSTRAINT name`.
pub(super) fn validate(replayer: &mut Replayer, target: &Target, name: &Name) -> Read<()> {
    let old = find(replayer, &target.table, name)?;
    let new = Constraint { validated: true, ..old.clone() };
    change(replayer, &target.table, old, new)?;
    for child in inherit::children(replayer, &target.table) {
        if replayer.known_table(&child)?.constraint(name.as_str()).is_some() {
            validate(replayer, &Target { table: child, only: false }, name)?;
        }
    }
    Ok(())
}

/// `ALTER CONSTRAINT name [NOT] DEFERRABLE …`, from after `CONSTRAINT` on.
pub(super) fn alter(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    let name = cursor.name()?;
    let old = find(replayer, &target.table, &name)?;
    let mut new = old.clone();
    new.deferrable = Deferrable::No;
    while !cursor.is_done() {
        let words = ["not deferrable", "deferrable", "initially deferred", "initially immediate"];
        match cursor.accept_any(&words) {
            Some("not deferrable") => new.deferrable = Deferrable::No,
            Some("deferrable") if new.deferrable == Deferrable::No => new.deferrable = Deferrable::Immediate,
            Some("initially deferred") => new.deferrable = Deferrable::Deferred,
            Some(_) => {}
            None => return Err(cursor.unknown("not an attribute of a constraint")),
        }
    }
    new.origin = Origin::from(replayer.here());
    change(replayer, &target.table, old, new)
}

/// `RENAME CONSTRAINT from TO to`, in children too.
pub(super) fn rename(replayer: &mut Replayer, target: &Target, from: &Name, to: &Name) -> Read<()> {
    let known = find(replayer, &target.table, from)?;
    let relation = target.table.sibling(to.clone());
    if known.owns_index() && from != to && !replayer.relations().is_free(&relation) {
        return Err(replayer.refused(format!("relation `{relation}` already exists")));
    }
    let (table, from_name) = (target.table.clone(), from.clone());
    replayer.emit(Change::RenameConstraint { table, from: from_name, to: to.clone() })?;
    if !inherit::is_inherited(&known) {
        return Ok(());
    }
    for child in inherit::children(replayer, &target.table) {
        if replayer.known_table(&child)?.constraint(from.as_str()).is_some() {
            rename(replayer, &Target { table: child, only: false }, from, to)?;
        }
    }
    Ok(())
}
