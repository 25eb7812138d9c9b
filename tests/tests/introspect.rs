//! Reading a live PostgreSQL database.

use schema_core::introspect::postgres::{catalog, catalog_within};
use schema_tests::TestDatabase;

const EVERYTHING: &str = include_str!("live/everything.sql");

#[test]
fn everything_a_schema_can_hold() {
    let Some(database) = TestDatabase::create() else { return };
    let mut client = database.connect();
    client.batch_execute(EVERYTHING).unwrap();
    let catalog = catalog(&mut client).unwrap();
    if std::env::var_os("SHOW").is_some() {
        println!("{catalog:#?}");
    }
}

#[test]
fn reading_within_a_transaction_changes_no_setting() {
    let Some(database) = TestDatabase::create() else { return };
    let mut client = database.connect();
    let mut transaction = client.transaction().unwrap();
    transaction
        .batch_execute("CREATE SCHEMA app; SET LOCAL search_path TO app; CREATE TABLE t (id int)")
        .unwrap();
    let seen = catalog_within(&mut transaction).unwrap();
    assert!(seen.tables.contains_key(&schema_model::ObjectName::bare("t")), "{:?}", seen.tables.keys());
    let path: String = transaction.query_one("SHOW search_path", &[]).unwrap().get(0);
    assert_eq!(path, "app");
    transaction.batch_execute("CREATE TABLE u (id int)").unwrap();
}
