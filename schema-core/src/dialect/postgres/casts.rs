//! Which type changes PostgreSQL makes by itself, and the cast to write for the others (its catalog `pg_cast`).

use schema_model::catalog::{Catalog, Column, ColumnType};
use schema_model::ident::quote;
use schema_model::type_text::write_type;

use super::PG;

/// How the values of a column get to its new type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cast {
    /// `USING` this expression; without, the assignment cast does.
    pub using: Option<String>,
    /// What values lose, in words.
    pub loss: Option<&'static str>,
}

/// The cast from a column's old type to its new one.
pub(super) fn cast(old: &Column, new: &Column, before: &Catalog, after: &Catalog) -> Cast {
    let (from, to) = (underlying(&old.ty, before), underlying(&new.ty, after));
    let name = quote(&old.name, PG);
    let target = write_type(&new.ty, PG);
    let using = using(&from, &to, &name, &target);
    Cast { using, loss: loss(&from, &to) }
}

/// The type below domains.
pub(super) fn underlying(ty: &ColumnType, catalog: &Catalog) -> ColumnType {
    let mut ty = ty.clone();
    for _ in 0..16 {
        let ColumnType::Named { name, .. } = &ty else { break };
        let Some(domain) = catalog.domains.get(name) else { break };
        ty = domain.base.clone();
    }
    ty
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Number,
    Text,
    Boolean,
    Date,
    Timestamp,
    Time,
    Interval,
    Json,
    Array,
    Other,
}

fn family(ty: &ColumnType) -> Family {
    match ty {
        ColumnType::Integer { .. } | ColumnType::Float { .. } | ColumnType::Decimal { .. } => Family::Number,
        ColumnType::Text | ColumnType::Varchar { .. } | ColumnType::Char { .. } => Family::Text,
        ColumnType::Boolean => Family::Boolean,
        ColumnType::Date => Family::Date,
        ColumnType::Timestamp { .. } => Family::Timestamp,
        ColumnType::Time { .. } => Family::Time,
        ColumnType::Interval => Family::Interval,
        ColumnType::Json { .. } => Family::Json,
        ColumnType::Array(_) => Family::Array,
        ColumnType::Bytes | ColumnType::Uuid | ColumnType::Named { .. } | ColumnType::Other(_) => {
            Family::Other
        }
    }
}

/// Whether both are of one kind, so that values compare and keys between them hold (`int` and `bigint`).
pub(super) fn akin(from: &ColumnType, to: &ColumnType) -> bool {
    let integer = |ty: &ColumnType| matches!(ty, ColumnType::Integer { .. });
    from == to || integer(from) && integer(to) || family(from) == Family::Text && family(to) == Family::Text
}

fn using(from: &ColumnType, to: &ColumnType, name: &str, target: &str) -> Option<String> {
    let (old, new) = (family(from), family(to));
    if assignable(from, to) {
        return None;
    }
    let whole = matches!(from, ColumnType::Integer { bits: 32 });
    Some(match (old, new) {
        (Family::Text, Family::Array) => wrapped(name, target),
        (Family::Text, _) | (Family::Number, Family::Number) => format!("{name}::{target}"),
        (Family::Boolean, Family::Number) => format!("{name}::integer::{target}"),
        (Family::Number, Family::Boolean) if whole => format!("{name}::{target}"),
        (Family::Number, Family::Boolean) => format!("{name} <> 0"),
        (Family::Number, Family::Timestamp | Family::Date) => format!("to_timestamp({name})::{target}"),
        (Family::Timestamp | Family::Date, Family::Number) => {
            format!("EXTRACT(epoch FROM {name})::{target}")
        }
        (Family::Array, Family::Array) => {
            let element = match to {
                ColumnType::Array(element) => write_type(element, PG),
                _ => target.to_owned(),
            };
            format!("{name}::text[]::{element}[]")
        }
        (Family::Array, _) => format!("{name}[1]::{target}"),
        (_, Family::Array) => wrapped(name, target),
        (_, Family::Json) => format!("to_jsonb({name})::{target}"),
        _ => format!("{name}::text::{target}"),
    })
}

