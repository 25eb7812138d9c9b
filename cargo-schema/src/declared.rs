//! What the models say: the crate's structs, read from their source.

use std::path::Path;

use schema_core::plan;
use schema_core::rust::{self, Cfgs, CrateRoot, Declared, ModelKind, ScanOptions, Unmanaged};
use schema_model::{DialectKind, Expr, SourceMap};

use crate::config::ModelSource;
use crate::error::{CliError, CliResult};
use crate::project::Project;

/// Reads the project's models, for every dialect that it supports.
pub fn read(project: &Project, sources: &mut SourceMap) -> CliResult<Declared> {
    Ok(rust::scan(&options(project)?, sources))
}

/// How the project's models are read: by `check` and, through the lock, by the gate.
pub fn options(project: &Project) -> CliResult<ScanOptions> {
    let Some(krate) = &project.krate else {
        return Err(CliError::message(
            "this command reads models, and there is no Cargo.toml here; run it in the crate or name it with --manifest-path",
        ));
    };
    let name = krate.name.replace('-', "_");
    let mut roots: Vec<CrateRoot> =
        krate.roots.iter().map(|(name, path)| CrateRoot::new(name.clone(), path.clone())).collect();
    for source in &project.config.models {
        match source {
            ModelSource::Root(word) => {
                let path = project.root.join(word);
                if !path.is_file() {
                    return Err(CliError::message(format!(
                        "`models` names `{word}`, which is not a file beside the manifest"
                    )));
                }
                roots.push(CrateRoot::new(name.clone(), path));
            }
            ModelSource::Diesel(path) => roots.push(foreign(project, ModelKind::Diesel, path)?),
            ModelSource::SeaOrm(path) => roots.push(foreign(project, ModelKind::SeaOrm, path)?),
        }
    }
    let features = krate.features.iter().map(String::as_str);
    let first = roots.first().cloned().unwrap_or(CrateRoot::new(name, project.root.join("src/lib.rs")));
    Ok(ScanOptions {
        roots,
        cfgs: Cfgs::host().features(features),
        naming: project.config.naming.clone(),
        unmanaged: Unmanaged::new(project.config.unmanaged.iter().cloned()),
        base: std::env::current_dir().unwrap_or_default(),
        ..ScanOptions::new(first, project.config.dialects.clone())
    })
}

/// Models of another library: a file, or the folder of an entity's modules.
fn foreign(project: &Project, kind: ModelKind, path: &Path) -> CliResult<CrateRoot> {
    let whole = project.root.join(path);
    if !whole.exists() {
        return Err(CliError::message(format!(
            "`models` names `{}`, which is not there; it is relative to the manifest",
            path.display()
        )));
    }
    Ok(CrateRoot { kind, ..CrateRoot::new(kind.as_str(), whole) })
}

/// The planner's options for what the models say beside the schema: renames, backfills, casts.
pub fn plan_options(declared: &Declared, dialect: DialectKind, online: bool) -> plan::PlanOptions {
    let mut options = plan::PlanOptions::new(dialect);
    options.online = online && dialect == DialectKind::Postgres;
    let Some(own) = declared.dialects.get(&dialect) else { return options };
    options.renames = (&own.renames).into();
    for fill in &own.backfills {
        options.backfills.insert((fill.table.clone(), fill.column.clone()), Expr::new(&fill.expr));
    }
    for cast in &own.usings {
        options.using.insert((cast.table.clone(), cast.column.clone()), Expr::new(&cast.expr));
    }
    options
}
