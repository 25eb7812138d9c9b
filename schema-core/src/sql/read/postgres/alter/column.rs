//! `ADD`, `DROP`, `ALTER` and `RENAME` of columns, children included.

use schema_model::catalog::{Column, ColumnType, ConstraintKind};
use schema_model::token::{TokenKind, tokens};
use schema_model::type_text::write_type;
use schema_model::{DialectKind, Expr, Name, ObjectName, Origin};

use super::super::drop::{self, Object};
use super::super::{column, inherit, partition, sequence, table};
use super::storage::{self, StorageEdit};
use super::{Target, constraint};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// `[IF NOT EXISTS] name type …`.
pub(super) fn add(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    let if_not_exists = cursor.accept("if not exists");
    let name = cursor.clone().name()?;
    let own = replayer.known_table(&target.table)?;
    if own.column(name.as_str()).is_some() {
        let message = format!("column `{}.{name}` already exists", target.table);
        return if if_not_exists { Ok(()) } else { Err(replayer.refused(message)) };
    }
    let mut added = table::added(replayer, cursor)?;
    cursor.expect_done()?;
    let unlogged = replayer.known_table(&target.table)?.options.unlogged;
    column::finish(replayer, &target.table, &mut added.def, unlogged, &mut Default::default())?;
    added.def.column.nullable &= added.pending.iter().all(|one| partition::primary_columns(one).is_none());
    let column = added.def.column;
    replayer.emit(Change::AddColumn {
        table: target.table.clone(),
        column: Box::new(column.clone()),
        position: None,
    })?;
    if !target.only {
        add_to_children(replayer, &target.table, &column)?;
    }
    for pending in constraint::in_order(added.pending) {
        constraint::add_pending(replayer, target, pending)?;
    }
    Ok(())
}

/// Children get the column too; one that they have already is merged.
fn add_to_children(replayer: &mut Replayer, parent: &ObjectName, column: &Column) -> Read<()> {
    for child in inherit::children(replayer, parent) {
        let copy = Column { inherited: true, identity: None, ..column.clone() };
        match replayer.known_table(&child)?.column(column.name.as_str()).cloned() {
            Some(old) => {
                let nullable = old.nullable && column.nullable;
                let new = Column { inherited: true, nullable, ..old.clone() };
                replace(replayer, &child, old, new)?;
            }
            None => {
                let (table, column) = (child.clone(), Box::new(copy));
                replayer.emit(Change::AddColumn { table, column, position: None })?;
            }
        }
        add_to_children(replayer, &child, column)?;
    }
    Ok(())
}

/// `[IF EXISTS] name [RESTRICT | CASCADE]`.
pub(super) fn drop_column(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    let if_exists = cursor.accept("if exists");
    let name = cursor.name()?;
    let cascade = cursor.accept("cascade");
    cursor.accept("restrict");
    cursor.expect_done()?;
    let known = replayer.known_table(&target.table)?.column(name.as_str()).cloned();
    let Some(column) = known else {
        let message = format!("column `{}.{name}` does not exist", target.table);
        return if if_exists { Ok(()) } else { Err(replayer.refused(message)) };
    };
    if column.inherited {
        return Err(replayer.refused(format!("column `{}.{name}` is inherited", target.table)));
    }
    drop_down(replayer, target, &name, cascade)
}

fn drop_down(replayer: &mut Replayer, target: &Target, name: &Name, cascade: bool) -> Read<()> {
    let children = inherit::children(replayer, &target.table);
    drop::objects(replayer, vec![Object::Column(target.table.clone(), name.clone())], cascade)?;
    for child in children {
        let own = replayer.known_table(&child)?.column(name.as_str()).cloned();
        let Some(old) = own.filter(|column| column.inherited) else { continue };
        if target.only {
            let new = Column { inherited: false, ..old.clone() };
            replace(replayer, &child, old, new)?;
        } else {
            drop_down(replayer, &Target { table: child, only: false }, name, cascade)?;
        }
    }
    Ok(())
}

/// `RENAME [COLUMN] from TO to`, in children too.
pub(super) fn rename(replayer: &mut Replayer, target: &Target, from: &Name, to: &Name) -> Read<()> {
    let children = inherit::children(replayer, &target.table);
    replayer.emit(Change::RenameColumn {
        table: target.table.clone(),
        from: from.clone(),
        to: to.clone(),
    })?;
    for child in children {
        rename(replayer, &Target { table: child, only: false }, from, to)?;
    }
    Ok(())
}

/// `ALTER [COLUMN] name …`, from after the name on.
pub(super) fn alter(
    replayer: &mut Replayer,
    cursor: &mut Cursor<'_>,
    target: &Target,
    name: &Name,
) -> Read<()> {
    let Some(old) = replayer.known_table(&target.table)?.column(name.as_str()).cloned() else {
        return Err(replayer.refused(format!("column `{}.{name}` does not exist", target.table)));
    };
    let edit = edit(replayer, cursor)?;
    cursor.expect_done()?;
    if matches!(edit, Edit::NotNull(false)) && in_primary_key(replayer, &target.table, name)? {
        return Err(replayer.refused(format!("column `{}.{name}` is in a primary key", target.table)));
    }
    if let Edit::Generated(_) = edit
        && old.generated.is_none()
    {
        return Err(replayer.refused(format!("column `{}.{name}` is not generated", target.table)));
    }
    apply(replayer, target, name, &edit)
}

