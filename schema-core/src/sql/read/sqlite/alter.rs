//! `ALTER TABLE`, with the refusals of SQLite's page on it.

use schema_model::catalog::{
    Catalog, Check, Constraint, ConstraintKind, IndexTerm, OpaqueKind, Table, TableKind,
};
use schema_model::{Name, ObjectName};

use super::column::{definition, on_conflict};
use super::create::constraints_over;
use super::cursor::Cursor;
use super::query::names_column;
use super::{in_session, same};
use crate::change::query::Body;
use crate::change::{Change, columns_of};
use crate::sql::cursor::{Read, ReadError};
use crate::sql::relations::RelationKind;
use crate::sql::replay::Replayer;

pub(super) fn statement(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let spelled = cursor.object()?;
    let spelled = in_session(cursor, spelled)?;
    let table = replayer.table(&spelled)?;
    if cursor.take(&["RENAME", "TO"]) {
        let to = cursor.name()?;
        rename_table(replayer, cursor, &table, to)
    } else if matches!(table_of(replayer, &table)?.options.kind, TableKind::Virtual(_)) {
        Err(replayer.refused(format!("virtual table `{table}` may not be altered")))
    } else if cursor.take(&["RENAME"]) {
        cursor.take(&["COLUMN"]);
        let from = cursor.name()?;
        cursor.expect(&["TO"])?;
        let to = cursor.name()?;
        rename_column(replayer, &table, &from, to)
    } else if cursor.take(&["ADD"]) {
        add(replayer, cursor, table)
    } else if cursor.take(&["DROP", "CONSTRAINT"]) {
        let name = cursor.name()?;
        drop_constraint(replayer, table, &name)
    } else if cursor.take(&["DROP"]) {
        cursor.take(&["COLUMN"]);
        let name = cursor.name()?;
        drop_column(replayer, table, &name)
    } else if cursor.take(&["ALTER"]) {
        alter_column(replayer, cursor, table)
    } else {
        Err(cursor.unknown(format!("`{}` is no action of ALTER TABLE", cursor.ahead(0))))
    }
}

fn table_of<'r>(replayer: &'r Replayer, name: &ObjectName) -> Read<&'r Table> {
    let missing = || replayer.refused(format!("table `{name}` does not exist"));
    replayer.catalog().tables.get(name).ok_or_else(missing)
}

/// The name as the table spells its column.
fn column_of(replayer: &Replayer, table: &ObjectName, name: &Name) -> Read<Name> {
    let known = table_of(replayer, table)?.columns.iter().find(|column| same(&column.name, name));
    let missing = || replayer.refused(format!("table `{table}` has no column `{name}`"));
    known.map(|column| column.name.clone()).ok_or_else(missing)
}

fn rename_table(replayer: &mut Replayer, cursor: &Cursor<'_>, from: &ObjectName, to: Name) -> Read<()> {
    let to = ObjectName { schema: from.schema.clone(), name: to };
    if let Some(known) = replayer.relations().get(&to)
        && !same(&to.name, &from.name)
    {
        let kind = if known.kind == RelationKind::Index { "an index" } else { "a table or view" };
        return Err(cursor.refused(format!("{kind} `{to}` already exists"), 0, cursor.len()));
    }
    if *from == to {
        return Ok(());
    }
    let legacy = replayer.session.legacy_alter_table;
    if !legacy {
        refuse_broken_views(replayer)?;
    }
    let before = legacy.then(|| replayer.catalog().clone());
    replayer.emit(Change::RenameTable { from: from.clone(), to: to.clone() })?;
    if let Some(before) = before {
        restore_references(replayer, &before, from, &to)?;
    }
    rename_shadows(replayer, from, &to)
}

/// A rename parses every view, and fails at one whose tables are gone.
fn refuse_broken_views(replayer: &Replayer) -> Read<()> {
    if !replayer.catalog().gaps.is_empty() {
        return Ok(());
    }
    for view in replayer.catalog().views.values() {
        let gone = view.touches.iter().find(|name| {
            let lower = name.name.as_str().to_ascii_lowercase();
            let builtin = [
                "sqlite_",
                "pragma_",
                "json_",
                "dbstat",
                "generate_series",
                "fts",
                "bytecode",
                "tables_used",
            ];
            replayer.relations().is_free(name) && !builtin.iter().any(|prefix| lower.starts_with(prefix))
        });
        if let Some(gone) = gone {
            let message = format!("view `{}` reads `{gone}`, which does not exist", view.name);
            return Err(replayer.refused(message));
        }
    }
    Ok(())
}

