//! Sequences.

use crate::name::{Name, ObjectName};
use crate::span::Origin;

/// A sequence. One that a `serial` column made is owned by that column and goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Its name.
    pub name: ObjectName,
    /// How it counts.
    pub options: SequenceOptions,
    /// `OWNED BY`: table and column.
    pub owned_by: Option<(ObjectName, Name)>,
    /// `UNLOGGED`.
    pub unlogged: bool,
    /// `COMMENT ON SEQUENCE`.
    pub comment: Option<String>,
    /// Where it is said.
    pub origin: Origin,
}

/// How a sequence counts, all defaults filled in (PostgreSQL manual, CREATE SEQUENCE).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceOptions {
    /// Width of its integer type: 16, 32 or 64 bits.
    pub bits: u8,
    /// First value.
    pub start: i64,
    /// Step.
    pub increment: i64,
    /// Least value.
    pub min: i64,
    /// Greatest value.
    pub max: i64,
    /// Values taken at once by a session.
    pub cache: i64,
    /// Starts again at the end.
    pub cycle: bool,
}

impl SequenceOptions {
    /// What `CREATE SEQUENCE … AS <type>` gives with nothing else said, counting up.
    pub fn ascending(bits: u8) -> Self {
        SequenceOptions {
            bits,
            start: 1,
            increment: 1,
            min: 1,
            max: Self::type_max(bits),
            cache: 1,
            cycle: false,
        }
    }

    /// What it gives with a negative increment.
    pub fn descending(bits: u8) -> Self {
        SequenceOptions {
            bits,
            start: -1,
            increment: -1,
            min: Self::type_min(bits),
            max: -1,
            cache: 1,
            cycle: false,
        }
    }

    /// The greatest value of the integer type.
    pub fn type_max(bits: u8) -> i64 {
        match bits {
            16 => i16::MAX.into(),
            32 => i32::MAX.into(),
            _ => i64::MAX,
        }
    }

    /// The least value of the integer type.
    pub fn type_min(bits: u8) -> i64 {
        match bits {
            16 => i16::MIN.into(),
            32 => i32::MIN.into(),
            _ => i64::MIN,
        }
    }
}
