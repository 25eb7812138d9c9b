//! Indexes: `CREATE INDEX`, `ALTER INDEX`, and the names they get.

mod alter;
mod create;

use schema_model::catalog::{ColumnType, Index, IndexPart, IndexTerm, Table};
use schema_model::{Name, ObjectName};

use super::figure;
use super::names::{Taken, addition, index_columns, relation_name};
use crate::sql::cursor::{Cursor, Read};
use crate::sql::relations::Relations;

pub(super) use alter::{alter, drop_attached, rename};
pub(super) use create::{attach_to_partitions, create, on_partition};

/// One part: a column, a call, or an expression in parentheses, with collation, operator class and order.
pub(super) fn part(cursor: &mut Cursor<'_>) -> Read<IndexPart> {
    let term = term(cursor)?;
    let mut part = IndexPart::of(term);
    if cursor.accept("collate") {
        let spelled = cursor.object()?;
        let system =
            spelled.schema.as_ref().is_some_and(|schema| matches!(schema.as_str(), "pg_catalog" | "public"));
        let schema = spelled.schema.filter(|_| !system);
        part.collation = Some(ObjectName { schema, name: spelled.name });
    }
    let order = ["asc", "desc", "nulls", "with"];
    if cursor.is_name() && !order.iter().any(|word| cursor.is(word)) {
        part.opclass = Some(opclass(cursor)?);
    }
    part.descending = cursor.accept("desc");
    cursor.accept("asc");
    part.nulls_first = match cursor.accept_any(&["nulls first", "nulls last"]) {
        Some(word) => word == "nulls first",
        None => part.descending,
    };
    Ok(part)
}

fn term(cursor: &mut Cursor<'_>) -> Read<IndexTerm> {
    if cursor.is_punct("(") {
        return cursor.expr_group().map(IndexTerm::Expr);
    }
    let start = *cursor;
    let mut ahead = *cursor;
    ahead.object()?;
    if ahead.is_punct("(") {
        ahead.group()?;
        *cursor = ahead;
        return start.upto(cursor).expr_rest().map(IndexTerm::Expr);
    }
    cursor.name().map(IndexTerm::Column)
}

fn opclass(cursor: &mut Cursor<'_>) -> Read<String> {
    let start = *cursor;
    let spelled = cursor.object()?;
    let name = spelled.name.to_string();
    if !cursor.is_punct("(") {
        return Ok(name);
    }
    let before = cursor.position();
    cursor.group()?;
    let _ = start;
    Ok(format!("{name} {}", cursor.text_since(before)))
}

/// Makes a part what PostgreSQL stores: a column in parentheses is the column; the type's own operator class and the
/// column's own collation are not said.
pub(super) fn settle_part(part: &mut IndexPart, table: &Table) {
    if let IndexTerm::Expr(expr) = &part.term {
        let folded = schema_model::ident::fold(expr.as_str(), schema_model::DialectKind::Postgres);
        let plain = Name::from(folded);
        let whole = schema_model::ident::quote(&plain, schema_model::DialectKind::Postgres);
        let spelled = whole == expr.as_str() || whole.eq_ignore_ascii_case(expr.as_str());
        if spelled && table.column(plain.as_str()).is_some() {
            part.term = IndexTerm::Column(plain);
        }
    }
    let IndexTerm::Column(name) = &part.term else { return };
    let Some(column) = table.column(name.as_str()) else { return };
    if part.collation.as_ref().is_some_and(|collation| {
        column.collation.as_ref() == Some(collation)
            || column.collation.is_none() && collation.name.as_str() == "default"
    }) {
        part.collation = None;
    }
    if part.opclass.as_deref().is_some_and(|class| is_default_class(class, &column.ty)) {
        part.opclass = None;
    }
}

/// Whether the operator class is the type's default one, so that PostgreSQL does not print it.
fn is_default_class(class: &str, ty: &ColumnType) -> bool {
    let expected = match ty {
        ColumnType::Text | ColumnType::Varchar { .. } => "text_ops",
        ColumnType::Char { .. } => "bpchar_ops",
        ColumnType::Boolean => "bool_ops",
        ColumnType::Integer { bits: 16 } => "int2_ops",
        ColumnType::Integer { bits: 64 } => "int8_ops",
        ColumnType::Integer { .. } => "int4_ops",
        ColumnType::Float { bits: 32 } => "float4_ops",
        ColumnType::Float { .. } => "float8_ops",
        ColumnType::Decimal { .. } => "numeric_ops",
        ColumnType::Bytes => "bytea_ops",
        ColumnType::Date => "date_ops",
        ColumnType::Time { zoned: true, .. } => "timetz_ops",
        ColumnType::Time { .. } => "time_ops",
        ColumnType::Timestamp { zoned: true, .. } => "timestamptz_ops",
        ColumnType::Timestamp { .. } => "timestamp_ops",
        ColumnType::Interval => "interval_ops",
        ColumnType::Uuid => "uuid_ops",
        ColumnType::Json { binary: true } => "jsonb_ops",
        ColumnType::Json { binary: false } => return false,
        ColumnType::Array(_) => "array_ops",
        ColumnType::Named { .. } => "enum_ops",
        ColumnType::Other(text) => {
            return match text.as_str() {
                "tsvector" | "tsquery" | "oid" | "name" | "money" | "macaddr" | "xid8" => {
                    class.strip_suffix("_ops") == Some(text)
                }
                "int4range" | "int8range" | "numrange" | "tsrange" | "tstzrange" | "daterange" => {
                    class == "range_ops"
                }
                "inet" => class == "inet_ops",
                _ => false,
            };
        }
    };
    class == expected
}

/// The name that an index without one gets.
pub(super) fn generated_name(all: &Relations, taken: &Taken, table: &ObjectName, index: &Index) -> Name {
    let terms = index.parts.iter().map(|part| match &part.term {
        IndexTerm::Column(name) => Some(name.to_string()),
        IndexTerm::Expr(expr) => figure::index_column(expr),
    });
    let include = index.include.iter().map(|name| Some(name.to_string()));
    let columns = index_columns(terms.chain(include));
    let middle = addition(columns.iter().map(String::as_str));
    relation_name(all, taken, table, Some(&middle), "idx", false)
}

/// Whether the index has anything to do with the column.
pub(super) fn uses_column(index: &Index, table: &str, column: &Name) -> bool {
    let expr = |text: &str| figure::uses_column(text, table, column.as_str());
    index.include.contains(column)
        || index.predicate.as_ref().is_some_and(|predicate| expr(predicate.as_str()))
        || index.parts.iter().any(|part| match &part.term {
            IndexTerm::Column(name) => name == column,
            IndexTerm::Expr(text) => expr(text.as_str()),
        })
}
