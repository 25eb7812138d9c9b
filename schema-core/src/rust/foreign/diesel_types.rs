//! diesel's SQL types as column types (`diesel::sql_types`, and its PostgreSQL and SQLite ones).

use schema_model::DialectKind;
use schema_model::catalog::ColumnType;
use schema_model::item::RustType;
use schema_model::type_text::read_type;

/// A column's type.
pub(super) struct Typed {
    pub ty: ColumnType,
    pub nullable: bool,
    /// `Serial` and its kin: the width of the sequence.
    pub serial: Option<u8>,
    /// The SQL type is not to be seen from here.
    pub open: bool,
}

/// The type of a column; `custom` finds a type that is none of diesel's own.
pub(super) fn column_type(
    ty: &RustType,
    dialect: DialectKind,
    custom: &dyn Fn(&[String]) -> Option<ColumnType>,
) -> Typed {
    let unseen = |text: &str| Typed {
        ty: match dialect {
            DialectKind::Postgres => read_type(&schema_model::item::snake_case(text), dialect),
            DialectKind::Sqlite => ColumnType::Other("TEXT".to_owned()),
        },
        nullable: false,
        serial: None,
        open: true,
    };
    let RustType::Path { segments, args, .. } = ty else { return unseen("text") };
    let Some(last) = segments.last() else { return unseen("text") };
    match (last.as_str(), args.first()) {
        ("Nullable", Some(inner)) => Typed { nullable: true, ..column_type(inner, dialect, custom) },
        ("Array", Some(inner)) => {
            let inner = column_type(inner, dialect, custom);
            let ty = match dialect {
                DialectKind::Postgres => ColumnType::Array(Box::new(inner.ty)),
                DialectKind::Sqlite => ColumnType::Other("TEXT".to_owned()),
            };
            Typed { ty, nullable: false, serial: None, open: inner.open }
        }
        ("Range" | "Multirange", Some(inner)) => match range(inner, last == "Multirange") {
            Some(word) => known(word, dialect),
            None => unseen(last),
        },
        (name, _) => {
            let serial = serial_bits(name).filter(|_| dialect == DialectKind::Postgres);
            match spelled(name, dialect) {
                Some(text) => Typed { serial, ..known(text, dialect) },
                None => match custom(segments) {
                    Some(ty) => Typed { ty, nullable: false, serial: None, open: false },
                    None => unseen(name),
                },
            }
        }
    }
}

fn known(text: &str, dialect: DialectKind) -> Typed {
    Typed { ty: read_type(text, dialect), nullable: false, serial: None, open: false }
}

fn serial_bits(name: &str) -> Option<u8> {
    match name {
        "SmallSerial" => Some(16),
        "Serial" => Some(32),
        "BigSerial" | "Bigserial" => Some(64),
        _ => None,
    }
}

fn spelled(name: &str, dialect: DialectKind) -> Option<&'static str> {
    match dialect {
        DialectKind::Postgres => postgres(name),
        DialectKind::Sqlite => sqlite(name),
    }
}

fn postgres(name: &str) -> Option<&'static str> {
    Some(match name {
        "Bool" => "boolean",
        "SmallInt" | "Int2" | "SmallSerial" => "smallint",
        "Integer" | "Int4" | "Serial" => "integer",
        "BigInt" | "Bigint" | "Int8" | "BigSerial" | "Bigserial" => "bigint",
        "Float" | "Float4" => "real",
        "Double" | "Float8" => "double precision",
        "Numeric" | "Decimal" => "numeric",
        "Text" | "Tinytext" | "Mediumtext" | "Longtext" => "text",
        "Varchar" | "VarChar" => "varchar",
        "Bpchar" | "Char" => "bpchar",
        "CChar" => "\"char\"",
        "Citext" => "citext",
        "Name" => "name",
        "Binary" | "Bytea" | "Blob" | "VarBinary" | "Varbinary" => "bytea",
        "Date" => "date",
        "Time" => "time",
        "Timestamp" | "Datetime" => "timestamp",
        "Timestamptz" | "TimestampTz" | "TimestamptzSqlite" => "timestamptz",
        "Interval" => "interval",
        "Uuid" => "uuid",
        "Json" => "json",
        "Jsonb" => "jsonb",
        "Inet" => "inet",
        "Cidr" => "cidr",
        "MacAddr" | "Macaddr" => "macaddr",
        "MacAddr8" | "Macaddr8" => "macaddr8",
        "Money" => "money",
        "Oid" => "oid",
        "PgLsn" => "pg_lsn",
        "Int4range" => "int4range",
        "Int8range" => "int8range",
        "Numrange" => "numrange",
        "Daterange" => "daterange",
        "Tsrange" => "tsrange",
        "Tstzrange" => "tstzrange",
        "Int4multirange" => "int4multirange",
        "Int8multirange" => "int8multirange",
        "Nummultirange" => "nummultirange",
        "Datemultirange" => "datemultirange",
        "Tsmultirange" => "tsmultirange",
        "Tstzmultirange" => "tstzmultirange",
        "TsVector" | "Tsvector" => "tsvector",
        "TsQuery" | "Tsquery" => "tsquery",
        _ => return None,
    })
}

fn range(element: &RustType, multi: bool) -> Option<&'static str> {
    let RustType::Path { segments, .. } = element else { return None };
    let (one, many) = match segments.last()?.as_str() {
        "Integer" | "Int4" => ("int4range", "int4multirange"),
        "BigInt" | "Bigint" | "Int8" => ("int8range", "int8multirange"),
        "Numeric" | "Decimal" => ("numrange", "nummultirange"),
        "Date" => ("daterange", "datemultirange"),
        "Timestamp" => ("tsrange", "tsmultirange"),
        "Timestamptz" | "TimestampTz" => ("tstzrange", "tstzmultirange"),
        _ => return None,
    };
    Some(if multi { many } else { one })
}

fn sqlite(name: &str) -> Option<&'static str> {
    Some(match name {
        "Bool" => "BOOLEAN",
        "SmallInt" | "Int2" => "SMALLINT",
        "Integer" | "Int4" | "Serial" => "INTEGER",
        "BigInt" | "Bigint" | "Int8" => "BIGINT",
        "Float" | "Float4" => "FLOAT",
        "Double" | "Float8" => "DOUBLE",
        "Numeric" | "Decimal" => "NUMERIC",
        "Text" | "Varchar" | "VarChar" | "Char" | "Tinytext" | "Mediumtext" | "Longtext" => "TEXT",
        "Binary" | "Blob" | "VarBinary" | "Varbinary" | "Jsonb" => "BLOB",
        "Date" => "DATE",
        "Time" => "TIME",
        "Timestamp" | "Datetime" | "TimestamptzSqlite" | "Timestamptz" => "TIMESTAMP",
        "Json" => "TEXT",
        _ => return None,
    })
}
