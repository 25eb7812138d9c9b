use schema_core::Table;

#[derive(Table)]
#[table(nmae = "x", unique(emial), primary_key, schema)]
struct User {
    id: i64,
    email: String,
}

#[derive(Table)]
#[table(primary_key(id), index, foreign_key(columns(id)), check)]
struct Order {
    #[column(primary_key)]
    id: i64,
}

#[derive(Table)]
#[table]
struct Bare {
    #[column = "x"]
    id: i64,
}

#[derive(Table)]
struct Tuple(i64);

#[derive(Table)]
enum Kind {
    A,
}

fn main() {}
