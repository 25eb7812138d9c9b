//! The graph itself: built once, in an order in which every revision comes after its parents.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use semver::Version;

use super::order::natural;
use super::{GraphError, Revision, RevisionId};

/// All revisions of a project. Positions (`usize`) are places in the order of application.
#[derive(Clone, Debug, Default)]
pub struct RevisionGraph {
    pub(super) revisions: Vec<Revision>,
    pub(super) parents: Vec<Vec<usize>>,
    pub(super) children: Vec<Vec<usize>>,
    pub(super) by_id: HashMap<RevisionId, usize>,
}

impl RevisionGraph {
    /// Builds the graph, or says everything that is wrong with it. Several heads are not wrong here: they are an error
    /// where one is needed ([`RevisionGraph::head`]).
    pub fn new(revisions: Vec<Revision>) -> Result<Self, Vec<GraphError>> {
        let mut errors = duplicates(&revisions);
        let parents = link(&revisions, &mut errors);
        let order = sorted(&revisions, &parents).unwrap_or_else(|left| {
            errors.push(GraphError::Cycle(circle(&revisions, &parents, &left)));
            Vec::new()
        });
        let graph = arranged(revisions, parents, order);
        errors.extend(graph.tags_not_higher());
        if errors.is_empty() { Ok(graph) } else { Err(errors) }
    }

    /// Every revision, each after its parents; the order depends on the set of revisions alone.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// How many revisions there are.
    pub fn len(&self) -> usize {
        self.revisions.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.revisions.is_empty()
    }

    /// The revision of this id.
    pub fn get(&self, id: &RevisionId) -> Option<&Revision> {
        self.by_id.get(id).map(|at| &self.revisions[*at])
    }

    /// Its place in the order of application.
    pub fn position(&self, id: &RevisionId) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Revisions that nothing follows.
    pub fn heads(&self) -> Vec<&Revision> {
        self.select(|at| self.children[at].is_empty())
    }

    /// The one head; `None` for an empty history.
    pub fn head(&self) -> Result<Option<&Revision>, GraphError> {
        let heads = self.heads();
        match heads.as_slice() {
            [] => Ok(None),
            [head] => Ok(Some(head)),
            _ => Err(GraphError::MultipleHeads(ids(&heads))),
        }
    }

    /// Revisions that follow nothing.
    pub fn bases(&self) -> Vec<&Revision> {
        self.select(|at| self.parents[at].is_empty())
    }

    /// Revisions that more than one follows, with those.
    pub fn branches(&self) -> Vec<(&Revision, Vec<&Revision>)> {
        let forks = (0..self.len()).filter(|at| self.children[*at].len() > 1);
        forks.map(|at| (&self.revisions[at], self.children_at(at))).collect()
    }

    /// Revisions that follow this one directly.
    pub fn children(&self, id: &RevisionId) -> Vec<&Revision> {
        self.position(id).map(|at| self.children_at(at)).unwrap_or_default()
    }

    /// Everything before this revision, in order, without it.
    pub fn ancestors(&self, id: &RevisionId) -> Vec<&Revision> {
        let Some(at) = self.position(id) else { return Vec::new() };
        let before = self.upward([at]);
        self.select(|other| before[other] && other != at)
    }

    /// This revision and everything before it, in order: what is replayed to get the catalog at this revision.
    pub fn lineage(&self, id: &RevisionId) -> Vec<&Revision> {
        let Some(at) = self.position(id) else { return Vec::new() };
        let before = self.upward([at]);
        self.select(|other| before[other])
    }

    /// Everything that follows this revision, directly or not, in order, without it.
    pub fn descendants(&self, id: &RevisionId) -> Vec<&Revision> {
        let Some(at) = self.position(id) else { return Vec::new() };
        let after = self.downward([at]);
        self.select(|other| after[other] && other != at)
    }

    /// Whether `ancestor` comes before `id`.
    pub fn is_ancestor(&self, ancestor: &RevisionId, id: &RevisionId) -> bool {
        match (self.position(ancestor), self.position(id)) {
            (Some(ancestor), Some(at)) => ancestor != at && self.upward([at])[ancestor],
            _ => false,
        }
    }

    /// The heads of what is applied: applied revisions with no applied one after them. Ids that the graph does not know
    /// are left out ([`RevisionGraph::unknown`] gives them).
    pub fn current(&self, applied: &BTreeSet<RevisionId>) -> Vec<&Revision> {
        let applied = self.marked(applied);
        let covered = self.covered(&applied);
        self.select(|at| applied[at] && !covered[at])
    }

