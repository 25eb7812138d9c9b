//! Foreign keys: by columns and what they refer to, then by what happens to referring rows.

use schema_model::DialectKind;
use schema_model::catalog::{Constraint, ConstraintKind, ForeignKey, ReferentialAction, Table};

use super::{Difference, DifferenceKind, Pair, bare_key, folded};

pub(super) fn foreign_keys(pair: &Pair<'_>, out: &mut Vec<Difference>) {
    let mut rest = of(pair.sqlite);
    for (constraint, key) in of(pair.postgres) {
        let what = describe(pair, key);
        let Some(at) = rest.iter().position(|(_, other)| target(other) == target(key)) else {
            out.push(lacking(pair, constraint, &what, DialectKind::Postgres));
            continue;
        };
        let (other_constraint, other) = rest.remove(at);
        let mut differ = |word: &str, ours: ReferentialAction, theirs: ReferentialAction| {
            if settled(ours) != settled(theirs) {
                let message = format!(
                    "{what} is {word} {} on postgres and {word} {} on sqlite",
                    ours.as_sql(),
                    theirs.as_sql()
                );
                let mut found = pair.difference(DifferenceKind::ForeignKey, name(constraint), message);
                (found.postgres, found.sqlite) = (constraint.origin, other_constraint.origin);
                out.push(found);
            }
        };
        differ("ON DELETE", key.on_delete, other.on_delete);
        differ("ON UPDATE", key.on_update, other.on_update);
        if let (Some(ours), Some(theirs)) = (&constraint.name, &other_constraint.name)
            && !ours.as_str().eq_ignore_ascii_case(theirs.as_str())
        {
            out.push(pair.names(ours.as_str(), &what, ours.as_str(), theirs.as_str()));
        }
    }
    for (constraint, key) in rest {
        let what = describe(pair, key);
        out.push(lacking(pair, constraint, &what, DialectKind::Sqlite));
    }
}

fn of(table: &Table) -> Vec<(&Constraint, &ForeignKey)> {
    let with_key = table.constraints.iter().map(|constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(key) => Some((constraint, key)),
        _ => None,
    });
    with_key.flatten().collect()
}

/// Pairs of columns in one order, and the table.
fn target(key: &ForeignKey) -> (String, Vec<(String, String)>) {
    let mut pairs: Vec<_> = folded(&key.columns).into_iter().zip(folded(&key.referenced)).collect();
    pairs.sort();
    (bare_key(&key.table), pairs)
}

/// Both refuse; RESTRICT only sooner.
fn settled(action: ReferentialAction) -> ReferentialAction {
    match action {
        ReferentialAction::Restrict => ReferentialAction::NoAction,
        other => other,
    }
}

fn name(constraint: &Constraint) -> Option<&str> {
    constraint.name.as_ref().map(|name| name.as_str())
}

fn describe(pair: &Pair<'_>, key: &ForeignKey) -> String {
    let list =
        |names: &[schema_model::Name]| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    format!(
        "foreign key `{}({})` to `{}({})`",
        pair.postgres.name,
        list(&key.columns),
        key.table,
        list(&key.referenced)
    )
}

fn lacking(pair: &Pair<'_>, constraint: &Constraint, what: &str, has: DialectKind) -> Difference {
    pair.lacking(DifferenceKind::ForeignKey, name(constraint), what, (has, constraint.origin))
}
