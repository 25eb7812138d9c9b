//! Tables.

use std::collections::BTreeMap;

use schema_model::catalog::{Catalog, Table, TableKind, TableOptions};
use schema_model::{DialectKind, ObjectName};

use super::named::sorted;
use super::{column, constraint, index};
use crate::change::Change;

pub(super) fn tables(old: &Catalog, new: &Catalog, dialect: DialectKind, out: &mut Vec<Change>) {
    let boxed = |table: &Table| Box::new(table.clone());
    let sorted = sorted(&old.tables, &new.tables);
    let (other_kind, both): (Vec<_>, Vec<_>) =
        sorted.both.into_iter().partition(|(_, old, new)| !convertible(old, new));
    out.extend(sorted.gone.into_iter().map(|gone| Change::DropTable(boxed(gone))));
    for (_, old, new) in other_kind {
        out.push(Change::DropTable(boxed(old)));
        out.push(Change::CreateTable(boxed(new)));
    }
    out.extend(sorted.come.into_iter().map(|come| Change::CreateTable(boxed(come))));
    let renamed = renamed_indexes(&both, dialect);
    for (_, old, new) in both {
        table(old, new, &renamed, dialect, out);
    }
}

/// Indexes of partitioned tables that take another name: what is attached to one stays attached.
fn renamed_indexes(
    both: &[(&ObjectName, &Table, &Table)],
    dialect: DialectKind,
) -> BTreeMap<ObjectName, ObjectName> {
    let mut renamed = BTreeMap::new();
    for (name, old, new) in both {
        if matches!(new.options.kind, TableKind::Partitioned(_)) {
            let found = index::compare(name, &old.indexes, &new.indexes, dialect, true);
            for change in found.gone {
                if let Change::RenameIndex { from, to, .. } = change {
                    renamed.insert(name.sibling(from), name.sibling(to));
                }
            }
        }
    }
    renamed
}

/// Whether one can become the other: an ordinary table never becomes a partitioned one, nor a virtual one. What a virtual
/// table keeps its rows in is made with it.
fn convertible(old: &Table, new: &Table) -> bool {
    if matches!(new.options.kind, TableKind::Shadow(_)) {
        return old == new;
    }
    old.options.kind == new.options.kind
        || std::mem::discriminant(&old.options.kind) == std::mem::discriminant(&new.options.kind)
            && !matches!(new.options.kind, TableKind::Partitioned(_))
}

fn table(
    old: &Table,
    new: &Table,
    renamed: &BTreeMap<ObjectName, ObjectName>,
    dialect: DialectKind,
    out: &mut Vec<Change>,
) {
    let name = &new.name;
    if !same_options(&old.options, &new.options) {
        out.push(Change::AlterTable {
            table: name.clone(),
            old: Box::new(old.options.clone()),
            new: Box::new(new.options.clone()),
        });
    }
    let constraints = constraint::compare(old, new, dialect);
    out.extend(constraints.gone);
    let mut known = old.indexes.clone();
    for parent in known.iter_mut().filter_map(|index| index.parent.as_mut()) {
        if let Some(to) = renamed.get(parent) {
            parent.clone_from(to);
        }
    }
    if old.options.partition_of != new.options.partition_of {
        // A partition that comes or goes takes its indexes along, attached or not.
        for index in &mut known {
            index.parent = new.index(&index.name).and_then(|index| index.parent.clone());
        }
    }
    let partitioned = matches!(new.options.kind, TableKind::Partitioned(_));
    let indexes = index::compare(name, &known, &new.indexes, dialect, partitioned);
    out.extend(indexes.gone);
    column::columns(old, new, dialect, out);
    out.extend(constraints.come);
    out.extend(indexes.come);
}

/// A parent's order means nothing.
fn same_options(old: &TableOptions, new: &TableOptions) -> bool {
    let sorted = |options: &TableOptions| {
        let mut options = options.clone();
        options.inherits.sort();
        options
    };
    sorted(old) == sorted(new)
}
