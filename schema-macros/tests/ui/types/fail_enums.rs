use schema_core::{SqlEnum, SqlType};

#[derive(SqlEnum)]
#[sql_enum(rename_all = "snakecase")]
enum Status {
    Active,
    #[sql_enum(renam = "x")]
    Gone,
    With(i32),
}

#[derive(SqlEnum)]
enum Empty {}

#[derive(SqlEnum)]
#[sql_enum(rename_all = "lowercase")]
enum Same {
    Ab,
    AB,
}

#[derive(SqlType)]
struct Two(i32, i32);

#[derive(SqlType)]
#[sql_type(check = "VALUE > 0")]
struct NoDomain(i32);

fn main() {}
