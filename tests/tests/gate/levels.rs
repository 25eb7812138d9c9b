//! How strict the gate is, under which features, and for which databases.

use schema_model::DialectKind;

use super::project::{MODELS, Project};

#[test]
fn the_level_decides_what_stops_a_build() {
    let project = Project::new();
    let defaulted = MODELS.replace("index)]", "index, default = \"lower('A')\")]");
    project.write("src/models.rs", &defaulted);
    project.lock();
    let (ok, text) = project.build();
    assert!(ok && !text.contains("warning"), "{text}");

    // A new spelling of an expression is not verified: only the engine could tell.
    project.write("src/models.rs", &defaulted.replace("lower('A')", "lower('A'::text)"));
    let message =
        "schema drift: not verified: column usertable.email is declared as `default lower('A'::text)`";
    let (ok, text) = project.build();
    assert!(ok && text.contains("warning: app@0.1.0: ") && text.contains(message), "{text}");
    assert!(text.contains("run `cargo schema check`") && text.contains("src/models.rs:9:9"), "{text}");
    let (ok, text) = project.cargo(&["build"], "deny");
    assert!(!ok && text.contains(message), "{text}");
    for quiet in ["off", "OFF", "0", "false"] {
        let (ok, text) = project.cargo(&["build"], quiet);
        assert!(ok && !text.contains("schema drift"), "{quiet}: {text}");
    }

    // A word that means nothing is said to mean nothing, and the gate is as strict as usual.
    project.write("src/models.rs", &defaulted.replace("i64", "i32"));
    let (ok, text) = project.cargo(&["build"], "loud");
    assert!(!ok && text.contains("SCHEMA_GATE=loud is not known; known are off, warn and deny"), "{text}");
    let (ok, text) = project.cargo(&["build"], "warn");
    assert!(ok && text.contains("column usertable.id is declared as `type integer`"), "{text}");
}

#[test]
fn under_other_features_only_what_is_there_is_judged() {
    let project = Project::new();
    let extra = format!(
        "{MODELS}\n#[cfg(feature = \"extra\")]\n#[derive(Table)]\npub struct Extra {{\n    #[column(primary_key)]\n    pub id: i64,\n}}\n"
    );
    let gated = extra.replace("    #[column(type", "    #[cfg(feature = \"extra\")]\n    #[column(type");
    project.write("src/models.rs", &gated);
    project.lock_with(|config| config.features = vec!["extra".to_owned()]);

    // The lock's features, and fewer: a table and a column are switched off, which is no drift.
    let (ok, text) = project.cargo(&["build", "--features", "extra"], "");
    assert!(ok && !text.contains("schema drift"), "{text}");
    let (ok, text) = project.build();
    assert!(ok && !text.contains("schema drift"), "{text}");

    // What is there and differs is drift under any features.
    project.write("src/models.rs", &gated.replacen("pub id: i64", "pub id: i32", 1));
    let (ok, text) = project.build();
    assert!(!ok && text.contains("column usertable.id is declared as `type integer`"), "{text}");

    // Under the lock's own features, what is gone is drift.
    project.write("src/models.rs", MODELS);
    let (ok, text) = project.cargo(&["build", "--features", "extra"], "");
    assert!(
        !ok && text.contains("table extras is in the migrations up to 1.1.0 but no model declares it"),
        "{text}"
    );
}

#[test]
fn two_databases_are_judged_each_by_its_own_words() {
    let project = Project::new();
    let models = MODELS.replace(
        "#[column(type = \"varchar(255)\", index)]",
        "#[column(postgres(type = \"varchar(255)\"), sqlite(type = \"TEXT\"), index)]",
    );
    project.write("src/models.rs", &models);
    project.lock_with(|config| config.dialects = vec![DialectKind::Postgres, DialectKind::Sqlite]);
    let (ok, text) = project.build();
    assert!(ok && !text.contains("warning"), "{text}");

    project.write("src/models.rs", &models.replace("\"TEXT\"", "\"INTEGER\""));
    let (ok, text) = project.build();
    assert!(!ok && text.contains("column usertable.email is declared as `type INTEGER`"), "{text}");
    assert!(!text.contains("varchar") && text.contains("src/models.rs:9:9"), "{text}");

    // The same finding for both is told once.
    project.write("src/models.rs", &models.replace("Option<String>", "String"));
    let (ok, text) = project.build();
    assert!(!ok && text.matches("column usertable.email is declared `not null`").count() == 1, "{text}");
}

#[test]
fn a_member_finds_the_configuration_that_its_workspace_shares() {
    let project = Project::new();
    project.lock();
    let manifest = std::fs::read_to_string(project.folder.join("Cargo.toml")).unwrap();
    // The package moves into a workspace whose migrations are at its root.
    let member = project.folder.join("member");
    std::fs::create_dir_all(&member).unwrap();
    for moved in ["src", "build.rs"] {
        std::fs::rename(project.folder.join(moved), member.join(moved)).unwrap();
    }
    std::fs::rename(project.folder.join("migrations"), project.folder.join("shared")).unwrap();
    project.write("member/Cargo.toml", &manifest.replace("[workspace]\n", ""));
    project.write(
        "Cargo.toml",
        "[workspace]\nmembers = [\"member\"]\nresolver = \"3\"\n[workspace.metadata.schema]\nmigrations = \"shared\"\n",
    );
    let (ok, text) = project.build();
    assert!(ok && !text.contains("schema"), "{text}");
    project.write("member/src/models.rs", &MODELS.replace("i64", "i32"));
    let (ok, text) = project.build();
    assert!(!ok && text.contains("column usertable.id is declared as `type integer`"), "{text}");
    assert!(text.contains("member/src/models.rs:7:9"), "{text}");
}
