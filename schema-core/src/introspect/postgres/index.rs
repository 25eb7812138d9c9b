//! Indexes, those of constraints left out, and the parts of every index.

use std::collections::{BTreeMap, HashMap};

use schema_model::catalog::{Catalog, Index, IndexPart, IndexTerm};
use schema_model::{Name, ObjectName, Origin};

use super::query::{Reader, USER_SCHEMA, comment, no_extension};
use super::relation::Relations;
use super::text;
use crate::introspect::IntrospectError;

/// What an index is over.
#[derive(Default)]
pub(super) struct PartsOf {
    pub(super) key: Vec<IndexPart>,
    pub(super) include: Vec<Name>,
    /// Statistics targets that are not the default, by the part's number.
    pub(super) statistics: BTreeMap<u16, i32>,
}

/// The parts by the index's OID.
pub(super) type Parts = HashMap<u32, PartsOf>;

pub(super) fn read_parts(reader: &mut Reader<'_, '_>) -> Result<Parts, IntrospectError> {
    let sql = format!(
        "SELECT x.indexrelid, k.position <= x.indnkeyatts AS is_key, a.attname,
                CASE WHEN k.attnum = 0 THEN pg_get_indexdef(x.indexrelid, k.position::int, false) END AS expression,
                (x.indoption[k.position - 1] & 1) <> 0 AS descending,
                (x.indoption[k.position - 1] & 2) <> 0 AS nulls_first,
                CASE WHEN NOT o.opcdefault OR ia.attoptions IS NOT NULL THEN
                    CASE WHEN pg_opclass_is_visible(o.oid) THEN quote_ident(o.opcname)
                         ELSE quote_ident(opn.nspname) || '.' || quote_ident(o.opcname) END END AS opclass,
                ia.attoptions, ia.attstattarget::int AS statistics, col.collname, cn.nspname AS coll_schema
         FROM pg_index x
         JOIN pg_class i ON i.oid = x.indexrelid
         JOIN pg_namespace n ON n.oid = i.relnamespace
         CROSS JOIN LATERAL unnest(x.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
         LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum AND k.attnum <> 0
         LEFT JOIN pg_attribute ia ON ia.attrelid = x.indexrelid AND ia.attnum = k.position
         LEFT JOIN pg_opclass o ON o.oid = x.indclass[k.position - 1] AND k.position <= x.indnkeyatts
         LEFT JOIN pg_namespace opn ON opn.oid = o.opcnamespace
         LEFT JOIN pg_type at ON at.oid = a.atttypid
         -- A column's own collation, or an expression's, is not said again. What an expression's is, only the
         -- definition tells.
         LEFT JOIN pg_collation col ON col.oid = x.indcollation[k.position - 1] AND k.position <= x.indnkeyatts
             AND CASE WHEN k.attnum <> 0 THEN col.oid <> a.attcollation ELSE col.oid <> 100 AND
                 position(pg_get_indexdef(x.indexrelid, k.position::int, false) || ' COLLATE '
                          IN pg_get_indexdef(x.indexrelid)) > 0 END
         LEFT JOIN pg_namespace cn ON cn.oid = col.collnamespace
         WHERE {USER_SCHEMA}
         ORDER BY x.indexrelid, k.position",
    );
    let mut parts = Parts::new();
    for row in reader.rows("index parts", &sql)? {
        let of = parts.entry(row.oid("indexrelid")?).or_default();
        let column = row.maybe("attname")?.map(Name::from);
        if !row.flag("is_key")? {
            of.include.extend(column);
            continue;
        }
        let expression = row.maybe("expression")?.unwrap_or_default();
        let term = column.map_or_else(|| IndexTerm::Expr(text::expr(&expression)), IndexTerm::Column);
        let parameters = row.at::<Option<Vec<String>>>("attoptions")?;
        let opclass = row.maybe("opclass")?.map(|class| class + &opclass_parameters(parameters));
        let target = row.at::<Option<i32>>("statistics")?.filter(|target| *target >= 0);
        if let (Some(target), Ok(number)) = (target, u16::try_from(of.key.len() + 1)) {
            of.statistics.insert(number, target);
        }
        of.key.push(IndexPart {
            collation: reader.names.collation(row.maybe("coll_schema")?, row.maybe("collname")?),
            opclass,
            descending: row.at::<Option<bool>>("descending")?.unwrap_or(false),
            nulls_first: row.at::<Option<bool>>("nulls_first")?.unwrap_or(false),
            ..IndexPart::of(term)
        });
    }
    Ok(parts)
}

/// `(siglen='32')`, as the server prints an operator class's parameters.
fn opclass_parameters(parameters: Option<Vec<String>>) -> String {
    let options = text::options(parameters);
    let parts: Vec<_> = options.iter().map(|(name, value)| format!("{name}='{value}'")).collect();
    if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) }
}

pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    relations: &Relations,
    mut parts: Parts,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT x.indexrelid, x.indrelid, i.relname, x.indisunique, x.indisvalid, am.amname, i.reloptions, space.spcname,
                pg_get_expr(x.indpred, x.indrelid) AS predicate, {nulls} AS nulls_not_distinct,
                pn.nspname AS parent_schema, p.relname AS parent_name, comment.description
         FROM pg_index x
         JOIN pg_class i ON i.oid = x.indexrelid
         JOIN pg_namespace n ON n.oid = i.relnamespace
         JOIN pg_am am ON am.oid = i.relam
         LEFT JOIN pg_tablespace space ON space.oid = i.reltablespace
         LEFT JOIN pg_inherits h ON h.inhrelid = x.indexrelid
         LEFT JOIN pg_class p ON p.oid = h.inhparent
         LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace {comment}
         WHERE {USER_SCHEMA} AND {own}
           AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))
         ORDER BY x.indexrelid",
        nulls = reader.since(15, "x.indnullsnotdistinct", "false"),
        comment = comment("pg_class", "x.indexrelid", "0"),
        own = no_extension("pg_class", "x.indexrelid"),
    );
    for row in reader.rows("indexes", &sql)? {
        let Some(relation) = relations.get(&row.oid("indrelid")?) else { continue };
        let of = parts.remove(&row.oid("indexrelid")?).unwrap_or_default();
        let parent: Option<ObjectName> = match (row.maybe("parent_schema")?, row.maybe("parent_name")?) {
            (Some(schema), Some(name)) => Some(reader.names.object(&schema, &name)),
            _ => None,
        };
        let index = Index {
            name: Name::new(row.text("relname")?),
            unique: row.flag("indisunique")?,
            method: Name::new(row.text("amname")?),
            parts: of.key,
            include: of.include,
            nulls_not_distinct: row.flag("nulls_not_distinct")?,
            predicate: row.maybe("predicate")?.map(|predicate| text::expr(&predicate)),
            options: text::options(row.at("reloptions")?),
            tablespace: row.maybe("spcname")?.map(Name::from),
            statistics: of.statistics,
            valid: row.flag("indisvalid")?,
            parent,
            comment: row.maybe("description")?,
            origin: Origin::NONE,
        };
        if let Some(table) = catalog.tables.get_mut(&relation.name) {
            table.indexes.push(index);
        } else if let Some(view) = catalog.views.get_mut(&relation.name) {
            view.indexes.push(index);
        }
    }
    Ok(())
}
