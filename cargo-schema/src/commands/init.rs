//! `init`: writes the configuration, the build-time gate and the first folder; with `--from-migrations` or
//! `--from-database` also the structs, so that a project that has a schema starts with a passing gate.

use std::path::{Path, PathBuf};

use schema_core::rust::write::write_named;
use schema_core::script::FileChanges;
use schema_model::DialectKind;

use crate::cli::{Global, InitArgs};
use crate::error::{CliError, CliResult};
use crate::exit;
use crate::project::Project;
use crate::recorded::Recorded;

pub fn run(global: &Global, args: &InitArgs) -> CliResult {
    let project = Project::find_with_models(global)?;
    let Some(krate) = &project.krate else {
        return Err(CliError::message(
            "`init` configures a crate, and there is no Cargo.toml here; run `cargo init` first",
        ));
    };
    let mut changes = FileChanges::default();
    let mut told: Vec<String> = Vec::new();
    let structs = structs(&project, args)?;
    if project.configured {
        told.push(format!("{} is configured already", Project::shown(&krate.manifest).display()));
    } else {
        let text = std::fs::read_to_string(&krate.manifest).map_err(CliError::io("read", &krate.manifest))?;
        let unmanaged = structs.as_ref().map(|structs| structs.unmanaged.clone()).unwrap_or_default();
        changes.replace.push((krate.manifest.clone(), with_section(&text, &args.dialects, &unmanaged)));
    }
    build_script(&project.root, &mut changes, &mut told)?;
    if let Some(structs) = structs {
        changes.create.push((project.root.join("src/models.rs"), structs.text()));
        told.push("add `mod models;` to your crate's root".to_owned());
    }
    std::fs::create_dir_all(project.migrations()).map_err(CliError::io("create", project.migrations()))?;
    let written: Vec<PathBuf> =
        changes.create.iter().chain(&changes.replace).map(|(path, _)| path.clone()).collect();
    changes.apply().map_err(CliError::message)?;
    for path in written {
        print_line!("{}", Project::shown(&path).display());
    }
    for line in told {
        tell!("note: {line}");
    }
    tell!(
        "Next:\n  cargo add schema-core\n  cargo add --build schema-core --no-default-features --features gate\n  derive \
         `Table` on a struct, then `cargo schema revision -m \"Initial schema\"` (or `cargo schema lock` when the migrations \
         are there already)"
    );
    Ok(exit::CLEAN)
}

/// The manifest with our section at its end; nothing else of it is touched.
fn with_section(manifest: &str, dialects: &[DialectKind], unmanaged: &[String]) -> String {
    let list =
        |words: Vec<String>| words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ");
    let dialects = list(dialects.iter().map(ToString::to_string).collect());
    let mut text = format!("{}\n\n[package.metadata.schema]\ndialects = [{dialects}]\n", manifest.trim_end());
    if !unmanaged.is_empty() {
        text.push_str(&format!("unmanaged = [{}]\n", list(unmanaged.to_vec())));
    }
    text
}

fn build_script(root: &Path, changes: &mut FileChanges, told: &mut Vec<String>) -> CliResult<()> {
    let path = root.join("build.rs");
    match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            changes.create.push((path, "fn main() {\n    schema_core::gate::check();\n}\n".to_owned()));
        }
        Err(error) => return Err(CliError::io("read", &path)(error)),
        Ok(text) if text.contains("schema_core::gate::check") => {}
        Ok(_) => {
            told.push("build.rs is there already; add `schema_core::gate::check();` to its `main`".to_owned())
        }
    }
    Ok(())
}

fn structs(project: &Project, args: &InitArgs) -> CliResult<Option<schema_core::rust::write::Written>> {
    let dialect = args.dialects.first().copied().unwrap_or(DialectKind::Postgres);
    if let Some(url) = &args.from_database {
        let url = url.parse().map_err(CliError::message)?;
        return Ok(Some(write_named(&crate::live::catalog(&url)?, url.dialect(), &project.config.naming)));
    }
    if !args.from_migrations {
        return Ok(None);
    }
    let mut sources = schema_model::SourceMap::default();
    let recorded = Recorded::read(project.migrations(), dialect, project.layout()?, None, &mut sources)?;
    if crate::report::has_errors(&recorded.diagnostics) {
        return Err(CliError::findings(sources, recorded.diagnostics));
    }
    Ok(Some(write_named(&recorded.catalog, dialect, &project.config.naming)))
}
