//! What a column holds.

use crate::name::ObjectName;

/// A column's type. PostgreSQL's well-known types have a variant each, so that a model can be compared with a
/// migration and a bump judged; whatever else a database offers is kept word for word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ColumnType {
    /// `boolean`.
    Boolean,
    /// `smallint`, `integer`, `bigint`.
    Integer {
        /// 16, 32 or 64.
        bits: u8,
    },
    /// `real`, `double precision`.
    Float {
        /// 32 or 64.
        bits: u8,
    },
    /// `numeric`, with precision and scale when given.
    Decimal {
        /// Precision and scale.
        precision: Option<(u16, i16)>,
    },
    /// `text`.
    Text,
    /// `character varying`, with its length in characters when given.
    Varchar {
        /// Most characters.
        length: Option<u32>,
    },
    /// `character`, padded to its length; `character` alone is length 1, `bpchar` has none.
    Char {
        /// Characters.
        length: Option<u32>,
    },
    /// `bytea`.
    Bytes,
    /// `date`.
    Date,
    /// `time`, with or without time zone.
    Time {
        /// With time zone.
        zoned: bool,
        /// Digits of the fraction of a second.
        precision: Option<u8>,
    },
    /// `timestamp`, with or without time zone.
    Timestamp {
        /// With time zone.
        zoned: bool,
        /// Digits of the fraction of a second.
        precision: Option<u8>,
    },
    /// `interval` without fields or precision.
    Interval,
    /// `uuid`.
    Uuid,
    /// `json` or `jsonb`.
    Json {
        /// `jsonb`.
        binary: bool,
    },
    /// An array; PostgreSQL ignores the number of dimensions and their bounds (manual, 8.15.1).
    Array(Box<ColumnType>),
    /// A type that the schema itself or an extension defines: enum, domain, composite, range, `citext`, `vector(3)`.
    Named {
        /// The type's name.
        name: ObjectName,
        /// What stands in parentheses behind it, as written.
        modifier: Option<String>,
    },
    /// Any other type of the database, in its own spelling: `inet`, `tsvector`, `bit varying(5)`. Every SQLite type is
    /// here, as declared; the empty text is a SQLite column without a type.
    Other(String),
}

impl ColumnType {
    /// A user-defined type without a modifier.
    pub fn named(name: ObjectName) -> Self {
        ColumnType::Named { name, modifier: None }
    }

    /// The user-defined type this is or is an array of.
    pub fn user_type(&self) -> Option<&ObjectName> {
        match self {
            ColumnType::Array(element) => element.user_type(),
            ColumnType::Named { name, .. } => Some(name),
            _ => None,
        }
    }

    /// The same, to rename it.
    pub fn user_type_mut(&mut self) -> Option<&mut ObjectName> {
        match self {
            ColumnType::Array(element) => element.user_type_mut(),
            ColumnType::Named { name, .. } => Some(name),
            _ => None,
        }
    }
}
