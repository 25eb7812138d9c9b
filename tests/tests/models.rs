//! Models to catalog lines, or to errors with their places: one test for each file of `cases/models`.
//!
//! A `models` section names other sources, a line each (`diesel src/schema.rs`); with a `migrations.<dialect>` section the
//! models are compared with what it makes, and `changes <dialect>` says what differs.

use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use schema_core::diff::diff;
use schema_core::rust::{Cfgs, CrateRoot, ModelKind, ScanOptions, diff_options, scan, target};
use schema_core::sql::Replayer;
use schema_model::{DialectKind, SourceMap, lines};
use schema_tests::case::{Case, files};

fn main() {
    let args = Arguments::from_args();
    let trials = files("models").into_iter().map(|path| {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Trial::test(name, move || run(&path).map_err(Failed::from))
    });
    libtest_mimic::run(&args, trials.collect()).exit();
}

fn run(path: &Path) -> Result<(), String> {
    let mut case = Case::read(path).map_err(|error| error.to_string())?;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    for (name, text) in &case.sections {
        if !name.ends_with(".rs") {
            continue;
        }
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap_or(folder.path())).map_err(|error| error.to_string())?;
        std::fs::write(file, text).map_err(|error| error.to_string())?;
    }
    let root = CrateRoot::new("app", folder.path().join("src/lib.rs"));
    let dialects: Vec<DialectKind> = match case.section("dialects") {
        Some(text) => text.split_whitespace().filter_map(|word| word.parse().ok()).collect(),
        None => vec![DialectKind::Postgres],
    };
    let mut options = ScanOptions::new(root, dialects.clone());
    if let Some(text) = case.section("models") {
        options.roots.clear();
        for (word, path) in text.lines().filter_map(|line| line.split_once(' ')) {
            let kind = ModelKind::from_word(word).ok_or_else(|| format!("no kind of models: {word}"))?;
            options.roots.push(CrateRoot { kind, ..CrateRoot::new("app", folder.path().join(path)) });
        }
    }
    options.base = folder.path().to_path_buf();
    let features = case.section("features").unwrap_or_default().to_owned();
    options.cfgs = Cfgs::from_rustc("unix\ntarget_os=\"linux\"").features(features.split_whitespace());
    for pattern in case.section("unmanaged").unwrap_or_default().split_whitespace() {
        options.unmanaged.add(pattern.to_owned());
    }
    let mut sources = SourceMap::default();
    let declared = scan(&options, &mut sources);
    let mut errors = String::new();
    for found in &declared.diagnostics {
        let place = found.labels.first().map_or_else(|| "-".to_owned(), |label| sources.describe(label.span));
        let message = found.message.replace(&folder.path().display().to_string(), "");
        errors.push_str(&format!("{place}: {message}\n"));
        for label in found.labels.iter().skip(1) {
            errors.push_str(&format!("  {}: {}\n", sources.describe(label.span), label.text));
        }
    }
    for dialect in dialects {
        let own = &declared.dialects[&dialect];
        let text: String =
            lines::lines(&own.catalog, dialect).iter().map(|line| format!("{line}\n")).collect();
        case.expect(&format!("lines {dialect}"), &text)?;
        if let Some(script) = case.section(&format!("migrations.{dialect}")).map(str::to_owned) {
            let file = sources.add("migrations.sql", script);
            let mut replayer = Replayer::new(dialect);
            replayer.run(&sources, file);
            let recorded = replayer.into_catalog();
            let compare = diff_options(&declared, dialect);
            let changes = diff(&recorded, &target(&declared, &recorded, &compare), &compare);
            let text: String = changes.iter().map(|change| format!("{change}\n")).collect();
            case.expect(&format!("changes {dialect}"), &text)?;
        }
    }
    case.expect("errors", &errors)
}
