//! AntaREST: 129 tables, PostgreSQL in production and SQLite on the desktop, 89 revisions of both.

use std::fs;
use std::path::PathBuf;

use crate::drift::{self, Known};
use crate::support::{Project, scripts, seeds};

const DIALECTS: [&str; 2] = ["postgres", "sqlite"];

/// The fixture with the 89 real revisions in place of its own.
fn with_history() -> Option<(Project, PathBuf)> {
    let history = seeds("antarest")?;
    let project = Project::of("antarest");
    project.remove("migrations");
    for dialect in DIALECTS {
        for path in scripts(&history.join(dialect)) {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            project.write(
                &format!("migrations/{dialect}/{name}"),
                &fs::read_to_string(&path).expect("a script"),
            );
        }
    }
    Some((project, history))
}

#[test]
fn the_models_as_found_differ_in_the_known_70_and_73_ways_and_in_what_alembic_cannot_see() {
    let project = Project::of("antarest");
    let check = ["check", "-q", "--features", "as-found", "--format", "json"];
    let own = project.fails(&check, 1);
    let real = with_history().map(|(project, history)| (project.fails(&check, 1), history));
    for (dialect, count) in [("postgres", 70), ("sqlite", 73)] {
        let known = Known::read(&project.read(&format!("known_differences_{dialect}.txt")));
        assert_eq!(known.alembics.len(), count);
        assert_eq!(drift::ours(&own, dialect), known.all, "{dialect}");
        let Some((real, history)) = &real else { continue };
        assert_eq!(drift::ours(real, dialect), known.all, "{dialect}, against the real migrations");
        let recorded = fs::read_to_string(history.join(format!("models/drift_{dialect}.txt")));
        known.assert_alembics(&recorded.expect("the recorded differences"));
    }
}

#[test]
fn corrected_models_are_clean_on_both_databases_and_ask_for_nothing() {
    let own = Project::of("antarest");
    own.expect(&["check"]);
    assert!(own.expect(&["revision", "-m", "nothing"]).contains("nothing was written"));
    let Some((project, _)) = with_history() else { return };
    project.expect(&["check", "--fix"]);
    assert!(project.expect(&["revision", "-m", "nothing"]).contains("nothing was written"));
}

/// Nobody had compared them: one column's type differs, four index names, and no enum's values are checked on SQLite.
#[test]
fn the_two_histories_are_one_schema_but_for_what_is_known() {
    let Some(history) = seeds("antarest") else { return };
    let project = Project::of("antarest");
    let path = |dialect: &str| history.join(dialect).to_string_lossy().into_owned();
    let found = project.expect(&["diff", &path("postgres"), &path("sqlite"), "--ignore-names"]);
    let (enums, others): (Vec<&str>, Vec<&str>) =
        found.lines().partition(|line| line.contains("takes only the values of enum"));
    assert_eq!(
        others,
        [
            "type of column `rawstudy.missing` is `timestamp without time zone` on postgres and `VARCHAR(255)` on sqlite"
        ]
    );
    assert_eq!(enums.len(), 44);
    let with_names = project.expect(&["diff", &path("postgres"), &path("sqlite")]);
    assert_eq!(with_names.lines().count(), found.lines().count() + 4);
}

/// Story 1 on this size: a field without a migration, a column without a field, a module that is no longer there.
#[test]
fn what_was_forgotten_is_named_and_nothing_is_proposed_for_dropping() {
    let project = Project::of("antarest");
    project.replace(
        "src/models/users.rs",
        "pub struct Group {\n",
        "pub struct Group {\n    pub phone: Option<String>,\n",
    );
    let found = project.fails(&["check"], 1);
    assert!(
        found.contains("column `groups.phone` is declared but no migration up to 1.0.0 adds it"),
        "{found}"
    );
    assert!(found.contains("src/models/users.rs:"), "{found}");

    let project = Project::of("antarest");
    for dialect in DIALECTS {
        let file = format!("migrations/{dialect}/1.0.0_initial_schema.up.sql");
        let text = project.read(&file);
        project.write(&file, &format!("{text}\nALTER TABLE groups ADD COLUMN phone varchar(20);\n"));
    }
    let found = project.fails(&["check"], 1);
    assert!(found.contains("column `groups.phone` is made by migrations but not declared"), "{found}");

    let project = Project::of("antarest");
    project.replace("src/models/mod.rs", "pub mod hydro;\n", "");
    let found = project.fails(&["check"], 1);
    assert!(found.contains("is created by migrations but no model declares it"), "{found}");
    let before = project.read("migrations/schema.lock");
    let refused = project.schema(&["revision", "-m", "x"]);
    assert!(!refused.status.success(), "dropping tables is refused until it is said");
    assert_eq!(project.read("migrations/schema.lock"), before);
}
