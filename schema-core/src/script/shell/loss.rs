//! What a script takes away for good, in words: tables and columns with their rows, rows, and whatever is not understood.

use std::collections::HashMap;
use std::sync::Arc;

use schema_model::catalog::Catalog;
use schema_model::{SourceMap, Span};

use crate::change::Change;
use crate::driver::{Direction, Folder, ScriptFile};
use crate::revision::RevisionId;
use crate::sql::{Effect, Replayer};

/// What each revision loses when it is run this way.
pub fn losses(folder: &Folder, direction: Direction) -> HashMap<RevisionId, Vec<String>> {
    let mut replay = Replay { replayer: Replayer::new(folder.dialect()), sources: SourceMap::default() };
    let mut losses = HashMap::new();
    for revision in folder.graph().revisions() {
        let Some(scripts) = folder.scripts(&revision.id) else { continue };
        let lost = replay.run(&scripts.up);
        if direction == Direction::Up {
            losses.insert(revision.id.clone(), lost);
        }
    }
    if direction == Direction::Down {
        for revision in folder.graph().revisions().iter().rev() {
            if let Some(down) = folder.scripts(&revision.id).and_then(|scripts| scripts.down.as_ref()) {
                losses.insert(revision.id.clone(), replay.run(down));
            }
        }
    }
    losses
}

struct Replay {
    replayer: Replayer,
    sources: SourceMap,
}

impl Replay {
    fn run(&mut self, script: &ScriptFile) -> Vec<String> {
        let file = self.sources.add(&script.path, Arc::<str>::from(script.text.as_str()));
        let before = self.replayer.catalog().clone();
        let effects = self.replayer.run(&self.sources, file);
        let mut lost = lost_objects(&before, &effects, self.replayer.catalog());
        for effect in &effects {
            lost.extend(self.lost_rows(effect));
        }
        lost
    }

    /// Rows that a statement deletes itself; what is not understood may delete anything.
    fn lost_rows(&self, effect: &Effect) -> Option<String> {
        let text = self.sources.slice(effect.span);
        let first = text.split_whitespace().next()?.to_ascii_lowercase();
        let shown = || shown(&self.sources, effect.span);
        match first.as_str() {
            "delete" | "truncate" => Some(format!("rows ({})", shown())),
            _ if effect.gap => Some(format!("perhaps (not understood: {})", shown())),
            _ => None,
        }
    }
}

fn shown(sources: &SourceMap, span: Span) -> String {
    let words = sources.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(50) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

/// Tables and columns that are no longer there, under whatever name.
fn lost_objects(before: &Catalog, effects: &[Effect], after: &Catalog) -> Vec<String> {
    let changes = || effects.iter().flat_map(|effect| &effect.changes);
    let mut found = Vec::new();
    for (name, table) in &before.tables {
        let renamed = || {
            changes().find_map(|change| match change {
                Change::RenameTable { from, to } if from == name => after.tables.get(to),
                _ => None,
            })
        };
        let Some(now) = after.tables.get(name).or_else(renamed) else {
            found.push(format!("table {name}"));
            continue;
        };
        for column in &table.columns {
            let renamed = || {
                changes()
                    .any(|change| matches!(change, Change::RenameColumn { from, .. } if *from == column.name))
            };
            if !now.columns.iter().any(|other| other.name == column.name) && !renamed() {
                found.push(format!("column {name}.{}", column.name));
            }
        }
    }
    found
}
