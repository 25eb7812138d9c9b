//! Whether two branches can be applied in either order.

use schema_model::SourceMap;

use super::SurgeryError;
use super::replay::{catalog_of, difference, run};
use crate::revision::{Revision, RevisionGraph, RevisionId};
use crate::script::Folder;

/// The answer, found by replaying both orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Commute {
    /// Both orders lead to the same schema.
    Yes,
    /// They lead to different ones; what differs.
    Differs(String),
    /// In one order a statement fails: the branch that comes first there, the one that fails, what it says.
    Fails {
        /// The branch that comes first.
        first: RevisionId,
        /// The branch that fails after it.
        then: RevisionId,
        /// What fails.
        reason: String,
    },
}

/// Replays what each of two heads has and the other has not, in both orders.
pub fn commute(
    folder: &Folder,
    sources: &SourceMap,
    left: &RevisionId,
    right: &RevisionId,
) -> Result<Commute, SurgeryError> {
    let graph = folder.graph()?;
    let (left, right) = (graph.find(left.as_str())?.id.clone(), graph.find(right.as_str())?.id.clone());
    let own = |of: &RevisionId, other: &RevisionId| side(&graph, of, other);
    let (mine, theirs) = (own(&left, &right), own(&right, &left));
    let common: Vec<&Revision> =
        graph.lineage(&left).into_iter().filter(|revision| !mine.contains(revision)).collect();
    let base = catalog_of(folder, sources, common);
    let walk = |first: &[&Revision], then: &[&Revision]| {
        let mut catalog = base.clone();
        for revision in first.iter().chain(then) {
            let Some(script) = folder.script(&revision.id) else { continue };
            let ran = run(&catalog, sources.text(script.up.file), folder.dialect);
            if let Some(error) = ran.errors.first() {
                return Err(error.message.clone());
            }
            catalog = ran.after;
        }
        Ok(catalog)
    };
    let fails = |first: &RevisionId, then: &RevisionId, reason| {
        Ok(Commute::Fails { first: first.clone(), then: then.clone(), reason })
    };
    match (walk(&mine, &theirs), walk(&theirs, &mine)) {
        (Err(reason), _) => fails(&left, &right, reason),
        (_, Err(reason)) => fails(&right, &left, reason),
        (Ok(one), Ok(other)) => {
            Ok(difference(&one, &other, folder.dialect).map_or(Commute::Yes, Commute::Differs))
        }
    }
}

/// The revisions that lead to one head and not to the other.
pub(super) fn side<'g>(graph: &'g RevisionGraph, of: &RevisionId, other: &RevisionId) -> Vec<&'g Revision> {
    let shared = graph.lineage(other);
    graph
        .lineage(of)
        .into_iter()
        .filter(|revision| !shared.iter().any(|known| known.id == revision.id))
        .collect()
}
