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

/// The plan from one script's catalog to another's, run on a database with the first one's rows; then a query's answer.
fn planned(old: &str, new: &str, options: &PlanOptions, query: &str) -> (Plan, Vec<String>) {
    let (before, after) = (memory(), memory());
    before.execute_batch(old).expect("the old script runs");
    after.execute_batch(new).expect("the new script runs");
    let (a, b) = (catalog(&before).expect("readable"), catalog(&after).expect("readable"));
    let plan = plan(&a, &b, options).expect("a plan");
    let up = render_script(&plan, Direction::Up);
    before.execute_batch("PRAGMA foreign_keys = on").expect("a pragma is accepted");
    before.execute_batch(&up).unwrap_or_else(|error| panic!("{error} in\n{up}"));
    same(&before, &b, "up", &up).unwrap_or_else(|detail| panic!("{detail}"));
    let mut statement = before.prepare(query).expect("the query fits");
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let values =
            (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at).map(|value| format!("{value:?}")));
        Ok(values.collect::<Result<Vec<_>, _>>()?.join(" "))
    });
    let rows = rows.expect("the query runs").map(|row| row.expect("a row")).collect();
    let down = render_script(&plan, Direction::Down);
    before.execute_batch(&down).unwrap_or_else(|error| panic!("{error} in\n{down}"));
    same(&before, &a, "down", &down).unwrap_or_else(|detail| panic!("{detail}"));
    (plan, rows)
}

#[test]
fn a_rebuilt_parent_keeps_its_children_and_everything_that_hangs_on_it() {
    let parts = |status: &str| {
        format!(
            "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, status {status});
             CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
             CREATE INDEX users_status ON users (status) WHERE status <> 'gone';
             CREATE VIEW active AS SELECT id FROM users WHERE status = 'active';
             CREATE VIEW busy AS SELECT active.id FROM active JOIN posts ON posts.user_id = active.id;
             CREATE TRIGGER posted AFTER INSERT ON posts BEGIN UPDATE users SET status = 'active' WHERE id = new.user_id; END;"
        )
    };
    let rows = "INSERT INTO users (id, status) VALUES (3, 'new'), (9, NULL); DELETE FROM users WHERE id = 9;
                INSERT INTO posts VALUES (1, 3);";
    let old = parts("TEXT") + rows;
    let new = parts("TEXT NOT NULL DEFAULT 'new' CHECK (status <> '')");
    let query = "SELECT (SELECT count(*) FROM posts), (SELECT status FROM users WHERE id = 3), \
                 (SELECT seq FROM sqlite_sequence WHERE name = 'users'), (SELECT id FROM busy)";
    let (plan, found) = planned(&old, &new, &PlanOptions::new(DialectKind::Sqlite), query);
    assert_eq!(found, ["Integer(1) Text(\"active\") Integer(9) Integer(3)"]);
    assert!(plan.up.iter().all(|step| step.foreign_keys_off));
}

#[test]
fn what_alter_table_can_do_needs_no_rebuild() {
    let old = "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c TEXT); CREATE INDEX i ON t (c); INSERT INTO t VALUES (1, 'x', 'y')";
    let new = "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, d TEXT NOT NULL DEFAULT 'z' CHECK (d <> ''), e INTEGER REFERENCES t (a))";
    let (plan, found) = planned(old, new, &PlanOptions::new(DialectKind::Sqlite), "SELECT * FROM t");
    assert_eq!(found, ["Integer(1) Text(\"x\") Text(\"z\") Null"]);
    let up = render_script(&plan, Direction::Up);
    assert!(!up.contains("_new_"), "{up}");
}

#[test]
fn a_new_column_that_must_not_be_null_takes_its_backfill() {
    let old = "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, NULL)";
    let new = "CREATE TABLE t (a INTEGER PRIMARY KEY, c TEXT NOT NULL, b TEXT NOT NULL)";
    let mut options = PlanOptions::new(DialectKind::Sqlite);
    let key =
        |column: &str| (schema_core::model::ObjectName::bare("t"), schema_core::model::Name::new(column));
    options.backfills.insert(key("c"), "upper(b) || a".into());
    options.backfills.insert(key("b"), "'none'".into());
    let old_again = old.replace("(2, NULL)", "(2, 'y')");
    let (_, found) = planned(&old_again, new, &options, "SELECT c, b FROM t ORDER BY a");
    assert_eq!(found, ["Text(\"X1\") Text(\"x\")", "Text(\"Y2\") Text(\"y\")"]);
}

#[test]
fn renames_are_made_in_place_and_followed() {
    let old = "CREATE TABLE owner (id INTEGER PRIMARY KEY, full_name TEXT CHECK (owner.full_name <> ''));
               CREATE TABLE pet (id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES owner (id));
               CREATE VIEW pets AS SELECT p.id, o.full_name FROM pet p JOIN owner o ON o.id = p.owner_id;
               INSERT INTO owner VALUES (1, 'Ann'); INSERT INTO pet VALUES (5, 1)";
    let new = "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT CHECK (person.name <> ''));
               CREATE TABLE pet (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES person (id));
               CREATE VIEW pets AS SELECT p.id, o.name FROM pet p JOIN person o ON o.id = p.owner_id";
    let mut options = PlanOptions::new(DialectKind::Sqlite);
    let (bare, name) = (schema_core::model::ObjectName::bare, schema_core::model::Name::new);
    options.renames.tables.push((bare("owner"), bare("person")));
    options.renames.columns.push((bare("person"), name("full_name"), name("name")));
    let (plan, found) = planned(old, new, &options, "SELECT id, name FROM pets");
    assert_eq!(found, ["Integer(5) Text(\"Ann\")"]);
    let up = render_script(&plan, Direction::Up);
    assert!(up.contains("ALTER TABLE owner RENAME TO person") && !up.contains("_new_person"), "{up}");
}

#[test]
fn names_that_differ_in_case_alone_are_one_name() {
    let old = "CREATE TABLE Users (Id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX By_Name ON Users (name);
               CREATE VIEW V AS SELECT name FROM Users; INSERT INTO Users VALUES (1, 'a')";
    let new = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER); CREATE INDEX By_Name ON users (name);
               CREATE VIEW v AS SELECT name FROM users";
    let connections = (memory(), memory());
    connections.0.execute_batch(old).expect("the old script runs");
    connections.1.execute_batch(new).expect("the new script runs");
    let (a, b) = (catalog(&connections.0).expect("readable"), catalog(&connections.1).expect("readable"));
    let plan = plan(&a, &b, &PlanOptions::new(DialectKind::Sqlite)).expect("a plan");
    assert_eq!(
        render_script(&plan, Direction::Up),
        "BEGIN;\nALTER TABLE Users ADD COLUMN age INTEGER;\nCOMMIT;\n"
    );
}
