//! From two catalogs to the changes between them.

mod renames;

use schema_model::DialectKind;
use schema_model::catalog::Catalog;

use crate::change::Change;

pub use renames::{Ambiguity, Renames};

/// What is compared, and how.
#[derive(Clone, Debug)]
pub struct DiffOptions {
    /// The database.
    pub dialect: DialectKind,
    /// What is a rename and not a drop and an add.
    pub renames: Renames,
}

impl DiffOptions {
    /// Without renames.
    pub fn new(dialect: DialectKind) -> Self {
        DiffOptions { dialect, renames: Renames::default() }
    }
}

/// What leads from one catalog to the other: renames first, then everything else in the names after them.
pub fn diff(_old: &Catalog, _new: &Catalog, _options: &DiffOptions) -> Vec<Change> {
    Vec::new()
}
