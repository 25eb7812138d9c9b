//! Scripts to catalogs: one test for each file of `cases/replay`, and a second one that runs the script on a live
//! PostgreSQL, or on SQLite, and asks that it refuses the same statements and ends with the same catalog.

use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use schema_core::introspect::sqlite::catalog;
use schema_core::model::catalog::Catalog;
use schema_core::model::{DialectKind, SourceMap, lines};
use schema_core::sql::{Replayer, StatementKind, split};
use schema_tests::TestDatabase;
use schema_tests::case::{Case, files};
use schema_tests::replayed::InStep;
use schema_tests::sqlite::{memory, normal::normal, script_of};

fn main() {
    let args = Arguments::from_args();
    let mut trials = Vec::new();
    for path in files("replay") {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let live = path.clone();
        trials.push(Trial::test(name.clone(), move || offline(&path).map_err(Failed::from)));
        let run = if name.starts_with("sqlite") { on_sqlite } else { on_server };
        trials.push(Trial::test(format!("live_{name}"), move || run(&live).map_err(Failed::from)));
    }
    libtest_mimic::run(&args, trials).exit();
}

/// A case's script and its dialect.
fn script(case: &Case) -> (String, DialectKind) {
    match case.section("in.sqlite") {
        Some(text) => (text.to_owned(), DialectKind::Sqlite),
        None => (case.section("in.sql").unwrap_or_default().to_owned(), DialectKind::Postgres),
    }
}

fn replayed(text: &str, dialect: DialectKind) -> (Replayer, SourceMap) {
    let mut sources = SourceMap::default();
    let file = sources.add("in.sql", text);
    let mut replayer = Replayer::new(dialect);
    replayer.run(&sources, file);
    (replayer, sources)
}

fn text_of(catalog: &Catalog, dialect: DialectKind) -> String {
    lines::lines(catalog, dialect).iter().map(|line| format!("{line}\n")).collect()
}

fn offline(path: &Path) -> Result<(), String> {
    let mut case = Case::read(path).map_err(|error| error.to_string())?;
    let (text, dialect) = script(&case);
    let (replayer, sources) = replayed(&text, dialect);
    case.expect("catalog", &text_of(replayer.catalog(), dialect))?;
    let errors = replayer.diagnostics().iter().map(|diagnostic| {
        let place = diagnostic.labels.first().map_or(String::new(), |label| sources.describe(label.span));
        format!("{place}: {}\n", diagnostic.message)
    });
    case.expect("error", &errors.collect::<String>())
}

fn on_server(path: &Path) -> Result<(), String> {
    let case = Case::read(path).map_err(|error| error.to_string())?;
    let (text, _) = script(&case);
    let Some(database) = TestDatabase::create() else { return Ok(()) };
    let mut both = InStep::default();
    let mut complaints = both.run(&mut database.connect(), "in.sql", &text);
    complaints.extend(both.differences(&mut database.connect()));
    complaints.extend(both.replayer.catalog().gaps.iter().map(|gap| format!("gap {}", gap.reason)));
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

/// Statement by statement, as the sqlite3 shell goes on after an error; then the catalog printed, and that run.
fn on_sqlite(path: &Path) -> Result<(), String> {
    let case = Case::read(path).map_err(|error| error.to_string())?;
    let (text, dialect) = script(&case);
    let connection = memory();
    let mut complaints = Vec::new();
    let mut refused = 0;
    for statement in split(&text, dialect).iter().filter(|one| one.kind == StatementKind::Sql) {
        let outcome = connection.execute_batch(statement.text(&text)).map_err(|error| error.to_string());
        // SQLite's own tables, which `.schema` prints and nobody misses.
        let outcome = outcome.or_else(|error| match error.contains("reserved for internal use") {
            true => Ok(()),
            false => Err(error),
        });
        refused += usize::from(outcome.is_err());
        complaints.extend(outcome.err().map(|error| format!("{error}: {}", statement.text(&text))));
    }
    let (replayer, _) = replayed(&text, dialect);
    // What nobody understands is a gap, and says so too.
    if refused == replayer.diagnostics().len() + replayer.catalog().gaps.len() {
        complaints.clear();
    }
    let live = normal(catalog(&connection).map_err(|error| error.to_string())?);
    let mut own = normal(replayer.catalog().clone());
    own.gaps.clear();
    if own != live {
        complaints.push(format!("replayed {own:#?}\nlive {live:#?}"));
    }
    let again = memory();
    let printed = script_of(replayer.catalog()).map_err(|error| error.to_string())?;
    again.execute_batch(&printed).map_err(|error| format!("{error} in\n{printed}"))?;
    if normal(catalog(&again).map_err(|error| error.to_string())?) != live {
        complaints.push(format!("printed as\n{printed}"));
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}
