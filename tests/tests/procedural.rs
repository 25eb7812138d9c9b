//! Blocks, functions, views: the scripts of `cases/procedural` replayed and run, with the same catalog after both.

use std::fs;
use std::path::{Path, PathBuf};

use schema_core::dialect::canonical;
use schema_core::introspect;
use schema_core::sql::Replayer;
use schema_model::catalog::Catalog;
use schema_model::{DialectKind, SourceMap};
use schema_tests::TestDatabase;

fn scripts(ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/procedural");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_str().unwrap().ends_with(ending));
    files.sort();
    files
}

fn replayed(path: &Path) -> (Catalog, Vec<String>) {
    let mut sources = SourceMap::default();
    let file = sources.add(path.file_name().unwrap().to_str().unwrap(), fs::read_to_string(path).unwrap());
    let mut replayer = Replayer::new(DialectKind::Postgres);
    replayer.run(&sources, file);
    let said = replayer.diagnostics().iter().map(|diagnostic| diagnostic.message.clone()).collect();
    (replayer.into_catalog(), said)
}

/// A catalog as lines: tables in full, the rest by name and columns.
fn lines(catalog: &Catalog) -> Vec<String> {
    let catalog = canonical::catalog(catalog, DialectKind::Postgres);
    let mut lines = Vec::new();
    for table in catalog.tables.values() {
        lines.push(format!("table {} {:?} {:?}", table.name, table.options.kind, table.options.comment));
        for column in &table.columns {
            lines.push(format!(
                "column {}.{} {:?} {} {:?} {:?}",
                table.name, column.name, column.ty, column.nullable, column.default, column.comment
            ));
        }
        for constraint in &table.constraints {
            lines.push(format!("constraint {} {:?} {:?}", table.name, constraint.name, constraint.kind));
        }
        for index in &table.indexes {
            lines.push(format!("index {} {} {:?}", table.name, index.name, index.parts));
        }
    }
    for ty in catalog.enums.values() {
        lines.push(format!("enum {} {:?}", ty.name, ty.values));
    }
    for view in catalog.views.values() {
        let columns: Vec<_> = view.columns.iter().map(|(name, _)| name.as_str()).collect();
        lines.push(format!("view {} {} {columns:?} {:?}", view.name, view.materialized, view.comment));
    }
    for object in catalog.opaque.values() {
        lines.push(format!("{} {:?}", object.id, object.comment));
    }
    lines.extend(catalog.sequences.keys().map(|name| format!("sequence {name}")));
    lines.sort();
    lines
}

#[test]
fn replayed_and_run_scripts_leave_the_same() {
    let mut wrong = Vec::new();
    for path in scripts(".sql").iter().filter(|path| !path.to_str().unwrap().ends_with(".gap.sql")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let (catalog, said) = replayed(path);
        wrong
            .extend(catalog.gaps.iter().map(|gap| format!("{name}: gap: {}: {}", gap.reason, gap.statement)));
        wrong.extend(said.iter().map(|message| format!("{name}: {message}")));
        let Some(database) = TestDatabase::create() else { return };
        let mut client = database.connect();
        if let Err(error) = client.batch_execute(&fs::read_to_string(path).unwrap()) {
            wrong.push(format!("{name}: {}", schema_tests::database::with_source(&error)));
            continue;
        }
        let ours = lines(&catalog);
        let theirs = lines(&introspect::postgres::catalog(&mut client).unwrap());
        wrong.extend(
            ours.iter()
                .filter(|line| !theirs.contains(line))
                .map(|line| format!("{name}: only replayed: {line}")),
        );
        wrong.extend(
            theirs.iter().filter(|line| !ours.contains(line)).map(|line| format!("{name}: only run: {line}")),
        );
        // What the catalog holds makes the same views again.
        for view in catalog.views.values() {
            let query = format!("CREATE TEMP VIEW again AS {}; DROP VIEW again", view.query);
            if let Err(error) = client.batch_execute(&query) {
                let error = schema_tests::database::with_source(&error);
                wrong.push(format!(
                    "{name}: view {} cannot be made again: {error}: {}",
                    view.name, view.query
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_depends_on_data_is_a_gap() {
    for path in scripts(".gap.sql") {
        let (catalog, said) = replayed(&path);
        assert_eq!(catalog.gaps.len(), 1, "{}: {said:?}", path.display());
        assert!(!catalog.gaps[0].touches.is_empty(), "{}", path.display());
    }
}
