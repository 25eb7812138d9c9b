//! A view's text.

use std::collections::BTreeSet;

use schema_model::Name;
use schema_model::catalog::View;

use super::expr::default_text;
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

/// `ALTER VIEW … ALTER COLUMN … SET DEFAULT`, where they differ.
pub(super) fn defaults(old: Option<&View>, new: &View) -> Vec<String> {
    let before = |name: &Name| old.and_then(|old| old.column_defaults.get(name));
    let gone = old.into_iter().flat_map(|old| old.column_defaults.keys());
    let names: BTreeSet<&Name> = gone.chain(new.column_defaults.keys()).collect();
    let changed = names.into_iter().filter(|name| before(name) != new.column_defaults.get(*name));
    let alter =
        |name: &Name| SqlWriter::start(PG, "ALTER VIEW").object(&new.name).sql("ALTER COLUMN").name(name);
    let statement = |name: &Name| match new.column_defaults.get(name) {
        Some(value) => alter(name).sql("SET DEFAULT").sql(default_text(value)).finish(),
        None => alter(name).sql("DROP DEFAULT").finish(),
    };
    changed.map(statement).collect()
}