/// `PRAGMA legacy_alter_table = on`: views, trigger bodies and, with foreign keys off, the foreign keys that name the table
/// keep its old name.
fn restore_references(
    replayer: &mut Replayer,
    before: &Catalog,
    from: &ObjectName,
    to: &ObjectName,
) -> Read<()> {
    let mut back = Vec::new();
    for (name, old) in &before.tables {
        let name = if name == from { to } else { name };
        let Some(new) = replayer.catalog().tables.get(name) else { continue };
        let followed = |constraint: &Constraint| {
            replayer.session.foreign_keys && matches!(constraint.kind, ConstraintKind::ForeignKey(_))
        };
        let changed = old.constraints.iter().zip(&new.constraints).filter(|(old, new)| old != new);
        for (old, new) in changed.filter(|(old, _)| !followed(old)) {
            let (old, new) = (Box::new(new.clone()), Box::new(old.clone()));
            back.push(Change::AlterConstraint { table: name.clone(), old, new });
        }
    }
    for (name, old) in &before.views {
        if let Some(new) = replayer.catalog().views.get(name).filter(|new| *new != old) {
            back.push(Change::ReplaceView { old: Box::new(new.clone()), new: Box::new(old.clone()) });
        }
    }
    for old in before.opaque.values() {
        let mut wanted = old.clone();
        if old.id.on.as_ref() == Some(from) {
            // A trigger goes with its table, but only its head says so.
            wanted.id.on = Some(to.clone());
            wanted.definition =
                Body::new(&old.definition).rename_header(&to.name).unwrap_or(wanted.definition);
        }
        if let Some(new) = replayer.catalog().opaque.get(&wanted.id).filter(|new| **new != wanted) {
            back.push(Change::ReplaceOpaque { old: Box::new(new.clone()), new: Box::new(wanted) });
        }
    }
    back.into_iter().try_for_each(|change| replayer.emit(change))
}

/// A virtual table takes its shadow tables along.
fn rename_shadows(replayer: &mut Replayer, from: &ObjectName, to: &ObjectName) -> Read<()> {
    let shadows = replayer.catalog().tables.values();
    let own = |kind: &TableKind| matches!(kind, TableKind::Shadow(of) if same(of, &from.name));
    let shadows: Vec<Table> = shadows.filter(|table| own(&table.options.kind)).cloned().collect();
    for shadow in shadows {
        let suffix = shadow.name.name.as_str().get(from.name.as_str().len()..).unwrap_or("");
        let name = shadow.name.sibling(format!("{}{suffix}", to.name));
        replayer.emit(Change::RenameTable { from: shadow.name.clone(), to: name.clone() })?;
        let new = schema_model::catalog::TableOptions {
            kind: TableKind::Shadow(to.name.clone()),
            ..shadow.options.clone()
        };
        let (old, new) = (Box::new(shadow.options), Box::new(new));
        replayer.emit(Change::AlterTable { table: name, old, new })?;
    }
    Ok(())
}

fn rename_column(replayer: &mut Replayer, table: &ObjectName, from: &Name, to: Name) -> Read<()> {
    let from = column_of(replayer, table, from)?;
    let taken = table_of(replayer, table)?.columns.iter().any(|column| same(&column.name, &to));
    if taken && !same(&from, &to) {
        return Err(replayer.refused(format!("column `{table}.{to}` already exists")));
    }
    if from == to {
        return Ok(());
    }
    replayer.emit(Change::RenameColumn { table: table.clone(), from, to })
}

fn add(replayer: &mut Replayer, cursor: &mut Cursor<'_>, table: ObjectName) -> Read<()> {
    let named = cursor.take(&["CONSTRAINT"]);
    if named || cursor.is_word(0, "CHECK") && cursor.ahead(1) == "(" {
        let name = if named { Some(cursor.name()?) } else { None };
        cursor.expect(&["CHECK"])?;
        let check = Check { expr: cursor.parens_expr()?, no_inherit: false };
        on_conflict(cursor)?;
        let constraint = Box::new(Constraint::new(name, ConstraintKind::Check(check)));
        return replayer.emit(Change::AddConstraint { table, constraint });
    }
    cursor.take(&["COLUMN"]);
    let read = definition(cursor)?;
    if !cursor.at_end() {
        return Err(cursor.unknown("expected the end of the statement"));
    }
    let column = read.column;
    let refused =
        |what: &str| Err(replayer.refused(format!("cannot add {what} column `{table}.{}`", column.name)));
    if table_of(replayer, &table)?.columns.iter().any(|known| same(&known.name, &column.name)) {
        return Err(replayer.refused(format!("column `{table}.{}` already exists", column.name)));
    }
    let has = |wanted: fn(&ConstraintKind) -> bool| read.constraints.iter().any(|known| wanted(&known.kind));
    if has(|kind| matches!(kind, ConstraintKind::PrimaryKey(_))) {
        return refused("the primary key");
    }
    if has(|kind| matches!(kind, ConstraintKind::Unique(_))) {
        return refused("the unique");
    }
    replayer.emit(Change::AddColumn { table: table.clone(), column: Box::new(column), position: None })?;
    for constraint in read.constraints {
        replayer.emit(Change::AddConstraint { table: table.clone(), constraint: Box::new(constraint) })?;
    }
    Ok(())
}

