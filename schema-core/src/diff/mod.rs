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
    let rename::Made { base, changes: mut found, .. } = rename::changes(old, new, options);
    walk(&base, new, dialect, &mut found);
    found
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

/// The catalog in canonical form, without the tables that are in the other one as they are written here. SQLite's are all
/// there: what a foreign key leaves out is said by the table that it refers to.
fn canonical(catalog: &Catalog, other: &Catalog, dialect: DialectKind) -> Catalog {
    if dialect == DialectKind::Sqlite || catalog.domains != other.domains {
        return crate::dialect::canonical::catalog(catalog, dialect);
    }
    let unlike = catalog.tables.iter().filter(|(name, table)| other.tables.get(name) != Some(table));
    let rest = Catalog {
        schemas: catalog.schemas.clone(),
        extensions: catalog.extensions.clone(),
        enums: catalog.enums.clone(),
        domains: catalog.domains.clone(),
        composites: catalog.composites.clone(),
        sequences: catalog.sequences.clone(),
        tables: unlike.map(|(name, table)| (name.clone(), table.clone())).collect(),
        views: catalog.views.clone(),
        opaque: catalog.opaque.clone(),
        gaps: Vec::new(),
    };
    crate::dialect::canonical::catalog(&rest, dialect)
}

fn walk(old: &Catalog, new: &Catalog, dialect: DialectKind, out: &mut Vec<Change>) {
    let (before, after) = (&canonical(old, new, dialect), &canonical(new, old, dialect));
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
        restore::restore(change, old, new);
    }
}
