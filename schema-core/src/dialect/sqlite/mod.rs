//! SQLite: changes as statements, and the table rebuild where `ALTER TABLE` does not reach.
//!
//! The order of a script: renames, which SQLite follows everywhere; views and triggers that stand in the way dropped;
//! indexes and tables dropped; tables altered, rebuilt and made; indexes; views and triggers made.

mod bodies;
mod group;
mod print;
mod rebuild;
mod respell;
mod table;
mod virtual_table;

use schema_model::catalog::{Catalog, Column, TableKind};
use schema_model::ident::quote_object;
use schema_model::{DialectKind, ObjectName};

use super::{DialectSql, Features, Transition};
use crate::change::Change;
use crate::plan::{PlanError, Step};

use group::Groups;

pub(crate) use respell::respell;

/// The SQLite dialect.
#[derive(Clone, Copy, Debug)]
pub struct Sqlite;

impl DialectSql for Sqlite {
    fn kind(&self) -> DialectKind {
        DialectKind::Sqlite
    }

    fn features(&self) -> Features {
        Features {
            alters_columns: false,
            alters_constraints: false,
            keeps_column_order: true,
            comments: false,
            user_types: false,
            concurrent_indexes: false,
        }
    }

    fn steps(&self, transition: &Transition<'_>) -> Result<Vec<Step>, PlanError> {
        refuse_foreign(transition.changes)?;
        let mut steps = Vec::new();
        let renamed = renames(transition, &mut steps)?;
        let groups = Groups::of(transition, &renamed);
        let bodies = bodies::Bodies::of(transition, &renamed, &groups);
        bodies.drop(&mut steps);
        // An index may move to another table, and a table may take an index's name: what goes goes first.
        groups.altered().for_each(|group| table::drop_indexes(group, &mut steps));
        dropped_tables(&groups, &renamed, &mut steps);
        for group in groups.altered() {
            table::alter(group, transition, &renamed, &mut steps);
        }
        steps.extend(groups.created().map(|table| Step::new(print::create_table(table))));
        groups.altered().for_each(|group| table::create_indexes(group, &mut steps));
        for table in groups.created() {
            steps
                .extend(table.indexes.iter().map(|index| Step::new(print::create_index(&table.name, index))));
        }
        groups.altered().for_each(|group| virtual_table::refill(group, transition, &mut steps));
        bodies.create(&mut steps);
        if groups.needs_keys_off(&renamed) {
            steps.iter_mut().for_each(|step| step.foreign_keys_off = true);
        }
        Ok(steps)
    }
}

/// What SQLite has no statement for.
fn refuse_foreign(changes: &[Change]) -> Result<(), PlanError> {
    for change in changes {
        let foreign = match change {
            Change::CreateTable(table) => match &table.options.kind {
                TableKind::Partitioned(_) | TableKind::Foreign(_) => true,
                TableKind::Plain | TableKind::Virtual(_) | TableKind::Shadow(_) => false,
            },
            Change::CreateView(view) => view.materialized,
            Change::CreateOpaque(object) => object.id.kind != schema_model::catalog::OpaqueKind::Trigger,
            Change::CreateSchema(_)
            | Change::RenameSchema { .. }
            | Change::CreateExtension(_)
            | Change::CreateEnum(_)
            | Change::AddEnumValue { .. }
            | Change::RenameEnumValue { .. }
            | Change::ReplaceEnum { .. }
            | Change::CreateDomain(_)
            | Change::AlterDomain { .. }
            | Change::CreateComposite(_)
            | Change::AlterComposite { .. }
            | Change::RenameType { .. }
            | Change::CreateSequence(_)
            | Change::AlterSequence { .. }
            | Change::RenameSequence { .. } => true,
            _ => false,
        };
        if foreign {
            return Err(PlanError::unsupported(change, "SQLite has no such object"));
        }
    }
    Ok(())
}

/// The renames that SQLite makes in place, and the catalog after all renames.
fn renames(transition: &Transition<'_>, steps: &mut Vec<Step>) -> Result<Catalog, PlanError> {
    let mut catalog = transition.old.clone();
    let quoted = |name: &schema_model::Name| schema_model::ident::quote(name, DialectKind::Sqlite);
    for change in transition.changes {
        let sql = match change {
            Change::RenameTable { from, to } => {
                let shadow = catalog.tables.get(from).map(|table| &table.options.kind);
                let own = !matches!(shadow, Some(TableKind::Shadow(_)));
                let from = quote_object(from, DialectKind::Sqlite);
                own.then(|| format!("ALTER TABLE {from} RENAME TO {}", quoted(&to.name)))
            }
            Change::RenameColumn { table, from, to } => {
                let table = quote_object(table, DialectKind::Sqlite);
                Some(format!("ALTER TABLE {table} RENAME COLUMN {} TO {}", quoted(from), quoted(to)))
            }
            _ => continue,
        };
        change
            .apply(&mut catalog, DialectKind::Sqlite)
            .map_err(|error| PlanError::unsupported(change, error.to_string()))?;
        steps.extend(sql.map(Step::new));
    }
    Ok(catalog)
}

/// Tables that go, children first; the shadow tables of a virtual table go with it.
fn dropped_tables(groups: &Groups<'_>, renamed: &Catalog, steps: &mut Vec<Step>) {
    for name in groups.dropped() {
        let kind = renamed.tables.get(name).map(|table| &table.options.kind);
        if matches!(kind, Some(TableKind::Shadow(_))) {
            continue;
        }
        let loss = format!("drops table `{name}` with all its rows");
        steps.push(Step::new(print::drop_object("TABLE", name)).loses(loss));
    }
}

/// Whether two columns are the same to SQLite, which keeps no comments.
fn same_column(one: &Column, other: &Column) -> bool {
    let plain = |column: &Column| Column { comment: None, ..column.clone() };
    plain(one) == plain(other)
}

/// Names whose objects are another table's own.
fn is_shadow(catalog: &Catalog, name: &ObjectName) -> bool {
    catalog.tables.get(name).is_some_and(|table| matches!(table.options.kind, TableKind::Shadow(_)))
}
