//! The cases of `cases/dialects`: one schema in two dialects, and what the two do not both mean.

use libtest_mimic::{Arguments, Failed, Trial};
use schema_core::diff::dialect_differences;
use schema_core::sql::replay_text;
use schema_model::DialectKind::{Postgres, Sqlite};
use schema_tests::case::{self, Case};

fn main() {
    let trial = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Trial::test(name, move || {
            judge(Case::read(&path).map_err(|error| error.to_string())?).map_err(Failed::from)
        })
    };
    let trials: Vec<Trial> = case::files("dialects").into_iter().map(trial).collect();
    assert!(!trials.is_empty(), "no cases");
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A difference a line, its kind first.
fn judge(mut case: Case) -> Result<(), String> {
    let section = |name: &str| case.section(name).ok_or(format!("no section {name}"));
    let (postgres, sqlite) =
        (replay_text(section("postgres.sql")?, Postgres), replay_text(section("sqlite.sql")?, Sqlite));
    for catalog in [&postgres, &sqlite] {
        assert!(catalog.gaps.is_empty() && !catalog.tables.is_empty(), "not understood: {:?}", catalog.gaps);
    }
    let lines: String = dialect_differences(&postgres, &sqlite)
        .iter()
        .map(|found| format!("{}: {found}\n", found.kind.as_str()))
        .collect();
    case.expect("differences", &lines)
}
