//! Constraints, indexes, defaults and generated columns that stand on something disturbed.

use schema_model::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Domain, ForeignKey, Index, IndexPart, IndexTerm, Table,
};
use schema_model::{Name, ObjectName};

use super::expand::{Disturbed, Work};
use super::{casts, deps};
use crate::change::Change;
use crate::plan::Key;

/// Makes them anew: a drop and an addition each.
pub(super) fn remake(old: &Catalog, new: &Catalog, work: &mut Work, disturbed: &mut Disturbed) {
    for after in new.tables.values() {
        let Some(before) = old.tables.get(&after.name) else { continue };
        if disturbed.gone.contains(&Key::Relation(after.name.clone())) {
            continue;
        }
        generated(before, after, work, disturbed);
        defaults(before, after, work, disturbed);
        for constraint in &after.constraints {
            let Some(known) = constraint.name.as_ref().and_then(|name| before.constraint(name.as_str()))
            else {
                continue;
            };
            if constraint_hit(before, known, old, new, disturbed) && !is_dropped(work, &after.name, known) {
                forget(work, &after.name, known);
                work.changes.push(Change::DropConstraint {
                    table: after.name.clone(),
                    constraint: Box::new(known.clone()),
                });
                work.changes.push(Change::AddConstraint {
                    table: after.name.clone(),
                    constraint: Box::new(constraint.clone()),
                });
                note_key(disturbed, &after.name, known);
            }
        }
        for index in &after.indexes {
            let Some(known) = before.index(&index.name) else { continue };
            let dropped = work.changes.iter().any(|change| {
                matches!(change, Change::DropIndex { table, index } if *table == after.name && index.name == known.name)
            });
            if !dropped && index_hit(before, known, old, new, disturbed) {
                work.changes.retain(|change| {
                    !matches!(change, Change::AlterIndex { table, new, .. } if *table == after.name && new.name == known.name)
                });
                let table = after.name.clone();
                work.changes.push(Change::DropIndex { table: table.clone(), index: Box::new(known.clone()) });
                work.changes.push(Change::CreateIndex { table, index: Box::new(index.clone()) });
            }
        }
    }
}

/// A domain's checks and default that call a function which goes for a while are dropped and made again.
pub(super) fn domains(old: &Catalog, new: &Catalog, work: &mut Work, disturbed: &Disturbed) {
    for after in new.domains.values().filter(|domain| !work.rebuilt.contains(&domain.name)) {
        let Some(before) = old.domains.get(&after.name) else { continue };
        let hit = |text: &str| disturbed.hits_expr(&after.name, text);
        let without = Domain {
            default: before.default.clone().filter(|default| !hit(default.as_str())),
            checks: before
                .checks
                .iter()
                .filter(
                    |check| !matches!(&check.kind, ConstraintKind::Check(check) if hit(check.expr.as_str())),
                )
                .cloned()
                .collect(),
            ..before.clone()
        };
        let split = |change: &Change| match change {
            Change::AlterDomain { old, new } => new.name == after.name && **old != *before,
            _ => false,
        };
        if without == *before || work.changes.iter().any(split) {
            continue;
        }
        work.changes
            .retain(|change| !matches!(change, Change::AlterDomain { new, .. } if new.name == after.name));
        let without = Box::new(without);
        work.changes.push(Change::AlterDomain { old: Box::new(before.clone()), new: without.clone() });
        work.changes.push(Change::AlterDomain { old: without, new: Box::new(after.clone()) });
    }
}

fn note_key(disturbed: &mut Disturbed, table: &ObjectName, constraint: &Constraint) {
    if let ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) = &constraint.kind {
        disturbed.keys.insert((table.clone(), key.columns.iter().cloned().collect()));
    }
}

fn is_dropped(work: &Work, table: &ObjectName, wanted: &Constraint) -> bool {
    work.changes.iter().any(|change| match change {
        Change::DropConstraint { table: of, constraint } => of == table && constraint.name == wanted.name,
        _ => false,
    })
}

/// A change in place of what is made anew anyway.
fn forget(work: &mut Work, table: &ObjectName, wanted: &Constraint) {
    work.changes.retain(|change| {
        !matches!(change, Change::AlterConstraint { table: of, new, .. } if of == table && new.name == wanted.name)
    });
}

fn constraint_hit(
    table: &Table,
    constraint: &Constraint,
    old: &Catalog,
    new: &Catalog,
    disturbed: &Disturbed,
) -> bool {
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => key
            .columns
            .iter()
            .chain(&key.include)
            .any(|name| made_anew(disturbed, old, new, &table.name, name)),
        ConstraintKind::Check(check) => disturbed.hits_expr(&table.name, check.expr.as_str()),
        ConstraintKind::Exclude(exclude) => {
            let terms = exclude.parts.iter().any(|part| match &part.part.term {
                _ if class_gone(disturbed, &part.part) => true,
                IndexTerm::Expr(expr) => disturbed.hits_expr(&table.name, expr.as_str()),
                IndexTerm::Column(name) => is_retyped(disturbed, &table.name, name),
            });
            let predicate = exclude.predicate.iter();
            terms || predicate.clone().any(|expr| disturbed.hits_expr(&table.name, expr.as_str()))
        }
        ConstraintKind::ForeignKey(key) => foreign_key_hit(table, key, old, new, disturbed),
    }
}

