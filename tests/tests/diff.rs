//! The cases of `cases/diff`: the plan as text, replayed, planned again, and run on live databases.

use libtest_mimic::{Arguments, Failed, Trial};
use schema_core::plan::{Direction, PlanOptions, render_script, verify};
use schema_model::DialectKind;
use schema_tests::case::{self, Case};
use schema_tests::plans::live::{self, Pair, Source};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for path in case::files("diff") {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        trials.push(Trial::test(name, move || {
            let mut case = Case::read(&path).map_err(|error| Failed::from(error.to_string()))?;
            postgres(&mut case).map_err(Failed::from)
        }));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn source() -> Source {
    match std::env::var("SCHEMA_DIFF_SOURCE").as_deref() {
        Ok("live") => Source::Introspection,
        _ => Source::Replay,
    }
}

/// Proves the plan and, unless `SCHEMA_DIFF_LIVE=0`, runs it.
fn postgres(case: &mut Case) -> Result<(), String> {
    let section = |name: &str| case.section(name).unwrap_or_default().to_owned();
    let pair = Pair {
        setup: section("setup.sql"),
        old: section("old.sql"),
        rows: section("rows.sql"),
        new: section("new.sql"),
    };
    let options = PlanOptions::new(DialectKind::Postgres);
    let old = live::catalog(source(), &pair.setup, &pair.old).map_err(|error| error.to_string())?;
    let new = live::catalog(source(), &pair.setup, &pair.new).map_err(|error| error.to_string())?;
    let plan = live::planned(&old, &new, &options).map_err(|error| error.to_string())?;
    let mut wrong = String::new();
    if let Err(error) = verify(&plan, &old, &new) {
        wrong.push_str(&format!("{error}\n"));
    }
    if std::env::var("SCHEMA_DIFF_LIVE").as_deref() != Ok("0")
        && let Err(error) = live::prove(&pair, &plan)
    {
        wrong.push_str(&error.to_string());
    }
    for (name, direction) in [("up.postgres", Direction::Up), ("down.postgres", Direction::Down)] {
        if let Err(error) = case.expect(name, &render_script(&plan, direction)) {
            wrong.push_str(&error);
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}