/// One value as an array of it.
fn wrapped(name: &str, target: &str) -> String {
    format!("CASE WHEN {name} IS NULL THEN NULL ELSE ARRAY[{name}]::{target} END")
}

/// Whether an assignment or implicit cast leads from one type to the other.
fn assignable(from: &ColumnType, to: &ColumnType) -> bool {
    use Family::*;
    if from == to {
        return true;
    }
    if let (ColumnType::Array(from), ColumnType::Array(to)) = (from, to) {
        return assignable(from, to);
    }
    if let (ColumnType::Other(from), ColumnType::Other(to)) = (from, to) {
        return word(from) == word(to) || network(from) && network(to);
    }
    if let (ColumnType::Named { name: from, .. }, ColumnType::Named { name: to, .. }) = (from, to) {
        return from == to;
    }
    match (family(from), family(to)) {
        // Every type can be assigned to a string type by its output.
        (_, Text) | (Number, Number) | (Json, Json) => true,
        (Date, Timestamp) | (Timestamp, Date | Timestamp | Time) | (Time, Time | Interval) => true,
        (Interval, Time) => true,
        _ => false,
    }
}

/// The type's name without what stands in parentheses.
fn word(ty: &str) -> &str {
    ty.split('(').next().unwrap_or(ty).trim()
}

fn network(ty: &str) -> bool {
    matches!(word(ty), "inet" | "cidr")
}

/// What values lose on the way, where it happens without an error.
fn loss(from: &ColumnType, to: &ColumnType) -> Option<&'static str> {
    use Family::*;
    let exact = |ty: &ColumnType| matches!(ty, ColumnType::Integer { .. });
    match (family(from), family(to)) {
        (Number, Number) if !exact(from) && exact(to) => Some("fractions are rounded"),
        (Number, Number) => match (from, to) {
            (ColumnType::Decimal { .. } | ColumnType::Float { bits: 64 }, ColumnType::Float { .. })
            | (ColumnType::Integer { bits: 64 }, ColumnType::Float { .. })
            | (ColumnType::Integer { bits: 32 }, ColumnType::Float { bits: 32 })
                if from != to =>
            {
                Some("digits beyond the new type's precision are lost")
            }
            (ColumnType::Decimal { precision: old }, ColumnType::Decimal { precision: Some(new) })
                if old.is_none_or(|old| old.1 > new.1) =>
            {
                Some("digits beyond the new scale are rounded")
            }
            (ColumnType::Float { .. }, ColumnType::Decimal { precision: Some(_) }) => {
                Some("digits beyond the new scale are rounded")
            }
            _ => None,
        },
        (Number, Boolean) => Some("all numbers but zero become true"),
        (Timestamp, Date) => Some("the time of day is lost"),
        (Timestamp, Time) => Some("the date is lost"),
        (Array, other) if other != Array && other != Text => Some("all elements but the first are lost"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(from: &str, to: &str) -> Option<String> {
        let column = |ty: &str| Column::new("c", schema_model::type_text::read_type(ty, PG));
        cast(&column(from), &column(to), &Catalog::default(), &Catalog::default()).using
    }

    #[test]
    fn a_cast_is_written_only_where_assignment_does_not_do() {
        for (from, to) in [
            ("integer", "bigint"),
            ("bigint", "integer"),
            ("integer", "text"),
            ("varchar(10)", "text"),
            ("text", "varchar(3)"),
            ("timestamp", "timestamptz"),
            ("date", "timestamp"),
            ("json", "jsonb"),
            ("integer[]", "bigint[]"),
            ("inet", "cidr"),
            ("bit varying(5)", "bit varying(8)"),
        ] {
            assert_eq!(between(from, to), None, "{from} to {to}");
        }
        assert_eq!(between("text", "integer").as_deref(), Some("c::integer"));
        assert_eq!(between("boolean", "bigint").as_deref(), Some("c::integer::bigint"));
        assert_eq!(between("bigint", "boolean").as_deref(), Some("c <> 0"));
        assert_eq!(between("integer", "uuid").as_deref(), Some("c::text::uuid"));
    }
}
