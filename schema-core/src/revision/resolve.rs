//! From what a user wrote to a place in the graph.

use std::cmp::Ordering;

use super::graph::ids;
use super::order::natural;
use super::target::split_offset;
use super::{Anchor, GraphError, Revision, RevisionGraph, RevisionId, Target};

impl RevisionGraph {
    /// The revision that a name stands for: an id, a file stem, a version's first components, or the beginning of one
    /// stem.
    pub fn find(&self, name: &str) -> Result<&Revision, GraphError> {
        self.find_at(name, None).map(|at| &self.revisions[at])
    }

    /// Where a target is that does not depend on what is applied. `None` is the base.
    pub(super) fn place(&self, target: &Target) -> Result<Option<usize>, GraphError> {
        let branch = target.label.as_deref().map(|label| self.branch(label)).transpose()?;
        match &target.anchor {
            Anchor::Head | Anchor::Heads => {
                let heads = (0..self.len()).filter(|at| self.children[*at].is_empty());
                let inside = |at: &usize| branch.as_ref().is_none_or(|branch| branch.after[*at]);
                let heads: Vec<usize> = heads.filter(inside).collect();
                match heads.as_slice() {
                    [] => self.walk(None, target.offset, target, branch.as_ref()),
                    [head] => self.walk(Some(*head), target.offset, target, branch.as_ref()),
                    _ => Err(GraphError::MultipleHeads(self.ids_at(&heads))),
                }
            }
            Anchor::Base | Anchor::Current => self.walk(None, target.offset, target, branch.as_ref()),
            Anchor::Named(name) => match self.find_at(name, branch.as_ref()) {
                Ok(at) => Ok(Some(at)),
                Err(error) => match split_offset(name) {
                    Some((name, offset)) => {
                        let at = self.find_at(name, branch.as_ref())?;
                        self.walk(Some(at), offset, target, branch.as_ref())
                    }
                    None => Err(error),
                },
            },
        }
    }

    /// The branch that a label, or any revision of it, names.
    pub(super) fn branch(&self, label: &str) -> Result<Branch, GraphError> {
        let labelled =
            self.revisions.iter().position(|revision| revision.labels.iter().any(|own| own == label));
        let unknown = |error| match error {
            GraphError::Unknown { .. } => GraphError::UnknownLabel(label.to_owned()),
            other => other,
        };
        let at = labelled.map_or_else(|| self.find_at(label, None).map_err(unknown), Ok)?;
        let mut start = at;
        while let [parent] = self.parents[start][..]
            && self.children[parent].len() == 1
        {
            start = parent;
        }
        Ok(Branch { before: self.upward([at]), after: self.downward([at]), own: self.downward([start]) })
    }

    fn find_at(&self, name: &str, branch: Option<&Branch>) -> Result<usize, GraphError> {
        if let Some(at) = self.by_id.get(name) {
            return Ok(*at);
        }
        if let Some(at) = self.revisions.iter().position(|revision| revision.stem == name) {
            return Ok(at);
        }
        let tests: [fn(&Revision, &str) -> bool; 2] =
            [|revision, name| has_components(revision, name) || has_number(revision, name), begins];
        for test in tests {
            let matching: Vec<usize> =
                (0..self.len()).filter(|at| test(&self.revisions[*at], name)).collect();
            let inside: Vec<usize> = match branch {
                Some(branch) if matching.len() > 1 => {
                    matching.into_iter().filter(|at| branch.own[*at] || branch.before[*at]).collect()
                }
                _ => matching,
            };
            match inside.as_slice() {
                [] => {}
                [at] => return Ok(*at),
                several => {
                    let candidates = self.ids_at(several);
                    return Err(GraphError::Ambiguous { target: name.to_owned(), candidates });
                }
            }
        }
        Err(GraphError::Unknown { name: name.to_owned(), nearest: self.nearest(name) })
    }

    /// So many revisions on, or back, along a way without forks. One step back from a first revision is the base.
    fn walk(
        &self,
        from: Option<usize>,
        offset: i64,
        target: &Target,
        branch: Option<&Branch>,
    ) -> Result<Option<usize>, GraphError> {
        let mut at = from;
        for step in 0..offset.unsigned_abs() {
            let upwards = offset > 0;
            let inside = |next: &usize| branch.is_none_or(|branch| branch.own[*next] || branch.before[*next]);
            let next: Vec<usize> = match at {
                Some(at) if upwards => self.children[at].iter().copied().filter(inside).collect(),
                Some(at) => self.parents[at].clone(),
                None if upwards => {
                    (0..self.len()).filter(|at| self.parents[*at].is_empty()).filter(inside).collect()
                }
                None => Vec::new(),
            };
            at = match next.as_slice() {
                [] if !upwards && at.is_some() => None,
                [] => {
                    let available = usize::try_from(step).unwrap_or(usize::MAX);
                    return Err(GraphError::TooFar { target: target.clone(), available, upwards });
                }
                [next] => Some(*next),
                several => {
                    let candidates = self.ids_at(several);
                    return Err(GraphError::Ambiguous { target: target.to_string(), candidates });
                }
            };
        }
        Ok(at)
    }

    pub(super) fn ids_at(&self, positions: &[usize]) -> Vec<RevisionId> {
        ids(&positions.iter().map(|at| &self.revisions[*at]).collect::<Vec<_>>())
    }

    /// The id that was probably meant.
    fn nearest(&self, name: &str) -> Option<RevisionId> {
        let limit = (name.len() / 3).max(1);
        let near = self.revisions.iter().map(|revision| (distance(revision.id.as_str(), name), &revision.id));
        near.filter(|(distance, _)| *distance <= limit).min().map(|(_, id)| id.clone())
    }
}

/// A branch of the graph, around the revision that names it.
pub(super) struct Branch {
    /// That revision and everything before it.
    pub before: Vec<bool>,
    /// That revision and everything after it.
    pub after: Vec<bool>,
    /// Everything from the fork at which the branch begins.
    pub own: Vec<bool>,
}

/// `1.1` is 1.1.0 and 1.1.7, not 1.10.0.
fn has_components(revision: &Revision, name: &str) -> bool {
    let Some(version) = &revision.version else { return false };
    let own = [version.major, version.minor, version.patch];
    let mut asked = name.split('.');
    let mut count = 0;
    asked.all(|component| {
        count += 1;
        let digits = !component.is_empty() && component.bytes().all(|byte| byte.is_ascii_digit());
        digits && own.get(count - 1).is_some_and(|own| component.parse() == Ok(*own))
    })
}

/// `3` is 003 and V3 in layouts that number their files.
fn has_number(revision: &Revision, name: &str) -> bool {
    let numeric =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let own = revision.id.as_str().trim_start_matches(['V', 'v']);
    revision.version.is_none()
        && numeric(own)
        && numeric(name.trim_start_matches(['V', 'v']))
        && natural(own, name.trim_start_matches(['V', 'v'])) == Ordering::Equal
}

/// The name begins the stem. Digits and dots alone are a version's components, so they do not begin a tagged stem.
fn begins(revision: &Revision, name: &str) -> bool {
    let numeric = name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let by_version = revision.stem.starts_with(revision.id.as_str()) && revision.version.is_some();
    revision.stem.starts_with(name) && !(by_version && numeric)
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let cost = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
