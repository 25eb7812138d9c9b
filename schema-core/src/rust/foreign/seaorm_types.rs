//! SeaORM's types as column types: by the field's Rust type, or as `column_type` says it (sea-query's `ColumnType`).

use schema_model::DialectKind;
use schema_model::catalog::ColumnType;
use schema_model::item::RustType;
use schema_model::type_text::read_type;
use syn::{Expr, Lit};

/// A type, and how much of it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    /// PostgreSQL's spelling, or SQLite's as sea-query declares it.
    pub text: String,
    /// Said to the letter.
    pub exact: bool,
    /// Not to be told from here.
    pub open: bool,
}

impl Typed {
    fn of_kind(text: &str) -> Self {
        Typed { text: text.to_owned(), exact: false, open: false }
    }

    fn exactly(text: impl Into<String>) -> Self {
        Typed { text: text.into(), exact: true, open: false }
    }

    pub(super) fn open(dialect: DialectKind) -> Self {
        let text = if dialect == DialectKind::Sqlite { "text" } else { "varchar" };
        Typed { text: text.to_owned(), exact: false, open: true }
    }

    /// As a column type.
    pub(super) fn column_type(&self, dialect: DialectKind) -> ColumnType {
        read_type(&self.text, dialect)
    }
}

/// The type of a field without `column_type`; `None` for what is none of SeaORM's own types.
pub(super) fn of_field(ty: &RustType, dialect: DialectKind) -> Option<Typed> {
    let RustType::Path { segments, args, .. } = ty else { return None };
    let last = segments.last()?.as_str();
    let name = match (last, args.first()) {
        ("Vec", Some(RustType::Path { segments, .. }))
            if segments.last().is_some_and(|last| last == "u8") =>
        {
            "Binary"
        }
        ("Vec", Some(element)) => {
            let element = of_field(element, dialect)?;
            return Some(Typed { text: array(&element.text, dialect), ..element });
        }
        ("DateTime", Some(_)) => "TimestampWithTimeZone",
        ("char", _) => "Char",
        ("String" | "str", _) => "String",
        ("i8", _) => "TinyInteger",
        ("i16", _) => "SmallInteger",
        ("i32", _) => "Integer",
        ("i64", _) => "BigInteger",
        // PostgreSQL has no unsigned integers: what stands for one is the migration's choice.
        ("u8" | "u16" | "u32" | "u64", _) => return Some(Typed::open_integer(last)),
        ("f32", _) => "Float",
        ("f64", _) => "Double",
        ("bool", _) => "Boolean",
        ("Date" | "NaiveDate" | "ChronoDate" | "TimeDate", _) => "Date",
        ("Time" | "NaiveTime" | "ChronoTime" | "TimeTime", _) => "Time",
        ("DateTime" | "NaiveDateTime" | "ChronoDateTime" | "TimeDateTime" | "PrimitiveDateTime", None) => {
            "DateTime"
        }
        (
            "DateTimeWithTimeZone"
            | "DateTimeUtc"
            | "DateTimeLocal"
            | "ChronoDateTimeWithTimeZone"
            | "ChronoDateTimeUtc"
            | "ChronoDateTimeLocal"
            | "TimeDateTimeWithTimeZone"
            | "OffsetDateTime",
            _,
        ) => "TimestampWithTimeZone",
        ("Uuid", _) => "Uuid",
        ("Json" | "JsonValue" | "Value", _) => "Json",
        ("Decimal" | "BigDecimal", _) => "Decimal",
        ("IpNetwork", _) => "Inet",
        ("MacAddress", _) => "MacAddr",
        _ => return None,
    };
    named(name, &[], dialect)
}

impl Typed {
    fn open_integer(rust: &str) -> Self {
        let text = match rust {
            "u64" => "bigint",
            "u32" => "integer",
            _ => "smallint",
        };
        Typed { text: text.to_owned(), exact: false, open: true }
    }
}

/// `column_type = "Decimal(Some((16, 4)))"`, with or without `ColumnType::` before it. What is not understood is open.
pub(super) fn of_text(text: &str, dialect: DialectKind) -> Typed {
    let parsed = syn::parse_str::<Expr>(text).ok();
    parsed.and_then(|expr| of_expr(&expr, dialect)).unwrap_or_else(|| Typed::open(dialect))
}

fn of_expr(expr: &Expr, dialect: DialectKind) -> Option<Typed> {
    match expr {
        Expr::Path(path) => named(&path.path.segments.last()?.ident.to_string(), &[], dialect),
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return None };
            let arguments: Vec<&Expr> = call.args.iter().collect();
            named(&path.path.segments.last()?.ident.to_string(), &arguments, dialect)
        }
        Expr::Paren(inner) => of_expr(&inner.expr, dialect),
        _ => None,
    }
}

fn named(name: &str, arguments: &[&Expr], dialect: DialectKind) -> Option<Typed> {
    let mut said = Vec::new();
    arguments.iter().for_each(|argument| numbers(argument, &mut said));
    match name {
        "Array" => {
            // `Array(RcOrArc::new(ColumnType::Text))`
            let inner = arguments.first()?;
            let inner = match inner {
                Expr::Call(call) if !call.args.is_empty() => call.args.first()?,
                other => other,
            };
            let element = of_expr(inner, dialect)?;
            Some(Typed { text: array(&element.text, dialect), ..element })
        }
        "Custom" | "custom" => {
            let text = literal(arguments.first()?)?;
            Some(Typed { text, exact: false, open: dialect == DialectKind::Sqlite })
        }
        _ => match dialect {
            DialectKind::Postgres => postgres(name, &said),
            DialectKind::Sqlite => sqlite(name),
        },
    }
}

