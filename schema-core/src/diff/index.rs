//! The indexes of a table or materialized view: matched by name, then by what they cover.

use schema_model::catalog::Index;
use schema_model::{DialectKind, ObjectName};

use super::constraint::Found;
use crate::change::Change;

/// All changes, drops first.
pub(super) fn indexes(
    table: &ObjectName,
    old: &[Index],
    new: &[Index],
    dialect: DialectKind,
    out: &mut Vec<Change>,
) {
    let found = compare(table, old, new, dialect, false);
    out.extend(found.gone);
    out.extend(found.come);
}

/// On a partitioned table an index becomes valid by what is attached to it.
pub(super) fn compare(
    table: &ObjectName,
    old: &[Index],
    new: &[Index],
    dialect: DialectKind,
    partitioned: bool,
) -> Found {
    let mut found = Found::default();
    let mut rest: Vec<&Index> = old.iter().collect();
    let mut come: Vec<&Index> = Vec::new();
    for wanted in new {
        let Some(at) = rest.iter().position(|known| known.name == wanted.name) else {
            come.push(wanted);
            continue;
        };
        let known = rest.remove(at);
        if known == wanted {
            continue;
        }
        let validated = partitioned && !known.valid && wanted.valid;
        let alike = Index { valid: known.valid || validated, ..known.clone() };
        if alterable(&alike, wanted, dialect) {
            found.come.push(Change::AlterIndex {
                table: table.clone(),
                old: Box::new(known.clone()),
                new: Box::new(wanted.clone()),
            });
        } else {
            found.gone.push(drop(table, known));
            found.come.push(create(table, wanted));
        }
    }
    let mut added = Vec::new();
    for wanted in come {
        // SQLite has no statement that renames an index.
        let same = |known: &&Index| {
            dialect == DialectKind::Postgres
                && Index { name: wanted.name.clone(), ..(*known).clone() } == *wanted
        };
        match rest.iter().position(same).map(|at| rest.remove(at)) {
            Some(known) => found.gone.push(Change::RenameIndex {
                table: table.clone(),
                from: known.name.clone(),
                to: wanted.name.clone(),
            }),
            None => added.push(create(table, wanted)),
        }
    }
    let gone: Vec<_> = rest.into_iter().map(|known| drop(table, known)).collect();
    found.gone.splice(0..0, gone);
    found.come.extend(added);
    found
}

fn create(table: &ObjectName, index: &Index) -> Change {
    Change::CreateIndex { table: table.clone(), index: Box::new(index.clone()) }
}

fn drop(table: &ObjectName, index: &Index) -> Change {
    Change::DropIndex { table: table.clone(), index: Box::new(index.clone()) }
}

/// Whether only options, tablespace, statistics, attachment or comment differ: those change in place. An attached index is never
/// detached (manual, ALTER INDEX), an invalid one is built anew.
fn alterable(old: &Index, new: &Index, dialect: DialectKind) -> bool {
    let like = Index {
        options: new.options.clone(),
        tablespace: new.tablespace.clone(),
        statistics: new.statistics.clone(),
        comment: new.comment.clone(),
        parent: if old.parent.is_none() { new.parent.clone() } else { old.parent.clone() },
        ..old.clone()
    };
    dialect == DialectKind::Postgres && like == *new
}
