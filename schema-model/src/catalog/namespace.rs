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

impl Schema {
    /// The comment that PostgreSQL gives its default schema, which nobody wrote.
    pub const DEFAULT_COMMENT: &str = "standard public schema";

    /// The default schema without a comment of its own, as which it does not stand in the catalog.
    pub fn default_without_comment(name: Name) -> Self {
        Schema { name, comment: None, origin: Origin::NONE }
    }

    /// Whether it is the one that is there in every database.
    pub fn is_default(&self) -> bool {
        self.name.as_str() == "public"
    }
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
