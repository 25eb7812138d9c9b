//! Foreign keys between structs: the table and columns they name exist, and what was left out is filled in.

use schema_model::catalog::{Catalog, ConstraintKind, Key};
use schema_model::item::nearest;
use schema_model::{DialectKind, Name, ObjectName, Span};

use super::declared::Declared;
use crate::diagnostic::Diagnostic;

/// Completes the foreign keys of every dialect; what they name and nobody declares is reported.
pub(super) fn check(declared: &mut Declared) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let unmanaged = declared.unmanaged.clone();
    for (dialect, own) in &mut declared.dialects {
        let known = own.catalog.clone();
        for table in own.catalog.tables.values_mut() {
            let from = table.name.clone();
            for constraint in &mut table.constraints {
                let span = constraint.origin.0;
                let ConstraintKind::ForeignKey(key) = &mut constraint.kind else { continue };
                let Some(target) = target(&known, &from, &key.table, *dialect) else {
                    if !unmanaged.object(&key.table) {
                        found.extend(unknown_table(&known, &from, &key.table, span));
                    }
                    continue;
                };
                key.table = target.clone();
                let Some(other) = known.tables.get(&target) else { continue };
                if key.referenced.is_empty() && *dialect == DialectKind::Postgres {
                    key.referenced = primary_columns(other.primary_key());
                    if key.referenced.len() != key.columns.len() {
                        let message =
                            format!("the primary key of `{target}` has {} columns", key.referenced.len());
                        found.push(
                            Diagnostic::error("model/unknown-column", message)
                                .at(span, "name the referenced columns here")
                                .see(other.origin.0, "the referenced table"),
                        );
                    }
                }
                for column in &key.referenced {
                    if other.column(column.as_str()).is_none() && !unmanaged.part(&target, column) {
                        let columns = other.columns.iter().map(|column| column.name.as_str());
                        found.push(
                            unknown_column(&target, column, columns, span).see(other.origin.0, "the table"),
                        );
                    }
                }
            }
        }
    }
    found
}

fn primary_columns(key: Option<&Key>) -> Vec<Name> {
    key.map(|key| key.columns.clone()).unwrap_or_default()
}

/// A name without a schema is of the same schema when there is such a table, else of the default one.
fn target(known: &Catalog, from: &ObjectName, name: &ObjectName, dialect: DialectKind) -> Option<ObjectName> {
    let beside = name.schema.is_none().then(|| from.sibling(name.name.clone()));
    let candidates = beside.into_iter().chain([name.clone()]);
    for candidate in candidates {
        if known.tables.contains_key(&candidate) {
            return Some(candidate);
        }
        if dialect == DialectKind::Sqlite {
            let same = |own: &&ObjectName| own.name.as_str().eq_ignore_ascii_case(candidate.name.as_str());
            if let Some(own) = known.tables.keys().find(same) {
                return Some(own.clone());
            }
        }
    }
    None
}

fn unknown_table(
    known: &Catalog,
    from: &ObjectName,
    name: &ObjectName,
    span: Option<Span>,
) -> Option<Diagnostic> {
    let all: Vec<String> = known.tables.keys().map(ObjectName::to_string).collect();
    let same = known.tables.keys().find(|own| own.name == name.name).map(ObjectName::to_string);
    let near = same.or_else(|| nearest(&name.to_string(), all.iter().map(String::as_str)).map(str::to_owned));
    let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    let message = format!("`{from}` references the table `{name}`, which no struct declares{hint}");
    Some(
        Diagnostic::error("model/unknown-table", message)
            .at(span, "referenced here")
            .help("declare it, or name it in `unmanaged` when no model owns it"),
    )
}

fn unknown_column<'a>(
    table: &ObjectName,
    column: &Name,
    columns: impl Iterator<Item = &'a str>,
    span: Option<Span>,
) -> Diagnostic {
    let hint = match nearest(column.as_str(), columns) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => String::new(),
    };
    Diagnostic::error("model/unknown-column", format!("the table `{table}` has no column `{column}`{hint}"))
        .at(span, "referenced here")
}