fn postgres(name: &str, said: &[String]) -> Option<Typed> {
    let sized = |word: &str| match said.first() {
        Some(length) => Typed::exactly(format!("{word}({length})")),
        None => Typed::of_kind(word),
    };
    Some(match name {
        "Char" => sized("char"),
        "String" => sized("varchar"),
        "Text" => Typed::exactly("text"),
        "Blob" | "Binary" | "VarBinary" => Typed::of_kind("bytea"),
        "TinyInteger" | "SmallInteger" => Typed::of_kind("smallint"),
        "Integer" => Typed::of_kind("integer"),
        "BigInteger" => Typed::of_kind("bigint"),
        "TinyUnsigned" | "SmallUnsigned" => Typed::open_integer("u16"),
        "Unsigned" => Typed::open_integer("u32"),
        "BigUnsigned" => Typed::open_integer("u64"),
        "Float" => Typed::of_kind("real"),
        "Double" => Typed::of_kind("double precision"),
        "Decimal" => match said {
            [precision, scale] => Typed::exactly(format!("numeric({precision}, {scale})")),
            _ => Typed::of_kind("numeric"),
        },
        "DateTime" | "Timestamp" => Typed::of_kind("timestamp"),
        "TimestampWithTimeZone" => Typed::of_kind("timestamptz"),
        "Time" => Typed::of_kind("time"),
        "Date" => Typed::of_kind("date"),
        "Interval" => Typed::of_kind("interval"),
        "Boolean" => Typed::of_kind("boolean"),
        "Money" => Typed::of_kind("money"),
        "Json" => Typed::of_kind("json"),
        "JsonBinary" => Typed::exactly("jsonb"),
        "Uuid" => Typed::of_kind("uuid"),
        "Cidr" => Typed::of_kind("cidr"),
        "Inet" => Typed::of_kind("inet"),
        "MacAddr" => Typed::of_kind("macaddr"),
        "LTree" => Typed::of_kind("ltree"),
        "Vector" => sized("vector"),
        "Bit" => sized("bit"),
        "VarBit" => sized("varbit"),
        _ => return None,
    })
}

/// The types that sea-query declares for SQLite; only their kind is ever compared.
fn sqlite(name: &str) -> Option<Typed> {
    Some(Typed::of_kind(match name {
        "Char" => "char",
        "String" => "varchar",
        "Text" => "text",
        "Blob" | "Binary" | "VarBinary" | "Bit" | "VarBit" => "blob",
        "TinyInteger" | "TinyUnsigned" => "tinyint",
        "SmallInteger" | "SmallUnsigned" => "smallint",
        "Integer" | "Unsigned" => "integer",
        "BigInteger" | "BigUnsigned" => "bigint",
        "Float" => "float",
        "Double" => "double",
        "Decimal" => "decimal",
        "DateTime" => "datetime_text",
        "Timestamp" => "timestamp_text",
        "TimestampWithTimeZone" => "timestamp_with_timezone_text",
        "Time" => "time_text",
        "Date" => "date_text",
        "Boolean" => "boolean",
        "Money" => "money",
        "Json" => "json_text",
        "JsonBinary" => "jsonb_text",
        "Uuid" => "uuid_text",
        "Inet" | "Cidr" | "MacAddr" | "LTree" | "Vector" | "Interval" => "text",
        _ => return None,
    }))
}

fn array(element: &str, dialect: DialectKind) -> String {
    match dialect {
        DialectKind::Postgres => format!("{element}[]"),
        DialectKind::Sqlite => "text".to_owned(),
    }
}

/// Every number in an argument: `Some((16, 4))`, `StringLen::N(255)`.
fn numbers(expr: &Expr, out: &mut Vec<String>) {
    match expr {
        Expr::Lit(literal) => {
            if let Lit::Int(number) = &literal.lit {
                out.push(number.base10_digits().to_owned());
            }
        }
        Expr::Call(call) => call.args.iter().for_each(|argument| numbers(argument, out)),
        Expr::Tuple(tuple) => tuple.elems.iter().for_each(|element| numbers(element, out)),
        Expr::Paren(inner) => numbers(&inner.expr, out),
        _ => {}
    }
}

/// The text of `"…"`, `"…".into()`, `"…".to_owned()`, `Alias::new("…")`, `SeaRc::new(Alias::new("…"))`.
pub(super) fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::MethodCall(call) => literal(&call.receiver),
        Expr::Call(call) => literal(call.args.first()?),
        Expr::Paren(inner) => literal(&inner.expr),
        Expr::Lit(_) => super::super::facts::string_of(expr),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_types_are_read_as_they_are_written() {
        let pg = |text: &str| of_text(text, DialectKind::Postgres);
        assert_eq!(pg("Decimal(Some((16, 4)))"), Typed::exactly("numeric(16, 4)"));
        assert_eq!(pg("String(StringLen::N(40))"), Typed::exactly("varchar(40)"));
        assert_eq!(pg("ColumnType::String(Some(40u32))"), Typed::exactly("varchar(40)"));
        assert_eq!(pg("String(StringLen::None)"), Typed::of_kind("varchar"));
        assert_eq!(pg("Array(RcOrArc::new(ColumnType::Text))"), Typed::exactly("text[]"));
        assert_eq!(pg("custom(\"citext\")"), Typed::of_kind("citext"));
        assert_eq!(pg("Custom(\"citext\".into())"), Typed::of_kind("citext"));
        assert!(pg("whatever {").open && pg("Enum").open);
    }
}
