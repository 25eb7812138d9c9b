//! Partitions: keys, bounds, `PARTITION OF`, `ATTACH`, `DETACH`.

use schema_model::catalog::{Column, Constraint, ConstraintKind, Table, TableKind};
use schema_model::{Name, ObjectName};

use super::column;
use super::constraint::{self, Pending, PendingKind, generated_name};
use super::names::{Taken, addition, constraint_name};
use super::table::{Builder, tail};
use super::{index, inherit};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// After `PARTITION BY`, as PostgreSQL writes it: `RANGE (a, ((b + 1)), lower(c))`.
pub(super) fn key(cursor: &mut Cursor<'_>) -> Read<String> {
    let strategy = cursor.name()?.as_str().to_ascii_uppercase();
    let mut parts = Vec::new();
    for mut item in cursor.group()?.items() {
        let mut part = String::new();
        if item.is_punct("(") {
            let expr = item.expr_group()?;
            // A call or a column in parentheses is the call or the column.
            let plain = expr.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            part = if plain { expr.to_string() } else { format!("(({expr}))") };
        }
        let rest = item.take_rest();
        let space = if part.is_empty() || rest.is_empty() { "" } else { " " };
        parts.push(format!("{part}{space}{rest}"));
    }
    Ok(format!("{strategy} ({})", parts.join(", ")))
}

/// `FOR VALUES …` or `DEFAULT`, as PostgreSQL writes it.
pub(super) fn bound(cursor: &mut Cursor<'_>) -> Read<String> {
    if cursor.accept("default") {
        return Ok("DEFAULT".to_owned());
    }
    cursor.expect("for values")?;
    if cursor.accept("with") {
        return Ok(format!("FOR VALUES WITH ({})", cursor.group()?.take_rest().to_ascii_lowercase()));
    }
    let mut text = "FOR VALUES".to_owned();
    while let Some(word) = cursor.accept_any(&["in", "from", "to"]) {
        let values = bound_values(&mut cursor.group()?);
        text.push_str(&format!(" {} ({values})", word.to_ascii_uppercase()));
    }
    Ok(text)
}

fn bound_values(inside: &mut Cursor<'_>) -> String {
    let values = inside.items().into_iter().map(|mut item| {
        let keyword = ["minvalue", "maxvalue", "null", "true", "false"].iter().any(|word| item.is(word));
        let text = item.take_rest();
        if !keyword {
            return text;
        }
        // PostgreSQL prints the infinite bounds in capitals and booleans in small letters.
        let lower = text.to_ascii_lowercase();
        if lower == "true" || lower == "false" { lower } else { text.to_ascii_uppercase() }
    });
    values.collect::<Vec<_>>().join(", ")
}

/// From after `PARTITION OF` on.
pub(super) fn create_of(replayer: &mut Replayer, cursor: &mut Cursor<'_>, table: Table) -> Read<()> {
    let parent_name = replayer.table(&cursor.object()?)?;
    let mut builder = Builder::new(table);
    let overrides = if cursor.is_punct("(") { Some(cursor.group()?) } else { None };
    let bound = bound(cursor)?;
    tail(replayer, cursor, &mut builder)?;
    cursor.expect_done()?;
    let parent = replayer.known_table(&parent_name)?.clone();
    builder.inherit(&parent);
    builder.table.options.inherits.clear();
    builder.table.options.partition_of = Some((parent_name.clone(), bound));
    if let Some(mut group) = overrides {
        for item in group.items() {
            override_column(replayer, item, &mut builder)?;
        }
    }
    let name = builder.table.name.clone();
    builder.finish(replayer)?;
    take_from_parent(replayer, &parent, &name)
}

