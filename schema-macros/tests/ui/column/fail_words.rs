use schema_core::Table;

#[derive(Table)]
struct User {
    #[column(primary_ky)]
    id: i64,
    #[column(defualt = "1", on_delete = cascade)]
    email: String,
    #[column(references = "orgs(id)", on_delete = cascde)]
    org_id: i64,
    #[column(type = "")]
    plain: String,
    #[column(default = "1", generated = "2", default = "3")]
    twice: i64,
    #[column(index(methd = "gin"), unique(a))]
    indexed: i64,
    #[column(postgres(sqlite(type = "x")), unique index)]
    nested: i64,
    #[column(type = 5)]
    number: i64,
}

fn main() {}
