//! Catalogs along a history, and comparisons of them.

use schema_model::catalog::Catalog;
use schema_model::{DialectKind, SourceMap};

use crate::change::Change;
use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::{DiffOptions, Renames, diff};
use crate::revision::{Revision, RevisionId};
use crate::script::Folder;
use crate::sql::{Effect, Replayer};

/// A script replayed on a catalog.
pub(super) struct Ran {
    pub effects: Vec<Effect>,
    pub after: Catalog,
    /// Errors that the replay found.
    pub errors: Vec<Diagnostic>,
}

/// Replays a text on a catalog.
pub(super) fn run(before: &Catalog, text: &str, dialect: DialectKind) -> Ran {
    let mut sources = SourceMap::default();
    let file = sources.add("script.sql", text);
    let mut replayer = Replayer::with_catalog(before.clone(), dialect);
    let effects = replayer.run(&sources, file);
    let errors =
        replayer.diagnostics().iter().filter(|found| found.severity == Severity::Error).cloned().collect();
    Ran { effects, errors, after: replayer.into_catalog() }
}

/// The catalog when these revisions are applied, in their order.
pub(super) fn catalog_of<'a>(
    folder: &Folder,
    sources: &SourceMap,
    revisions: impl IntoIterator<Item = &'a Revision>,
) -> Catalog {
    let mut replayer = Replayer::new(folder.dialect);
    for revision in revisions {
        if let Some(script) = folder.script(&revision.id) {
            replayer.run(sources, script.up.file);
        }
    }
    replayer.into_catalog()
}

/// What differs, in words; `None` when nothing does.
pub(super) fn difference(left: &Catalog, right: &Catalog, dialect: DialectKind) -> Option<String> {
    let changes = diff(left, right, &DiffOptions::new(dialect));
    if changes.is_empty() {
        return None;
    }
    let shown: Vec<String> = changes.iter().take(5).map(ToString::to_string).collect();
    let more = changes.len().saturating_sub(5);
    Some(if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") })
}

/// What the statements rename, as the differ wants to know it.
pub(super) fn renames(effects: &[Effect]) -> Renames {
    let mut renames = Renames::default();
    for change in effects.iter().flat_map(|effect| &effect.changes) {
        match change {
            Change::RenameTable { from, to } => renames.tables.push((from.clone(), to.clone())),
            Change::RenameColumn { table, from, to } => {
                renames.columns.push((table.clone(), from.clone(), to.clone()));
            }
            Change::RenameType { from, to } => renames.types.push((from.clone(), to.clone())),
            Change::RenameEnumValue { name, from, to } => {
                renames.values.push((name.clone(), from.clone(), to.clone()));
            }
            Change::RenameConstraint { table, from, to } => {
                renames.constraints.push((table.clone(), from.clone(), to.clone()));
            }
            Change::RenameIndex { table, from, to } => {
                renames.indexes.push((table.clone(), from.clone(), to.clone()));
            }
            _ => {}
        }
    }
    renames
}

/// Revisions as words.
pub(super) fn named(ids: &[RevisionId]) -> String {
    if ids.is_empty() {
        "base".to_owned()
    } else {
        ids.iter().map(RevisionId::as_str).collect::<Vec<_>>().join(", ")
    }
}