    /// Applied ids that are not in the graph: the database is ahead, or another project's.
    pub fn unknown(&self, applied: &BTreeSet<RevisionId>) -> Vec<RevisionId> {
        applied.iter().filter(|id| !self.by_id.contains_key(*id)).cloned().collect()
    }

    /// The highest version before or at this revision.
    pub fn highest_version(&self, id: &RevisionId) -> Option<Version> {
        self.lineage(id).into_iter().filter_map(|revision| revision.version.clone()).max()
    }

    pub(super) fn select(&self, keep: impl Fn(usize) -> bool) -> Vec<&Revision> {
        (0..self.len()).filter(|at| keep(*at)).map(|at| &self.revisions[at]).collect()
    }

    pub(super) fn children_at(&self, at: usize) -> Vec<&Revision> {
        self.children[at].iter().map(|child| &self.revisions[*child]).collect()
    }

    pub(super) fn marked(&self, ids: &BTreeSet<RevisionId>) -> Vec<bool> {
        let mut marks = vec![false; self.len()];
        for at in ids.iter().filter_map(|id| self.by_id.get(id)) {
            marks[*at] = true;
        }
        marks
    }

    /// These positions and everything before them.
    pub(super) fn upward(&self, from: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut marks = vec![false; self.len()];
        for at in from {
            marks[at] = true;
        }
        for at in (0..self.len()).rev() {
            if marks[at] {
                self.parents[at].iter().for_each(|parent| marks[*parent] = true);
            }
        }
        marks
    }

    /// These positions and everything after them.
    pub(super) fn downward(&self, from: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut marks = vec![false; self.len()];
        for at in from {
            marks[at] = true;
        }
        for at in 0..self.len() {
            marks[at] |= self.parents[at].iter().any(|parent| marks[*parent]);
        }
        marks
    }

    /// Which positions have a marked one after them.
    pub(super) fn covered(&self, marks: &[bool]) -> Vec<bool> {
        let mut covered = vec![false; self.len()];
        for at in (0..self.len()).rev() {
            if marks[at] || covered[at] {
                self.parents[at].iter().for_each(|parent| covered[*parent] = true);
            }
        }
        covered
    }

    /// Tags that are not above every tag before them.
    fn tags_not_higher(&self) -> Vec<GraphError> {
        let mut highest: Vec<Option<&Version>> = Vec::with_capacity(self.len());
        let mut errors = Vec::new();
        for (revision, parents) in self.revisions.iter().zip(&self.parents) {
            let before = parents.iter().filter_map(|parent| highest[*parent]).max();
            if let (Some(version), Some(before)) = (&revision.version, before)
                && version <= before
            {
                errors.push(GraphError::NotHigher { revision: revision.id.clone(), parent: before.clone() });
            }
            highest.push(revision.version.as_ref().max(before));
        }
        errors
    }
}

pub(super) fn ids(revisions: &[&Revision]) -> Vec<RevisionId> {
    revisions.iter().map(|revision| revision.id.clone()).collect()
}

fn duplicates(revisions: &[Revision]) -> Vec<GraphError> {
    let mut stems: HashMap<&RevisionId, Vec<&str>> = HashMap::with_capacity(revisions.len());
    for revision in revisions {
        stems.entry(&revision.id).or_default().push(&revision.stem);
    }
    let mut several: Vec<_> = stems.into_iter().filter(|(_, stems)| stems.len() > 1).collect();
    several.sort();
    let error = |(id, mut stems): (&RevisionId, Vec<&str>)| {
        stems.sort_unstable();
        GraphError::Duplicate { id: id.clone(), stems: stems.into_iter().map(str::to_owned).collect() }
    };
    several.into_iter().map(error).collect()
}

