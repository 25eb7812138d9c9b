//! A table's text.

use std::collections::BTreeMap;

use schema_model::catalog::{Catalog, Constraint, Settings, Table, TableKind, TableOptions};
use schema_model::ident::{quote, quote_object};
use schema_model::{Name, ObjectName};

use super::{PG, column, comment, constraint, index};
use crate::dialect::SqlWriter;

/// `CREATE TABLE` with these constraints in it. `serial` tells which columns are written as serial.
pub(super) fn create<'a>(
    table: &Table,
    constraints: impl Iterator<Item = &'a Constraint>,
    serial: impl Fn(&Name) -> Option<&'static str>,
) -> String {
    let options = &table.options;
    let inherits = &options.inherits;
    // A partition is made whole and attached, so that all its names are its own; a child says only what is its own.
    let own = |inherited: bool| options.partition_of.is_some() || inherits.is_empty() || !inherited;
    let columns = table
        .columns
        .iter()
        .filter(|column| own(column.inherited))
        .map(|column| column::definition(&table.name, column, serial(&column.name)));
    let items: Vec<_> = columns.chain(constraints.map(constraint::definition)).collect();
    let writer = SqlWriter::start(PG, "CREATE")
        .when(options.temporary, "TEMPORARY")
        .when(options.unlogged, "UNLOGGED")
        .when(matches!(options.kind, TableKind::Foreign(_)), "FOREIGN")
        .sql("TABLE")
        .object(&table.name)
        .lines(&items);
    let parents = (!inherits.is_empty())
        .then(|| inherits.iter().map(|parent| quote_object(parent, PG)).collect::<Vec<_>>().join(", "));
    let writer = writer.maybe("INHERITS", parents.map(|list| format!("({list})")));
    let writer = match &options.kind {
        TableKind::Partitioned(key) => writer.sql("PARTITION BY").sql(key),
        TableKind::Foreign(server) => writer.sql(server),
        TableKind::Plain | TableKind::Virtual(_) | TableKind::Shadow(_) => writer,
    };
    writer
        .maybe("WITH", index::with(&options.with))
        .maybe("TABLESPACE", options.tablespace.as_ref().map(|name| quote(name, PG)))
        .finish()
}

/// `DROP TABLE`.
pub(super) fn drop(table: &Table) -> String {
    let foreign = matches!(table.options.kind, TableKind::Foreign(_));
    SqlWriter::start(PG, "DROP").when(foreign, "FOREIGN").sql("TABLE").object(&table.name).finish()
}

/// What a new table's options ask for after `CREATE TABLE`.
pub(super) fn after_create(table: &Table) -> Vec<String> {
    let plain = TableOptions {
        kind: table.options.kind.clone(),
        inherits: table.options.inherits.clone(),
        unlogged: table.options.unlogged,
        temporary: table.options.temporary,
        with: table.options.with.clone(),
        tablespace: table.options.tablespace.clone(),
        comment: table.options.comment.clone(),
        partition_of: table.options.partition_of.clone(),
        replica_identity: table.options.replica_identity.clone().filter(|text| uses_index(text)),
        ..TableOptions::default()
    };
    alter(&table.name, &plain, &table.options)
}

/// Whether a replica identity needs an index, and so has to wait for it.
pub(super) fn uses_index(identity: &str) -> bool {
    identity.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("using"))
}

/// `REPLICA IDENTITY`.
pub(super) fn replica_identity(table: &ObjectName, identity: Option<&String>) -> String {
    SqlWriter::start(PG, "ALTER TABLE")
        .object(table)
        .sql("REPLICA IDENTITY")
        .sql(identity.map_or("DEFAULT", String::as_str))
        .finish()
}

/// What options that name an index ask for, once the table has it: `REPLICA IDENTITY USING INDEX`, `CLUSTER ON`.
pub(super) fn by_index(table: &ObjectName, old: &TableOptions, new: &TableOptions) -> Vec<String> {
    let mut out = Vec::new();
    let identity = new.replica_identity.as_ref().filter(|text| uses_index(text));
    if identity.is_some() && old.replica_identity != new.replica_identity {
        out.push(replica_identity(table, identity));
    }
    if let Some(index) = new.clustered.as_ref().filter(|_| old.clustered != new.clustered) {
        out.push(SqlWriter::start(PG, "ALTER TABLE").object(table).sql("CLUSTER ON").name(index).finish());
    }
    out
}

