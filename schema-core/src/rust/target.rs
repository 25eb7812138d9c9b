//! From what is recorded to what is declared, in the words of the differ.

use schema_model::DialectKind;
use schema_model::catalog::{Catalog, Column};

use super::unsaid::keep_recorded_names;
use super::{Declared, Renames, complete, foreign};
use crate::diff::{self, DiffOptions};

impl From<&Renames> for diff::Renames {
    fn from(own: &Renames) -> Self {
        diff::Renames {
            tables: own.tables.clone(),
            columns: own.columns.clone(),
            types: own.types.clone(),
            values: own.values.clone(),
            ..diff::Renames::default()
        }
    }
}

/// How the models of a dialect are compared: with their `renamed_from`.
pub fn diff_options(declared: &Declared, dialect: DialectKind) -> DiffOptions {
    let mut options = DiffOptions::new(dialect);
    if let Some(own) = declared.dialects.get(&dialect) {
        options.renames = (&own.renames).into();
    }
    options
}

/// The catalog that the models ask for: what they declare, and everything recorded that they cannot speak of, under the
/// names after the renames.
pub fn target(declared: &Declared, recorded: &Catalog, options: &DiffOptions) -> Catalog {
    let Some(own) = declared.dialects.get(&options.dialect) else { return recorded.clone() };
    // The renames alone, found as the differ finds them.
    let found = diff::diff(recorded, &own.catalog, options);
    let renames: Vec<_> = found.into_iter().filter(diff::is_rename).collect();
    let base = diff::renamed(recorded, &renames, options.dialect);
    let said = foreign::fill(own, &base, &declared.unmanaged, options.dialect);
    let mut wanted = complete(&said, &base, &declared.unmanaged);
    for (name, table) in base.tables.iter().filter(|(_, table)| foreign::is_beyond(own, table)) {
        wanted.tables.entry(name.clone()).or_insert_with(|| table.clone());
    }
    keep_column_order(&mut wanted, &base);
    keep_recorded_names(&mut wanted, &base, &DiffOptions::new(options.dialect), &declared.naming);
    wanted
}

/// A field may stand anywhere in its struct; a table's columns stay where they are, and new ones come last, where a
/// database adds them without rebuilding the table.
fn keep_column_order(wanted: &mut Catalog, recorded: &Catalog) {
    for (name, table) in &mut wanted.tables {
        let Some(known) = recorded.tables.get(name) else { continue };
        let place = |column: &Column| known.columns.iter().position(|other| other.name == column.name);
        table.columns.sort_by_key(|column| place(column).unwrap_or(usize::MAX));
    }
}
