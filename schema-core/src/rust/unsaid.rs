//! Names that nobody said. A constraint or index that a model leaves unnamed has PostgreSQL's own name, or the naming
//! convention's, only while it has no other: where migrations made the same thing under another name, as after a renamed table, that name stays.

use schema_model::catalog::{Catalog, Constraint, ConstraintKind, Index, Table};
use schema_model::item::{Naming, columns_in, index_columns, join_columns, name_by};
use schema_model::{DialectKind, Name, ObjectName};

use crate::change::Change;
use crate::diff::{self, DiffOptions};

/// Gives unnamed constraints and indexes of the wanted catalog the names under which they are recorded.
pub(super) fn keep_recorded_names(
    wanted: &mut Catalog,
    recorded: &Catalog,
    options: &DiffOptions,
    naming: &Naming,
) {
    let changes = diff::diff(recorded, wanted, options);
    let dropped = |table: &ObjectName, like: &Index| {
        changes.iter().find_map(|change| match change {
            Change::DropIndex { table: own, index }
                if own == table && Index { name: like.name.clone(), ..(**index).clone() } == *like =>
            {
                Some(index.name.clone())
            }
            _ => None,
        })
    };
    for change in &changes {
        match change {
            Change::RenameConstraint { table, from, to } => {
                let Some(own) = wanted.tables.get_mut(table) else { continue };
                let unsaid = own.constraint(to.as_str()).is_some_and(|found| {
                    is_generated(to, &constraint_default(own, found, options.dialect, naming))
                });
                if let (true, Some(found)) = (unsaid, own.constraint_mut(to.as_str())) {
                    found.name = Some(from.clone());
                }
            }
            // SQLite leaves unnamed what nobody named, and cannot rename either.
            Change::AddConstraint { table, constraint } if options.dialect == DialectKind::Sqlite => {
                let Some(own) = wanted.tables.get_mut(table) else { continue };
                let unsaid = constraint.name.as_ref().is_none_or(|name| {
                    let usual = constraint_default(own, constraint, options.dialect, naming);
                    naming.template(&constraint.kind).is_some() && is_generated(name, &usual)
                });
                let bare = |known: &Constraint| Constraint { name: None, ..known.clone() };
                let recorded = changes.iter().find_map(|change| match change {
                    Change::DropConstraint { table: other, constraint: known } if other == table => {
                        (bare(known) == bare(constraint)).then(|| known.name.clone())
                    }
                    _ => None,
                });
                if let (true, Some(name), Some(found)) =
                    (unsaid, recorded, own.constraints.iter_mut().find(|found| *found == &**constraint))
                {
                    found.name = name;
                }
            }
            Change::RenameIndex { table, from, to } => rename_index(wanted, table, from, to, naming),
            // SQLite cannot rename an index, so there it is a drop and a create.
            Change::CreateIndex { table, index } => {
                if let Some(from) = dropped(table, index) {
                    rename_index(wanted, table, &from, &index.name, naming);
                }
            }
            _ => {}
        }
    }
}

fn rename_index(wanted: &mut Catalog, table: &ObjectName, from: &Name, to: &Name, naming: &Naming) {
    let Some(own) = wanted.tables.get_mut(table) else { return };
    if own.index(from).is_some() {
        return;
    }
    if let Some(index) = own.index_mut(to)
        && is_generated(to, &name_by(&naming.index, table.name.as_str(), &index_columns(&index.parts), "idx"))
    {
        index.name = from.clone();
    }
}

/// Whether this is the name that is generated, with or without a number behind it.
fn is_generated(name: &Name, generated: &str) -> bool {
    name.as_str()
        .strip_prefix(generated)
        .is_some_and(|rest| rest.chars().all(|character| character.is_ascii_digit()))
}

fn constraint_default(
    table: &Table,
    constraint: &Constraint,
    dialect: DialectKind,
    naming: &Naming,
) -> String {
    let joined = |columns: &[Name]| join_columns(columns.iter().map(Name::as_str));
    let (columns, label) = match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => match naming.primary_key {
            Some(_) => (joined(&key.columns), "pkey"),
            None => (String::new(), "pkey"),
        },
        ConstraintKind::Unique(key) => (joined(&key.columns), "key"),
        ConstraintKind::ForeignKey(key) => (joined(&key.columns), "fkey"),
        ConstraintKind::Check(check) => {
            // Named after its column when it reads exactly one (`AddRelationNewConstraints`).
            let known = table.columns.iter().map(|column| column.name.as_str());
            let read = columns_in(check.expr.as_str(), known, dialect);
            (if read.len() == 1 { joined(&read) } else { String::new() }, "check")
        }
        ConstraintKind::Exclude(exclude) => {
            let parts: Vec<_> = exclude.parts.iter().map(|part| part.part.clone()).collect();
            (index_columns(&parts), "excl")
        }
    };
    name_by(&naming.template(&constraint.kind), table.name.name.as_str(), &columns, label)
}
