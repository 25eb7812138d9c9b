//! The gate as a user meets it: a crate of its own with a build.rs, really built by cargo.

mod foreign;
mod levels;
mod project;

use std::path::Path;
use std::process::Command;

use project::{MODELS, Project, UP};

#[test]
fn drift_is_an_error_at_the_field_and_a_clean_build_prints_nothing() {
    let project = Project::new();

    let (ok, text) = project.build();
    assert!(
        !ok && text.contains("the models declare 1 tables, and migrations has no migrations yet"),
        "{text}"
    );
    assert!(text.contains("cargo schema revision -m \"Initial schema\""), "{text}");

    project.lock();
    let (ok, text) = project.build();
    assert!(ok && !text.contains("schema drift") && !text.contains("warning"), "{text}");
    let (ok, text) = project.cargo(&["build", "-v"], "");
    assert!(ok && text.contains("Fresh app"), "nothing changed, and the gate ran: {text}");

    // The compiled tables are what the scan saw; the head is the crate's version of the schema.
    std::fs::create_dir_all(project.folder.join("tests")).unwrap();
    project.write(
        "tests/seen.rs",
        "#[test]\nfn seen() {\n    schema_core::testing::assert_scanned();\n    schema_core::testing::assert_table::<app::models::User>();\n    \
         assert_eq!(app::VERSION, \"1.1.0\");\n}\n",
    );
    let (ok, text) = project.cargo(&["test", "-q", "--test", "seen"], "");
    assert!(ok, "{text}");

    // A new field: the compiler's error stands at it.
    let phone = MODELS.replace(
        "pub email: Option<String>,\n",
        "pub email: Option<String>,\n    pub phone: Option<String>,\n",
    );
    project.write("src/models.rs", &phone);
    let (ok, text) = project.build();
    assert!(!ok, "{text}");
    let message = "schema drift: column usertable.phone is declared but no migration up to 1.1.0 adds it";
    assert!(text.contains(message) && text.contains("src/models.rs:10:9"), "{text}");
    assert!(text.contains("cargo schema revision -m"), "{text}");
    let (ok, text) = project.cargo(&["build"], "warn");
    assert!(ok && text.contains("warning") && text.contains(message), "{text}");
    let (ok, text) = project.cargo(&["build"], "off");
    assert!(ok && !text.contains("schema drift"), "{text}");

    // A field gone, a type, a nullability, a key and an expression.
    for (from, to, message, place) in [
        (
            "    #[column(type = \"varchar(255)\", index)]\n    pub email: Option<String>,\n",
            "",
            "column usertable.email is in the migrations up to 1.1.0 but `User` has no field for it",
            "src/models.rs:5:12",
        ),
        (
            "varchar(255)",
            "varchar(20)",
            "column usertable.email is declared as `type character varying(20)`",
            "src/models.rs:9:9",
        ),
        ("Option<String>", "String", "column usertable.email is declared `not null`", "src/models.rs:9:9"),
        (", index", "", "index usertable_email_idx of usertable", "src/models.rs:5:12"),
        (
            "#[column(primary_key)]",
            "",
            "constraint usertable_pkey of usertable, primary key (id)",
            "src/models.rs:5:12",
        ),
    ] {
        project.write("src/models.rs", &MODELS.replace(from, to));
        let (ok, text) = project.build();
        assert!(!ok && text.contains(message) && text.contains(place), "{message}\n{text}");
    }

    // Back to what it was: clean again.
    project.write("src/models.rs", MODELS);
    let (ok, text) = project.build();
    assert!(ok && !text.contains("schema drift"), "{text}");

    // Only formatting of a migration: clean. Its meaning: an error of the build script.
    project.write("migrations/1.1.0_users.up.sql", &UP.replace("CREATE TABLE", "create  table"));
    let (ok, text) = project.build();
    assert!(ok, "{text}");
    project.write("migrations/1.1.0_users.up.sql", &UP.replace("255", "256"));
    let (ok, text) = project.build();
    assert!(!ok && text.contains("1.1.0_users.up.sql was changed since schema.lock was written"), "{text}");
    project.write("migrations/1.1.0_users.up.sql", UP);

    // A migration that the lock does not know, then a conflict in the lock.
    project.write("migrations/1.2.0_more.up.sql", "CREATE TABLE more (id int);");
    let (ok, text) = project.build();
    assert!(
        !ok && text.contains("1.2.0_more.up.sql is newer than schema.lock; run `cargo schema lock`"),
        "{text}"
    );
    std::fs::remove_file(project.folder.join("migrations/1.2.0_more.up.sql")).unwrap();
    let (ok, text) = project.build();
    assert!(ok, "{text}");
    let lock = std::fs::read_to_string(project.folder.join("migrations/schema.lock")).unwrap();
    project.write("migrations/schema.lock", &format!("<<<<<<< HEAD\n{lock}"));
    let (ok, text) = project.build();
    assert!(!ok && text.contains("line 1 of schema.lock is a conflict marker"), "{text}");
    project.write("migrations/schema.lock", &lock);

    // A mistake in a model is the compiler's to report, in the derive's words.
    project.write("src/models.rs", &MODELS.replace("index", "indx"));
    let (ok, text) = project.build();
    assert!(!ok && text.contains("unknown word `indx` in `#[column(…)]`; did you mean `index`?"), "{text}");
    assert!(text.contains("src/models.rs:8:37") && !text.contains("schema drift"), "{text}");

    // Two structs for one table only the scan can see.
    project.write(
        "src/models.rs",
        &format!("{MODELS}#[derive(Table)] #[table(name = \"usertable\")] pub struct B {{ pub id: i64 }}\n"),
    );
    let (ok, text) = project.build();
    assert!(!ok && text.contains("two structs declare the table `usertable`: `User` and `B`"), "{text}");
}

#[test]
fn the_gate_pulls_in_no_sql_parser() {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("schema-core");
    for features in ["gate", "derive", "gate,derive,uuid"] {
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--no-default-features", "--features", features, "--prefix", "none"])
            .current_dir(&core)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("schema-model"), "{text}");
        for heavy in ["sqlparser", "serde", "toml", "rusqlite", "postgres", "semver"] {
            assert!(!text.lines().any(|line| line.starts_with(&format!("{heavy} "))), "{heavy} in:\n{text}");
        }
    }
}
