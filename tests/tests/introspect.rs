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

#[test]
fn a_thousand_tables_are_read_at_once() {
    let Some(database) = TestDatabase::create() else { return };
    let mut client = database.connect();
    let mut script = String::from("BEGIN; CREATE TYPE kind AS ENUM ('a');");
    for number in 0..1000 {
        script.push_str(&format!(
            "CREATE TABLE t{number} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name varchar(50) NOT NULL,
             kind kind DEFAULT 'a', total numeric(10,2) CHECK (total >= 0), at timestamptz DEFAULT now(), note text UNIQUE,
             up bigint REFERENCES t{up}, body jsonb, a int, b int);
             CREATE INDEX ON t{number} (lower(name)) WHERE a > 0; CREATE INDEX ON t{number} (up);",
            up = number / 2
        ));
    }
    client.batch_execute(&(script + "COMMIT")).unwrap();
    let start = std::time::Instant::now();
    let read = catalog(&mut client).unwrap();
    let took = start.elapsed();
    assert_eq!(read.tables.len(), 1000);
    println!("1,000 tables read in {took:?}");
    assert!(took.as_secs_f32() < 60.0, "{took:?}");
}
