//! What the models declare.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schema_model::catalog::Catalog;
use schema_model::item::Naming;
use schema_model::{DialectKind, Name, ObjectName, Span};

use super::{Partial, Unmanaged};
use crate::diagnostic::{Diagnostic, Severity};

/// Everything that a scan found.
#[derive(Debug, Default)]
pub struct Declared {
    /// The schema, for each dialect asked for.
    pub dialects: BTreeMap<DialectKind, Declaration>,
    /// Configured patterns, and the tables whose struct says `unmanaged`.
    pub unmanaged: Unmanaged,
    /// How unnamed constraints and indexes were called.
    pub naming: Naming,
    /// What is wrong with the models.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file that was read.
    pub files: Vec<PathBuf>,
    /// Folders in which a file that is missing would appear.
    pub missing: Vec<PathBuf>,
}

impl Declared {
    /// The catalog of a dialect; empty when the dialect was not asked for.
    pub fn catalog(&self, dialect: DialectKind) -> Catalog {
        self.dialects.get(&dialect).map(|own| own.catalog.clone()).unwrap_or_default()
    }

    /// Whether the models could not be read whole.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|found| found.severity == Severity::Error)
    }
}

/// The schema of one dialect, with what the models say beside it.
#[derive(Debug, Default)]
pub struct Declaration {
    /// The schema. Origins point at structs, fields and words.
    pub catalog: Catalog,
    /// Where each table stands.
    pub tables: BTreeMap<ObjectName, TablePlace>,
    /// `renamed_from`.
    pub renames: Renames,
    /// `backfill`.
    pub backfills: Vec<Backfill>,
    /// `using`.
    pub usings: Vec<Using>,
}

/// A table's struct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TablePlace {
    /// The struct's name.
    pub struct_name: String,
    /// `crate::models`, with the crate's own name first.
    pub module: String,
    /// Which of the scanned crates it is in.
    pub root: usize,
    /// The struct's name in the source.
    pub span: Span,
    /// Columns by name.
    pub fields: BTreeMap<Name, FieldPlace>,
    /// Constraints and indexes by the key of their line.
    pub parts: BTreeMap<String, FieldPlace>,
    /// How much the model says, where it is diesel's or SeaORM's; `None`: everything.
    pub partial: Option<Partial>,
}

/// A field, or the word of it that says a constraint or index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldPlace {
    /// The field of the table's own struct; `None` when the struct says it. A flattened column's is the flattening field.
    pub field: Option<String>,
    /// The place.
    pub span: Span,
}

/// Every `renamed_from`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames {
    /// Tables: old and new name.
    pub tables: Vec<(ObjectName, ObjectName)>,
    /// Columns: the table's new name, old and new name.
    pub columns: Vec<(ObjectName, Name, Name)>,
    /// Enum types: old and new name.
    pub types: Vec<(ObjectName, ObjectName)>,
    /// Enum values: the type, old and new value.
    pub values: Vec<(ObjectName, String, String)>,
}

/// A value for the rows that are there when a NOT NULL column is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backfill {
    /// The table.
    pub table: ObjectName,
    /// The column.
    pub column: Name,
    /// The expression.
    pub expr: String,
}

/// How a column's values become the new type's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Using {
    /// The table.
    pub table: ObjectName,
    /// The column.
    pub column: Name,
    /// The expression.
    pub expr: String,
}
