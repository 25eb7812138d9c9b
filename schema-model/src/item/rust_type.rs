//! Rust types that are columns without a word said.

use quote::ToTokens;
use syn::ext::IdentExt;

use super::ast::RustType;
use crate::DialectKind;
use crate::catalog::ColumnType;

/// What a Rust type without attribute is in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is a column type of the same name")]
pub enum Scalar {
    Bool,
    Int { bits: u8 },
    Float { bits: u8 },
    Decimal,
    Text,
    Bytes,
    Date,
    Time,
    Timestamp { zoned: bool },
    Interval,
    Uuid,
    Json,
    Inet,
}

impl Scalar {
    /// The column type in a dialect. SQLite's are declared texts; a STRICT table knows fewer.
    pub fn column_type(self, dialect: DialectKind, strict: bool) -> ColumnType {
        match dialect {
            DialectKind::Postgres => self.postgres(),
            DialectKind::Sqlite => ColumnType::Other(self.sqlite(strict).to_owned()),
        }
    }

    fn postgres(self) -> ColumnType {
        match self {
            Scalar::Bool => ColumnType::Boolean,
            Scalar::Int { bits } => ColumnType::Integer { bits },
            Scalar::Float { bits } => ColumnType::Float { bits },
            Scalar::Decimal => ColumnType::Decimal { precision: None },
            Scalar::Text => ColumnType::Text,
            Scalar::Bytes => ColumnType::Bytes,
            Scalar::Date => ColumnType::Date,
            Scalar::Time => ColumnType::Time { zoned: false, precision: None },
            Scalar::Timestamp { zoned } => ColumnType::Timestamp { zoned, precision: None },
            Scalar::Interval => ColumnType::Interval,
            Scalar::Uuid => ColumnType::Uuid,
            Scalar::Json => ColumnType::Json { binary: true },
            Scalar::Inet => ColumnType::Other("inet".to_owned()),
        }
    }

    /// SQLite's declared type (its documentation, "Datatypes", 3.1).
    pub fn sqlite(self, strict: bool) -> &'static str {
        match self {
            Scalar::Bool if strict => "INTEGER",
            Scalar::Bool => "BOOLEAN",
            Scalar::Int { .. } => "INTEGER",
            Scalar::Float { .. } => "REAL",
            Scalar::Decimal if strict => "TEXT",
            Scalar::Decimal => "NUMERIC",
            Scalar::Bytes => "BLOB",
            Scalar::Text
            | Scalar::Date
            | Scalar::Time
            | Scalar::Timestamp { .. }
            | Scalar::Interval
            | Scalar::Uuid
            | Scalar::Json
            | Scalar::Inet => "TEXT",
        }
    }
}

