//! `ALTER TABLE`: its actions, in the order in which PostgreSQL does them.

mod action;
mod column;
mod constraint;
mod identity;
mod storage;
mod switch;

use schema_model::{Name, ObjectName};

use super::{index, sequence, table, view};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::relations::{Relation, RelationKind};
use crate::sql::replay::Replayer;

/// The table that an action is about, and whether its children are left alone.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) table: ObjectName,
    pub(super) only: bool,
}

/// From after `ALTER [FOREIGN] TABLE` on.
pub(super) fn alter(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    if cursor.accept("all in tablespace") {
        cursor.finish();
        return Ok(());
    }
    let start = *cursor;
    let if_exists = cursor.accept("if exists");
    let only = cursor.is("only");
    let spelled = table::spelled_table(cursor)?;
    let Some(relation) = replayer.find_relation(&spelled).cloned() else {
        if if_exists {
            cursor.finish();
            return Ok(());
        }
        return Err(replayer.no_such(&spelled, "table"));
    };
    match relation.kind {
        RelationKind::Table => {}
        RelationKind::View | RelationKind::MaterializedView => {
            *cursor = start;
            return view::alter(replayer, cursor);
        }
        _ => return alter_other(replayer, cursor, &relation),
    }
    let target = Target { table: relation.name, only };
    if cursor.is("rename") {
        return rename(replayer, cursor, &target);
    }
    if cursor.accept("set schema") {
        let schema = replayer.existing_schema(&cursor.name()?)?;
        return move_table(replayer, &target.table, schema);
    }
    let mut actions = cursor.items();
    actions.sort_by_key(action::pass);
    for mut item in actions {
        action::apply(replayer, &mut item, &target)?;
    }
    Ok(())
}

/// `ALTER TABLE` of a sequence or index: renamed, moved, or nothing that is kept.
fn alter_other(replayer: &mut Replayer, cursor: &mut Cursor<'_>, relation: &Relation) -> Read<()> {
    if cursor.accept("rename to") {
        let to = cursor.name()?;
        return rename_relation(replayer, relation, to);
    }
    if relation.kind == RelationKind::Sequence && cursor.accept("set schema") {
        let schema = replayer.existing_schema(&cursor.name()?)?;
        let to = ObjectName { schema, name: relation.name.name.clone() };
        return sequence::rename(replayer, &relation.name, to);
    }
    cursor.finish();
    Ok(())
}

/// Renames a relation of any kind: PostgreSQL takes `ALTER TABLE`, `ALTER INDEX`, … for all of them.
pub(super) fn rename_relation(replayer: &mut Replayer, relation: &Relation, to: Name) -> Read<()> {
    let from = &relation.name;
    let target = from.sibling(to.clone());
    if *from != target && !replayer.relations().is_free(&target) {
        return Err(replayer.refused(format!("relation `{target}` already exists")));
    }
    match (relation.kind, &relation.table) {
        (RelationKind::Table, _) => replayer.emit(Change::RenameTable { from: from.clone(), to: target }),
        (RelationKind::View | RelationKind::MaterializedView, _) => {
            replayer.emit(Change::RenameView { from: from.clone(), to: target })
        }
        (RelationKind::Sequence, _) => sequence::rename(replayer, from, target),
        (RelationKind::Composite, _) => replayer.emit(Change::RenameType { from: from.clone(), to: target }),
        (RelationKind::Index, Some(table)) => index::rename(replayer, table, from, to),
        (RelationKind::ConstraintIndex, Some(table)) => {
            replayer.emit(Change::RenameConstraint { table: table.clone(), from: from.name.clone(), to })
        }
        (RelationKind::IdentitySequence, Some(table)) => identity::rename(replayer, table, from, target),
        _ => Ok(()),
    }
}

/// `RENAME TO`, `RENAME CONSTRAINT`, `RENAME [COLUMN]`.
fn rename(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    if cursor.accept("rename to") {
        let to = cursor.name()?;
        cursor.expect_done()?;
        let relation = Relation { kind: RelationKind::Table, name: target.table.clone(), table: None };
        return rename_relation(replayer, &relation, to);
    }
    cursor.expect("rename")?;
    if cursor.accept("constraint") {
        let from = cursor.name()?;
        cursor.expect("to")?;
        let to = cursor.name()?;
        cursor.expect_done()?;
        return constraint::rename(replayer, target, &from, &to);
    }
    // A column may be called `column`: then `TO` comes right behind.
    if !cursor.is_at(1, "to") {
        cursor.accept("column");
    }
    let from = cursor.name()?;
    cursor.expect("to")?;
    let to = cursor.name()?;
    cursor.expect_done()?;
    column::rename(replayer, target, &from, &to)
}

/// `SET SCHEMA`: owned sequences and identity sequences go with the table.
fn move_table(replayer: &mut Replayer, table: &ObjectName, schema: Option<Name>) -> Read<()> {
    if table.schema == schema {
        return Ok(());
    }
    let to = ObjectName { schema: schema.clone(), name: table.name.clone() };
    if !replayer.relations().is_free(&to) {
        return Err(replayer.refused(format!("relation `{to}` already exists")));
    }
    let owned = replayer
        .catalog()
        .sequences
        .values()
        .filter(|sequence| sequence.owned_by.as_ref().is_some_and(|(owner, _)| owner == table));
    let owned: Vec<ObjectName> = owned.map(|sequence| sequence.name.clone()).collect();
    replayer.emit(Change::RenameTable { from: table.clone(), to: to.clone() })?;
    for from in owned {
        let moved = ObjectName { schema: schema.clone(), name: from.name.clone() };
        sequence::rename(replayer, &from, moved)?;
    }
    identity::move_sequences(replayer, &to, &schema)
}
