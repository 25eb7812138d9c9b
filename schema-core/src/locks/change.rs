//! The locks of one change, as `ALTER TABLE` and its kin take them.

use schema_model::ObjectName;
use schema_model::catalog::{Catalog, ConstraintKind, OpaqueKind, OpaqueObject, TableOptions};

use super::LockMode::{AccessExclusive, ShareRowExclusive, ShareUpdateExclusive};
use super::Work::{Moment, Rewrite, Scan};
use super::rewrite::{adds_rows, needs_no_scan, retypes, rewrites};
use super::{LockMode, TableLock, Work};
use crate::change::Change;

/// Words of the statement that decide what its changes do not tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    /// `CONCURRENTLY`.
    pub concurrently: bool,
    /// `USING INDEX`.
    pub using_index: bool,
    /// `COMMENT ON`.
    pub comment: bool,
    /// `CREATE` or `CREATE OR REPLACE`.
    pub creates: bool,
    /// `ALTER TABLE … ENABLE TRIGGER` and its kin.
    pub switches: bool,
}

fn lock(table: &ObjectName, mode: LockMode, work: Work) -> TableLock {
    TableLock { table: table.clone(), mode, work }
}

/// The locks of a change, made by a statement with these words on this catalog.
pub(super) fn locks(change: &Change, said: Said, before: &Catalog) -> Vec<TableLock> {
    if said.comment {
        return change.table().map(|table| lock(table, ShareUpdateExclusive, Moment)).into_iter().collect();
    }
    match change {
        Change::CreateTable(table) => created(table.name.clone(), &table.options, &table.constraints),
        Change::DropTable(table) => {
            let mut locks = vec![lock(&table.name, AccessExclusive, Moment)];
            locks.extend(
                table.constraints.iter().filter_map(referenced).map(|to| lock(to, AccessExclusive, Moment)),
            );
            locks.extend(table.options.partition_of.iter().map(|(of, _)| lock(of, AccessExclusive, Moment)));
            locks
        }
        Change::RenameTable { from, .. } => vec![lock(from, AccessExclusive, Moment)],
        Change::AlterTable { table, old, new } => options(table, old, new, said, before),
        Change::AddColumn { table, column, .. } => {
            vec![lock(table, AccessExclusive, if adds_rows(column, before) { Rewrite } else { Moment })]
        }
        Change::DropColumn { table, .. } | Change::RenameColumn { table, .. } => {
            vec![lock(table, AccessExclusive, Moment)]
        }
        Change::AlterColumn { table, old, new } => {
            let work = match (retypes(old, new), old.nullable && !new.nullable) {
                (true, _) if rewrites(old, new, before) => Rewrite,
                (true, _) => Moment,
                (false, true) if !needs_no_scan(table, old, before) => Scan,
                (false, _) => Moment,
            };
            vec![lock(table, AccessExclusive, work)]
        }
        Change::AddConstraint { table, constraint } => match &constraint.kind {
            ConstraintKind::ForeignKey(key) => {
                let work = if constraint.validated { Scan } else { Moment };
                let own = lock(table, ShareRowExclusive, work);
                if key.table == *table {
                    vec![own]
                } else {
                    vec![own, lock(&key.table, ShareRowExclusive, Moment)]
                }
            }
            ConstraintKind::Check(_) => {
                vec![lock(table, AccessExclusive, if constraint.validated { Scan } else { Moment })]
            }
            ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::Exclude(_) => {
                vec![lock(table, AccessExclusive, if said.using_index { Moment } else { Scan })]
            }
        },
        Change::DropConstraint { table, constraint } => {
            let mut locks = vec![lock(table, AccessExclusive, Moment)];
            locks.extend(referenced(constraint).map(|to| lock(to, AccessExclusive, Moment)));
            locks
        }
        // VALIDATE CONSTRAINT reads the rows beside the application; anything else changes a flag.
        Change::AlterConstraint { table, old, new } if !old.validated && new.validated => {
            vec![lock(table, ShareUpdateExclusive, Scan)]
        }
        Change::AlterConstraint { table, .. } | Change::RenameConstraint { table, .. } => {
            vec![lock(table, AccessExclusive, Moment)]
        }
        Change::CreateIndex { table, .. } => {
            let mode = if said.concurrently { ShareUpdateExclusive } else { LockMode::Share };
            vec![lock(table, mode, Scan)]
        }
        Change::DropIndex { table, .. } => {
            let mode = if said.concurrently { ShareUpdateExclusive } else { AccessExclusive };
            vec![lock(table, mode, Moment)]
        }
        // Only the index itself is locked.
        Change::AlterIndex { .. } | Change::RenameIndex { .. } => Vec::new(),
        Change::DropView(view) => vec![lock(&view.name, AccessExclusive, Moment)],
        Change::ReplaceView { old, .. } => vec![lock(&old.name, AccessExclusive, Moment)],
        Change::RenameView { from, .. } => vec![lock(from, AccessExclusive, Moment)],
        Change::CreateOpaque(object) => opaque(object, true, said),
        Change::DropOpaque(object) => opaque(object, false, said),
        Change::ReplaceOpaque { old, .. } => opaque(old, said.creates, said),
        Change::CreateView(_)
        | Change::CreateSchema(_)
        | Change::DropSchema(_)
        | Change::AlterSchema { .. }
        | Change::RenameSchema { .. }
        | Change::CreateExtension(_)
        | Change::DropExtension(_)
        | Change::AlterExtension { .. }
        | Change::CreateEnum(_)
        | Change::DropEnum(_)
        | Change::AddEnumValue { .. }
        | Change::RemoveEnumValue { .. }
        | Change::RenameEnumValue { .. }
        | Change::ReplaceEnum { .. }
        | Change::CreateDomain(_)
        | Change::DropDomain(_)
        | Change::CreateComposite(_)
        | Change::DropComposite(_)
        | Change::AlterComposite { .. }
        | Change::RenameType { .. }
        | Change::CreateSequence(_)
        | Change::DropSequence(_)
        | Change::AlterSequence { .. }
        | Change::RenameSequence { .. } => Vec::new(),
        Change::AlterDomain { old, new } => {
            let tightened = new.checks.len() > old.checks.len() || old.nullable && !new.nullable;
            if tightened { domain_users(&old.name, before) } else { Vec::new() }
        }
    }
}

