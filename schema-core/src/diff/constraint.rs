//! A table's constraints: matched by name, then by what they demand.

use schema_model::DialectKind;
use schema_model::catalog::{Constraint, ConstraintKind, Deferrable, Table};

use crate::change::Change;

/// What is found, in the halves that stand before and after the columns' changes.
#[derive(Default)]
pub(super) struct Found {
    pub gone: Vec<Change>,
    pub come: Vec<Change>,
}

pub(super) fn compare(old: &Table, new: &Table, dialect: DialectKind) -> Found {
    let mut found = Found::default();
    let table = || new.name.clone();
    let mut rest: Vec<&Constraint> = old.constraints.iter().collect();
    let mut come: Vec<&Constraint> = Vec::new();
    let mut pairs = Vec::new();
    for wanted in &new.constraints {
        let at = rest.iter().position(|known| match (&known.name, &wanted.name) {
            (Some(known), Some(wanted)) => known == wanted,
            (None, None) => bare(known) == bare(wanted),
            _ => false,
        });
        match at {
            Some(at) => pairs.push((rest.remove(at), wanted)),
            None => come.push(wanted),
        }
    }
    for (known, wanted) in pairs {
        if bare(known) == bare(wanted) {
            continue;
        }
        if alterable(known, wanted, dialect) {
            found.come.push(Change::AlterConstraint {
                table: table(),
                old: Box::new(known.clone()),
                new: Box::new(wanted.clone()),
            });
        } else {
            found.gone.push(drop(new, known));
            found.come.push(add(new, wanted));
        }
    }
    let mut added = Vec::new();
    for wanted in come {
        let at = rest.iter().position(|known| renamed(known, wanted));
        match at.map(|at| rest.remove(at)) {
            Some(Constraint { name: Some(from), .. }) => {
                let to = wanted.name.clone().unwrap_or_else(|| from.clone());
                found.gone.push(Change::RenameConstraint { table: table(), from: from.clone(), to });
            }
            _ => added.push(add(new, wanted)),
        }
    }
    let gone: Vec<_> = rest.into_iter().map(|known| drop(new, known)).collect();
    found.gone.splice(0..0, gone);
    found.come.extend(added);
    found
}

fn add(table: &Table, constraint: &Constraint) -> Change {
    Change::AddConstraint { table: table.name.clone(), constraint: Box::new(constraint.clone()) }
}

fn drop(table: &Table, constraint: &Constraint) -> Change {
    Change::DropConstraint { table: table.name.clone(), constraint: Box::new(constraint.clone()) }
}

/// What is compared: not where it comes from.
fn bare(constraint: &Constraint) -> Constraint {
    Constraint { inherited: false, ..constraint.clone() }
}

/// Whether only the name differs. The comment goes along with the constraint.
fn renamed(known: &Constraint, wanted: &Constraint) -> bool {
    known.name.is_some()
        && wanted.name.is_some()
        && Constraint { name: wanted.name.clone(), ..bare(known) } == bare(wanted)
}

/// Whether the database can change the one into the other: PostgreSQL validates, comments, and changes when a foreign
/// key is checked (manual, ALTER TABLE).
fn alterable(old: &Constraint, new: &Constraint, dialect: DialectKind) -> bool {
    let foreign = matches!(new.kind, ConstraintKind::ForeignKey(_));
    let deferrable = old.deferrable == new.deferrable || foreign;
    dialect == DialectKind::Postgres
        && old.kind == new.kind
        && deferrable
        && (old.attached.is_none() || old.attached == new.attached)
        && (new.validated || !old.validated)
        && (new.deferrable == Deferrable::No || foreign || old.deferrable == new.deferrable)
}