/// A foreign key goes where the key it refers to goes, or where its two ends are not alike for a while.
fn foreign_key_hit(
    table: &Table,
    key: &ForeignKey,
    old: &Catalog,
    new: &Catalog,
    disturbed: &Disturbed,
) -> bool {
    let referenced = (key.table.clone(), key.referenced.iter().cloned().collect());
    let apart = |table: &ObjectName, column: &Name| {
        is_retyped(disturbed, table, column) && !stays_akin(old, new, table, column)
    };
    disturbed.gone.contains(&Key::Relation(key.table.clone()))
        || disturbed.keys.contains(&referenced)
        || key.columns.iter().any(|column| apart(&table.name, column))
        || key.referenced.iter().any(|column| apart(&key.table, column))
}

fn is_retyped(disturbed: &Disturbed, table: &ObjectName, column: &Name) -> bool {
    disturbed.retyped.get(table).is_some_and(|columns| columns.contains(column))
}

/// Whether a column that was dropped and added again is meant: its keys went with it.
fn made_anew(disturbed: &Disturbed, old: &Catalog, new: &Catalog, table: &ObjectName, column: &Name) -> bool {
    let generated = |catalog: &Catalog| {
        catalog
            .tables
            .get(table)
            .and_then(|table| table.column(column.as_str()))
            .map(|column| column.generated.clone())
    };
    let after = generated(new);
    is_retyped(disturbed, table, column) && after.as_ref().is_some_and(Option::is_some) && {
        // Retyped for its own type, a generated column stays.
        let _ = old;
        true
    }
}

fn stays_akin(old: &Catalog, new: &Catalog, table: &ObjectName, column: &Name) -> bool {
    let ty = |catalog: &Catalog| {
        let found = catalog.tables.get(table)?.column(column.as_str())?;
        (found.ty.user_type().is_none()).then(|| casts::underlying(&found.ty, catalog))
    };
    match (ty(old), ty(new)) {
        (Some(from), Some(to)) => casts::akin(&from, &to),
        _ => false,
    }
}

fn class_gone(disturbed: &Disturbed, part: &IndexPart) -> bool {
    deps::of_class(part).is_some_and(|class| disturbed.gone.contains(&class))
}

fn index_hit(table: &Table, index: &Index, old: &Catalog, new: &Catalog, disturbed: &Disturbed) -> bool {
    let name = &table.name;
    let part = |part: &IndexPart| match &part.term {
        _ if class_gone(disturbed, part) => true,
        IndexTerm::Expr(expr) => disturbed.hits_expr(name, expr.as_str()),
        IndexTerm::Column(column) => {
            made_anew(disturbed, old, new, name, column)
                || part.opclass.is_some()
                    && is_retyped(disturbed, name, column)
                    && !stays_akin(old, new, name, column)
        }
    };
    index.parts.iter().any(part)
        || index.include.iter().any(|column| made_anew(disturbed, old, new, name, column))
        || index.predicate.iter().any(|expr| disturbed.hits_expr(name, expr.as_str()))
}

/// A default that calls a function which goes for a while is dropped and set again.
fn defaults(before: &Table, after: &Table, work: &mut Work, disturbed: &Disturbed) {
    for column in &after.columns {
        let Some(known) = before.column(column.name.as_str()) else { continue };
        let Some(expr) = known.default.as_ref() else { continue };
        let named = |change: &Change| match change {
            Change::AlterColumn { table, old, .. } => {
                *table == after.name && old.name == column.name && old.default.is_some()
            }
            _ => false,
        };
        let without = Column { default: None, ..known.clone() };
        let changed = work.changes.iter().position(named);
        let again = match changed.map(|at| &work.changes[at]) {
            Some(Change::AlterColumn { new, .. }) => (**new).clone(),
            _ => Column { default: column.default.clone(), ..without.clone() },
        };
        let apart =
            again == without || work.changes.iter().any(|change| is_taken_up(change, &after.name, &without));
        let converted = work.converted.contains(&(after.name.clone(), column.name.clone()));
        if converted || apart || !disturbed.hits_expr(&after.name, expr.as_str()) {
            continue;
        }
        if let Some(at) = changed {
            work.changes.remove(at);
        }
        let table = after.name.clone();
        work.changes.push(Change::AlterColumn {
            table: table.clone(),
            old: Box::new(known.clone()),
            new: Box::new(without.clone()),
        });
        work.changes.push(Change::AlterColumn { table, old: Box::new(without), new: Box::new(again) });
    }
}

/// Whether the change begins with the column as it is without its default.
fn is_taken_up(change: &Change, of: &ObjectName, without: &Column) -> bool {
    matches!(change, Change::AlterColumn { table, old, .. } if table == of && **old == *without)
}

/// A column computed from one that changes is dropped and added again; its values are computed anew.
fn generated(before: &Table, after: &Table, work: &mut Work, disturbed: &mut Disturbed) {
    for column in &after.columns {
        let Some(known) = before.column(column.name.as_str()) else { continue };
        let (Some(expr), Some(_)) = (&known.generated, &column.generated) else { continue };
        let dropped = work.changes.iter().any(|change| match change {
            Change::DropColumn { table, column: gone } => *table == after.name && gone.name == column.name,
            _ => false,
        });
        if dropped || !disturbed.hits_expr(&after.name, expr.expr.as_str()) {
            continue;
        }
        work.changes.retain(|change| {
            !matches!(change, Change::AlterColumn { table, new, .. } if *table == after.name && new.name == column.name)
        });
        disturbed.retype(&after.name, &column.name);
        let table = after.name.clone();
        work.changes.push(Change::DropColumn { table: table.clone(), column: Box::new(known.clone()) });
        work.changes.push(Change::AddColumn { table, column: Box::new(column.clone()), position: None });
    }
}
