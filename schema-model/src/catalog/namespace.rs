//! Schemas and extensions.

use crate::name::Name;
use crate::span::Origin;

/// A namespace (`CREATE SCHEMA`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Its name.
    pub name: Name,
    /// `COMMENT ON SCHEMA`.
    pub comment: Option<String>,
    /// Where it is said.
    pub origin: Origin,
}

/// An installed extension (`CREATE EXTENSION`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// Its name.
    pub name: Name,
    /// The schema its objects live in; `None` is the default one.
    pub schema: Option<Name>,
    /// The version asked for, when one was.
    pub version: Option<String>,
    /// `COMMENT ON EXTENSION`.
    pub comment: Option<String>,
    /// Where it is said.
    pub origin: Origin,
}
