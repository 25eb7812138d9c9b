//! A merge revision: it joins heads and changes nothing.

use schema_model::SourceMap;

use super::commute::{Commute, commute};
use super::replay::{catalog_of, named};
use super::{Outcome, SurgeryError};
use crate::diff::{DiffOptions, diff};
use crate::revision::{Bump, RevisionId, Version, next_version};
use crate::rules::{Overrides, highest, judge};
use crate::script::header::{Header, unsaid};
use crate::script::{Draft, Folder, slug};

/// What a merge revision says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergeOptions {
    /// The author's message; one is made when it is empty.
    pub message: String,
    /// The date for the header, `YYYY-MM-DD`.
    pub date: String,
    /// The time for layouts that name files by it, `YYYYMMDDHHMMSS`.
    pub now: String,
    /// A version higher than needed.
    pub version: Option<Version>,
    /// What the project says about rules.
    pub overrides: Overrides,
}

/// Joins these heads, or all of them when none is named. The version is what an application released with either side
/// asks for: the other side's changes are new to it.
pub fn merge(
    folder: &Folder,
    sources: &SourceMap,
    heads: &[RevisionId],
    options: &MergeOptions,
) -> Result<Outcome, SurgeryError> {
    let graph = folder.graph()?;
    let heads: Vec<RevisionId> = match heads {
        [] => graph.heads().iter().map(|head| head.id.clone()).collect(),
        some => some
            .iter()
            .map(|name| graph.find(name.as_str()).map(|found| found.id.clone()))
            .collect::<Result<_, _>>()?,
    };
    if heads.len() < 2 {
        return Err(SurgeryError::Nothing(format!(
            "there is one head ({}); nothing to merge",
            named(&heads)
        )));
    }
    for head in &heads {
        if let Some(after) = heads.iter().find(|other| graph.is_ancestor(head, other)) {
            return Err(SurgeryError::Nothing(format!("`{after}` comes after `{head}`; nothing to merge")));
        }
    }
    let mut outcome = Outcome::default();
    judge_order(folder, sources, &heads, &mut outcome)?;
    let joined = graph.revisions().iter().filter(|revision| {
        heads.iter().any(|head| revision.id == *head || graph.is_ancestor(&revision.id, head))
    });
    let after = catalog_of(folder, sources, joined);
    let mut bump = Bump::Patch;
    for head in &heads {
        let before = catalog_of(folder, sources, graph.lineage(head));
        let changes = diff(&before, &after, &DiffOptions::new(folder.dialect));
        bump = bump.max(
            highest(&judge(&before, &changes, folder.dialect, &options.overrides)).unwrap_or(Bump::Patch),
        );
    }
    let versions: Vec<Version> = heads.iter().filter_map(|head| graph.highest_version(head)).collect();
    let lowest = next_version(&versions, bump);
    let version = options.version.clone().filter(|version| *version >= lowest).unwrap_or(lowest);
    let message =
        if options.message.is_empty() { format!("Merge {}", named(&heads)) } else { options.message.clone() };
    let header = Header {
        migration: Some(unsaid(slug(&message))),
        version: Some(unsaid(version.clone())),
        revises: Some(unsaid(heads.iter().map(ToString::to_string).collect())),
        description: Some(unsaid(message.clone())),
        date: (!options.date.is_empty()).then(|| unsaid(options.date.clone())),
        ..Header::default()
    };
    let nothing = "-- Joins branches; changes nothing.\n".to_owned();
    let draft = Draft { header, up: nothing.clone(), down: Some(nothing), irreversible: None };
    outcome.changes.create = draft.files(&folder.new_files(&version, &slug(&message), &options.now));
    outcome.tags.push((RevisionId::new(named(&heads)), version.clone()));
    outcome.notes.push(format!("{version} joins {} ({bump})", named(&heads)));
    Ok(outcome)
}

/// Databases have applied the sides in either order: they must not differ for it.
fn judge_order(
    folder: &Folder,
    sources: &SourceMap,
    heads: &[RevisionId],
    outcome: &mut Outcome,
) -> Result<(), SurgeryError> {
    for (index, left) in heads.iter().enumerate() {
        for right in &heads[index + 1..] {
            match commute(folder, sources, left, right)? {
                Commute::Yes => {
                    outcome.notes.push(format!("{left} and {right} can be applied in either order"))
                }
                Commute::Differs(difference) => {
                    let what = format!("{left} before {right}, and {right} before {left},");
                    return Err(SurgeryError::NotEqual { what, difference });
                }
                Commute::Fails { first, then, reason } => {
                    let after = first.to_string();
                    return Err(SurgeryError::DoesNotFit {
                        revision: then,
                        after,
                        reason,
                        diagnostics: Vec::new(),
                    });
                }
            }
        }
    }
    Ok(())
}
