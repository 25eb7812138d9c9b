//! Scripts to catalogs: one test for each file of `cases/replay`, and a second one that runs the script on a live
//! PostgreSQL and asks that the server refuses the same statements and ends with the same catalog.

use std::collections::BTreeSet;
use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use schema_core::dialect::canonical;
use schema_core::model::catalog::Catalog;
use schema_core::model::{DialectKind, SourceMap, Span, lines};
use schema_core::sql::{Replayer, StatementKind, split};
use schema_tests::TestDatabase;
use schema_tests::case::{Case, files};

fn main() {
    let args = Arguments::from_args();
    let mut trials = Vec::new();
    for path in files("replay") {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let live = path.clone();
        trials.push(Trial::test(name.clone(), move || offline(&path).map_err(Failed::from)));
        if !name.starts_with("sqlite") {
            trials.push(Trial::test(format!("live_{name}"), move || on_server(&live).map_err(Failed::from)));
        }
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

/// Lines with the columns of views left out: what a query gives is only known as far as it is plain.
fn comparable(catalog: &Catalog) -> BTreeSet<String> {
    let mut known = canonical::catalog(catalog, DialectKind::Postgres);
    known.gaps.clear();
    known.views.values_mut().for_each(|view| {
        view.query.clear();
        view.touches.clear();
        view.columns.iter_mut().for_each(|(_, ty)| *ty = None);
        view.explicit_columns = false;
    });
    known.opaque.values_mut().for_each(|object| {
        object.definition.clear();
        object.touches.clear();
        object.amendments.clear();
    });
    known.extensions.values_mut().for_each(|extension| {
        extension.version = None;
        extension.comment = None;
    });
    text_of(&known, DialectKind::Postgres).lines().map(str::to_owned).collect()
}

fn on_server(path: &Path) -> Result<(), String> {
    let case = Case::read(path).map_err(|error| error.to_string())?;
    let (text, dialect) = script(&case);
    let Some(database) = TestDatabase::create() else { return Ok(()) };
    let mut client = database.connect();
    let (replayer, sources) = replayed(&text, dialect);
    let refusals = replayer.diagnostics().iter().filter_map(|diagnostic| diagnostic.labels.first());
    let refusals: Vec<Span> = refusals.map(|label| label.span).collect();
    let mut complaints = Vec::new();
    for statement in split(&text, dialect).iter().filter(|statement| statement.kind == StatementKind::Sql) {
        let refused =
            refusals.iter().any(|span| (statement.start..=statement.end).contains(&(span.start as usize)));
        let outcome = client.batch_execute(statement.text(&text));
        let place = sources.describe(Span::new(refusal_file(&sources), statement.start, statement.end));
        match (outcome, refused) {
            (Err(error), false) => {
                let message = schema_tests::database::with_source(&error);
                complaints.push(format!("{place}: the server refuses: {message}"));
            }
            (Ok(()), true) => complaints.push(format!("{place}: the server takes it")),
            _ => {}
        }
    }
    let mut fresh = database.connect();
    let read = schema_core::introspect::postgres::catalog(&mut fresh).map_err(|error| error.to_string())?;
    let (ours, theirs) = (comparable(replayer.catalog()), comparable(&read));
    complaints.extend(ours.difference(&theirs).map(|line| format!("ours   {line}")));
    complaints.extend(theirs.difference(&ours).map(|line| format!("server {line}")));
    complaints.extend(replayer.catalog().gaps.iter().map(|gap| format!("gap {}", gap.reason)));
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

fn refusal_file(sources: &SourceMap) -> schema_core::model::FileId {
    sources.files().next().map_or(schema_core::model::FileId(0), |(file, _)| file)
}
