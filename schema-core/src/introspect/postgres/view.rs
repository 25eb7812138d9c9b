//! Views and materialized views.

use std::collections::BTreeMap;

use schema_model::catalog::{Catalog, Column, View};
use schema_model::{Name, Origin};

use super::column::LiveColumn;
use super::query::{Reader, comment};
use super::relation::Relations;
use super::text;
use super::touches::Touches;
use crate::introspect::IntrospectError;

pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    relations: &Relations,
    touches: &Touches,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT c.oid, r.oid AS rule, c.relkind = 'm' AS materialized, pg_get_viewdef(c.oid) AS query, c.reloptions,
                comment.description
         FROM pg_class c JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename = '_RETURN' {}
         WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384",
        comment("pg_class", "c.oid", "0"),
    );
    for row in reader.rows("views", &sql)? {
        let Some(relation) = relations.get(&row.oid("oid")?) else { continue };
        let mut options = text::options(row.at("reloptions")?);
        let check_option = options.remove("check_option").map(|option| option.to_uppercase());
        let query = row.text("query")?;
        let view = View {
            name: relation.name.clone(),
            materialized: row.flag("materialized")?,
            query: query.trim().trim_end_matches(';').to_owned(),
            columns: relation
                .view_columns
                .iter()
                .map(|live| (live.column.name.clone(), Some(live.column.ty.clone())))
                .collect(),
            // The server's text of the query names its columns itself.
            explicit_columns: false,
            options,
            check_option,
            indexes: Vec::new(),
            touches: touches.of("pg_rewrite", row.oid("rule")?, &relation.name),
            column_comments: noted(&relation.view_columns, |column| column.comment.clone()),
            column_defaults: noted(&relation.view_columns, |column| column.default.clone()),
            comment: row.maybe("description")?,
            origin: Origin::NONE,
        };
        catalog.views.insert(relation.name.clone(), view);
    }
    Ok(())
}

/// What is said of some of the columns.
fn noted<T>(columns: &[LiveColumn], note: fn(&Column) -> Option<T>) -> BTreeMap<Name, T> {
    columns.iter().filter_map(|live| Some((live.column.name.clone(), note(&live.column)?))).collect()
}
