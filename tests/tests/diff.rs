//! The cases of `cases/diff`: the plan as text, replayed, planned again, and run on live databases.

use libtest_mimic::{Arguments, Failed, Trial};
use schema_core::diff::Renames;
use schema_core::plan::{Direction, PlanOptions, render_script, verify};
use schema_core::sql::replay_text;
use schema_model::{DialectKind, ObjectName};
use schema_tests::case::{self, Case};
use schema_tests::plans::live::{self, Pair, Source};
use schema_tests::plans::sqlite;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for path in case::files("diff") {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        trials.push(Trial::test(name, move || {
            let mut case = Case::read(&path).map_err(|error| Failed::from(error.to_string()))?;
            let sqlite = case.section("up.sqlite").is_some();
            let postgres = case.section("up.postgres").is_some() || !sqlite;
            for (dialect, _) in [(DialectKind::Postgres, postgres), (DialectKind::Sqlite, sqlite)]
                .iter()
                .filter(|(_, run)| *run)
            {
                judge(&mut case, *dialect).map_err(Failed::from)?;
            }
            Ok(())
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
fn judge(case: &mut Case, dialect: DialectKind) -> Result<(), String> {
    let section = |name: &str| case.section(name).unwrap_or_default().to_owned();
    let pair = Pair {
        setup: section("setup.sql"),
        old: section("old.sql"),
        rows: section("rows.sql"),
        new: section("new.sql"),
    };
    let mut options = PlanOptions::new(dialect);
    options.online = case.section("online").is_some();
    options.renames = renames(&section("renames"))?;
    let side = |schema: &str| match dialect {
        DialectKind::Postgres => {
            live::catalog(source(), &pair.setup, schema).map_err(|error| error.to_string())
        }
        DialectKind::Sqlite => Ok(replay_text(&format!("{}\n{schema}", pair.setup), dialect)),
    };
    let (old, new) = (side(&pair.old)?, side(&pair.new)?);
    let plan = match live::planned(&old, &new, &options) {
        Ok(plan) => plan,
        Err(error) => return case.expect("error", &format!("{error}\n")),
    };
    let mut wrong = String::new();
    if let Err(error) = verify(&plan, &old, &new) {
        wrong.push_str(&format!("{error}\n"));
    }
    let ran = match dialect {
        _ if std::env::var("SCHEMA_DIFF_LIVE").as_deref() == Ok("0") => Ok(()),
        DialectKind::Postgres => live::prove(&pair, &plan),
        DialectKind::Sqlite => sqlite::prove(&pair, &plan),
    };
    if let Err(error) = ran {
        wrong.push_str(&error.to_string());
    }
    for (name, direction) in [("up", Direction::Up), ("down", Direction::Down)] {
        if let Err(error) = case.expect(&format!("{name}.{dialect}"), &render_script(&plan, direction)) {
            wrong.push_str(&error);
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// `table a b`, `type a b`, `column t a b`, `value t a b`, `constraint t a b`, `index t a b`, a line each.
fn renames(text: &str) -> Result<Renames, String> {
    let mut renames = Renames::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let object = |word: &str| ObjectName::bare(word);
        match words[..] {
            ["table", from, to] => renames.tables.push((object(from), object(to))),
            ["type", from, to] => renames.types.push((object(from), object(to))),
            ["column", table, from, to] => renames.columns.push((object(table), from.into(), to.into())),
            ["constraint", table, from, to] => {
                renames.constraints.push((object(table), from.into(), to.into()));
            }
            ["index", table, from, to] => renames.indexes.push((object(table), from.into(), to.into())),
            ["value", ty, from, to] => renames.values.push((object(ty), from.into(), to.into())),
            _ => return Err(format!("a line that is no rename: {line}")),
        }
    }
    Ok(renames)
}
