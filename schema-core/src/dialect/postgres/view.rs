//! A view's text.

use schema_model::catalog::View;

use super::{PG, index};
use crate::dialect::SqlWriter;

/// `CREATE VIEW`, `CREATE MATERIALIZED VIEW`.
pub(super) fn create(view: &View) -> String {
    let writer =
        SqlWriter::start(PG, "CREATE").when(view.materialized, "MATERIALIZED").sql("VIEW").object(&view.name);
    let columns = view.explicit_columns && !view.columns.is_empty();
    let writer = if columns { writer.names(view.columns.iter().map(|(name, _)| name)) } else { writer };
    writer
        .maybe("WITH", index::with(&view.options))
        .sql("AS")
        .sql(&view.query)
        .maybe("", view.check_option.as_ref().map(|option| format!("WITH {option} CHECK OPTION")))
        .finish()
}

/// `DROP VIEW`, `DROP MATERIALIZED VIEW`.
pub(super) fn drop(view: &View) -> String {
    SqlWriter::start(PG, "DROP").sql(kind(view)).object(&view.name).finish()
}

/// `VIEW` or `MATERIALIZED VIEW`.
pub(super) fn kind(view: &View) -> &'static str {
    if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" }
}
