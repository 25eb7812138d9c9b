//! Views.

use schema_model::DialectKind;
use schema_model::catalog::{Catalog, View};

use super::index;
use super::named::sorted;
use crate::change::Change;

pub(super) fn views(old: &Catalog, new: &Catalog, dialect: DialectKind, out: &mut Vec<Change>) {
    let boxed = |view: &View| Box::new(view.clone());
    let sorted = sorted(&old.views, &new.views);
    out.extend(sorted.gone.into_iter().map(|gone| Change::DropView(boxed(gone))));
    out.extend(sorted.come.into_iter().map(|come| Change::CreateView(boxed(come))));
    for (name, old, new) in sorted.both {
        if !same(old, new, dialect) {
            out.push(Change::ReplaceView { old: boxed(old), new: boxed(new) });
        } else {
            index::indexes(name, &old.indexes, &new.indexes, dialect, out);
        }
    }
}

/// The query and what it yields; what the query touches follows from it. Types are compared where both sides know them;
/// SQLite's catalog knows the columns that are written, and no others.
fn same(old: &View, new: &View, dialect: DialectKind) -> bool {
    let lower = |view: &View| -> Vec<String> {
        view.columns.iter().map(|(name, _)| name.as_str().to_ascii_lowercase()).collect()
    };
    let columns = dialect == DialectKind::Sqlite && lower(old) == lower(new)
        || dialect == DialectKind::Postgres && columns_agree(old, new);
    columns
        && old.query == new.query
        && old.materialized == new.materialized
        && old.options == new.options
        && old.check_option == new.check_option
        && old.column_comments == new.column_comments
        && old.column_defaults == new.column_defaults
        && old.comment == new.comment
}

fn columns_agree(old: &View, new: &View) -> bool {
    old.columns.is_empty()
        || new.columns.is_empty()
        || old.columns.len() == new.columns.len()
            && old.columns.iter().zip(&new.columns).all(|(old, new)| old.0 == new.0)
}
