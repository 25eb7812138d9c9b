//! The way from what is applied to a target.

use std::collections::BTreeSet;

use super::graph::ids;
use super::resolve::Branch;
use super::{Anchor, GraphError, Revision, RevisionGraph, RevisionId, Target, TargetRange};

impl RevisionGraph {
    /// The revisions to apply, in order, to bring a database with these applied to the target. Whatever is missing
    /// before the target is applied too, also when it was merged in below what is already there: nothing is skipped.
    pub fn upgrade_path(
        &self,
        applied: &BTreeSet<RevisionId>,
        target: &Target,
    ) -> Result<Vec<&Revision>, GraphError> {
        let marks = self.known(applied)?;
        let branch = target.label.as_deref().map(|label| self.branch(label)).transpose()?;
        let goals: Vec<usize> = match (&target.anchor, target.offset) {
            (Anchor::Current, 0) => Vec::new(),
            (Anchor::Current, 1..) => return self.forward(marks, target, branch),
            (Anchor::Current, _) | (Anchor::Base, ..=0) => {
                return Err(GraphError::WrongDirection { target: target.clone(), upgrade: true });
            }
            (Anchor::Heads, _) => {
                let inside = |at: &usize| branch.as_ref().is_none_or(|branch| branch.after[*at]);
                (0..self.len()).filter(|at| self.children[*at].is_empty()).filter(inside).collect()
            }
            _ => self.place(target)?.into_iter().collect(),
        };
        let wanted = self.upward(goals);
        Ok(self.select(|at| wanted[at] && !marks[at]))
    }

    /// The revisions to undo, newest first, to bring a database with these applied down to the target.
    ///
    /// A target by name leaves exactly that version: what follows it is undone, and so are branches that were merged in
    /// after it. Branches never merged with it stay. In a branch (`label@1.4.0`), only what follows it is undone.
    pub fn downgrade_path(
        &self,
        applied: &BTreeSet<RevisionId>,
        target: &Target,
    ) -> Result<Vec<&Revision>, GraphError> {
        let marks = self.known(applied)?;
        let branch = target.label.as_deref().map(|label| self.branch(label)).transpose()?;
        let undone = match (&target.anchor, target.offset) {
            (Anchor::Current, 0) => vec![false; self.len()],
            (Anchor::Current, ..0) => return self.backward(marks, target, branch),
            (Anchor::Current | Anchor::Base, 1..) | (Anchor::Heads, _) => {
                return Err(GraphError::WrongDirection { target: target.clone(), upgrade: false });
            }
            (Anchor::Base, _) => branch.map_or_else(|| vec![true; self.len()], |branch| branch.own),
            _ => match self.place(target)? {
                None => vec![true; self.len()],
                Some(at) if !marks[at] => {
                    let current = ids(&self.current(applied));
                    let revision = self.revisions[at].id.clone();
                    return Err(GraphError::NotApplied { revision, current });
                }
                Some(at) => self.after(at, &marks, branch.is_some()),
            },
        };
        let mut path = self.select(|at| undone[at] && marks[at]);
        path.reverse();
        Ok(path)
    }

    /// The revisions of a range of versions, as an upgrade runs them: everything up to `to` that `from` does not have.
    pub fn upgrade_range(&self, range: &TargetRange) -> Result<Vec<&Revision>, GraphError> {
        let from = range.from.clone().unwrap_or_else(Target::base);
        let to = range.to.clone().unwrap_or_else(Target::head);
        // `1.0.0:+2` counts from the range's own start.
        if to.anchor == Anchor::Current {
            return self.upgrade_path(&self.applied_at(&from)?, &to);
        }
        let there = self.positions_at(&to)?;
        let here = self.positions_at(&from)?;
        let (before, wanted) = (self.upward(here), self.upward(there));
        Ok(self.select(|at| wanted[at] && !before[at]))
    }

    /// The revisions of a range, newest first, as a downgrade from `from` to `to` undoes them.
    pub fn downgrade_range(&self, range: &TargetRange) -> Result<Vec<&Revision>, GraphError> {
        let from = range.from.clone().unwrap_or_else(Target::head);
        let to = range.to.clone().unwrap_or_else(Target::base);
        self.downgrade_path(&self.applied_at(&from)?, &to)
    }

    /// The revisions that `history -r a:b` shows, in order, both ends included. Relative ends count from where the
    /// database is (`-3:current`), or from the other end where nothing is known of a database.
    pub fn history(
        &self,
        range: &TargetRange,
        applied: &BTreeSet<RevisionId>,
    ) -> Result<Vec<&Revision>, GraphError> {
        let current = self.current(applied);
        let upper: Vec<usize> = match &range.to {
            None => (0..self.len()).collect(),
            Some(Target { anchor: Anchor::Heads, .. }) => (0..self.len()).collect(),
            Some(target) if target.anchor == Anchor::Current => {
                self.relative_to(&current, range.from.as_ref(), target)?
            }
            Some(target) => self.place(target)?.into_iter().collect(),
        };
        let wanted = self.upward(upper.iter().copied());
        let Some(from) = &range.from else { return Ok(self.select(|at| wanted[at])) };
        let lower: Vec<usize> = if from.anchor == Anchor::Current {
            let end = range.to.as_ref().filter(|to| to.anchor != Anchor::Current);
            self.relative_to(&current, end, from)?
        } else {
            self.place(from)?.into_iter().collect()
        };
        let after = if lower.is_empty() { vec![true; self.len()] } else { self.downward(lower) };
        Ok(self.select(|at| wanted[at] && after[at]))
    }

    /// The applied set of a database that is at the target.
    pub fn applied_at(&self, target: &Target) -> Result<BTreeSet<RevisionId>, GraphError> {
        let marks = self.upward(self.positions_at(target)?);
        Ok(self.select(|at| marks[at]).into_iter().map(|revision| revision.id.clone()).collect())
    }

