//! `diff FROM TO`: what leads from one schema to another.

use std::io::Write;

use schema_core::diff::{self, Renames};
use schema_core::plan::{self, Direction, PlanOptions};
use serde_json::json;

use crate::cli::{DiffArgs, Global, Listing};
use crate::error::{CliError, CliResult};
use crate::sources::{Loaded, Loader, Source};
use crate::{exit, report};

pub fn run(global: &Global, args: &DiffArgs) -> CliResult {
    let (from, to) = (Source::parse(&args.from)?, Source::parse(&args.to)?);
    let mut loader = Loader::new(global, args.dialect);
    loader.settle(&[&from, &to])?;
    let old = loader.load(&from)?;
    let new = loader.load(&to)?;
    refuse_doubt(&loader, &[&old, &new])?;
    let mut options = PlanOptions::new(new.dialect);
    options.renames = renames(&args.rename)?;
    let plan = plan::plan(&old.catalog, &new.catalog, &options).map_err(CliError::message)?;
    plan::verify(&plan, &old.catalog, &new.catalog).map_err(|error| {
        CliError::message(format!("bug: {error}; nothing was printed. Please report this with both schemas"))
    })?;
    for ambiguity in diff::ambiguities(&plan.changes) {
        tell!("note: {ambiguity}; taken as a drop and an add (say otherwise with `--rename`)");
    }
    let mut out = std::io::stdout().lock();
    if args.sql {
        out.write_all(plan::render_script(&plan, Direction::Up).as_bytes())?;
    } else {
        print_changes(&plan, args.format, &mut out)?;
    }
    out.flush()?;
    Ok(if args.exit_code && !plan.is_empty() { exit::FOUND } else { exit::CLEAN })
}

fn print_changes(plan: &plan::Plan, format: Listing, out: &mut impl Write) -> std::io::Result<()> {
    for change in &plan.changes {
        match format {
            Listing::Human => writeln!(out, "{change}")?,
            Listing::Json => {
                let table = change.table().map(ToString::to_string);
                writeln!(out, "{}", json!({ "format": 1, "change": change.to_string(), "table": table }))?;
            }
        }
    }
    match format {
        Listing::Human if plan.changes.is_empty() => writeln!(out, "no difference"),
        _ => Ok(()),
    }
}

/// A schema that is not wholly known cannot be compared: a wrong plan is worse than none.
fn refuse_doubt(loader: &Loader<'_>, loaded: &[&Loaded]) -> CliResult<()> {
    let found: Vec<_> = loaded.iter().flat_map(|side| side.diagnostics.iter().cloned()).collect();
    if report::has_errors(&found) {
        return Err(CliError::findings(loader.sources.clone(), found));
    }
    report::warn(&found, &loader.sources);
    Ok(())
}

/// `old=new`, each a table or `table.column`.
pub fn renames(words: &[String]) -> CliResult<Renames> {
    let mut renames = Renames::default();
    for word in words {
        let bad = || {
            CliError::message(format!(
                "`--rename {word}` is not understood; write `--rename users.email=email_address` or `--rename users=accounts`"
            ))
        };
        let (from, to) = word.split_once('=').ok_or_else(bad)?;
        match (from.split_once('.'), to.split_once('.')) {
            (Some((table, from)), to_parts) => {
                let to = to_parts.map_or(to, |(_, column)| column);
                let table = schema_model::ObjectName::bare(table);
                renames.columns.push((table.clone(), from.into(), to.into()));
                renames.values.push((table.clone(), from.to_owned(), to.to_owned()));
                renames.constraints.push((table.clone(), from.into(), to.into()));
                renames.indexes.push((table, from.into(), to.into()));
            }
            (None, None) if !from.is_empty() && !to.is_empty() => {
                let pair = (schema_model::ObjectName::bare(from), schema_model::ObjectName::bare(to));
                renames.types.push(pair.clone());
                renames.tables.push(pair);
            }
            _ => return Err(bad()),
        }
    }
    Ok(renames)
}