/// What an `ALTER COLUMN` does.
enum Edit {
    Type(Box<Column>),
    Default(Option<schema_model::Expr>),
    NotNull(bool),
    DropExpression,
    Generated(schema_model::Expr),
    Storage(StorageEdit),
    Nothing,
}

fn edit(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<Edit> {
    if cursor.accept("set data type") || cursor.accept("type") {
        let ty = column::any_type(replayer, cursor)?;
        let collation = match cursor.accept("collate") {
            true => column::collation(replayer, cursor)?,
            false => None,
        };
        if cursor.accept("using") {
            cursor.finish();
        }
        return Ok(Edit::Type(Box::new(Column { collation, ..Column::new("", ty) })));
    }
    if cursor.accept("set default") {
        return Ok(Edit::Default(Some(cursor.expr_rest()?)));
    }
    if cursor.accept("set expression as") {
        return Ok(Edit::Generated(cursor.expr_group()?));
    }
    if cursor.accept("drop expression") {
        cursor.accept("if exists");
        return Ok(Edit::DropExpression);
    }
    if let Some(edit) = storage::edit(cursor)? {
        return Ok(Edit::Storage(edit));
    }
    if cursor.are("options") {
        cursor.finish();
        return Ok(Edit::Nothing);
    }
    match cursor.accept_any(&["drop default", "set not null", "drop not null"]) {
        Some("drop default") => Ok(Edit::Default(None)),
        Some(word) => Ok(Edit::NotNull(word == "set not null")),
        None => Err(cursor.unknown("not an action on a column that is known")),
    }
}

fn apply(replayer: &mut Replayer, target: &Target, name: &Name, edit: &Edit) -> Read<()> {
    let Some(old) = replayer.known_table(&target.table)?.column(name.as_str()).cloned() else {
        return Ok(());
    };
    let mut new = old.clone();
    match edit {
        Edit::Type(with) => {
            new.default = old.default.as_ref().map(|default| of_old_type(default, &old.ty, &with.ty));
            new.ty = with.ty.clone();
            new.collation = with.collation.clone();
            storage::of_new_type(&mut new);
            // The type of an identity's sequence follows its column's.
            if let Some(identity) = &mut new.identity {
                let options = sequence::Options::of_type(sequence::bits_of(&new.ty));
                identity.options = options.alter(&identity.options, replayer)?;
            }
        }
        Edit::Default(value) => {
            let says = |value: &schema_model::Expr| !replayer.catalog().is_no_default(value, &old.ty);
            new.default = value.clone().filter(says);
        }
        Edit::NotNull(not_null) => new.nullable = !not_null,
        Edit::DropExpression => new.generated = None,
        Edit::Generated(expr) => {
            if let Some(generated) = &mut new.generated {
                generated.expr = expr.clone();
            }
        }
        Edit::Storage(edit) => edit.apply(&mut new),
        Edit::Nothing => {}
    }
    if new != old {
        new.origin = Origin::from(replayer.here());
        replace(replayer, &target.table, old, new)?;
    }
    let comes_down = match edit {
        Edit::Storage(edit) => edit.comes_down(),
        _ => true,
    };
    if target.only || !comes_down {
        return Ok(());
    }
    for child in inherit::children(replayer, &target.table) {
        apply(replayer, &Target { table: child, only: false }, name, edit)?;
    }
    Ok(())
}

/// A default keeps the type it was given for when its column takes another: a bare literal has to say it from then on.
fn of_old_type(default: &Expr, old: &ColumnType, new: &ColumnType) -> Expr {
    let text = default.as_str();
    let all = tokens(text, DialectKind::Postgres);
    let bare = matches!(all.as_slice(), [token] if token.kind == TokenKind::Str);
    let (old, new) = (without_length(old), without_length(new));
    match bare && old != new {
        true => Expr::new(format!("{text}::{}", write_type(&old, DialectKind::Postgres))),
        false => default.clone(),
    }
}

/// The type of a constant: its length and precision are applied to it apart.
fn without_length(ty: &ColumnType) -> ColumnType {
    match ty {
        ColumnType::Decimal { .. } => ColumnType::Decimal { precision: None },
        ColumnType::Varchar { .. } => ColumnType::Varchar { length: None },
        ColumnType::Char { .. } => ColumnType::Char { length: None },
        ColumnType::Time { zoned, .. } => ColumnType::Time { zoned: *zoned, precision: None },
        ColumnType::Timestamp { zoned, .. } => ColumnType::Timestamp { zoned: *zoned, precision: None },
        ColumnType::Named { name, .. } => ColumnType::named(name.clone()),
        ColumnType::Array(element) => ColumnType::Array(Box::new(without_length(element))),
        other => other.clone(),
    }
}

fn in_primary_key(replayer: &Replayer, table: &ObjectName, name: &Name) -> Read<bool> {
    let constraints = &replayer.known_table(table)?.constraints;
    Ok(constraints.iter().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => key.columns.contains(name),
        _ => false,
    }))
}

/// Puts another column in a column's place.
pub(super) fn replace(replayer: &mut Replayer, table: &ObjectName, old: Column, new: Column) -> Read<()> {
    let (old, new) = (Box::new(old), Box::new(new));
    replayer.emit(Change::AlterColumn { table: table.clone(), old, new })
}
