//! Plans on SQLite itself: a database that has catalog `a`, with rows, becomes one that has `b`, and goes back.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use rusqlite::{Connection, ErrorCode};
use schema_core::diff::{DiffOptions, diff};
use schema_core::introspect::sqlite::catalog;
use schema_core::model::DialectKind;
use schema_core::model::catalog::Catalog;
use schema_core::plan::{Direction, Plan, PlanOptions, plan, render_script};
use schema_core::sql::Replayer;
use schema_tests::sqlite::rows::{counters, fill, shared_rows};
use schema_tests::sqlite::script::{Choices, statement};
use schema_tests::sqlite::{memory, normal::normal, script_of};

/// The catalog after statements made from bytes; those that SQLite refuses are left out, and those that leave a view or
/// trigger behind that names what is not there: `ALTER TABLE` would refuse everything from then on.
fn made_by(scripts: &[&[Vec<u8>]]) -> Catalog {
    let connection = memory();
    let mut current = Catalog::default();
    for bytes in scripts.iter().flat_map(|script| script.iter()) {
        let sql = statement(&mut Choices::new(bytes), &current);
        if sql.starts_with("PRAGMA") || connection.execute_batch("SAVEPOINT one").is_err() {
            continue;
        }
        let sound = connection.execute_batch(&sql).is_ok()
            && connection.execute_batch("CREATE TABLE probe (a); ALTER TABLE probe RENAME TO probed").is_ok()
            && connection.execute_batch("DROP TABLE probed; RELEASE one").is_ok();
        if !sound {
            let _ = connection.execute_batch("ROLLBACK TO one; RELEASE one");
        }
        current = catalog(&connection).unwrap_or_default();
    }
    current
}

/// An empty database with the catalog.
fn database(catalog: &Catalog) -> Result<Connection, String> {
    let connection = memory();
    let script = script_of(catalog).map_err(|error| error.to_string())?;
    connection.execute_batch(&script).map_err(|error| format!("{error} in\n{script}"))?;
    Ok(connection)
}

enum Outcome {
    Done,
    /// Rows that are there do not fit what shall be: SQLite says so and nothing has changed.
    RowsDoNotFit,
}

fn run(connection: &Connection, plan: &Plan, direction: Direction) -> Result<Outcome, String> {
    let script = render_script(plan, direction);
    // A foreign key that never fitted its parent makes the check fail, not the plan.
    let script = script.replace("PRAGMA foreign_key_check;\n", "");
    let Err(error) = connection.execute_batch(&script) else { return Ok(Outcome::Done) };
    let _ = connection.execute_batch("ROLLBACK");
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation | ErrorCode::TypeMismatch) => Ok(Outcome::RowsDoNotFit),
        _ => Err(format!("{error} in\n{script}")),
    }
}

fn same(connection: &Connection, wanted: &Catalog, what: &str, script: &str) -> Result<(), String> {
    let found = normal(catalog(connection).map_err(|error| error.to_string())?);
    let wanted = normal(wanted.clone());
    if found == wanted {
        return Ok(());
    }
    let (found, wanted) = (format!("{found:#?}"), format!("{wanted:#?}"));
    let line = found.lines().zip(wanted.lines()).find(|(found, wanted)| found != wanted);
    Err(format!("{what}: found and wanted differ at {line:?}\nafter\n{script}"))
}

/// There and back on one database; whether its rows stood in the way.
fn there_and_back(a: &Catalog, b: &Catalog, plan: &Plan, with_rows: bool) -> Result<bool, String> {
    let connection = database(a)?;
    if with_rows {
        fill(&connection, a);
    }
    let up = render_script(plan, Direction::Up);
    let before = shared_rows(&connection, a, b).map_err(|error| error.to_string())?;
    let counted = counters(&connection, a, b).map_err(|error| error.to_string())?;
    if matches!(run(&connection, plan, Direction::Up)?, Outcome::RowsDoNotFit) {
        return if with_rows { Ok(true) } else { Err(format!("an empty database refuses\n{up}")) };
    }
    same(&connection, b, "up", &up)?;
    let after = shared_rows(&connection, a, b).map_err(|error| error.to_string())?;
    for (table, rows) in &before {
        if after.get(table).is_some_and(|after| after != rows) {
            return Err(format!("rows of {table}: {rows:?} became {:?} by\n{up}", after.get(table)));
        }
    }
    let counted_after = counters(&connection, a, b).map_err(|error| error.to_string())?;
    if counted != counted_after {
        return Err(format!("counters: {counted:?} became {counted_after:?} by\n{up}"));
    }
    if matches!(run(&connection, plan, Direction::Down)?, Outcome::RowsDoNotFit) {
        return if with_rows { Ok(true) } else { Err("an empty database refuses the way back".to_owned()) };
    }
    same(&connection, a, "down", &render_script(plan, Direction::Down))?;
    Ok(false)
}

/// The plan proven offline, as `plan::verify` does.
fn replayed(from: &Catalog, to: &Catalog, plan: &Plan, direction: Direction) -> Result<(), String> {
    let script = render_script(plan, direction);
    let mut sources = schema_core::model::SourceMap::default();
    let file = sources.add("plan.sql", script.as_str());
    let mut replayer = Replayer::with_catalog(from.clone(), DialectKind::Sqlite);
    replayer.run(&sources, file);
    let said: Vec<_> = replayer.diagnostics().iter().map(|diagnostic| &diagnostic.message).collect();
    let left = diff(replayer.catalog(), to, &DiffOptions::new(DialectKind::Sqlite));
    if left.is_empty() && said.is_empty() {
        return Ok(());
    }
    let left: Vec<String> = left.iter().map(ToString::to_string).collect();
    Err(format!("replayed {direction:?}: {left:?} {said:?} after\n{script}"))
}

static PAIRS: AtomicUsize = AtomicUsize::new(0);
static WITH_ROWS: AtomicUsize = AtomicUsize::new(0);

fn pair(a: &Catalog, b: &Catalog) -> Result<(), String> {
    let plan = plan(a, b, &PlanOptions::new(DialectKind::Sqlite)).map_err(|error| error.to_string())?;
    if plan.is_empty() {
        return if normal(a.clone()) == normal(b.clone()) {
            Ok(())
        } else {
            Err(format!("no plan from {a:#?} to {b:#?}"))
        };
    }
    replayed(a, b, &plan, Direction::Up)?;
    replayed(b, a, &plan, Direction::Down)?;
    let in_the_way = there_and_back(a, b, &plan, true)?;
    if in_the_way {
        there_and_back(a, b, &plan, false)?;
    }
    PAIRS.fetch_add(1, Ordering::Relaxed);
    WITH_ROWS.fetch_add(usize::from(!in_the_way), Ordering::Relaxed);
    Ok(())
}

fn bytes(longest: usize) -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 24), 0..longest)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(600),
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn plans_lead_there_and_back(common in bytes(14), left in bytes(8), right in bytes(8)) {
        let (a, b) = (made_by(&[&common, &left]), made_by(&[&common, &right]));
        if let Err(detail) = pair(&a, &b) {
            prop_assert!(false, "{}", detail);
        }
        let pairs = PAIRS.load(Ordering::Relaxed);
        if pairs.is_multiple_of(500) && pairs > 0 {
            println!("{pairs} pairs, {} of them with rows all the way", WITH_ROWS.load(Ordering::Relaxed));
        }
    }
}
