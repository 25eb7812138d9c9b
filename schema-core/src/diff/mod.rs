//! From two catalogs to the changes between them.
//!
//! One walk, one file per kind of object. Both catalogs are brought into canonical form once; after that `==` compares.
//! What a change carries is what its author wrote, not the canonical spelling: see `restore`.

mod ambiguity;
mod column;
mod constraint;
mod dialects;
mod index;
mod named;
mod rename;
mod renames;
mod restore;
mod table;
mod types;
mod view;

use schema_model::catalog::{Catalog, Index};
use schema_model::{DialectKind, ObjectName};

use crate::change::Change;

pub use ambiguity::{Ambiguity, ambiguities};
pub use dialects::{Difference, DifferenceKind, dialect_differences};
pub use renames::Renames;

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

/// What leads from one catalog to the other: renames first, then everything else in the names after them. Applied in
/// this order to the old catalog, the changes give the new one; a database may ask for another order.
pub fn diff(old: &Catalog, new: &Catalog, options: &DiffOptions) -> Vec<Change> {
    let dialect = options.dialect;
    let spelled = crate::dialect::sqlite_spelling(old, new, dialect);
    let new = spelled.as_ref().unwrap_or(new);
    let renames = rename::changes(old, new, options);
    let base = renamed(old, &renames, dialect);
    let (old, new) = (canonical(&base, dialect), canonical(new, dialect));
    let mut found = Vec::new();
    walk(&old, &new, dialect, &mut found);
    renames.into_iter().chain(found).collect()
}

/// The catalog after these renames.
pub fn renamed(catalog: &Catalog, renames: &[Change], dialect: DialectKind) -> Catalog {
    let mut base = catalog.clone();
    for rename in renames {
        // A rename that does not fit was not found by `rename::changes`.
        let _ = rename.apply(&mut base, dialect);
    }
    base
}

/// What differs between the indexes of a PostgreSQL table or materialized view.
pub(crate) fn index_changes(table: &ObjectName, old: &[Index], new: &[Index], out: &mut Vec<Change>) {
    index::indexes(table, old, new, DialectKind::Postgres, out);
}

/// Whether the change is one of those that `diff` puts first.
pub fn is_rename(change: &Change) -> bool {
    matches!(
        change,
        Change::RenameSchema { .. }
            | Change::RenameTable { .. }
            | Change::RenameColumn { .. }
            | Change::RenameType { .. }
            | Change::RenameEnumValue { .. }
            | Change::RenameSequence { .. }
            | Change::RenameView { .. }
    )
}

/// A catalog as written and in canonical form.
struct Sides {
    written: Catalog,
    canonical: Catalog,
}

fn canonical(catalog: &Catalog, dialect: DialectKind) -> Sides {
    Sides { written: catalog.clone(), canonical: crate::dialect::canonical::catalog(catalog, dialect) }
}

fn walk(old: &Sides, new: &Sides, dialect: DialectKind, out: &mut Vec<Change>) {
    let (before, after) = (&old.canonical, &new.canonical);
    let start = out.len();
    named::schemas(before, after, out);
    named::extensions(before, after, out);
    types::enums(before, after, out);
    types::domains(before, after, out);
    types::composites(before, after, out);
    named::sequences(before, after, out);
    table::tables(before, after, dialect, out);
    view::views(before, after, dialect, out);
    named::opaque(before, after, out);
    for change in &mut out[start..] {
        restore::restore(change, &old.written, &new.written);
    }
}
