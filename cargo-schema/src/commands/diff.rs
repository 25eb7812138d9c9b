//! `diff FROM TO`: what leads from one schema to another, or, in two dialects, what the two do not both mean.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use schema_core::change::Change;
use schema_core::diff::{self, Renames};
use schema_core::plan::{self, Direction, PlanOptions};
use schema_core::sql::rights::{self, Right};
use schema_model::catalog::Catalog;
use schema_model::{DialectKind, ObjectName};
use serde_json::json;

use crate::cli::{DiffArgs, Global, Listing};
use crate::error::{CliError, CliResult};
use crate::sources::{Loaded, Loader, Source};
use crate::{exit, report};

pub fn run(global: &Global, args: &DiffArgs) -> CliResult {
    let (from, to) = (Source::parse(&args.from)?, Source::parse(&args.to)?);
    let mut loader = Loader::new(global, args.dialect);
    if let Some((one, other)) = two_dialects(&from, &to, args) {
        return across(loader, (&from, one), (&to, other), args);
    }
    loader.settle(&[&from, &to])?;
    let mut old = loader.load(&from)?;
    let mut new = loader.load(&to)?;
    refuse_doubt(&loader, &[&old, &new])?;
    let mut options = match (&old.declared, &new.declared) {
        (None, Some(_)) => new.complete(&old),
        (Some(_), None) => {
            let renames = old.complete(&new).renames.reversed();
            PlanOptions { renames, ..PlanOptions::new(new.dialect) }
        }
        _ => PlanOptions::new(new.dialect),
    };
    options.renames.extend(renames(&args.rename)?);
    if args.sql {
        refuse_gaps(&old, &new)?;
        options.rights = settled_rights((&from, &old), (&to, &new))?;
    }
    let plan = plan::plan(&old.catalog, &new.catalog, &options).map_err(CliError::message)?;
    plan::verify(&plan, &old.catalog, &new.catalog).map_err(|error| {
        CliError::message(format!("bug: {error}; nothing was printed. Please report this with both schemas"))
    })?;
    for ambiguity in diff::ambiguities(&plan.changes) {
        tell!("note: {ambiguity}; taken as a drop and an add (say otherwise with `--rename`)");
    }
    let mut out = std::io::stdout().lock();
    let only_name =
        |change: &&Change| matches!(change, Change::RenameConstraint { .. } | Change::RenameIndex { .. });
    let told: Vec<&Change> =
        plan.changes.iter().filter(|change| !args.ignore_names || !only_name(change)).collect();
    if args.sql {
        out.write_all(plan::render_script(&plan, Direction::Up).as_bytes())?;
    } else {
        print_changes(&told, args.format, &mut out)?;
    }
    out.flush()?;
    Ok(if args.exit_code && !told.is_empty() { exit::FOUND } else { exit::CLEAN })
}

/// The dialects of both sources, where they are known and not the same.
fn two_dialects(from: &Source, to: &Source, args: &DiffArgs) -> Option<(DialectKind, DialectKind)> {
    let one = args.dialect.or(from.own_dialect())?;
    let other = args.to_dialect.or(to.own_dialect()).or(args.dialect)?;
    (one != other).then_some((one, other))
}