/// `name [WITH OPTIONS] constraints`, or a table constraint.
fn override_column(replayer: &Replayer, mut item: Cursor<'_>, builder: &mut Builder) -> Read<()> {
    if constraint::is_table_constraint(&item) {
        builder.pending.extend(constraint::table_constraint(&mut item)?);
        return Ok(());
    }
    let name = item.name()?;
    item.accept("with options");
    let known = builder.inherited.iter().find(|column| column.name == name).cloned();
    let Some(mut known) = known else {
        return Err(replayer.refused(format!("column `{name}` does not exist")));
    };
    known.inherited = true;
    let mut def = column::ColumnDef {
        column: known,
        null_default: false,
        serial: None,
        identity: None,
        constraints: Vec::new(),
    };
    column::options(replayer, &mut item, &mut def)?;
    builder.pending.append(&mut def.constraints);
    if let Some(place) = builder.inherited.iter_mut().find(|column| column.name == name) {
        *place = def.column;
    }
    Ok(())
}

/// The parent's keys, foreign keys and indexes, made on its new partition.
fn take_from_parent(replayer: &mut Replayer, parent: &Table, child: &ObjectName) -> Read<()> {
    for constraint in &parent.constraints {
        copy_constraint(replayer, constraint, child)?;
    }
    for parent_index in &parent.indexes {
        index::attach_to_partitions(replayer, &parent.name, parent_index, child)?;
    }
    Ok(())
}

/// A parent's constraint on a partition: a key under a name of its own, a foreign key under the parent's.
pub(super) fn copy_constraint(replayer: &mut Replayer, source: &Constraint, child: &ObjectName) -> Read<()> {
    let table = replayer.known_table(child)?;
    let taken = Taken::default();
    let name = match &source.kind {
        ConstraintKind::PrimaryKey(key) => {
            if let Some(own) = table.primary_key() {
                if own.columns != key.columns {
                    return Err(replayer.refused(format!("partition `{child}` has another primary key")));
                }
                return mark_inherited(replayer, child, &source.kind);
            }
            generated_name(replayer, table, &taken, &source.kind)
        }
        ConstraintKind::Unique(_) | ConstraintKind::Exclude(_) => {
            if table.constraints.iter().any(|own| own.kind == source.kind && !own.inherited) {
                return mark_inherited(replayer, child, &source.kind);
            }
            generated_name(replayer, table, &taken, &source.kind)
        }
        ConstraintKind::ForeignKey(key) => {
            if table.constraints.iter().any(|own| own.kind == source.kind && !own.inherited) {
                return mark_inherited(replayer, child, &source.kind);
            }
            match source.name.as_ref().filter(|name| table.constraint(name.as_str()).is_none()) {
                Some(name) => name.clone(),
                None => {
                    let middle = addition(key.columns.iter().map(Name::as_str));
                    constraint_name(replayer.relations(), &taken, child, Some(&middle), "fkey")
                }
            }
        }
        ConstraintKind::Check(_) => return Ok(()),
    };
    if let ConstraintKind::PrimaryKey(key) = &source.kind {
        set_not_null(replayer, child, &key.columns)?;
    }
    let copy = Constraint { name: Some(name), inherited: true, comment: None, ..source.clone() };
    replayer.emit(Change::AddConstraint { table: child.clone(), constraint: Box::new(copy) })?;
    // A partition that is partitioned itself hands it on.
    for grandchild in inherit::children(replayer, child) {
        let own = replayer.known_table(child)?.constraints.last().cloned();
        if let Some(own) = own {
            copy_constraint(replayer, &own, &grandchild)?;
        }
    }
    Ok(())
}

fn mark_inherited(replayer: &mut Replayer, child: &ObjectName, kind: &ConstraintKind) -> Read<()> {
    let table = replayer.known_table(child)?;
    let same = |own: &&Constraint| match (&own.kind, kind) {
        (ConstraintKind::PrimaryKey(_), ConstraintKind::PrimaryKey(_)) => true,
        (one, other) => one == other,
    };
    let Some(old) = table.constraints.iter().find(same).cloned() else { return Ok(()) };
    let new = Constraint { inherited: true, ..old.clone() };
    replayer.emit(Change::AlterConstraint { table: child.clone(), old: Box::new(old), new: Box::new(new) })
}