fn drop_column(replayer: &mut Replayer, table: ObjectName, name: &Name) -> Read<()> {
    let name = column_of(replayer, &table, name)?;
    let known = table_of(replayer, &table)?;
    refuse_drop(replayer, known, &name)?;
    let own: Vec<Constraint> = constraints_over(known, &name).cloned().collect();
    let Some(column) = known.column(name.as_str()).cloned() else { return Ok(()) };
    for constraint in own {
        replayer.emit(Change::DropConstraint { table: table.clone(), constraint: Box::new(constraint) })?;
    }
    replayer.emit(Change::DropColumn { table, column: Box::new(column) })
}

/// Why SQLite would not drop the column. A CHECK or a foreign key over this column alone is taken to be written with the
/// column, and goes with it.
fn refuse_drop(replayer: &Replayer, table: &Table, name: &Name) -> Result<(), ReadError> {
    let refused =
        |why: String| Err(replayer.refused(format!("cannot drop column `{}.{name}`: {why}", table.name)));
    if table.columns.len() == 1 {
        return refused("it is the only one".to_owned());
    }
    for constraint in constraints_over(table, name) {
        match &constraint.kind {
            ConstraintKind::PrimaryKey(_) => return refused("it is in the primary key".to_owned()),
            ConstraintKind::Unique(_) => return refused("it is in a unique constraint".to_owned()),
            ConstraintKind::ForeignKey(key) if key.columns.len() > 1 => {
                return refused("it is in a foreign key over several columns".to_owned());
            }
            ConstraintKind::ForeignKey(_) | ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => {}
        }
    }
    for index in &table.indexes {
        let in_term = index.parts.iter().any(|part| match &part.term {
            IndexTerm::Column(column) => same(column, name),
            IndexTerm::Expr(expr) => names_column(expr, name),
        });
        if in_term || index.predicate.as_ref().is_some_and(|expr| names_column(expr, name)) {
            return refused(format!("index `{}` is over it", index.name));
        }
    }
    let generated = table.columns.iter().find(|column| {
        column.name != *name
            && column.generated.as_ref().is_some_and(|generated| names_column(&generated.expr, name))
    });
    if let Some(column) = generated {
        return refused(format!("column `{}` is generated from it", column.name));
    }
    // The old behaviour asks no view and no trigger.
    let asked = !replayer.session.legacy_alter_table;
    match body_naming(replayer.catalog(), table, name).filter(|_| asked) {
        Some(body) => refused(format!("{body} names it")),
        None => Ok(()),
    }
}

/// A view or trigger that names the column, in words.
fn body_naming(catalog: &Catalog, table: &Table, column: &Name) -> Option<String> {
    let columns = |name: &Name| columns_of(catalog, name);
    let names =
        |text: &str| Body::new(text).needs_column(table.name.name.as_str(), column.as_str(), &columns);
    if let Some(view) = catalog.views.values().find(|view| names(&view.query)) {
        return Some(format!("view `{}`", view.name));
    }
    let mut triggers = catalog.opaque.values().filter(|object| object.id.kind == OpaqueKind::Trigger);
    triggers
        .find(|trigger| names(&trigger.definition))
        .map(|trigger| format!("trigger `{}`", trigger.id.name))
}

/// SQLite 3.53: `DROP CONSTRAINT` of a CHECK or NOT NULL with a name.
fn drop_constraint(replayer: &mut Replayer, table: ObjectName, name: &Name) -> Read<()> {
    let known = table_of(replayer, &table)?.constraints.iter();
    let found = known.clone().find(|constraint| constraint.name.as_ref().is_some_and(|own| same(own, name)));
    match found.cloned() {
        Some(constraint) if matches!(constraint.kind, ConstraintKind::Check(_)) => {
            replayer.emit(Change::DropConstraint { table, constraint: Box::new(constraint) })
        }
        Some(_) => Err(replayer.refused(format!("constraint `{name}` of `{table}` may not be dropped"))),
        None => Err(replayer.refused(format!("table `{table}` has no constraint `{name}`"))),
    }
}

/// SQLite 3.53: `ALTER COLUMN … SET|DROP NOT NULL`.
fn alter_column(replayer: &mut Replayer, cursor: &mut Cursor<'_>, table: ObjectName) -> Read<()> {
    cursor.take(&["COLUMN"]);
    let name = cursor.name()?;
    let name = column_of(replayer, &table, &name)?;
    let Some(old) = table_of(replayer, &table)?.column(name.as_str()).cloned() else { return Ok(()) };
    let mut new = old.clone();
    if cursor.take(&["DROP", "NOT", "NULL"]) {
        new.nullable = true;
        new.on_conflict = None;
    } else {
        cursor.expect(&["SET", "NOT", "NULL"])?;
        new.nullable = false;
        new.on_conflict = on_conflict(cursor)?.map(|clause| clause.replace("ON CONFLICT ", ""));
    }
    if old == new {
        return Ok(());
    }
    replayer.emit(Change::AlterColumn { table, old: Box::new(old), new: Box::new(new) })
}
