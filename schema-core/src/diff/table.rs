//! Tables.

use schema_model::DialectKind;
use schema_model::catalog::{Catalog, Table, TableKind, TableOptions};

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
    for (_, old, new) in both {
        table(old, new, dialect, out);
    }
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

fn table(old: &Table, new: &Table, dialect: DialectKind, out: &mut Vec<Change>) {
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
    if old.options.partition_of != new.options.partition_of {
        // A partition that comes or goes takes its indexes along, attached or not.
        for index in &mut known {
            index.parent = new.index(&index.name).and_then(|index| index.parent.clone());
        }
    }
    let indexes = index::compare(name, &known, &new.indexes, dialect);
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