/// Makes the columns not null, as a primary key does.
pub(super) fn set_not_null(replayer: &mut Replayer, table: &ObjectName, columns: &[Name]) -> Read<()> {
    for name in columns {
        let old = replayer.known_table(table)?.column(name.as_str()).cloned();
        if let Some(old) = old.filter(|column| column.nullable) {
            let new = Column { nullable: false, ..old.clone() };
            let (old, new) = (Box::new(old), Box::new(new));
            replayer.emit(Change::AlterColumn { table: table.clone(), old, new })?;
        }
    }
    Ok(())
}

/// `ATTACH PARTITION child FOR VALUES …`, from after these words on.
pub(super) fn attach(replayer: &mut Replayer, cursor: &mut Cursor<'_>, parent: &ObjectName) -> Read<()> {
    let child = replayer.table(&cursor.object()?)?;
    let bound = bound(cursor)?;
    cursor.expect_done()?;
    let source = replayer.known_table(parent)?.clone();
    if !matches!(source.options.kind, TableKind::Partitioned(_)) {
        return Err(replayer.refused(format!("table `{parent}` is not partitioned")));
    }
    inherit::refuse_circle(replayer, &child, parent)?;
    if replayer.known_table(&child)?.options.partition_of.is_some() {
        return Err(replayer.refused(format!("table `{child}` is a partition already")));
    }
    inherit::set_options(replayer, &child, |options| {
        options.partition_of = Some((parent.clone(), bound.clone()));
    })?;
    inherit::mark_columns(replayer, &child, &source, true)?;
    for constraint in &source.constraints {
        copy_constraint(replayer, constraint, &child)?;
    }
    for own in &source.indexes {
        index::attach_to_partitions(replayer, parent, own, &child)?;
    }
    Ok(())
}

/// `DETACH PARTITION child [CONCURRENTLY | FINALIZE]`, from after these words on.
pub(super) fn detach(replayer: &mut Replayer, cursor: &mut Cursor<'_>, parent: &ObjectName) -> Read<()> {
    let child = replayer.table(&cursor.object()?)?;
    cursor.accept_any(&["concurrently", "finalize"]);
    cursor.expect_done()?;
    let source = replayer.known_table(parent)?.clone();
    inherit::set_options(replayer, &child, |options| options.partition_of = None)?;
    inherit::mark_columns(replayer, &child, &source, false)?;
    inherit::mark_constraints(replayer, &child, false)?;
    let keys = replayer.known_table(&child)?.constraints.clone();
    for old in keys.into_iter().filter(|constraint| constraint.attached.is_some()) {
        let new = Constraint { attached: None, ..old.clone() };
        let (old, new) = (Box::new(old), Box::new(new));
        replayer.emit(Change::AlterConstraint { table: child.clone(), old, new })?;
    }
    let attached = replayer.known_table(&child)?.indexes.clone();
    for old in attached.into_iter().filter(|index| index.parent.is_some()) {
        let new = schema_model::catalog::Index { parent: None, ..old.clone() };
        let (old, new) = (Box::new(old), Box::new(new));
        replayer.emit(Change::AlterIndex { table: child.clone(), old, new })?;
    }
    Ok(())
}

/// A constraint that a partitioned table gets later, on its partitions.
pub(super) fn hand_down(replayer: &mut Replayer, table: &ObjectName, constraint: &Constraint) -> Read<()> {
    for child in inherit::partitions(replayer, table) {
        copy_constraint(replayer, constraint, &child)?;
    }
    Ok(())
}

/// Whether the pending constraint makes its columns not null.
pub(super) fn primary_columns(pending: &Pending) -> Option<&[Name]> {
    match &pending.kind {
        PendingKind::Key { primary: true, key } => Some(&key.columns),
        _ => None,
    }
}
