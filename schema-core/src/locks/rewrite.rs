//! Which changes of a column make PostgreSQL write or read all rows (manual, ALTER TABLE, Notes).

use schema_model::catalog::{Catalog, Column, ColumnType, ConstraintKind};
use schema_model::token::{TokenKind, tokens};
use schema_model::{DialectKind, Expr, ObjectName};

/// Functions and types that may stand before a parenthesis in a default that is worked out once for all rows. Of any other
/// function it is not known, and a rewrite has to be expected.
const STEADY: [&str; 40] = [
    "now",
    "statement_timestamp",
    "transaction_timestamp",
    "current_timestamp",
    "current_time",
    "localtime",
    "localtimestamp",
    "current_setting",
    "coalesce",
    "nullif",
    "greatest",
    "least",
    "lower",
    "upper",
    "length",
    "md5",
    "replace",
    "concat",
    "substring",
    "date_trunc",
    "extract",
    "timezone",
    "make_interval",
    "to_timestamp",
    "to_date",
    "jsonb_build_object",
    "jsonb_build_array",
    "json_build_object",
    "json_build_array",
    "array_fill",
    "varchar",
    "varying",
    "char",
    "character",
    "bpchar",
    "numeric",
    "decimal",
    "timestamp",
    "time",
    "bit",
];

/// Whether rows have to be written for a new column.
pub(super) fn adds_rows(column: &Column, catalog: &Catalog) -> bool {
    column.identity.is_some()
        || column.generated.as_ref().is_some_and(|generated| generated.stored)
        || column.default.as_ref().is_some_and(may_differ_by_row)
        || column.ty.user_type().is_some_and(|name| has_conditions(name, catalog))
}

fn may_differ_by_row(default: &Expr) -> bool {
    let text = default.to_string();
    let all: Vec<_> =
        tokens(&text, DialectKind::Postgres).into_iter().filter(|token| !token.is_comment()).collect();
    all.windows(2).any(|pair| {
        let named = matches!(pair[0].kind, TokenKind::Word | TokenKind::Quoted);
        let word = pair[0].text(&text).to_ascii_lowercase();
        named && pair[1].text(&text) == "(" && !STEADY.contains(&word.as_str())
    })
}

/// Whether the column's values get another type.
pub(super) fn retypes(old: &Column, new: &Column) -> bool {
    old.ty != new.ty
        || old.collation != new.collation
        || new.generated.as_ref().is_some_and(|generated| generated.stored) && old.generated != new.generated
}

/// Whether a change of type writes all rows: it does unless the old values are values of the new type as they are stored.
pub(super) fn rewrites(old: &Column, new: &Column, catalog: &Catalog) -> bool {
    if old.ty == new.ty {
        return old.generated != new.generated;
    }
    !stored_alike(&old.ty, &new.ty, catalog)
}

fn has_conditions(domain: &ObjectName, catalog: &Catalog) -> bool {
    catalog.domains.get(domain).is_some_and(|domain| !domain.nullable || !domain.checks.is_empty())
}

fn stored_alike(from: &ColumnType, to: &ColumnType, catalog: &Catalog) -> bool {
    use ColumnType::{Decimal, Named, Text, Time, Timestamp, Varchar};
    match (from, to) {
        _ if from == to => true,
        (Varchar { .. } | Text, Text | Varchar { length: None }) => true,
        (Varchar { length: Some(from) }, Varchar { length: Some(to) }) => from <= to,
        (Decimal { .. }, Decimal { precision: None }) => true,
        (Decimal { precision: Some((from, scale)) }, Decimal { precision: Some((to, same)) }) => {
            from <= to && scale == same
        }
        (Time { zoned, precision }, Time { zoned: to, precision: next })
        | (Timestamp { zoned, precision }, Timestamp { zoned: to, precision: next }) => {
            // Six digits are the most there are, and what no precision means.
            zoned == to && precision.unwrap_or(6) <= next.unwrap_or(6)
        }
        // A domain is stored as its base; one with conditions has them tried on every row, by way of a rewrite.
        (Named { name, .. }, to) if catalog.domains.contains_key(name) => {
            catalog.domains.get(name).is_some_and(|domain| stored_alike(&domain.base, to, catalog))
        }
        (from, Named { name, .. }) => catalog.domains.get(name).is_some_and(|domain| {
            !has_conditions(name, catalog) && stored_alike(from, &domain.base, catalog)
        }),
        _ => false,
    }
}

/// Whether a check that holds for all rows says already that the column has values.
pub(super) fn needs_no_scan(table: &ObjectName, column: &Column, catalog: &Catalog) -> bool {
    let Some(table) = catalog.tables.get(table) else { return false };
    let says_so = |expr: &Expr| {
        let text = expr.to_string().to_ascii_lowercase().replace(['(', ')', '"'], " ");
        let words: Vec<&str> = text.split_whitespace().collect();
        !words.contains(&"or")
            && words.windows(4).any(|four| four == [column.name.as_str(), "is", "not", "null"])
    };
    table.constraints.iter().filter(|constraint| constraint.validated).any(|constraint| {
        match &constraint.kind {
            ConstraintKind::Check(check) => says_so(&check.expr),
            _ => false,
        }
    })
}
