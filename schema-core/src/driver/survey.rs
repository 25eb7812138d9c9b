//! What the database says beside what the folder says, before anything runs.

use std::collections::BTreeSet;

use schema_model::checksum::checksum;

use super::folder::{Folder, RevisionScripts};
use super::history::{Applied, History};
use super::progress::{Direction, Progress};
use super::run_error::RunError;
use super::{Driver, HistoryError, RunOptions};
use crate::revision::{Revision, RevisionGraph, RevisionId};

/// The state of a database beside a folder.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The history table.
    pub history: History,
    /// Its rows, in the order of application.
    pub rows: Vec<Applied>,
    /// The folder's revisions, and those that only the database knows.
    pub graph: RevisionGraph,
    /// Wholly applied, under the tags of today.
    pub applied: BTreeSet<RevisionId>,
    /// Applied, and not in the folder.
    pub unknown: Vec<RevisionId>,
    /// Applied, and edited since.
    pub edited: Vec<RevisionId>,
    /// Applied under a former tag: the tag there, the tag now.
    pub retags: Vec<(RevisionId, RevisionId)>,
    /// Folded into one since: the revision, and the tags whose rows it stands for now.
    pub folds: Vec<(RevisionId, Vec<RevisionId>)>,
    /// Interrupted in the middle.
    pub unfinished: Option<(RevisionId, Progress)>,
}

impl Survey {
    /// Looks; changes nothing.
    pub fn take(driver: &mut dyn Driver, folder: &Folder) -> Result<Self, HistoryError> {
        let history = History::open(driver)?;
        let mut rows = history.read(driver)?;
        let folds = folds(folder, &rows);
        for (into, gone) in &folds {
            rows.retain(|row| !gone.iter().any(|id| id.as_str() == row.version));
            rows.iter_mut()
                .filter(|row| row.version == into.as_str())
                .for_each(|row| row.checksum = folder.checksum(into).map(str::to_owned));
        }
        let retags = retags(folder, &rows);
        for (from, to) in &retags {
            rows.iter_mut()
                .filter(|row| row.version == from.as_str())
                .for_each(|row| row.version = to.to_string());
        }
        let is_up = |row: &&Applied| {
            row.progress.as_ref().is_none_or(|progress| progress.direction == Direction::Down)
        };
        let applied: BTreeSet<RevisionId> =
            rows.iter().filter(is_up).map(|row| RevisionId::new(&row.version)).collect();
        let unknown = folder.graph().unknown(&applied);
        let graph = merged(folder.graph(), &rows, &unknown);
        let edited = rows
            .iter()
            .filter(|row| is_edited(folder, row))
            .map(|row| RevisionId::new(&row.version))
            .collect();
        let unfinished = rows
            .iter()
            .find_map(|row| row.progress.clone().map(|progress| (RevisionId::new(&row.version), progress)));
        Ok(Survey { history, rows, graph, applied, unknown, edited, retags, folds, unfinished })
    }

    /// The row of a revision.
    pub fn row(&self, id: &RevisionId) -> Option<&Applied> {
        self.rows.iter().find(|row| row.version == id.as_str())
    }

    /// Where the database is: the heads of what is applied.
    pub fn current(&self) -> Vec<&Revision> {
        self.graph.current(&self.applied)
    }

    /// Revisions of the folder that are not applied, in order.
    pub fn pending<'a>(&self, folder: &'a Folder) -> Vec<&'a Revision> {
        folder.graph().revisions().iter().filter(|revision| !self.applied.contains(&revision.id)).collect()
    }

    /// The database has a revision above everything in the folder.
    pub fn newer(&self, folder: &Folder) -> Option<RunError> {
        let highest =
            folder.graph().revisions().iter().filter_map(|revision| revision.version.clone()).max()?;
        let ahead = self.unknown.iter().filter_map(|id| self.graph.get(id)?.version.clone());
        let ahead = ahead.filter(|version| *version > highest).max()?;
        Some(RunError::Newer { database: RevisionId::from(&ahead), files: highest.to_string() })
    }

    /// What stands in the way of an upgrade.
    pub fn check_upgrade(&self, folder: &Folder, options: &RunOptions) -> Result<(), RunError> {
        self.check_edited(folder, options)?;
        if let Some(newer) = self.newer(folder) {
            return Err(newer);
        }
        if !self.unknown.is_empty() {
            return Err(RunError::Unknown(self.unknown.clone()));
        }
        if options.out_of_order {
            return Ok(());
        }
        let lacks = |id: &&RevisionId| {
            let parents = self.graph.get(id).map_or(&[][..], |revision| &revision.parents);
            parents.iter().any(|parent| !self.applied.contains(parent))
        };
        let Some(applied) = self.applied.iter().find(lacks) else { return Ok(()) };
        let before = self.graph.ancestors(applied).into_iter().map(|revision| revision.id.clone());
        let pending = before.filter(|id| !self.applied.contains(id)).collect();
        Err(RunError::OutOfOrder { pending, applied: applied.clone() })
    }

    /// Whether an applied script was edited since.
    pub fn check_edited(&self, folder: &Folder, options: &RunOptions) -> Result<(), RunError> {
        match self.edited.first() {
            Some(id) if !options.accept_edited => Err(RunError::Edited {
                revision: id.clone(),
                file: folder.scripts(id).map_or(String::new(), |scripts| scripts.up.path.clone()),
            }),
            _ => Ok(()),
        }
    }
}

