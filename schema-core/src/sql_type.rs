//! The types that are columns without a word said. The same list, as names, is `schema_model::item::shape`; a test
//! compares them.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;
use std::sync::Arc;

use crate::meta::{SqlType, TypeMeta};

macro_rules! scalar {
    ($($ty:ty => $postgres:literal, $sqlite:literal;)*) => {
        $(impl SqlType for $ty {
            const TYPE: TypeMeta = TypeMeta::Scalar { postgres: $postgres, sqlite: $sqlite };
        })*
    };
}

scalar! {
    bool => "boolean", "BOOLEAN";
    i8 => "smallint", "INTEGER";
    i16 => "smallint", "INTEGER";
    i32 => "integer", "INTEGER";
    u16 => "integer", "INTEGER";
    i64 => "bigint", "INTEGER";
    u32 => "bigint", "INTEGER";
    f32 => "real", "REAL";
    f64 => "double precision", "REAL";
    String => "text", "TEXT";
    str => "text", "TEXT";
    Vec<u8> => "bytea", "BLOB";
    [u8] => "bytea", "BLOB";
    IpAddr => "inet", "TEXT";
    Ipv4Addr => "inet", "TEXT";
    Ipv6Addr => "inet", "TEXT";
}

impl<const N: usize> SqlType for [u8; N] {
    const TYPE: TypeMeta = <[u8]>::TYPE;
}

impl<T: SqlType> SqlType for Option<T> {
    const TYPE: TypeMeta = TypeMeta::Optional(&T::TYPE);
}

impl<T: SqlType> SqlType for Vec<T> {
    const TYPE: TypeMeta = TypeMeta::Array(&T::TYPE);
}

impl<T: SqlType> SqlType for [T] {
    const TYPE: TypeMeta = TypeMeta::Array(&T::TYPE);
}

impl<T: SqlType, const N: usize> SqlType for [T; N] {
    const TYPE: TypeMeta = TypeMeta::Array(&T::TYPE);
}

macro_rules! same {
    ($($ty:ty),*) => {
        $(impl<T: SqlType + ?Sized> SqlType for $ty {
            const TYPE: TypeMeta = T::TYPE;
        })*
    };
}

same!(&T, Box<T>, Arc<T>, Rc<T>);

impl<T: SqlType + ToOwned + ?Sized> SqlType for Cow<'_, T> {
    const TYPE: TypeMeta = T::TYPE;
}

#[cfg(feature = "chrono")]
mod of_chrono {
    use super::{SqlType, TypeMeta};

    impl<Z: chrono::TimeZone> SqlType for chrono::DateTime<Z> {
        const TYPE: TypeMeta = TypeMeta::Scalar { postgres: "timestamp with time zone", sqlite: "TEXT" };
    }

    scalar! {
        chrono::NaiveDateTime => "timestamp without time zone", "TEXT";
        chrono::NaiveDate => "date", "TEXT";
        chrono::NaiveTime => "time without time zone", "TEXT";
        chrono::TimeDelta => "interval", "TEXT";
    }
}

#[cfg(feature = "time")]
mod of_time {
    use super::{SqlType, TypeMeta};

    scalar! {
        time::OffsetDateTime => "timestamp with time zone", "TEXT";
        time::UtcDateTime => "timestamp with time zone", "TEXT";
        time::PrimitiveDateTime => "timestamp without time zone", "TEXT";
        time::Date => "date", "TEXT";
        time::Time => "time without time zone", "TEXT";
        time::Duration => "interval", "TEXT";
    }
}

#[cfg(feature = "uuid")]
scalar! { uuid::Uuid => "uuid", "TEXT"; }

#[cfg(feature = "rust_decimal")]
scalar! { rust_decimal::Decimal => "numeric", "NUMERIC"; }

#[cfg(feature = "serde_json")]
scalar! { serde_json::Value => "jsonb", "TEXT"; }

#[cfg(feature = "ipnetwork")]
scalar! {
    ipnetwork::IpNetwork => "inet", "TEXT";
    ipnetwork::Ipv4Network => "inet", "TEXT";
    ipnetwork::Ipv6Network => "inet", "TEXT";
}
