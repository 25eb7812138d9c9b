//! A pair of schemas on PostgreSQL: OLD, our way to NEW, and back; each end dumped and compared.

use postgres::{Client, SimpleQueryMessage};
use schema_core::plan::{self, Direction, Plan, PlanError, PlanOptions};
use schema_core::sql::replay_text;
use schema_model::DialectKind;
use schema_model::catalog::Catalog;

use super::dump::{difference, dump};
use crate::TestDatabase;
use crate::database::with_source;

/// Two schemas as SQL.
#[derive(Clone, Debug, Default)]
pub struct Pair {
    /// What both begin with.
    pub setup: String,
    /// The schema before.
    pub old: String,
    /// Rows that are there before.
    pub rows: String,
    /// The schema after.
    pub new: String,
}

/// What went wrong.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The pair itself does not run.
    Setup(String),
    /// No plan was made.
    Refused(String),
    /// The plan is wrong.
    Wrong(String),
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Setup(text) => write!(f, "the case does not run: {text}"),
            Failure::Refused(text) => write!(f, "refused: {text}"),
            Failure::Wrong(text) => f.write_str(text),
        }
    }
}

/// Where the catalogs come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The SQL, replayed.
    Replay,
    /// The database, read.
    Introspection,
}

/// A database with the scripts run in it.
pub fn database(scripts: &[&str]) -> Result<TestDatabase, Failure> {
    let database = TestDatabase::create().ok_or_else(|| Failure::Setup("no PostgreSQL server".to_owned()))?;
    for script in scripts {
        run(&mut database.connect(), script).map_err(Failure::Setup)?;
    }
    Ok(database)
}

/// Runs a script the way psql does: a statement at a time, transactions as written.
pub fn run(client: &mut Client, script: &str) -> Result<Vec<String>, String> {
    let statements = schema_core::sql::split(script, DialectKind::Postgres);
    let mut seen = Vec::new();
    for statement in statements {
        let text = script.get(statement.start..statement.end).unwrap_or_default();
        match client.simple_query(text) {
            Ok(messages) => seen.extend(messages.iter().filter_map(|message| match message {
                SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            })),
            Err(error) => return Err(format!("{}\n  in: {text}", with_source(&error))),
        }
    }
    Ok(seen)
}

/// The catalog of a pair's side.
pub fn catalog(source: Source, setup: &str, schema: &str) -> Result<Catalog, Failure> {
    match source {
        Source::Replay => Ok(replay_text(&format!("{setup}\n{schema}"), DialectKind::Postgres)),
        Source::Introspection => {
            let database = database(&[setup, schema])?;
            schema_core::introspect::postgres::catalog(&mut database.connect())
                .map_err(|error| Failure::Setup(error.to_string()))
        }
    }
}

/// Plans the pair.
pub fn plan(pair: &Pair, source: Source, options: &PlanOptions) -> Result<Plan, Failure> {
    let old = catalog(source, &pair.setup, &pair.old)?;
    let new = catalog(source, &pair.setup, &pair.new)?;
    planned(&old, &new, options)
}

/// A plan between catalogs, refusals told from bugs.
pub fn planned(old: &Catalog, new: &Catalog, options: &PlanOptions) -> Result<Plan, Failure> {
    plan::plan(old, new, options).map_err(|error| match error {
        PlanError::Unproven { .. } => Failure::Wrong(error.to_string()),
        other => Failure::Refused(other.to_string()),
    })
}

/// Runs the plan up and down on a database that has OLD, and compares dumps.
pub fn prove(pair: &Pair, plan: &Plan) -> Result<(), Failure> {
    let old = database(&[&pair.setup, &pair.old])?;
    let new = database(&[&pair.setup, &pair.new])?;
    let (before, after) = (dumped(&old)?, dumped(&new)?);
    run(&mut old.connect(), &pair.rows).map_err(Failure::Setup)?;
    for (direction, expected) in [(Direction::Up, &after), (Direction::Down, &before)] {
        let script = plan::render_script(plan, direction);
        run(&mut old.connect(), &script)
            .map_err(|error| Failure::Wrong(format!("{direction:?} failed: {error}\nscript:\n{script}")))?;
        if let Some(text) = difference(expected, &dumped(&old)?) {
            return Err(Failure::Wrong(format!("{direction:?} leads elsewhere:\n{text}script:\n{script}")));
        }
    }
    Ok(())
}

fn dumped(database: &TestDatabase) -> Result<Vec<String>, Failure> {
    dump(database).map_err(Failure::Setup)
}
