//! An index's text.

use std::collections::BTreeSet;

use schema_model::ObjectName;
use schema_model::catalog::{Index, IndexPart, IndexTerm, Settings};
use schema_model::ident::{quote, quote_object};

use super::PG;
use crate::dialect::SqlWriter;

/// `CREATE INDEX`; `only` leaves the partitions out.
pub(super) fn create(table: &ObjectName, index: &Index, concurrently: bool, only: bool) -> String {
    let writer = SqlWriter::start(PG, "CREATE")
        .when(index.unique, "UNIQUE")
        .sql("INDEX")
        .when(concurrently, "CONCURRENTLY")
        .name(&index.name)
        .sql("ON")
        .when(only, "ONLY")
        .object(table);
    let writer = if index.method == "btree" { writer } else { writer.sql("USING").name(&index.method) };
    let writer = writer.list(index.parts.iter().map(part));
    let writer = if index.include.is_empty() { writer } else { writer.sql("INCLUDE").names(&index.include) };
    writer
        .when(index.nulls_not_distinct, "NULLS NOT DISTINCT")
        .maybe("WITH", with(&index.options))
        .maybe("TABLESPACE", index.tablespace.as_ref().map(|name| quote(name, PG)))
        .maybe("WHERE", index.predicate.as_ref())
        .finish()
}

/// `ALTER INDEX … ALTER COLUMN number SET STATISTICS`, where the targets differ.
pub(super) fn statistics(table: &ObjectName, old: &Index, new: &Index) -> Vec<String> {
    let parts: BTreeSet<u16> = old.statistics.keys().chain(new.statistics.keys()).copied().collect();
    let changed = parts.into_iter().filter(|part| old.statistics.get(part) != new.statistics.get(part));
    let set = |part: u16| {
        let target = new.statistics.get(&part).copied().unwrap_or(-1);
        let index = table.sibling(new.name.clone());
        let alter = SqlWriter::start(PG, "ALTER INDEX").object(&index);
        alter.sql(format!("ALTER COLUMN {part} SET STATISTICS {target}")).finish()
    };
    changed.map(set).collect()
}

/// `DROP INDEX`.
pub(super) fn drop(table: &ObjectName, index: &Index, cascade: bool) -> String {
    let name = table.sibling(index.name.clone());
    SqlWriter::start(PG, "DROP INDEX").object(&name).when(cascade, "CASCADE").finish()
}

/// One part, as indexes and exclusion constraints have it.
pub(super) fn part(part: &IndexPart) -> String {
    let term = match &part.term {
        IndexTerm::Column(name) => quote(name, PG),
        IndexTerm::Expr(expr) => format!("({expr})"),
    };
    SqlWriter::start(PG, &term)
        .maybe("COLLATE", part.collation.as_ref().map(|name| quote_object(name, PG)))
        .maybe("", part.opclass.as_deref())
        .when(part.descending, "DESC")
        .when(part.nulls_first && !part.descending, "NULLS FIRST")
        .when(!part.nulls_first && part.descending, "NULLS LAST")
        .finish()
}

/// `(fillfactor=70, …)`, when there are any.
pub(super) fn with(options: &Settings) -> Option<String> {
    if options.is_empty() {
        return None;
    }
    let list: Vec<_> = options.iter().map(|(name, value)| option(name, value)).collect();
    Some(format!("({})", list.join(", ")))
}

/// `name=value`, or the name alone.
fn option(name: &str, value: &str) -> String {
    if value.is_empty() {
        return name.to_owned();
    }
    let plain = value.starts_with('\'')
        || value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.' || byte == b'-');
    if plain {
        format!("{name}={value}")
    } else {
        format!("{name}={}", schema_model::ident::quote_string(value, PG))
    }
}
