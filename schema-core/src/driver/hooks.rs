//! What a project wants done around a run: asked under the lock, and only when there is something to run.

use std::collections::BTreeSet;
use std::fmt;

use super::progress::Direction;
use super::survey::Survey;
use crate::revision::RevisionId;

/// A run as hooks see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned<'a> {
    /// Which way.
    pub direction: Direction,
    /// What is run, in this order.
    pub path: &'a [RevisionId],
    /// The heads of what is applied before it; none for a fresh database.
    pub from: Vec<RevisionId>,
    /// The heads after it; none at the base.
    pub to: Vec<RevisionId>,
}

/// Called around a run. An error is the reason in words; it stops the run, or, after it, makes it fail.
pub trait Hooks: fmt::Debug + Send + Sync {
    /// Nothing of the run has happened yet.
    fn before(&self, run: &Planned<'_>) -> Result<(), String>;

    /// All of the run is committed.
    fn after(&self, run: &Planned<'_>) -> Result<(), String>;
}

impl<'a> Planned<'a> {
    /// The run of a path, from where the database stands.
    pub fn new(survey: &Survey, path: &'a [RevisionId], direction: Direction) -> Self {
        let heads = |applied: &BTreeSet<RevisionId>| {
            survey.graph.current(applied).into_iter().map(|revision| revision.id.clone()).collect()
        };
        let mut then = survey.applied.clone();
        for id in path {
            match direction {
                Direction::Up => then.insert(id.clone()),
                Direction::Down => then.remove(id),
            };
        }
        Planned { direction, path, from: heads(&survey.applied), to: heads(&then) }
    }
}