/// How a known type is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape<'a> {
    /// A column of its own.
    Scalar(Scalar),
    /// `Option<T>`.
    Optional(&'a RustType),
    /// `Vec<T>`: an array.
    Array(&'a RustType),
    /// `Box<T>`, `Arc<T>`, `Cow<'_, T>`: as `T`.
    Same(&'a RustType),
}

/// The shape of a known type, by its last segment and, when the path has one, its crate. `path` has its aliases resolved.
pub fn shape(ty: &RustType) -> Option<Shape<'_>> {
    let (segments, args) = match ty {
        RustType::Path { segments, args, .. } => (segments, args),
        RustType::Slice(element) if is_byte(element) => return Some(Shape::Scalar(Scalar::Bytes)),
        RustType::Slice(element) => return Some(Shape::Array(element)),
        RustType::Other(_) => return None,
    };
    let last = segments.last()?.as_str();
    let crate_name = if segments.len() > 1 { segments[0].as_str() } else { "" };
    let from = |names: &[&str]| crate_name.is_empty() || names.contains(&crate_name);
    let first = args.first();
    let scalar = |scalar| Some(Shape::Scalar(scalar));
    match last {
        "Option" if from(&["std", "core"]) => first.map(Shape::Optional),
        "Vec" if from(&["std", "alloc"]) => match first {
            Some(element) if is_byte(element) => scalar(Scalar::Bytes),
            element => element.map(Shape::Array),
        },
        "Box" | "Arc" | "Rc" | "Cow" if from(&["std", "alloc"]) => first.map(Shape::Same),
        "bool" if segments.len() == 1 => scalar(Scalar::Bool),
        "i16" if segments.len() == 1 => scalar(Scalar::Int { bits: 16 }),
        "i8" if segments.len() == 1 => scalar(Scalar::Int { bits: 16 }),
        "i32" | "u16" if segments.len() == 1 => scalar(Scalar::Int { bits: 32 }),
        "i64" | "u32" if segments.len() == 1 => scalar(Scalar::Int { bits: 64 }),
        "f32" if segments.len() == 1 => scalar(Scalar::Float { bits: 32 }),
        "f64" if segments.len() == 1 => scalar(Scalar::Float { bits: 64 }),
        "str" if segments.len() == 1 => scalar(Scalar::Text),
        "String" if from(&["std", "alloc"]) => scalar(Scalar::Text),
        "DateTime" if from(&["chrono", "sqlx"]) => scalar(Scalar::Timestamp { zoned: true }),
        "NaiveDateTime" if from(&["chrono", "sqlx"]) => scalar(Scalar::Timestamp { zoned: false }),
        "NaiveDate" if from(&["chrono", "sqlx"]) => scalar(Scalar::Date),
        "NaiveTime" if from(&["chrono", "sqlx"]) => scalar(Scalar::Time),
        "TimeDelta" if from(&["chrono"]) => scalar(Scalar::Interval),
        "OffsetDateTime" | "UtcDateTime" if from(&["time", "sqlx"]) => {
            scalar(Scalar::Timestamp { zoned: true })
        }
        "PrimitiveDateTime" if from(&["time", "sqlx"]) => scalar(Scalar::Timestamp { zoned: false }),
        "Date" if from(&["time", "sqlx"]) => scalar(Scalar::Date),
        "Time" if from(&["time", "sqlx"]) => scalar(Scalar::Time),
        "Duration" if ["chrono", "time"].contains(&crate_name) => scalar(Scalar::Interval),
        "Uuid" if from(&["uuid", "sqlx"]) => scalar(Scalar::Uuid),
        "Decimal" if from(&["rust_decimal", "sqlx"]) => scalar(Scalar::Decimal),
        "Value" if from(&["serde_json", "sqlx"]) => scalar(Scalar::Json),
        "JsonValue" if from(&["sqlx"]) => scalar(Scalar::Json),
        "IpAddr" | "Ipv4Addr" | "Ipv6Addr" if from(&["std", "core"]) => scalar(Scalar::Inet),
        "IpNetwork" | "Ipv4Network" | "Ipv6Network" if from(&["ipnetwork", "sqlx"]) => scalar(Scalar::Inet),
        _ => None,
    }
}

fn is_byte(ty: &RustType) -> bool {
    matches!(ty, RustType::Path { segments, .. } if segments.len() == 1 && segments[0] == "u8")
}

/// The type as plain data.
pub fn read_rust_type(ty: &syn::Type) -> RustType {
    match ty {
        syn::Type::Path(path) if path.qself.is_none() => read_path(&path.path),
        syn::Type::Reference(reference) => read_rust_type(&reference.elem),
        syn::Type::Paren(paren) => read_rust_type(&paren.elem),
        syn::Type::Group(group) => read_rust_type(&group.elem),
        syn::Type::Slice(slice) => RustType::Slice(Box::new(read_rust_type(&slice.elem))),
        syn::Type::Array(array) => RustType::Slice(Box::new(read_rust_type(&array.elem))),
        other => RustType::Other(other.to_token_stream().to_string()),
    }
}

fn read_path(path: &syn::Path) -> RustType {
    let mut args = Vec::new();
    for segment in &path.segments {
        if let syn::PathArguments::AngleBracketed(list) = &segment.arguments {
            args = list
                .args
                .iter()
                .filter_map(|arg| match arg {
                    syn::GenericArgument::Type(ty) => Some(read_rust_type(ty)),
                    _ => None,
                })
                .collect();
        }
    }
    let segments = path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
    RustType::Path { global: path.leading_colon.is_some(), segments, args }
}

impl std::fmt::Display for RustType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RustType::Path { segments, args, .. } => {
                f.write_str(&segments.join("::"))?;
                for (index, arg) in args.iter().enumerate() {
                    write!(f, "{}{arg}", if index == 0 { "<" } else { ", " })?;
                }
                f.write_str(if args.is_empty() { "" } else { ">" })
            }
            RustType::Slice(element) => write!(f, "[{element}]"),
            RustType::Other(text) => f.write_str(text),
        }
    }
}
