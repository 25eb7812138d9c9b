//! Primary keys, what is unique, and indexes. A unique index over columns demands what a unique constraint does.

use schema_model::catalog::{ConstraintKind, Index, IndexTerm, Table};
use schema_model::{DialectKind, Origin};

use super::{Difference, DifferenceKind, Pair, folded};
use crate::dialect::canonical::Portable;

/// The primary key, then everything that is unique.
pub(super) fn keys(pair: &Pair<'_>, out: &mut Vec<Difference>) {
    let key = |table: &Table| table.primary_key().map(|key| folded(&key.columns)).unwrap_or_default();
    let (ours, theirs) = (key(pair.postgres), key(pair.sqlite));
    if sorted(&ours) != sorted(&theirs) {
        let list = |key: &[String]| {
            if key.is_empty() { "missing".to_owned() } else { format!("`({})`", key.join(", ")) }
        };
        let message = format!(
            "primary key of `{}` is {} on postgres and {} on sqlite",
            pair.postgres.name,
            list(&ours),
            list(&theirs)
        );
        out.push(pair.difference(DifferenceKind::PrimaryKey, None, message));
    }
    let (ours, theirs) = (unique(pair.postgres), unique(pair.sqlite));
    // What the primary key says already is said twice, not more.
    let told = |side: &[Unique<'_>], columns: &[String]| {
        side.iter().any(|unique| sorted(&unique.columns) == sorted(columns))
    };
    let by_key = |table: &Table, columns: &[String]| sorted(&key(table)) == sorted(columns);
    let mut seen: Vec<Vec<String>> = Vec::new();
    for (side, other, table, has) in [
        (&ours, &theirs, pair.sqlite, DialectKind::Postgres),
        (&theirs, &ours, pair.postgres, DialectKind::Sqlite),
    ] {
        for unique in side {
            let columns = sorted(&unique.columns);
            if seen.contains(&columns) || told(other, &columns) || by_key(table, &columns) {
                continue;
            }
            seen.push(columns);
            let what = format!("unique `{}({})`", pair.postgres.name, unique.columns.join(", "));
            out.push(pair.lacking(DifferenceKind::Unique, unique.name, &what, (has, unique.origin)));
        }
    }
    unique_names(pair, &ours, &theirs, out);
}

/// Columns that are unique together.
struct Unique<'a> {
    columns: Vec<String>,
    name: Option<&'a str>,
    origin: Origin,
}

fn unique(table: &Table) -> Vec<Unique<'_>> {
    let constraints = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::Unique(key) => Some(Unique {
            columns: folded(&key.columns),
            name: constraint.name.as_ref().map(|name| name.as_str()),
            origin: constraint.origin,
        }),
        _ => None,
    });
    let indexes = table.indexes.iter().filter_map(|index| {
        Some(Unique { columns: plain_unique(index)?, name: Some(index.name.as_str()), origin: index.origin })
    });
    constraints.chain(indexes).collect()
}

/// The columns of an index that is unique over nothing but columns and for all rows.
fn plain_unique(index: &Index) -> Option<Vec<String>> {
    let column = |term: &IndexTerm| match term {
        IndexTerm::Column(name) => Some(name.as_str().to_lowercase()),
        IndexTerm::Expr(_) => None,
    };
    let columns: Option<Vec<_>> = index.parts.iter().map(|part| column(&part.term)).collect();
    columns.filter(|_| index.unique && index.predicate.is_none())
}

fn unique_names(pair: &Pair<'_>, ours: &[Unique<'_>], theirs: &[Unique<'_>], out: &mut Vec<Difference>) {
    for unique in ours {
        let Some(name) = unique.name else { continue };
        let same: Vec<_> =
            theirs.iter().filter(|other| sorted(&other.columns) == sorted(&unique.columns)).collect();
        let named: Vec<&str> = same.iter().filter_map(|other| other.name).collect();
        if let Some(other) = named.first()
            && named.len() == same.len()
            && !named.iter().any(|other| other.eq_ignore_ascii_case(name))
        {
            let what = format!("unique `{}({})`", pair.postgres.name, unique.columns.join(", "));
            out.push(pair.names(name, &what, name, other));
        }
    }
}

fn sorted(columns: &[String]) -> Vec<String> {
    let mut columns = columns.to_vec();
    columns.sort();
    columns
}

/// Everything else that is indexed: matched by name and meaning, then by meaning.
pub(super) fn indexes(pair: &Pair<'_>, out: &mut Vec<Difference>) {
    let other = |index: &&Index| plain_unique(index).is_none();
    let read = |index| (index, meaning(pair, index));
    let mut ours: Vec<_> = pair.postgres.indexes.iter().filter(other).map(read).collect();
    let mut theirs: Vec<_> = pair.written.indexes.iter().filter(other).map(read).collect();
    ours.retain(|(index, meaning)| {
        let same = |(other, known): &(&Index, String)| {
            known == meaning && other.name.as_str().eq_ignore_ascii_case(index.name.as_str())
        };
        theirs.iter().position(same).map(|at| theirs.remove(at)).is_none()
    });
    for (index, meaning) in ours {
        match theirs.iter().position(|(_, known)| *known == meaning) {
            Some(at) => {
                let (other, _) = theirs.remove(at);
                let what = describe(pair, index, &meaning);
                out.push(pair.names(index.name.as_str(), &what, index.name.as_str(), other.name.as_str()));
            }
            None => out.push(lacking(pair, index, &meaning, DialectKind::Postgres)),
        }
    }
    out.extend(theirs.iter().map(|(index, meaning)| lacking(pair, index, meaning, DialectKind::Sqlite)));
}

/// What is indexed, for which rows, how. Where NULL stands is left out: SQLite cannot say it.
fn meaning(pair: &Pair<'_>, index: &Index) -> String {
    let scope = pair.scope();
    let term = |term: &IndexTerm| match term {
        IndexTerm::Column(name) => name.as_str().to_lowercase(),
        IndexTerm::Expr(expr) => Portable::read(expr, &scope).text,
    };
    let parts: Vec<String> = index
        .parts
        .iter()
        .map(|part| format!("{}{}", term(&part.term), if part.descending { " DESC" } else { "" }))
        .collect();
    let mut text = format!("({})", parts.join(", "));
    if index.method.as_str() != "btree" {
        text = format!("using {} {text}", index.method);
    }
    if let Some(predicate) = &index.predicate {
        text.push_str(&format!(" where {}", Portable::read(predicate, &scope).text));
    }
    if index.unique { format!("unique {text}") } else { text }
}

fn describe(pair: &Pair<'_>, index: &Index, meaning: &str) -> String {
    format!("index `{}` on `{}` {meaning}", index.name, pair.postgres.name)
}

fn lacking(pair: &Pair<'_>, index: &Index, meaning: &str, has: DialectKind) -> Difference {
    let what = describe(pair, index, meaning);
    pair.lacking(DifferenceKind::Index, Some(index.name.as_str()), &what, (has, index.origin))
}
