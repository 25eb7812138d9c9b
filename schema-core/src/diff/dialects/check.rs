//! Checks. An enum type of PostgreSQL says what a list of values in a CHECK says in SQLite.

use std::collections::BTreeSet;

use schema_model::catalog::{Check, ColumnType, Constraint, ConstraintKind, Table};
use schema_model::{DialectKind, Expr};

use super::{Difference, DifferenceKind, Pair};
use crate::dialect::canonical::Portable;

/// A check of a table, read for both dialects.
struct Read<'a> {
    constraint: &'a Constraint,
    expr: &'a Expr,
    portable: Portable,
}

pub(super) fn checks(pair: &Pair<'_>, out: &mut Vec<Difference>) {
    let ours = read(pair, pair.postgres);
    let mut theirs = read(pair, pair.written);
    enums(pair, &mut theirs, out);
    let mut left = Vec::new();
    for check in ours {
        let same = |other: &Read<'_>| {
            other.portable.text == check.portable.text
                || check.portable.values.is_some() && other.portable.values == check.portable.values
        };
        match theirs.iter().position(same) {
            Some(at) => names(pair, &check, &theirs.remove(at), out),
            None => left.push(check),
        }
    }
    theirs.retain(|check| check.portable.of_type.is_none());
    for check in left {
        let same_name = |other: &Read<'_>| {
            check.constraint.name.is_some() && other.constraint.name == check.constraint.name
        };
        match theirs.iter().position(same_name) {
            Some(at) => {
                let other = theirs.remove(at);
                let message = format!(
                    "check `{}` on `{}` is `{}` on postgres and `{}` on sqlite",
                    name(&check).unwrap_or_default(),
                    pair.postgres.name,
                    check.expr,
                    other.expr
                );
                let mut found = pair.difference(DifferenceKind::Check, name(&check), message);
                (found.postgres, found.sqlite) = (check.constraint.origin, other.constraint.origin);
                out.push(found);
            }
            None => out.push(lacking(pair, &check, DialectKind::Postgres)),
        }
    }
    out.extend(theirs.iter().map(|check| lacking(pair, check, DialectKind::Sqlite)));
}

fn read<'a>(pair: &Pair<'_>, table: &'a Table) -> Vec<Read<'a>> {
    let scope = pair.scope();
    let check = |constraint: &'a Constraint| match &constraint.kind {
        ConstraintKind::Check(Check { expr, .. }) => {
            Some(Read { constraint, expr, portable: Portable::read(expr, &scope) })
        }
        _ => None,
    };
    table.constraints.iter().filter_map(check).collect()
}

/// Takes the lists of values that enum types answer to, and tells of those that differ or are missing.
fn enums(pair: &Pair<'_>, theirs: &mut Vec<Read<'_>>, out: &mut Vec<Difference>) {
    for column in &pair.postgres.columns {
        let ColumnType::Named { name: ty, .. } = &column.ty else { continue };
        let Some(enumeration) = pair.catalog.enums.get(ty) else { continue };
        if !pair.sqlite.columns.iter().any(|other| same_column(other.name.as_str(), column.name.as_str())) {
            continue;
        }
        let wanted: BTreeSet<String> = enumeration.values.iter().cloned().collect();
        let about = |check: &Read<'_>| {
            check.portable.values.as_ref().is_some_and(|(name, _)| same_column(name, column.name.as_str()))
        };
        let whole = format!("{}.{}", pair.postgres.name, column.name);
        let mut tell = |message: String, at| {
            let mut found = pair.difference(DifferenceKind::Check, Some(column.name.as_str()), message);
            (found.postgres, found.sqlite) = (column.origin, at);
            out.push(found);
        };
        let Some(at) = theirs.iter().position(about) else {
            let message = format!(
                "column `{whole}` takes only the values of enum `{ty}` on postgres and any value on sqlite"
            );
            tell(message, pair.sqlite.origin);
            continue;
        };
        let check = theirs.remove(at);
        let known = check.portable.values.map(|(_, values)| values).unwrap_or_default();
        if known != wanted {
            let list = |values: Vec<&String>| values.into_iter().cloned().collect::<Vec<_>>().join("`, `");
            let (only_here, only_there): (Vec<_>, Vec<_>) =
                (wanted.difference(&known).collect(), known.difference(&wanted).collect());
            let mut parts = Vec::new();
            for (values, dialect) in [(only_here, "postgres"), (only_there, "sqlite")] {
                if !values.is_empty() {
                    parts.push(format!("`{}` only on {dialect}", list(values)));
                }
            }
            tell(format!("column `{whole}` takes {}", parts.join(", ")), check.constraint.origin);
        }
    }
}

fn same_column(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn name<'a>(check: &Read<'a>) -> Option<&'a str> {
    check.constraint.name.as_ref().map(|name| name.as_str())
}

fn names(pair: &Pair<'_>, ours: &Read<'_>, theirs: &Read<'_>, out: &mut Vec<Difference>) {
    if let (Some(one), Some(other)) = (name(ours), name(theirs))
        && !one.eq_ignore_ascii_case(other)
    {
        let what = format!("check `{}` on `{}`", ours.expr, pair.postgres.name);
        out.push(pair.names(one, &what, one, other));
    }
}

fn lacking(pair: &Pair<'_>, check: &Read<'_>, has: DialectKind) -> Difference {
    let what = format!("check `{}` on `{}`", check.expr, pair.postgres.name);
    pair.lacking(DifferenceKind::Check, name(check), &what, (has, check.constraint.origin))
}
