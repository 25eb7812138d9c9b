//! Types and defaults that a model of another library does not tell apart.

use schema_model::catalog::{Catalog, ColumnType};
use schema_model::{DialectKind, Expr};

/// What a domain narrows; any other type is itself.
pub(super) fn base<'a>(ty: &'a ColumnType, catalog: &'a Catalog) -> &'a ColumnType {
    let mut ty = ty;
    // A domain over a domain over …; a catalog read from odd SQL may go round.
    for _ in 0..16 {
        match ty {
            ColumnType::Named { name, .. } => match catalog.domains.get(name) {
                Some(domain) => ty = &domain.base,
                None => return ty,
            },
            _ => return ty,
        }
    }
    ty
}

/// Whether a type said without length or precision may be the recorded one.
pub(super) fn alike(own: &ColumnType, known: &ColumnType, dialect: DialectKind) -> bool {
    match (dialect, own, known) {
        (DialectKind::Sqlite, ColumnType::Other(own), ColumnType::Other(known)) => sqlite_alike(own, known),
        _ => kind(own) == kind(known),
    }
}

/// The type without what the sources cannot say.
fn kind(ty: &ColumnType) -> ColumnType {
    match ty {
        ColumnType::Text | ColumnType::Varchar { .. } | ColumnType::Char { .. } => ColumnType::Text,
        ColumnType::Decimal { .. } => ColumnType::Decimal { precision: None },
        ColumnType::Time { zoned, .. } => ColumnType::Time { zoned: *zoned, precision: None },
        ColumnType::Timestamp { zoned, .. } => ColumnType::Timestamp { zoned: *zoned, precision: None },
        // Both libraries read either as the same value.
        ColumnType::Json { .. } => ColumnType::Json { binary: true },
        ColumnType::Array(element) => ColumnType::Array(Box::new(kind(element))),
        ColumnType::Named { name, .. } if *name.name.as_str() == *"citext" => ColumnType::Text,
        ColumnType::Named { name, .. } => ColumnType::named(name.clone()),
        ColumnType::Other(text) => {
            let word = text.split('(').next().unwrap_or(text).trim();
            match word.split(' ').next() {
                Some("interval") => ColumnType::Interval,
                _ => ColumnType::Other(word.to_owned()),
            }
        }
        other => other.clone(),
    }
}

/// What the words of a declared SQLite type promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Promise {
    Integer,
    Boolean,
    Text,
    Bytes,
    Real,
    Decimal,
    Moment,
    Anything,
}

fn promise(declared: &str) -> Promise {
    let lower = declared.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    match () {
        () if has(&["bool"]) => Promise::Boolean,
        () if has(&["int"]) => Promise::Integer,
        () if has(&["char", "clob", "text"]) => Promise::Text,
        () if has(&["blob", "binary"]) => Promise::Bytes,
        () if has(&["real", "floa", "doub"]) => Promise::Real,
        () if has(&["dec", "num", "money"]) => Promise::Decimal,
        () if has(&["date", "time"]) => Promise::Moment,
        () => Promise::Anything,
    }
}

/// SQLite keeps any value in any column (its documentation, "Datatypes", 3), and both libraries' types are chosen by
/// hand there: only what cannot be meant is a difference.
fn sqlite_alike(own: &str, known: &str) -> bool {
    use Promise::{Anything, Boolean, Bytes, Decimal, Integer, Moment, Real, Text};
    let (own, known) = (promise(own), promise(known));
    own == Anything
        || match known {
            Anything => true,
            Integer => matches!(own, Integer | Boolean | Moment),
            Boolean => matches!(own, Boolean | Integer),
            Text => matches!(own, Text | Moment | Decimal),
            Bytes => own == Bytes,
            Real => matches!(own, Real | Decimal),
            Decimal => matches!(own, Decimal | Real | Integer | Boolean | Text),
            Moment => matches!(own, Moment | Text | Integer),
        }
}

/// Whether two constants are the same value, however they are written: `0`, `0.0`, `'0'`, `'0'::integer`.
pub(super) fn same_default(own: &Expr, known: &Expr) -> bool {
    let (own, known) = (constant(own.as_str()), constant(known.as_str()));
    let number = |text: &str| text.parse::<f64>().ok();
    let truth = |text: &str| match text {
        "true" | "t" | "1" => Some(true),
        "false" | "f" | "0" => Some(false),
        _ => None,
    };
    own == known
        || number(&own).is_some() && number(&own) == number(&known)
        || truth(&own).is_some() && truth(&own) == truth(&known)
}

fn constant(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    let text = match text.rsplit_once("::") {
        Some((value, cast)) if !cast.contains('\'') => value,
        _ => text,
    };
    match text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'"),
        None => text.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_compared_as_values() {
        let same = |one: &str, other: &str| same_default(&Expr::new(one), &Expr::new(other));
        assert!(same("0.0", "0") && same("'0'", "0") && same("true", "1") && same("'x'", "'x'::text"));
        assert!(!same("0", "1") && !same("'x'", "'y'") && !same("'now()'", "'later'"));
    }

    #[test]
    fn sqlite_types_are_loose_but_not_lost() {
        assert!(sqlite_alike("TIMESTAMP", "TEXT") && sqlite_alike("BIGINT", "INTEGER"));
        assert!(!sqlite_alike("TEXT", "INTEGER") && !sqlite_alike("INTEGER", "TEXT"));
    }
}
