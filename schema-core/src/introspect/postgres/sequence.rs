//! Sequences: those of identity columns belong to the column, the others to the catalog.

use std::collections::HashMap;

use schema_model::catalog::{Catalog, Sequence, SequenceOptions};
use schema_model::{Name, ObjectName, Origin};

use super::query::{Reader, Row, USER_SCHEMA, comment, no_extension};
use crate::introspect::IntrospectError;

/// Identity sequences by table OID and column number.
pub(super) type IdentitySequences = HashMap<(u32, i16), (ObjectName, SequenceOptions)>;

pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    catalog: &mut Catalog,
) -> Result<IdentitySequences, IntrospectError> {
    let sql = format!(
        "SELECT n.nspname, c.relname, 
                -- One that a column owns is as its table is; before version 15 it could not be.
                c.relpersistence = 'u' OR {before} AND coalesce(t.relpersistence, 'p') = 'u' AS unlogged, comment.description,
                format_type(s.seqtypid, NULL) AS type, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
                s.seqcycle, d.deptype::text AS link, d.refobjid, d.refobjsubid::int2 AS column_number,
                tn.nspname AS table_schema, t.relname AS table_name, a.attname
         FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
             AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
         LEFT JOIN pg_class t ON t.oid = d.refobjid
         LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
         LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid {comment}
         WHERE {USER_SCHEMA} AND {own}",
        before = reader.since(15, "false", "true"),
        comment = comment("pg_class", "c.oid", "0"),
        own = no_extension("pg_class", "c.oid"),
    );
    let mut identity = HashMap::new();
    for row in reader.rows("sequences", &sql)? {
        let name = reader.names.object(&row.text("nspname")?, &row.text("relname")?);
        let options = options(&row)?;
        let owner = match (row.maybe("table_schema")?, row.maybe("table_name")?, row.maybe("attname")?) {
            (Some(schema), Some(table), Some(column)) => {
                Some((reader.names.object(&schema, &table), Name::new(column)))
            }
            _ => None,
        };
        if row.maybe("link")?.as_deref() == Some("i") {
            identity.insert((row.oid("refobjid")?, row.at("column_number")?), (name, options));
            continue;
        }
        let sequence = Sequence {
            name: name.clone(),
            options,
            owned_by: owner,
            unlogged: row.flag("unlogged")?,
            comment: row.maybe("description")?,
            origin: Origin::NONE,
        };
        catalog.sequences.insert(name, sequence);
    }
    Ok(identity)
}

fn options(row: &Row) -> Result<SequenceOptions, IntrospectError> {
    let bits = match row.text("type")?.as_str() {
        "smallint" => 16,
        "integer" => 32,
        _ => 64,
    };
    Ok(SequenceOptions {
        bits,
        start: row.at("seqstart")?,
        increment: row.at("seqincrement")?,
        min: row.at("seqmin")?,
        max: row.at("seqmax")?,
        cache: row.at("seqcache")?,
        cycle: row.at("seqcycle")?,
    })
}