/// What leads from one set of options to another; the kind itself cannot change.
pub(super) fn alter(table: &ObjectName, old: &TableOptions, new: &TableOptions) -> Vec<String> {
    let alter = |action: &str| SqlWriter::start(PG, "ALTER TABLE").object(table).sql(action).finish();
    let mut out = Vec::new();
    partition(table, old, new, &mut out);
    for gone in old.inherits.iter().filter(|parent| !new.inherits.contains(parent)) {
        out.push(alter(&format!("NO INHERIT {}", quote_object(gone, PG))));
    }
    for parent in new.inherits.iter().filter(|parent| !old.inherits.contains(parent)) {
        out.push(alter(&format!("INHERIT {}", quote_object(parent, PG))));
    }
    if old.unlogged != new.unlogged {
        out.push(alter(if new.unlogged { "SET UNLOGGED" } else { "SET LOGGED" }));
    }
    out.extend(storage(&old.with, &new.with).iter().map(|action| alter(action)));
    if old.tablespace != new.tablespace {
        let space = new.tablespace.as_ref().map_or_else(|| "pg_default".into(), |name| quote(name, PG));
        out.push(alter(&format!("SET TABLESPACE {space}")));
    }
    if old.row_security != new.row_security {
        out.push(alter(switch(new.row_security, "ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY")));
    }
    if old.force_row_security != new.force_row_security {
        out.push(alter(switch(
            new.force_row_security,
            "FORCE ROW LEVEL SECURITY",
            "NO FORCE ROW LEVEL SECURITY",
        )));
    }
    if old.clustered.is_some() && new.clustered.is_none() {
        out.push(alter("SET WITHOUT CLUSTER"));
    }
    if old.replica_identity != new.replica_identity {
        out.push(replica_identity(table, new.replica_identity.as_ref()));
    }
    let kind = if matches!(new.kind, TableKind::Foreign(_)) { "FOREIGN TABLE" } else { "TABLE" };
    out.extend(comment::changed(&comment::object(kind, table), old.comment.as_ref(), new.comment.as_ref()));
    out
}

fn switch(on: bool, yes: &'static str, no: &'static str) -> &'static str {
    if on { yes } else { no }
}

fn partition(table: &ObjectName, old: &TableOptions, new: &TableOptions, out: &mut Vec<String>) {
    if old.partition_of == new.partition_of {
        return;
    }
    if let Some((parent, _)) = &old.partition_of {
        out.push(
            SqlWriter::start(PG, "ALTER TABLE").object(parent).sql("DETACH PARTITION").object(table).finish(),
        );
    }
    if let Some((parent, bound)) = &new.partition_of {
        out.push(attach(parent, table, bound));
    }
}

/// `ALTER TABLE … ATTACH PARTITION`.
pub(super) fn attach(parent: &ObjectName, table: &ObjectName, bound: &str) -> String {
    SqlWriter::start(PG, "ALTER TABLE")
        .object(parent)
        .sql("ATTACH PARTITION")
        .object(table)
        .sql(bound)
        .finish()
}

/// `SET (…)`, `RESET (…)`.
pub(super) fn storage(old: &Settings, new: &Settings) -> Vec<String> {
    let changed: Settings = new
        .iter()
        .filter(|(name, value)| old.get(name) != Some(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let gone: Vec<_> = old.keys().filter(|name| !new.contains_key(name)).cloned().collect();
    let set = index::with(&changed).map(|list| format!("SET {list}"));
    let reset = (!gone.is_empty()).then(|| format!("RESET ({})", gone.join(", ")));
    set.into_iter().chain(reset).collect()
}

/// The columns that a new table writes as serial, with the word.
pub(super) fn serial_columns(table: &Table, catalog: &Catalog) -> BTreeMap<Name, &'static str> {
    let word = |column: &schema_model::catalog::Column| {
        let sequence = catalog.sequences.get(&super::sequence::default_name(&table.name, &column.name))?;
        Some((column.name.clone(), super::sequence::serial(&table.name, column, sequence)?))
    };
    table.columns.iter().filter_map(word).collect()
}