/// Revisions that were folded into the last of them, where the database has that last one as it was before: it then has
/// what comes before it, too.
fn folds(folder: &Folder, rows: &[Applied]) -> Vec<(RevisionId, Vec<RevisionId>)> {
    let has = |(tag, digest): &&(RevisionId, String)| {
        let stored = rows.iter().filter(|row| row.version == tag.as_str() && row.progress.is_none());
        let same = |stored: &str| !digest.is_empty() && stored.starts_with(digest.as_str());
        stored.filter_map(|row| row.checksum.as_deref()).any(same)
    };
    let mut found = Vec::new();
    for revision in folder.graph().revisions() {
        let Some(scripts) = folder.scripts(&revision.id).filter(|scripts| !scripts.formerly.is_empty())
        else {
            continue;
        };
        let now = folder.checksum(&revision.id).unwrap_or_default();
        let is_own =
            |entry: &&(RevisionId, String)| entry.0 == revision.id && !now.starts_with(entry.1.as_str());
        if !scripts.formerly.iter().filter(is_own).any(|entry| has(&entry)) {
            continue;
        }
        let others = scripts.formerly.iter().filter(|(tag, _)| folder.scripts(tag).is_none());
        found.push((revision.id.clone(), others.filter(has).map(|(tag, _)| tag.clone()).collect()));
    }
    found
}

/// It remembers another script under the tag that it has: it stands for several revisions, that one the last.
fn was_folded(folder: &Folder, revision: &Revision, scripts: &RevisionScripts) -> bool {
    let now = folder.checksum(&revision.id).unwrap_or_default();
    scripts.formerly.iter().any(|(tag, digest)| *tag == revision.id && !now.starts_with(digest.as_str()))
}

/// Rows of a former tag whose checksum is the one that the file remembers, and whose new tag is not there yet.
fn retags(folder: &Folder, rows: &[Applied]) -> Vec<(RevisionId, RevisionId)> {
    let mut found = Vec::new();
    for revision in folder.graph().revisions() {
        let Some(scripts) = folder.scripts(&revision.id) else { continue };
        let tagged = rows.iter().any(|row| row.version == revision.id.as_str());
        // A database in the middle of what was folded into one has a part of it only.
        let folded = was_folded(folder, revision, scripts);
        for (from, digest) in scripts.formerly.iter().filter(|_| !tagged && !folded) {
            let same = |row: &&Applied| {
                row.version == from.as_str()
                    && row
                        .checksum
                        .as_deref()
                        .is_some_and(|stored| !digest.is_empty() && stored.starts_with(digest.as_str()))
            };
            // A tag that another file bears today with this very checksum is that file's.
            let others = folder.checksum(from).is_some_and(|own| own.starts_with(digest.as_str()));
            if !others && rows.iter().any(|row| same(&row)) {
                found.push((from.clone(), revision.id.clone()));
                break;
            }
        }
    }
    found
}

fn is_edited(folder: &Folder, row: &Applied) -> bool {
    let Some(stored) = row.checksum.as_deref().filter(|_| row.progress.is_none()) else { return false };
    let own = folder.checksum(&RevisionId::new(&row.version));
    // A checksum of another tool's making says nothing here.
    stored.len() == 64 && own.is_some_and(|own| own != stored)
}

/// The folder's graph and the revisions that only the database has, so that a way down leads through them too.
fn merged(folder: &RevisionGraph, rows: &[Applied], unknown: &[RevisionId]) -> RevisionGraph {
    if unknown.is_empty() {
        return folder.clone();
    }
    let mut revisions = folder.revisions().to_vec();
    for (at, row) in
        rows.iter().enumerate().filter(|(_, row)| unknown.iter().any(|id| id.as_str() == row.version))
    {
        let known =
            |id: &str| folder.get(&RevisionId::new(id)).is_some() || rows.iter().any(|row| row.version == id);
        let parents: Vec<RevisionId> = match &row.revises {
            Some(parents) => parents.iter().filter(|id| known(id)).map(RevisionId::new).collect(),
            // A table made by hand does not say; rows were applied one after the other.
            None => {
                at.checked_sub(1).map(|before| RevisionId::new(&rows[before].version)).into_iter().collect()
            }
        };
        let mut revision = Revision::new(row.version.as_str()).follows(parents);
        revision.message = row.description.clone().unwrap_or_default();
        revisions.push(revision);
    }
    RevisionGraph::new(revisions).unwrap_or_else(|_| folder.clone())
}

/// Whether a stored down script is what was stored.
pub(super) fn stored_down(
    row: &Applied,
    dialect: schema_model::DialectKind,
) -> Option<Result<&str, RunError>> {
    let script = row.down_sql.as_deref()?;
    let stored = row.down_checksum.as_deref()?;
    if checksum(script, dialect) == stored {
        Some(Ok(script))
    } else {
        Some(Err(RunError::StoredDownDamaged(RevisionId::new(&row.version))))
    }
}
