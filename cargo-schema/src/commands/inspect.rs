//! `inspect`: prints the catalog of a source.

use std::io::Write;

use schema_core::diagnostic::Diagnostic;
use schema_core::plan;
use schema_model::SourceMap;

use crate::cli::{CatalogFormat, Global, InspectArgs};
use crate::error::{CliError, CliResult};
use crate::project::Project;
use crate::sources::{Loaded, Loader, Source};
use crate::{exit, listing, report};

pub fn run(global: &Global, args: &InspectArgs) -> CliResult {
    let mut source = Source::parse(args.source.as_deref().unwrap_or("migrations"))?;
    if let Some(version) = &args.at {
        let target = version.parse().map_err(CliError::message)?;
        source = match source {
            Source::Migrations(_) => Source::Migrations(Some(target)),
            Source::Folder(path, _) => Source::Folder(path, Some(target)),
            _ => {
                return Err(CliError::message(
                    "`--at` needs a folder of migrations; this source has one state only",
                ));
            }
        };
    }
    if let (Source::Models, None) = (&source, args.format) {
        return list(global, args);
    }
    let mut loader = Loader::new(global, args.dialect);
    loader.settle(&[&source])?;
    let loaded = loader.load(&source)?;
    let text = match args.format.unwrap_or(CatalogFormat::Json) {
        CatalogFormat::Json => {
            let value = listing::json(&loaded.catalog, loaded.dialect);
            serde_json::to_string_pretty(&value).map_err(CliError::message)? + "\n"
        }
        CatalogFormat::Sql => {
            plan::create_script(&loaded.catalog, loaded.dialect).map_err(CliError::message)?
        }
        CatalogFormat::Rust => structs(&loaded),
        CatalogFormat::Mermaid => listing::mermaid(&loaded.catalog, loaded.dialect),
    };
    print(&text, &loaded.diagnostics, &loader.sources)
}

fn print(text: &str, diagnostics: &[Diagnostic], sources: &SourceMap) -> CliResult {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    report::warn(diagnostics, sources);
    Ok(if report::has_errors(diagnostics) { exit::FAILED } else { exit::CLEAN })
}

/// The structs with their places. What a model says for one dialect only is listed as of the first.
fn list(global: &Global, args: &InspectArgs) -> CliResult {
    let project = Project::find_with_models(global)?;
    let mut sources = SourceMap::default();
    let declared = crate::declared::read(&project, &mut sources)?;
    let dialect = args.dialect.or(project.config.dialects.first().copied());
    let own = dialect.and_then(|dialect| declared.dialects.get(&dialect));
    let text = own.map(|own| listing::models(own, &sources)).unwrap_or_default();
    print(&text, &declared.diagnostics, &sources)
}

/// The structs, and above them what they cannot say.
fn structs(loaded: &Loaded) -> String {
    let written = schema_core::rust::write::write(&loaded.catalog, loaded.dialect);
    if written.unmanaged.is_empty() {
        return written.text();
    }
    let list: Vec<_> = written.unmanaged.iter().map(|pattern| format!("{pattern:?}")).collect();
    format!(
        "// For the configuration, since structs cannot say them: unmanaged = [{}]\n\n{}",
        list.join(", "),
        written.text()
    )
}