/// A new table is nobody's yet; what it hangs on is others'.
fn created(
    name: ObjectName,
    options: &TableOptions,
    constraints: &[schema_model::catalog::Constraint],
) -> Vec<TableLock> {
    let keys = constraints.iter().filter_map(referenced).filter(|table| **table != name);
    let mut locks: Vec<_> = keys.map(|table| lock(table, ShareRowExclusive, Moment)).collect();
    locks.extend(options.partition_of.iter().map(|(parent, _)| lock(parent, AccessExclusive, Moment)));
    locks.extend(options.inherits.iter().map(|parent| lock(parent, ShareUpdateExclusive, Moment)));
    locks
}

fn referenced(constraint: &schema_model::catalog::Constraint) -> Option<&ObjectName> {
    match &constraint.kind {
        ConstraintKind::ForeignKey(key) => Some(&key.table),
        _ => None,
    }
}

fn options(
    table: &ObjectName,
    old: &TableOptions,
    new: &TableOptions,
    said: Said,
    before: &Catalog,
) -> Vec<TableLock> {
    match (&old.partition_of, &new.partition_of) {
        (None, Some((parent, _))) => {
            return vec![lock(parent, ShareUpdateExclusive, Moment), lock(table, AccessExclusive, Scan)];
        }
        (Some((parent, _)), None) => {
            let above = if said.concurrently { ShareUpdateExclusive } else { AccessExclusive };
            return vec![lock(parent, above, Moment), lock(table, AccessExclusive, Moment)];
        }
        _ => {}
    }
    if old.unlogged != new.unlogged || old.tablespace != new.tablespace {
        return vec![lock(table, AccessExclusive, Rewrite)];
    }
    // Storage parameters of a table alone may be set beside the application.
    let mut same = new.clone();
    same.with = old.with.clone();
    if old.with != new.with && same == *old && before.tables.contains_key(table) {
        return vec![lock(table, ShareUpdateExclusive, Moment)];
    }
    let mut locks = vec![lock(table, AccessExclusive, Moment)];
    let parents = new.inherits.iter().filter(|parent| !old.inherits.contains(parent));
    locks.extend(parents.map(|parent| lock(parent, ShareUpdateExclusive, Moment)));
    locks
}

fn opaque(object: &OpaqueObject, creates: bool, said: Said) -> Vec<TableLock> {
    if object.id.kind == OpaqueKind::Statistics {
        return object.touches.iter().map(|table| lock(table, ShareUpdateExclusive, Moment)).collect();
    }
    let switched = object.id.kind == OpaqueKind::Trigger && (creates || said.switches);
    let mode = if switched { ShareRowExclusive } else { AccessExclusive };
    object.id.on.iter().map(|table| lock(table, mode, Moment)).collect()
}

/// A new condition of a domain is tried on every row that holds it.
fn domain_users(domain: &ObjectName, catalog: &Catalog) -> Vec<TableLock> {
    let holds = |column: &schema_model::catalog::Column| matches!(&column.ty, schema_model::catalog::ColumnType::Named { name, .. } if name == domain);
    let tables = catalog.tables.values().filter(|table| table.columns.iter().any(holds));
    tables.map(|table| lock(&table.name, LockMode::Share, Scan)).collect()
}
