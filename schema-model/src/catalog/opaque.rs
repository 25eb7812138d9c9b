//! What is followed without being understood: objects by name and text, statements by place.

use std::collections::BTreeSet;
use std::fmt;

use crate::name::{Name, ObjectName};
use crate::span::Origin;

/// What kind of object an opaque one is. The order is an order in which they can be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OpaqueKind {
    /// `CREATE COLLATION`.
    Collation,
    /// `CREATE TYPE … AS RANGE`, a base type, a shell type.
    Type,
    /// `CREATE FUNCTION`; the name carries the argument types.
    Function,
    /// `CREATE PROCEDURE`.
    Procedure,
    /// `CREATE AGGREGATE`.
    Aggregate,
    /// `CREATE OPERATOR`.
    Operator,
    /// `CREATE OPERATOR CLASS` and `FAMILY`.
    OperatorClass,
    /// `CREATE CAST`.
    Cast,
    /// `CREATE STATISTICS`.
    Statistics,
    /// `CREATE RULE`.
    Rule,
    /// `CREATE TRIGGER`.
    Trigger,
    /// `CREATE EVENT TRIGGER`.
    EventTrigger,
    /// `CREATE POLICY`.
    Policy,
    /// `CREATE TEXT SEARCH …`.
    TextSearch,
    /// `CREATE SERVER`, `FOREIGN DATA WRAPPER`, `USER MAPPING`.
    Foreign,
    /// `CREATE PUBLICATION` and `SUBSCRIPTION`.
    Publication,
}

impl OpaqueKind {
    /// The SQL keywords of the kind, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            OpaqueKind::Collation => "collation",
            OpaqueKind::Type => "type",
            OpaqueKind::Function => "function",
            OpaqueKind::Procedure => "procedure",
            OpaqueKind::Aggregate => "aggregate",
            OpaqueKind::Operator => "operator",
            OpaqueKind::OperatorClass => "operator class",
            OpaqueKind::Cast => "cast",
            OpaqueKind::Statistics => "statistics",
            OpaqueKind::Rule => "rule",
            OpaqueKind::Trigger => "trigger",
            OpaqueKind::EventTrigger => "event trigger",
            OpaqueKind::Policy => "policy",
            OpaqueKind::TextSearch => "text search",
            OpaqueKind::Foreign => "foreign",
            OpaqueKind::Publication => "publication",
        }
    }
}

impl fmt::Display for OpaqueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What tells one opaque object from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpaqueId {
    /// Its kind.
    pub kind: OpaqueKind,
    /// Its name. A trigger, rule or policy has the schema of its table.
    pub name: ObjectName,
    /// A routine's or aggregate's input argument types in canonical spelling, `integer, text`; empty for other kinds.
    pub arguments: String,
    /// The table or view that a trigger, rule or policy belongs to.
    pub on: Option<ObjectName>,
}

impl fmt::Display for OpaqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)?;
        match self.kind {
            OpaqueKind::Function | OpaqueKind::Procedure | OpaqueKind::Aggregate => {
                write!(f, "({})", self.arguments)?
            }
            _ => {}
        }
        match &self.on {
            Some(table) => write!(f, " on {table}"),
            None => Ok(()),
        }
    }
}

/// An object followed by name: its text is compared and replayed, never interpreted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpaqueObject {
    /// What it is.
    pub id: OpaqueId,
    /// The whole `CREATE` statement, without `OR REPLACE` and the semicolon.
    pub definition: String,
    /// Statements about it that came after (`ALTER FUNCTION … SET …`, `ALTER TABLE … DISABLE TRIGGER …`), in order.
    pub amendments: Vec<String>,
    /// Relations, types and functions that its text names.
    pub touches: BTreeSet<ObjectName>,
    /// `COMMENT ON …`.
    pub comment: Option<String>,
    /// Where it is said.
    pub origin: Origin,
}

/// A statement whose effect on the catalog is not known: what it names cannot be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The statement's text.
    pub statement: String,
    /// Why it is not understood.
    pub reason: String,
    /// The objects that its text names.
    pub touches: BTreeSet<ObjectName>,
    /// Where it is said.
    pub origin: Origin,
}

impl Gap {
    /// Whether the text names the object.
    pub fn names(&self, name: &Name) -> bool {
        self.touches.iter().any(|object| object.name == *name)
    }
}
