#![deny(warnings)]
#![forbid(unsafe_code)]
#![allow(dead_code)]

use schema_core::{SqlEnum, SqlType, Table};
use std::borrow::Cow;

#[derive(Debug, SqlEnum)]
#[sql_enum(name = "project_status", rename_all = "snake_case")]
enum Status {
    Active,
    NotActive,
}

#[derive(SqlType)]
#[sql_type(domain = "email", check("VALUE ~ '@'"))]
struct Email(String);

#[derive(SqlType)]
struct Id<T>(i64, std::marker::PhantomData<T>);

#[derive(Table)]
#[table(fragment)]
struct Audit {
    #[column(default = "now()")]
    updated: i64,
}

type Maybe<T> = Option<T>;

#[derive(Table)]
#[table(schema = "app", primary_key(id, r#type), index(columns(name desc nulls_last), where = "name <> ''"))]
struct Project<'a, T> {
    id: Id<T>,
    r#type: Status,
    name: Cow<'a, str>,
    email: Maybe<Email>,
    tags: Vec<String>,
    hash: [u8; 32],
    #[column(skip)]
    cached: std::collections::HashMap<String, u128>,
    #[column(type = "point")]
    place: (f64, f64),
    #[column(flatten)]
    audit: Audit,
}

fn main() {
    let table = Project::<'static, ()>::TABLE;
    assert_eq!((table.schema, table.name), (Some("app"), "projects"));
    let names: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
    assert_eq!(names, ["id", "type", "name", "email", "tags", "hash", "place", "updated"]);
    assert!(table.column("email").unwrap().nullable());
    assert!(!table.column("id").unwrap().nullable());
    assert_eq!(Status::VALUES, ["active", "not_active"]);
}
