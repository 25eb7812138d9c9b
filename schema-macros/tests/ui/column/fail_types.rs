use schema_core::Table;

struct Plain;

#[derive(Table)]
struct User {
    id: i64,
    big: u64,
    plain: Option<Plain>,
    #[column(type = "point")]
    said: Plain,
}

fn main() {}
