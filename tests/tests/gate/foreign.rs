//! Models of diesel and SeaORM behind the gate: what differs has no field of ours, and stands at its line all the same.

use schema_core::rust::ModelKind;

use super::project::Project;

const DIESEL: &str = "diesel::table! {
    usertable (id) {
        id -> Int8,
        #[max_length = 255]
        email -> Nullable<Varchar>,
    }
}
";

const ENTITY: &str = "use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, DeriveEntityModel)]
#[sea_orm(table_name = \"usertable\")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub email: Option<String>,
}
";

fn project(kind: ModelKind, path: &str, text: &str) -> Project {
    let project = Project::new();
    // The library's own crate is not needed: the gate reads, and does not compile.
    project.write("src/lib.rs", "");
    std::fs::remove_file(project.folder.join("src/models.rs")).unwrap();
    std::fs::create_dir_all(project.folder.join("src/entities")).unwrap();
    project.write(path, text);
    let source = path.strip_suffix("/user.rs").unwrap_or(path).to_owned();
    project.lock_with(|config| config.foreign.push((kind, source)));
    project
}

#[test]
fn a_diesel_schema_is_gated() {
    let project = project(ModelKind::Diesel, "src/schema.rs", DIESEL);
    let (ok, text) = project.build();
    assert!(ok && !text.contains("warning"), "{text}");
    let (ok, text) = project.cargo(&["build", "-v"], "");
    assert!(ok && text.contains("Fresh app"), "nothing changed, and the gate ran: {text}");
    project.write("src/schema.rs", &DIESEL.replace("Nullable<Varchar>", "Varchar"));
    let (ok, text) = project.build();
    let message = "column usertable.email is declared `not null`, but no migration up to 1.1.0 makes it so";
    assert!(!ok && text.contains(message) && text.contains("src/schema.rs:5:9"), "{text}");
    project.write("src/schema.rs", &DIESEL.replace("id -> Int8", "id: Int8"));
    let (ok, text) = project.build();
    assert!(
        !ok && text.contains("diesel will not read this") && text.contains("src/schema.rs:3:11"),
        "{text}"
    );
    project.write("src/schema.rs", DIESEL);
    let (ok, text) = project.build();
    assert!(ok, "{text}");
}

#[test]
fn a_folder_of_entities_is_gated() {
    let project = project(ModelKind::SeaOrm, "src/entities/user.rs", ENTITY);
    let (ok, text) = project.build();
    assert!(ok && !text.contains("warning"), "{text}");
    project.write("src/entities/user.rs", &ENTITY.replace("email: ", "mail: "));
    let (ok, text) = project.build();
    assert!(
        !ok && text.contains("column usertable.mail is declared but no migration up to 1.1.0 adds it"),
        "{text}"
    );
    assert!(text.contains("src/entities/user.rs:8:9"), "{text}");
    project.write("src/entities/user.rs", ENTITY);
    // A new file of the folder is a new entity.
    project.write("src/entities/post.rs", &ENTITY.replace("usertable", "posts"));
    let (ok, text) = project.build();
    assert!(
        !ok && text.contains("table posts is declared but no migration up to 1.1.0 creates it"),
        "{text}"
    );
}
