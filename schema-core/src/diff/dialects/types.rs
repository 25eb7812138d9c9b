//! Types that hold the same values. SQLite keeps a declared type as words and makes one of five affinities of it (its
//! manual, "Datatypes", 3.1), so the words are read as what their author meant: a PostgreSQL type of that name, a common
//! alias, or one of SQLite's own storage classes, which stands for everything SQLite has no type for.

use schema_model::DialectKind;
use schema_model::catalog::{Catalog, ColumnType};
use schema_model::type_text::read_type;

/// What a type holds, as far as both databases can tell it apart.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Family {
    Boolean,
    Integer,
    Float,
    Decimal,
    Text,
    Bytes,
    Date,
    Time,
    Timestamp,
    Interval,
    Uuid,
    Json,
    Array,
    /// Any other, by its name.
    Named(String),
}

/// Whether a PostgreSQL column and a SQLite column hold the same.
pub(super) fn hold_the_same(postgres: &ColumnType, sqlite: &ColumnType, catalog: &Catalog) -> bool {
    let ColumnType::Other(words) = sqlite else { return false };
    let wanted = family(behind_domains(postgres, catalog), catalog);
    let declared = words.trim().to_lowercase();
    if stands_for(&declared, &wanted) {
        return true;
    }
    let (bare, length) = split(&declared);
    match alias(&bare).unwrap_or_else(|| family(&read_type(&declared, DialectKind::Postgres), catalog)) {
        Family::Text => match wanted {
            Family::Text => true,
            // 32 digits, 36 with hyphens, 38 in braces.
            Family::Uuid => matches!(length, Some(32 | 36 | 38)),
            _ => false,
        },
        Family::Bytes => wanted == Family::Bytes || wanted == Family::Uuid && length == Some(16),
        // MySQL's and SQL Server's names of a moment cover a zoned one too; SQLite has neither.
        other => other == wanted,
    }
}

fn behind_domains<'a>(mut ty: &'a ColumnType, catalog: &'a Catalog) -> &'a ColumnType {
    for _ in 0..16 {
        let ColumnType::Named { name, .. } = ty else { break };
        match catalog.domains.get(name) {
            Some(domain) => ty = &domain.base,
            None => break,
        }
    }
    ty
}

fn family(ty: &ColumnType, catalog: &Catalog) -> Family {
    match ty {
        ColumnType::Boolean => Family::Boolean,
        ColumnType::Integer { .. } => Family::Integer,
        ColumnType::Float { .. } => Family::Float,
        ColumnType::Decimal { .. } => Family::Decimal,
        ColumnType::Text | ColumnType::Varchar { .. } | ColumnType::Char { .. } => Family::Text,
        ColumnType::Bytes => Family::Bytes,
        ColumnType::Date => Family::Date,
        ColumnType::Time { .. } => Family::Time,
        ColumnType::Timestamp { .. } => Family::Timestamp,
        ColumnType::Interval => Family::Interval,
        ColumnType::Uuid => Family::Uuid,
        ColumnType::Json { .. } => Family::Json,
        ColumnType::Array(_) => Family::Array,
        ColumnType::Named { name, .. } if catalog.enums.contains_key(name) => Family::Text,
        ColumnType::Named { name, .. } if matches!(name.name.as_str(), "citext" | "name") => Family::Text,
        ColumnType::Named { name, .. } => Family::Named(name.name.as_str().to_lowercase()),
        ColumnType::Other(text) if text.starts_with("interval") => Family::Interval,
        ColumnType::Other(text) => Family::Named(split(&text.to_lowercase()).0),
    }
}

/// A storage class stands for what SQLite has no type for: dates are text, seconds or days (its manual, "Datatypes",
/// 2.2), booleans are integers, everything composite is text or bytes.
fn stands_for(declared: &str, wanted: &Family) -> bool {
    use Family::{Array, Boolean, Bytes, Date, Decimal, Float, Interval, Json, Named, Time, Timestamp, Uuid};
    match declared {
        "" | "any" => true,
        "text" => !matches!(wanted, Boolean | Family::Integer | Float | Bytes),
        "integer" => matches!(wanted, Boolean | Date | Time | Timestamp | Interval),
        "real" => matches!(wanted, Decimal | Date | Time | Timestamp | Interval),
        "numeric" => matches!(wanted, Boolean | Date | Time | Timestamp | Interval),
        "blob" => matches!(wanted, Bytes | Uuid | Json | Array | Named(_)),
        _ => false,
    }
}

