//! Columns of tables and views, by the relation's OID.

use std::collections::HashMap;

use schema_model::catalog::{Column, Generated, Storage};
use schema_model::{Name, Origin};

use super::query::{Reader, Row, USER_SCHEMA, comment};
use super::text;
use crate::introspect::IntrospectError;

/// A column, and what its relation has to say about it.
pub(super) struct LiveColumn {
    pub(super) column: Column,
    /// `attnum`.
    pub(super) number: i16,
    /// `ALWAYS` when it is an identity column.
    pub(super) identity: Option<bool>,
    /// Some parent has it too.
    pub(super) from_parent: bool,
    /// The table's own definition has it.
    pub(super) local: bool,
}

/// The columns of every relation, in order.
pub(super) type Columns = HashMap<u32, Vec<LiveColumn>>;

pub(super) fn read(reader: &mut Reader<'_, '_>) -> Result<Columns, IntrospectError> {
    let sql = format!(
        "SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS type, tn.nspname AS type_schema,
                a.attnotnull, pg_get_expr(d.adbin, d.adrelid) AS default_value, a.attgenerated::text AS generated,
                a.attidentity::text AS identity, col.collname, cn.nspname AS coll_schema,
                a.attinhcount > 0 AS from_parent, a.attislocal, comment.description,
                CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'
                     WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END AS strategy,
                CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression,
                nullif(a.attstattarget, -1)::integer AS statistics, a.attoptions
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         JOIN pg_type t ON t.oid = a.atttypid
         LEFT JOIN pg_type te ON te.oid = t.typelem AND t.typcategory = 'A'
         JOIN pg_namespace tn ON tn.oid = coalesce(te.typnamespace, t.typnamespace)
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         LEFT JOIN pg_collation col ON col.oid = a.attcollation AND a.attcollation <> t.typcollation
         LEFT JOIN pg_namespace cn ON cn.oid = col.collnamespace {}
         WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND {USER_SCHEMA}
         ORDER BY a.attrelid, a.attnum",
        comment("pg_class", "a.attrelid", "a.attnum"),
    );
    let mut columns: Columns = HashMap::new();
    for row in reader.rows("columns", &sql)? {
        let column = live_column(reader, &row)?;
        columns.entry(row.oid("attrelid")?).or_default().push(column);
    }
    Ok(columns)
}

fn live_column(reader: &Reader<'_, '_>, row: &Row) -> Result<LiveColumn, IntrospectError> {
    let value = row.maybe("default_value")?.map(|value| text::expr(&value));
    let (default, generated) = match row.text("generated")?.as_str() {
        "" => (value, None),
        kind => (None, value.map(|expr| Generated { expr, stored: kind == "s" })),
    };
    let column = Column {
        name: Name::new(row.text("attname")?),
        ty: reader.names.column_type(&row.text("type")?, row.maybe("type_schema")?.as_deref()),
        nullable: !row.flag("attnotnull")?,
        default,
        generated,
        identity: None,
        collation: reader.names.collation(row.maybe("coll_schema")?, row.maybe("collname")?),
        storage: Storage {
            strategy: row.maybe("strategy")?,
            compression: row.maybe("compression")?,
            statistics: row.at::<Option<i32>>("statistics")?.and_then(|target| target.try_into().ok()),
            options: text::options(row.at("attoptions")?),
        },
        comment: row.maybe("description")?,
        inherited: false,
        origin: Origin::NONE,
        ..Column::new("", schema_model::catalog::ColumnType::Text)
    };
    let identity = match row.text("identity")?.as_str() {
        "a" => Some(true),
        "d" => Some(false),
        _ => None,
    };
    Ok(LiveColumn {
        column,
        number: row.at("attnum")?,
        identity,
        from_parent: row.flag("from_parent")?,
        local: row.flag("attislocal")?,
    })
}
