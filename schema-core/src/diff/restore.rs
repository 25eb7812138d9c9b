//! Changes carry what was written, not its canonical form: SQL is made from them.

use schema_model::catalog::{Catalog, Column, Constraint, Index, Table};
use schema_model::{Name, ObjectName};

use crate::change::Change;

/// Puts the written values in the place of the canonical ones, found by name.
pub(super) fn restore(change: &mut Change, old: &Catalog, new: &Catalog) {
    use Change::*;
    match change {
        CreateTable(table) => put(table, new.tables.get(&table.name)),
        DropTable(table) => put(table, old.tables.get(&table.name)),
        AlterTable { table, old: before, new: after } => {
            put(before, old.tables.get(table).map(|table| &table.options));
            put(after, new.tables.get(table).map(|table| &table.options));
        }
        AddColumn { table, column, .. } => put(column, self::column(new, table, &column.name)),
        DropColumn { table, column } => put(column, self::column(old, table, &column.name)),
        AlterColumn { table, old: before, new: after } => {
            put(before, self::column(old, table, &before.name));
            put(after, self::column(new, table, &after.name));
        }
        AddConstraint { table, constraint } => put(constraint, self::constraint(new, table, constraint)),
        DropConstraint { table, constraint } => put(constraint, self::constraint(old, table, constraint)),
        AlterConstraint { table, old: before, new: after } => {
            put(before, self::constraint(old, table, before));
            put(after, self::constraint(new, table, after));
        }
        CreateIndex { table, index } => put(index, self::index(new, table, &index.name)),
        DropIndex { table, index } => put(index, self::index(old, table, &index.name)),
        AlterIndex { table, old: before, new: after } => {
            put(before, self::index(old, table, &before.name));
            put(after, self::index(new, table, &after.name));
        }
        CreateDomain(domain) => put(domain, new.domains.get(&domain.name)),
        DropDomain(domain) => put(domain, old.domains.get(&domain.name)),
        AlterDomain { old: before, new: after } => {
            put(before, old.domains.get(&before.name));
            put(after, new.domains.get(&after.name));
        }
        CreateView(view) => put(view, new.views.get(&view.name)),
        DropView(view) => put(view, old.views.get(&view.name)),
        ReplaceView { old: before, new: after } => {
            put(before, old.views.get(&before.name));
            put(after, new.views.get(&after.name));
        }
        CreateOpaque(object) => put(object, new.opaque.get(&object.id)),
        DropOpaque(object) => put(object, old.opaque.get(&object.id)),
        ReplaceOpaque { old: before, new: after } => {
            put(before, old.opaque.get(&before.id));
            put(after, new.opaque.get(&after.id));
        }
        // Nothing in these has more than one spelling.
        CreateSchema(_)
        | DropSchema(_)
        | AlterSchema { .. }
        | RenameSchema { .. }
        | CreateExtension(_)
        | DropExtension(_)
        | AlterExtension { .. }
        | RenameTable { .. }
        | RenameColumn { .. }
        | RenameConstraint { .. }
        | RenameIndex { .. }
        | CreateEnum(_)
        | DropEnum(_)
        | AddEnumValue { .. }
        | RemoveEnumValue { .. }
        | RenameEnumValue { .. }
        | ReplaceEnum { .. }
        | CreateComposite(_)
        | DropComposite(_)
        | AlterComposite { .. }
        | RenameType { .. }
        | CreateSequence(_)
        | DropSequence(_)
        | AlterSequence { .. }
        | RenameSequence { .. }
        | RenameView { .. } => {}
    }
}

fn put<T: Clone>(place: &mut Box<T>, written: Option<&T>) {
    if let Some(written) = written {
        **place = written.clone();
    }
}

fn column<'a>(catalog: &'a Catalog, table: &ObjectName, name: &Name) -> Option<&'a Column> {
    catalog.tables.get(table)?.column(name.as_str())
}

fn constraint<'a>(catalog: &'a Catalog, table: &ObjectName, wanted: &Constraint) -> Option<&'a Constraint> {
    find_constraint(catalog.tables.get(table)?, wanted)
}

fn find_constraint<'a>(table: &'a Table, wanted: &Constraint) -> Option<&'a Constraint> {
    table.constraint(wanted.name.as_ref()?.as_str())
}

fn index<'a>(catalog: &'a Catalog, table: &ObjectName, name: &Name) -> Option<&'a Index> {
    match catalog.tables.get(table) {
        Some(table) => table.index(name),
        None => catalog.views.get(table)?.indexes.iter().find(|index| index.name == *name),
    }
}