    fn positions_at(&self, target: &Target) -> Result<Vec<usize>, GraphError> {
        match target.anchor {
            Anchor::Heads => Ok((0..self.len()).filter(|at| self.children[*at].is_empty()).collect()),
            _ => Ok(self.place(target)?.into_iter().collect()),
        }
    }

    /// The applied marks, or the ids that the graph does not know.
    fn known(&self, applied: &BTreeSet<RevisionId>) -> Result<Vec<bool>, GraphError> {
        let unknown = self.unknown(applied);
        if unknown.is_empty() { Ok(self.marked(applied)) } else { Err(GraphError::UnknownApplied(unknown)) }
    }

    /// A relative end of a history range, counted from the database's place, else from the other end.
    fn relative_to(
        &self,
        current: &[&Revision],
        other: Option<&Target>,
        target: &Target,
    ) -> Result<Vec<usize>, GraphError> {
        let anchors: Vec<RevisionId> = match other.filter(|other| other.anchor != Anchor::Current) {
            Some(other) if target.offset != 0 => {
                self.place(other)?.into_iter().map(|at| self.revisions[at].id.clone()).collect()
            }
            _ if current.is_empty() && target.offset < 0 => ids(&self.heads()),
            _ => ids(current),
        };
        match anchors.as_slice() {
            [] => Ok(self.place(&Target { anchor: Anchor::Base, ..target.clone() })?.into_iter().collect()),
            _ if target.offset == 0 => Ok(anchors.iter().filter_map(|id| self.position(id)).collect()),
            [one] => {
                let name = Anchor::Named(format!("{one}{:+}", target.offset));
                let target = Target { label: target.label.clone(), anchor: name, offset: 0 };
                Ok(self.place(&target)?.into_iter().collect())
            }
            several => {
                Err(GraphError::Ambiguous { target: target.to_string(), candidates: several.to_vec() })
            }
        }
    }

    /// The next revisions, one at a time, as long as there is no choice. One that was merged in below what is applied
    /// comes first.
    fn forward(
        &self,
        mut marks: Vec<bool>,
        target: &Target,
        branch: Option<Branch>,
    ) -> Result<Vec<&Revision>, GraphError> {
        let inside = |at: &usize| branch.as_ref().is_none_or(|branch| branch.own[*at] || branch.before[*at]);
        let covered = self.covered(&marks);
        let ready =
            |marks: &[bool], at: usize| !marks[at] && self.parents[at].iter().all(|parent| marks[*parent]);
        let mut next: BTreeSet<usize> =
            (0..self.len()).filter(|at| ready(&marks, *at)).filter(inside).collect();
        let mut path = Vec::new();
        while (path.len() as u64) < target.offset.unsigned_abs() {
            let below = next.iter().copied().find(|at| covered[*at]);
            let at = match (below, next.len()) {
                (Some(at), _) => at,
                (None, 0) => {
                    let available = path.len();
                    return Err(GraphError::TooFar { target: target.clone(), available, upwards: true });
                }
                (None, 1) => next.iter().copied().next().unwrap_or_default(),
                (None, _) => {
                    let candidates = self.ids_at(&next.iter().copied().collect::<Vec<_>>());
                    return Err(GraphError::Ambiguous { target: target.to_string(), candidates });
                }
            };
            next.remove(&at);
            marks[at] = true;
            path.push(&self.revisions[at]);
            next.extend(
                self.children[at].iter().copied().filter(|child| ready(&marks, *child)).filter(inside),
            );
        }
        Ok(path)
    }

    /// The newest revisions, one at a time, as long as there is no choice.
    fn backward(
        &self,
        mut marks: Vec<bool>,
        target: &Target,
        branch: Option<Branch>,
    ) -> Result<Vec<&Revision>, GraphError> {
        let inside = |at: &usize| branch.as_ref().is_none_or(|branch| branch.own[*at]);
        let covered = self.covered(&marks);
        let mut tips: BTreeSet<usize> =
            (0..self.len()).filter(|at| marks[*at] && !covered[*at]).filter(inside).collect();
        let mut path = Vec::new();
        while (path.len() as u64) < target.offset.unsigned_abs() {
            let at = match tips.len() {
                0 => {
                    let available = path.len();
                    return Err(GraphError::TooFar { target: target.clone(), available, upwards: false });
                }
                1 => tips.pop_last().unwrap_or_default(),
                _ => {
                    let candidates = self.ids_at(&tips.iter().copied().collect::<Vec<_>>());
                    return Err(GraphError::Ambiguous { target: target.to_string(), candidates });
                }
            };
            marks[at] = false;
            path.push(&self.revisions[at]);
            let free =
                |parent: &usize| marks[*parent] && self.children[*parent].iter().all(|child| !marks[*child]);
            tips.extend(self.parents[at].iter().copied().filter(free).filter(inside));
        }
        Ok(path)
    }

    /// What has to go so that the revision at `at` is the version: everything after it, and, unless only its branch is
    /// meant, what hangs together with that without being before it.
    fn after(&self, at: usize, marks: &[bool], branch_only: bool) -> Vec<bool> {
        let mut gone = self.downward([at]);
        gone[at] = false;
        if branch_only {
            return gone;
        }
        let kept = self.upward([at]);
        let mut open: Vec<usize> = (0..self.len()).filter(|at| gone[*at] && marks[*at]).collect();
        while let Some(at) = open.pop() {
            for next in self.parents[at].iter().chain(&self.children[at]) {
                if !gone[*next] && !kept[*next] && marks[*next] {
                    gone[*next] = true;
                    open.push(*next);
                }
            }
        }
        gone
    }
}
