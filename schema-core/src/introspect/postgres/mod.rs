//! A PostgreSQL database's catalog, from `pg_catalog`, in a few queries over all objects at once.
//!
//! What extensions brought along, temporary objects and the system's own are left out. The default schema is the first of the
//! connection's `search_path` that exists; its name is left out of everything.

mod body;
mod column;
mod constraint;
mod index;
mod names;
mod namespace;
mod other;
mod query;
mod relation;
mod routine;
mod sequence;
mod text;
mod touches;
mod trigger;
mod types;
mod view;

use postgres::{Client, IsolationLevel, Transaction};
use schema_model::catalog::Catalog;

use super::IntrospectError;
use names::Names;
use query::Reader;

/// The catalog of the database that the client is connected to, as one snapshot, read-only.
pub fn catalog(client: &mut Client) -> Result<Catalog, IntrospectError> {
    let failed = |source| IntrospectError::Postgres { what: "its catalog", source };
    let begin = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    let mut transaction = begin.start().map_err(failed)?;
    let catalog = catalog_within(&mut transaction)?;
    transaction.rollback().map_err(failed)?;
    Ok(catalog)
}

/// The catalog as a transaction sees it that has perhaps changed it. The session's settings are as before afterwards.
pub fn catalog_within(transaction: &mut Transaction<'_>) -> Result<Catalog, IntrospectError> {
    let failed = |source| IntrospectError::Postgres { what: "its catalog", source };
    let mut scope = transaction.transaction().map_err(failed)?;
    let names = prepare(&mut scope).map_err(failed)??;
    let mut reader = Reader::new(&mut scope, names);
    let catalog = read(&mut reader)?;
    // The settings go with the scope.
    scope.rollback().map_err(failed)?;
    Ok(catalog)
}

/// Settings under which every definition is spelled in one way, whoever asks.
fn prepare(scope: &mut Transaction<'_>) -> Result<Result<Names, IntrospectError>, postgres::Error> {
    let row = scope.query_one(
        "SELECT coalesce(current_schema(), 'public'), current_setting('server_version_num')::int,
                current_setting('server_version')",
        &[],
    )?;
    let (default, version): (String, i32) = (row.try_get(0)?, row.try_get(1)?);
    if version < 140_000 {
        return Ok(Err(IntrospectError::OldServer { found: row.try_get(2)? }));
    }
    scope.batch_execute(
        "SET LOCAL quote_all_identifiers = off; SET LOCAL standard_conforming_strings = on;
         SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 1;
         SET LOCAL statement_timeout = '120s'; SET LOCAL lock_timeout = '30s'; SET LOCAL transaction_read_only = on",
    )?;
    // A name is then qualified exactly when it is not the default schema's.
    scope.execute("SELECT set_config('search_path', quote_ident($1), true)", &[&default])?;
    Ok(Ok(Names { default, version }))
}

fn read(reader: &mut Reader<'_, '_>) -> Result<Catalog, IntrospectError> {
    let mut catalog = Catalog::default();
    namespace::read(reader, &mut catalog)?;
    types::read(reader, &mut catalog)?;
    let columns = column::read(reader)?;
    let sequences = sequence::read(reader, &mut catalog)?;
    let parts = index::read_parts(reader)?;
    let relations = relation::read(reader, columns, sequences, &mut catalog)?;
    constraint::read(reader, &relations, &parts, &mut catalog)?;
    let touches = touches::read(reader)?;
    view::read(reader, &relations, &touches, &mut catalog)?;
    index::read(reader, &relations, parts, &mut catalog)?;
    routine::read(reader, &touches, &mut catalog)?;
    trigger::read(reader, &relations, &touches, &mut catalog)?;
    other::read(reader, &touches, &mut catalog)?;
    body::read(&mut catalog);
    Ok(catalog)
}
