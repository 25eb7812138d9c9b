//! Indexes: `CREATE INDEX`, `ALTER INDEX`, and the names they get.

mod alter;
mod create;

use schema_model::catalog::{ColumnType, Index, IndexPart, IndexTerm, Table};
use schema_model::{DialectKind, Name, ObjectName, Span};

use super::names::{Taken, addition, index_columns, relation_name};
use super::{figure, inherit, opclass};
use crate::change::{Change, names_index};
use crate::sql::cursor::{Cursor, Read, Source, code_tokens};
use crate::sql::relations::Relations;
use crate::sql::replay::Replayer;

pub(super) use alter::{alter, drop_attached, rename};
pub(super) use create::{attach_to_partitions, create};

/// Before an index goes: the table's options that name it.
pub(crate) fn goes(replayer: &mut Replayer, change: &Change) -> Read<()> {
    let (table, index) = match change {
        Change::DropIndex { table, index } => (table, Some(&index.name)),
        Change::DropConstraint { table, constraint } => (table, constraint.name.as_ref()),
        _ => return Ok(()),
    };
    let known = replayer.catalog().tables.get(table).zip(index);
    let Some((options, index)) = known.map(|(table, index)| (&table.options, index)) else { return Ok(()) };
    let clustered = options.clustered.as_ref() == Some(index);
    let identity = options.replica_identity.as_deref();
    let identifies = identity.is_some_and(|text| names_index(text, index, replayer.dialect()));
    if !clustered && !identifies {
        return Ok(());
    }
    let table = table.clone();
    inherit::set_options(replayer, &table, |options| {
        options.clustered.take_if(|_| clustered);
        options.replica_identity.take_if(|_| identifies);
    })
}

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
        part.opclass = Some(opclass::read(cursor)?);
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

/// Makes a part what PostgreSQL stores: a column in parentheses is the column; the type's own operator class and the
/// column's own collation are not said.
pub(super) fn settle_part(replayer: &Replayer, part: &mut IndexPart, table: &Table, method: &Name) {
    opclass::settle(replayer, part);
    if let IndexTerm::Expr(expr) = &part.term
        && let Some((column, collation)) = plain_column(expr, table)
    {
        part.term = IndexTerm::Column(column);
        part.collation = part.collation.take().or(collation);
    }
    let IndexTerm::Column(name) = &part.term else { return };
    let Some(column) = table.column(name.as_str()) else { return };
    if part.collation.as_ref().is_some_and(|collation| {
        column.collation.as_ref() == Some(collation)
            || column.collation.is_none() && collation.name.as_str() == "default"
    }) {
        part.collation = None;
    }
    if part.opclass.as_deref().is_some_and(|class| is_default_class(class, &column.ty, method.as_str())) {
        part.opclass = None;
    }
}

/// The column that an expression in parentheses is, perhaps with a collation.
fn plain_column(expr: &schema_model::Expr, table: &Table) -> Option<(Name, Option<ObjectName>)> {
    let dialect = DialectKind::Postgres;
    let tokens = code_tokens(expr.as_str(), dialect);
    let source = Source::Whole(Span::new(schema_model::FileId(0), 0, 0));
    let mut cursor = Cursor::new(expr.as_str(), &tokens, dialect, source);
    let name = cursor.name().ok().filter(|name| table.column(name.as_str()).is_some())?;
    let collation = match cursor.accept("collate") {
        true => Some(cursor.object().ok()?.shown()),
        false => None,
    };
    cursor.is_done().then_some((name, collation))
}

/// Whether the operator class is the type's default one, so that PostgreSQL does not print it.
fn is_default_class(class: &str, ty: &ColumnType, method: &str) -> bool {
    let brin;
    let class = match method {
        "brin" => {
            brin = class.replace("_minmax_ops", "_ops");
            &brin
        }
        _ => class,
    };
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
                "inet" => class == "inet_ops" && method != "gist",
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
