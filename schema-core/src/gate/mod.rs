//! The call that a build.rs makes: models against `schema.lock`, migration files against its checksums. No SQL parser, no
//! database, and nothing printed when all is well.

mod cache;
mod compare;
mod environment;
mod findings;
mod migrations;
mod output;
mod values;

use schema_model::SourceMap;

use crate::diagnostic::Severity;
use crate::lock::{self, Lock};
use crate::rust::{self, Declared, ScanOptions, Unmanaged};

pub use environment::{Environment, Level};
pub use findings::{Finding, Weight};
pub use output::Report;

/// Checks that the models, the migrations and `schema.lock` agree; to be called from a build script:
///
/// ```text
/// // build.rs
/// fn main() {
///     schema_core::gate::check();
/// }
/// ```
///
/// What differs is a build error at the struct's field, or, where it has no field, an error of the build script.
/// `SCHEMA_GATE=off` skips it, `warn` only warns, `deny` takes warnings for errors.
pub fn check() {
    let environment = Environment::from_build_script();
    let report = run(&environment);
    report.print(&environment);
}

/// The same without printing, for tests and other build tools.
pub fn run(environment: &Environment) -> Report {
    let mut report = Report::default();
    let lock_path = environment.migrations.join(lock::FILE);
    if environment.level == Level::Off {
        // `version!()` is no check.
        let lock = std::fs::read_to_string(&lock_path).ok().and_then(|text| lock::read(&text).ok());
        report.version = lock.as_ref().and_then(head);
        report.watch(lock_path);
        return report;
    }
    report.watch(environment.package.join("Cargo.toml"));
    let shown = environment.shown(&lock_path);
    let text = match std::fs::read_to_string(&lock_path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            without_lock(environment, &mut report);
            return report;
        }
        Err(error) => {
            report.elsewhere(format!("cannot read {shown}: {error}"), "mend the file's permissions");
            return report;
        }
    };
    report.watch(environment.migrations.clone());
    match lock::read(&text) {
        Ok(lock) => with_lock(environment, &lock, &mut report),
        Err(error) => report.findings.push(Finding::elsewhere(format!("schema gate: {error} ({shown})"))),
    }
    report
}

/// The one head.
fn head(lock: &Lock) -> Option<String> {
    match migrations::heads(lock).as_slice() {
        [head] => Some((*head).to_owned()),
        _ => None,
    }
}

fn scan(environment: &Environment, lock: Option<&Lock>, report: &mut Report) -> Declared {
    let config = lock.map(|lock| &lock.config);
    let mut roots = config.map(|config| config.model_roots(&environment.package)).unwrap_or_default();
    if roots.is_empty() {
        roots.extend(environment.default_root());
    }
    let options = ScanOptions {
        roots,
        cfgs: environment.cfgs.clone(),
        dialects: config.map(|config| config.dialects.clone()).unwrap_or_default(),
        naming: config.map(|config| config.naming.clone()).unwrap_or_default(),
        unmanaged: Unmanaged::new(config.map(|config| config.unmanaged.clone()).unwrap_or_default()),
        base: environment.package.clone(),
    };
    let mut options = options;
    if options.dialects.is_empty() {
        options.dialects.push(schema_model::DialectKind::Postgres);
    }
    let mut sources = SourceMap::default();
    let mut store = environment.store();
    let declared = rust::scan_with(&options, &mut sources, &mut store);
    store.save();
    report.sources = sources;
    report.own_roots = options.roots.iter().map(|root| environment.is_own(root)).collect();
    declared.files.iter().for_each(|file| report.watch(file.clone()));
    declared.missing.iter().for_each(|folder| report.watch(folder.clone()));
    declared
}

/// No lock yet: a project that has tables needs its first revision.
fn without_lock(environment: &Environment, report: &mut Report) {
    let declared = scan(environment, None, report);
    let tables = declared.dialects.values().map(|own| own.tables.len()).max().unwrap_or(0);
    let folder = environment.shown(&environment.migrations);
    let has_scripts = migrations::scripts(&environment.migrations).next().is_some();
    if has_scripts {
        report.watch(environment.migrations.clone());
        report.elsewhere(format!("{folder} has no schema.lock"), "run `cargo schema lock`");
    } else if tables > 0 {
        let message = format!("the models declare {tables} tables, and {folder} has no migrations yet");
        report.elsewhere(message, "run `cargo schema revision -m \"Initial schema\"`");
    }
}

fn with_lock(environment: &Environment, lock: &Lock, report: &mut Report) {
    report.findings.extend(migrations::check(environment, lock));
    report.version = head(lock);
    let declared = scan(environment, Some(lock), report);
    if !model_errors(&declared, report) {
        report.findings.extend(compare::compare(environment, lock, &declared));
    }
    report.tables = declared
        .dialects
        .values()
        .flat_map(|own| own.tables.iter())
        .map(|(name, place)| (name.to_string(), place.clone()))
        .collect();
}

/// Mistakes in the models. The compiler sees most of them too and says it better, so they stand where it is the one to
/// speak first; what only the scan can see fails from here.
fn model_errors(declared: &Declared, report: &mut Report) -> bool {
    let mut unreadable = false;
    for found in &declared.diagnostics {
        let span = found.labels.first().map(|label| label.span);
        let weight = match found.severity {
            Severity::Error => Weight::Drift,
            Severity::Warning => Weight::NotVerified,
            Severity::Note => continue,
        };
        let help = found.help.clone().unwrap_or_else(|| "mend the model".to_owned());
        let mut finding =
            Finding { span, weight, ..Finding::elsewhere(format!("schema gate: {}; {help}", found.message)) };
        let compiler_speaks = [
            "model/syntax",
            "model/conflict",
            "model/attribute",
            "model/unknown-type",
            "model/missing-module",
        ];
        if found.severity == Severity::Error {
            unreadable = true;
            finding.anywhere = compiler_speaks.contains(&found.code);
        }
        report.findings.push(finding);
    }
    unreadable
}
