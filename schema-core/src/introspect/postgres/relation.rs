//! Tables and their options.

use std::collections::HashMap;

use schema_model::catalog::{Catalog, Identity, Table, TableKind, TableOptions};
use schema_model::{Name, ObjectName};

use super::column::{Columns, LiveColumn};
use super::names::quoted_name;
use super::query::{Reader, Row, USER_SCHEMA, comment, no_extension};
use super::sequence::IdentitySequences;
use super::text;
use crate::introspect::IntrospectError;

/// A table or view of the catalog, by its OID.
pub(super) struct Relation {
    pub(super) name: ObjectName,
    /// Column names by `attnum`.
    pub(super) columns: HashMap<i16, Name>,
    /// Columns of a view, in order; a table's are in the catalog.
    pub(super) view_columns: Vec<LiveColumn>,
    pub(super) is_partition: bool,
}

impl Relation {
    /// Column names for numbers.
    pub(super) fn column_names(&self, numbers: &[i16]) -> Vec<Name> {
        numbers.iter().filter_map(|number| self.columns.get(number)).cloned().collect()
    }
}

pub(super) type Relations = HashMap<u32, Relation>;

pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    mut columns: Columns,
    mut sequences: IdentitySequences,
    catalog: &mut Catalog,
) -> Result<Relations, IntrospectError> {
    let parents = parents(reader)?;
    let sql = format!(
        "SELECT c.oid, n.nspname, c.relname, c.relkind::text AS kind, c.relpersistence = 'u' AS unlogged,
                c.relispartition, c.reloptions, toast.reloptions AS toast_options, space.spcname,
                c.relrowsecurity, c.relforcerowsecurity, c.relreplident::text AS replica_identity,
                replica.relname AS replica_index,
                (SELECT own.relname FROM pg_index x JOIN pg_class own ON own.oid = x.indexrelid
                 WHERE x.indrelid = c.oid AND x.indisclustered) AS clustered, comment.description,
                CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
                pg_get_expr(c.relpartbound, c.oid) AS partition_bound,
                server.srvname, foreign_table.ftoptions
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
         LEFT JOIN pg_tablespace space ON space.oid = c.reltablespace
         LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisreplident AND c.relreplident = 'i'
         LEFT JOIN pg_class replica ON replica.oid = i.indexrelid
         LEFT JOIN pg_foreign_table foreign_table ON foreign_table.ftrelid = c.oid
         LEFT JOIN pg_foreign_server server ON server.oid = foreign_table.ftserver {comment}
         WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND {USER_SCHEMA} AND {own}
         ORDER BY c.oid",
        comment = comment("pg_class", "c.oid", "0"),
        own = no_extension("pg_class", "c.oid"),
    );
    let mut relations = Relations::new();
    for row in reader.rows("tables", &sql)? {
        let oid = row.oid("oid")?;
        let name = reader.names.object(&row.text("nspname")?, &row.text("relname")?);
        let live = columns.remove(&oid).unwrap_or_default();
        let numbers = live.iter().map(|live| (live.number, live.column.name.clone())).collect();
        let is_partition = row.flag("relispartition")?;
        let mut relation =
            Relation { name: name.clone(), columns: numbers, view_columns: Vec::new(), is_partition };
        if matches!(row.text("kind")?.as_str(), "v" | "m") {
            relation.view_columns = live;
        } else {
            let mut table = Table::new(name.clone());
            table.options = options(&row, parents.get(&oid).cloned().unwrap_or_default())?;
            for LiveColumn { mut column, number, identity, from_parent, local } in live {
                // A partition has every column from its parent, attached or made so; an inheriting table may have
                // said a column again, and then keeps it.
                column.inherited = from_parent && (is_partition || !local);
                column.identity = identity.and_then(|always| {
                    let (sequence, options) = sequences.remove(&(oid, number))?;
                    Some(Identity { always, sequence, options })
                });
                table.columns.push(column);
            }
            catalog.tables.insert(name, table);
        }
        relations.insert(oid, relation);
    }
    Ok(relations)
}

fn options(row: &Row, parents: Vec<ObjectName>) -> Result<TableOptions, IntrospectError> {
    let kind = match (row.maybe("partition_key")?, row.maybe("srvname")?) {
        (Some(key), _) => TableKind::Partitioned(key),
        (None, Some(server)) => {
            TableKind::Foreign(foreign(&server, row.at::<Option<Vec<String>>>("ftoptions")?))
        }
        (None, None) => TableKind::Plain,
    };
    let mut with = text::options(row.at("reloptions")?);
    for (name, value) in text::options(row.at("toast_options")?) {
        with.insert(format!("toast.{name}"), value);
    }
    let (inherits, partition_of) = match row.maybe("partition_bound")? {
        Some(bound) => (Vec::new(), parents.into_iter().next().map(|parent| (parent, bound))),
        None => (parents, None),
    };
    let replica_identity = match row.text("replica_identity")?.as_str() {
        "f" => Some("FULL".to_owned()),
        "n" => Some("NOTHING".to_owned()),
        "i" => row.maybe("replica_index")?.map(|index| format!("USING INDEX {}", quoted_name(&index))),
        _ => None,
    };
    Ok(TableOptions {
        kind,
        inherits,
        partition_of,
        unlogged: row.flag("unlogged")?,
        with,
        tablespace: row.maybe("spcname")?.map(Name::from),
        row_security: row.flag("relrowsecurity")?,
        force_row_security: row.flag("relforcerowsecurity")?,
        replica_identity,
        clustered: row.maybe("clustered")?.map(Name::from),
        comment: row.maybe("description")?,
        ..TableOptions::default()
    })
}

/// `SERVER s OPTIONS (a 'b')`.
fn foreign(server: &str, options: Option<Vec<String>>) -> String {
    format!("SERVER {}{}", quoted_name(server), foreign_options(options))
}

/// ` OPTIONS (a 'b')`, or nothing.
pub(super) fn foreign_options(options: Option<Vec<String>>) -> String {
    let quoted = text::options(options)
        .iter()
        .map(|(name, value)| {
            let value = schema_model::ident::quote_string(value, schema_model::DialectKind::Postgres);
            format!("{} {value}", quoted_name(name))
        })
        .collect::<Vec<_>>();
    if quoted.is_empty() { String::new() } else { format!(" OPTIONS ({})", quoted.join(", ")) }
}

/// The parents of each table, in order.
fn parents(reader: &mut Reader<'_, '_>) -> Result<HashMap<u32, Vec<ObjectName>>, IntrospectError> {
    let sql = "SELECT i.inhrelid, n.nspname, c.relname
               FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relkind IN ('r', 'p', 'f') ORDER BY i.inhrelid, i.inhseqno";
    let mut parents: HashMap<u32, Vec<ObjectName>> = HashMap::new();
    for row in reader.rows("inheritance", sql)? {
        let parent = reader.names.object(&row.text("nspname")?, &row.text("relname")?);
        parents.entry(row.oid("inhrelid")?).or_default().push(parent);
    }
    Ok(parents)
}