/// Declared words that are no PostgreSQL type.
fn alias(bare: &str) -> Option<Family> {
    Some(match bare {
        "bool" => Family::Boolean,
        "tinyint" | "mediumint" | "int8" | "int4" | "int2" | "big int" | "unsigned big int" | "bigserial"
        | "serial" | "smallserial" | "long" => Family::Integer,
        "double" | "float8" | "float4" => Family::Float,
        "number" | "money" => Family::Decimal,
        "clob" | "nvarchar" | "nchar" | "native character" | "varying character" | "longtext"
        | "mediumtext" | "tinytext" | "string" | "ntext" | "varchar2" | "citext" => Family::Text,
        "blob" | "binary" | "varbinary" | "longblob" | "mediumblob" | "tinyblob" | "image" => Family::Bytes,
        "datetime" | "timestamptz" | "datetime2" | "timestamp_text" => Family::Timestamp,
        "guid" | "uniqueidentifier" => Family::Uuid,
        "jsonb" | "json_text" => Family::Json,
        _ if bare.ends_with("[]") || bare.ends_with(" array") => Family::Array,
        _ => return None,
    })
}

/// The words, and the first number in parentheses.
fn split(declared: &str) -> (String, Option<u32>) {
    let Some((name, rest)) = declared.split_once('(') else { return (declared.trim().to_owned(), None) };
    let (numbers, after) = rest.split_once(')').unwrap_or((rest, ""));
    let length = numbers.split(',').next().and_then(|number| number.trim().parse().ok());
    let name = format!("{} {}", name.trim(), after.trim());
    (name.trim().to_owned(), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_meet_the_types_they_stand_for_and_no_others() {
        let catalog = Catalog::default();
        let same = |postgres: &str, sqlite: &str| {
            let other = ColumnType::Other(sqlite.to_owned());
            hold_the_same(&read_type(postgres, DialectKind::Postgres), &other, &catalog)
        };
        let equal = [
            ("timestamptz", "DATETIME"),
            ("timestamp", "TEXT"),
            ("timestamp", "TIMESTAMP"),
            ("boolean", "INTEGER"),
            ("boolean", "BOOLEAN"),
            ("bigint", "INTEGER"),
            ("integer", "BIGINT"),
            ("varchar(255)", "VARCHAR(64)"),
            ("varchar(255)", "TEXT"),
            ("text", "VARCHAR"),
            ("uuid", "CHAR(32)"),
            ("uuid", "TEXT"),
            ("uuid", "UUID"),
            ("jsonb", "JSON"),
            ("jsonb", "TEXT"),
            ("numeric(10, 2)", "NUMERIC(12, 2)"),
            ("numeric(10, 2)", "DECIMAL"),
            ("double precision", "FLOAT"),
            ("bytea", "BLOB"),
            ("bytea", "BYTEA"),
            ("text[]", "TEXT"),
            ("inet", "TEXT"),
            ("vector(3)", "BLOB"),
            ("date", "DATE"),
            ("integer", ""),
        ];
        for (postgres, sqlite) in equal {
            assert!(same(postgres, sqlite), "{postgres} and {sqlite}");
        }
        let different = [
            ("timestamp", "VARCHAR(255)"),
            ("timestamp", "BOOLEAN"),
            ("integer", "TEXT"),
            ("integer", "REAL"),
            ("boolean", "TEXT"),
            ("text", "INTEGER"),
            ("text", "BLOB"),
            ("uuid", "VARCHAR(255)"),
            ("uuid", "INTEGER"),
            ("jsonb", "INTEGER"),
            ("bytea", "TEXT"),
            ("date", "DATETIME"),
            ("double precision", "INTEGER"),
        ];
        for (postgres, sqlite) in different {
            assert!(!same(postgres, sqlite), "{postgres} and {sqlite}");
        }
    }
}