/// Each revision's parents by index. A parent is named by id; by file stem where a layout has no better name.
fn link(revisions: &[Revision], errors: &mut Vec<GraphError>) -> Vec<Vec<usize>> {
    let mut names: HashMap<&str, usize> = HashMap::with_capacity(revisions.len() * 2);
    for (index, revision) in revisions.iter().enumerate() {
        names.entry(&revision.stem).or_insert(index);
    }
    for (index, revision) in revisions.iter().enumerate().rev() {
        names.insert(revision.id.as_str(), index);
    }
    let mut linked = Vec::with_capacity(revisions.len());
    for revision in revisions {
        let mut own = Vec::with_capacity(revision.parents.len());
        for parent in &revision.parents {
            match names.get(parent.as_str()) {
                Some(at) if own.contains(at) => {}
                Some(at) => own.push(*at),
                None => errors.push(GraphError::MissingParent {
                    revision: revision.id.clone(),
                    parent: parent.clone(),
                }),
            }
        }
        linked.push(own);
    }
    linked
}

/// Which of two revisions that could both come next does: the lower version, untagged ones first.
fn before(left: &Revision, right: &Revision) -> Ordering {
    let version = left.version.cmp(&right.version);
    version
        .then_with(|| natural(left.id.as_str(), right.id.as_str()))
        .then_with(|| left.id.cmp(&right.id))
        .then_with(|| left.stem.cmp(&right.stem))
}

/// Kahn's algorithm with a heap, so that the order does not depend on the input's. The error holds what is left over:
/// revisions in a circle or after one.
fn sorted(revisions: &[Revision], parents: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut ranks: Vec<usize> = (0..revisions.len()).collect();
    ranks.sort_by(|left, right| before(&revisions[*left], &revisions[*right]));
    let mut rank = vec![0; revisions.len()];
    for (place, index) in ranks.iter().enumerate() {
        rank[*index] = place;
    }
    let mut children = vec![Vec::new(); revisions.len()];
    let mut waiting: Vec<usize> = parents.iter().map(Vec::len).collect();
    for (index, own) in parents.iter().enumerate() {
        own.iter().for_each(|parent| children[*parent].push(index));
    }
    let ready = (0..revisions.len()).filter(|index| waiting[*index] == 0);
    let mut heap: BinaryHeap<Reverse<usize>> = ready.map(|index| Reverse(rank[index])).collect();
    let mut order = Vec::with_capacity(revisions.len());
    while let Some(Reverse(place)) = heap.pop() {
        let index = ranks[place];
        order.push(index);
        for child in &children[index] {
            waiting[*child] -= 1;
            if waiting[*child] == 0 {
                heap.push(Reverse(rank[*child]));
            }
        }
    }
    if order.len() == revisions.len() {
        return Ok(order);
    }
    Err(ranks.into_iter().filter(|index| waiting[*index] > 0).collect())
}

/// One circle among the revisions left over, starting at its lowest member.
fn circle(revisions: &[Revision], parents: &[Vec<usize>], left: &[usize]) -> Vec<RevisionId> {
    let within: BTreeSet<usize> = left.iter().copied().collect();
    let mut seen: Vec<usize> = Vec::new();
    let mut place = HashMap::new();
    let mut at = left.first().copied();
    while let Some(index) = at {
        if let Some(start) = place.insert(index, seen.len()) {
            let mut around: Vec<usize> = seen.split_off(start);
            let lowest =
                (0..around.len()).min_by(|a, b| before(&revisions[around[*a]], &revisions[around[*b]]));
            around.rotate_left(lowest.unwrap_or(0));
            return around.into_iter().map(|index| revisions[index].id.clone()).collect();
        }
        seen.push(index);
        at = parents[index].iter().copied().find(|parent| within.contains(parent));
    }
    left.iter().map(|index| revisions[*index].id.clone()).collect()
}

/// The graph in the order given; revisions that are not in it are left out.
fn arranged(revisions: Vec<Revision>, parents: Vec<Vec<usize>>, order: Vec<usize>) -> RevisionGraph {
    let mut place = vec![usize::MAX; revisions.len()];
    for (position, index) in order.iter().enumerate() {
        place[*index] = position;
    }
    let mut slots: Vec<Option<Revision>> = revisions.into_iter().map(Some).collect();
    let mut graph = RevisionGraph { children: vec![Vec::new(); order.len()], ..RevisionGraph::default() };
    for (position, index) in order.iter().enumerate() {
        let own: Vec<usize> = parents[*index].iter().map(|parent| place[*parent]).collect();
        own.iter().for_each(|parent| graph.children[*parent].push(position));
        graph.parents.push(own);
        if let Some(revision) = slots[*index].take() {
            graph.by_id.insert(revision.id.clone(), position);
            graph.revisions.push(revision);
        }
    }
    graph
}