/// Compares one schema in two dialects.
fn across(
    mut loader: Loader<'_>,
    from: (&Source, DialectKind),
    to: (&Source, DialectKind),
    args: &DiffArgs,
) -> CliResult {
    if args.sql || !args.rename.is_empty() {
        return Err(CliError::message(format!(
            "{} speaks {} and {} speaks {}: no SQL leads from one to the other; without --sql and --rename the two are compared in meaning",
            args.from, from.1, args.to, to.1
        )));
    }
    let (from, to) = (loader.load_as(from.0, from.1)?, loader.load_as(to.0, to.1)?);
    refuse_doubt(&loader, &[&from, &to])?;
    let (postgres, sqlite) = match from.dialect {
        DialectKind::Postgres => (&from.catalog, &to.catalog),
        DialectKind::Sqlite => (&to.catalog, &from.catalog),
    };
    let mut found = diff::dialect_differences(postgres, sqlite);
    found.retain(|difference| !args.ignore_names || !difference.is_name_only());
    let mut out = std::io::stdout().lock();
    for difference in &found {
        match args.format {
            Listing::Human => writeln!(out, "{difference}")?,
            Listing::Json => {
                let line = json!({
                    "format": 1,
                    "difference": difference.message,
                    "kind": difference.kind.as_str(),
                    "table": difference.table.to_string(),
                    "part": difference.part,
                });
                writeln!(out, "{line}")?;
            }
        }
    }
    if found.is_empty() && args.format == Listing::Human {
        writeln!(out, "no difference")?;
    }
    out.flush()?;
    Ok(if args.exit_code && !found.is_empty() { exit::FOUND } else { exit::CLEAN })
}

fn print_changes(changes: &[&Change], format: Listing, out: &mut impl Write) -> std::io::Result<()> {
    for change in changes {
        match format {
            Listing::Human => writeln!(out, "{change}")?,
            Listing::Json => {
                let table = change.table().map(ToString::to_string);
                writeln!(out, "{}", json!({ "format": 1, "change": change.to_string(), "table": table }))?;
            }
        }
    }
    match format {
        Listing::Human if changes.is_empty() => writeln!(out, "no difference"),
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

/// The rights and owners of the script that is led to, which the plan says of what it makes, or makes anew. Where the two
/// scripts differ in those of what is on both sides nothing is planned: SQL that passed over them would claim to lead where
/// it does not.
fn settled_rights(from: (&Source, &Loaded), to: (&Source, &Loaded)) -> CliResult<Vec<Right>> {
    let (Source::File(old_path), Source::File(new_path), DialectKind::Postgres) =
        (from.0, to.0, from.1.dialect)
    else {
        return Ok(Vec::new());
    };
    let read = |path: &Path| std::fs::read_to_string(path).map_err(CliError::io("read", path));
    let (old, new) = (rights::rights(&read(old_path)?), rights::rights(&read(new_path)?));
    let gone = rights::missing(&old, &new).into_iter().filter(|right| stays(right, &to.1.catalog));
    let come = rights::missing(&new, &old).into_iter().filter(|right| stays(right, &from.1.catalog));
    let differ: Vec<String> = gone
        .map(|right| (old_path, right))
        .chain(come.map(|right| (new_path, right)))
        .map(|(path, right)| format!("  {}:{}: {}", path.display(), right.line, right.text))
        .collect();
    if differ.is_empty() {
        return Ok(new);
    }
    Err(CliError::message(format!(
        "rights and owners are not planned, and the two scripts differ in them; take these lines out, and run them by hand:\n{}",
        differ.join("\n")
    )))
}

/// Whether the statement is about more than what the other side has not.
fn stays(right: &Right, other: &Catalog) -> bool {
    let there = |name: &ObjectName| {
        other.tables.contains_key(name)
            || other.views.contains_key(name)
            || other.sequences.contains_key(name)
            || other.enums.contains_key(name)
            || other.domains.contains_key(name)
            || other.composites.contains_key(name)
            || other.opaque.keys().any(|id| id.name == *name && id.on.is_none())
    };
    right.objects.is_empty() || right.objects.iter().any(there)
}

/// A statement that is not understood, on one side only: a plan without it would not lead to the other side.
fn refuse_gaps(old: &Loaded, new: &Loaded) -> CliResult<()> {
    let gaps =
        |side: &Loaded| side.catalog.gaps.iter().map(|gap| gap.statement.clone()).collect::<BTreeSet<_>>();
    let (known, wanted) = (gaps(old), gaps(new));
    let Some(statement) = known.symmetric_difference(&wanted).next() else { return Ok(()) };
    Err(CliError::message(format!(
        "a statement that is not understood is on one side only, so there is no plan: {statement}"
    )))
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
