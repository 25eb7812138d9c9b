//! What can be wrong with a graph, or with a wish about it.

use semver::Version;

use super::{RevisionId, Target};

/// What is wrong. The message names revisions; `revisions` gives them, so that a report can point at their files.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GraphError {
    /// Several revisions have one tag.
    #[error("`{id}` is the tag of {} revisions ({})", stems.len(), list(stems))]
    Duplicate {
        /// The tag.
        id: RevisionId,
        /// The revisions' file stems.
        stems: Vec<String>,
    },
    /// A revision follows one that does not exist.
    #[error("`{revision}` follows `{parent}`, which does not exist")]
    MissingParent {
        /// The revision.
        revision: RevisionId,
        /// The parent it names.
        parent: RevisionId,
    },
    /// Revisions follow each other in a circle.
    #[error("revisions follow each other in a circle: {}", circle(.0))]
    Cycle(Vec<RevisionId>),
    /// A tag is not above one that comes before it.
    #[error("`{revision}` is not higher than `{parent}`, which it follows")]
    NotHigher {
        /// The revision.
        revision: RevisionId,
        /// The highest version before it.
        parent: Version,
    },
    /// One head is needed.
    #[error("multiple heads ({}); name one or run `cargo schema merge`", list(.0))]
    MultipleHeads(Vec<RevisionId>),
    /// A relative step has several ways to go.
    #[error("`{target}` can mean several revisions ({}); name one", list(candidates))]
    Ambiguous {
        /// What was asked for.
        target: String,
        /// What it can mean.
        candidates: Vec<RevisionId>,
    },
    /// No revision is called so.
    #[error("no revision `{name}`{}", hint(nearest.as_ref()))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What was probably meant.
        nearest: Option<RevisionId>,
    },
    /// No branch has this label, and no revision this name.
    #[error("no branch or revision `{0}`")]
    UnknownLabel(String),
    /// The database has revisions that are not in the folder.
    #[error("the database has {}, unknown here: {}; use a newer checkout", if .0.len() == 1 { "a revision" } else { "revisions" }, list(.0))]
    UnknownApplied(Vec<RevisionId>),
    /// There are not so many revisions in that direction.
    #[error("`{target}` goes too far: {}", far(*available, *upwards))]
    TooFar {
        /// What was asked for.
        target: Target,
        /// How many there are.
        available: usize,
        /// Direction.
        upwards: bool,
    },
    /// The target lies the other way.
    #[error("`{target}` cannot be the target of {}", if *upgrade { "an upgrade; use `cargo schema downgrade`" } else { "a downgrade; use `cargo schema upgrade`" })]
    WrongDirection {
        /// What was asked for.
        target: Target,
        /// Whether it was an upgrade.
        upgrade: bool,
    },
    /// A downgrade to a revision that the database does not have.
    #[error("cannot go down to `{revision}`: it is not applied (the database is at {})", heads(current))]
    NotApplied {
        /// The revision.
        revision: RevisionId,
        /// Where the database is.
        current: Vec<RevisionId>,
    },
}

impl GraphError {
    /// The revisions the error is about.
    pub fn revisions(&self) -> Vec<&RevisionId> {
        match self {
            GraphError::Duplicate { id, .. } => vec![id],
            GraphError::MissingParent { revision, .. }
            | GraphError::NotHigher { revision, .. }
            | GraphError::NotApplied { revision, .. } => vec![revision],
            GraphError::Cycle(ids) | GraphError::MultipleHeads(ids) => ids.iter().collect(),
            GraphError::Ambiguous { candidates, .. } => candidates.iter().collect(),
            GraphError::Unknown { .. }
            | GraphError::UnknownLabel(_)
            | GraphError::UnknownApplied(_)
            | GraphError::TooFar { .. }
            | GraphError::WrongDirection { .. } => Vec::new(),
        }
    }

    /// A stable code for reports.
    pub fn code(&self) -> &'static str {
        match self {
            GraphError::Duplicate { .. } => "graph/duplicate-tag",
            GraphError::MissingParent { .. } => "graph/missing-parent",
            GraphError::Cycle(_) => "graph/cycle",
            GraphError::NotHigher { .. } => "graph/tag-not-higher",
            GraphError::MultipleHeads(_) => "graph/multiple-heads",
            GraphError::Ambiguous { .. } => "graph/ambiguous-target",
            GraphError::Unknown { .. } => "graph/unknown-revision",
            GraphError::UnknownLabel(_) => "graph/unknown-label",
            GraphError::UnknownApplied(_) => "graph/unknown-applied",
            GraphError::TooFar { .. } => "graph/target-too-far",
            GraphError::WrongDirection { .. } => "graph/wrong-direction",
            GraphError::NotApplied { .. } => "graph/not-applied",
        }
    }

    /// The command or edit that mends it.
    pub fn help(&self) -> &'static str {
        match self {
            GraphError::Duplicate { .. } => {
                "run `cargo schema rebase` to move the unreleased one onto the other, under a tag of its own"
            }
            GraphError::MissingParent { .. } => {
                "bring the missing file back, or run `cargo schema rebase` to follow a revision that exists"
            }
            GraphError::Cycle(_) => "mend the `-- Revises:` line of one of them",
            GraphError::NotHigher { .. } => {
                "run `cargo schema rebase` to tag it anew, or correct its `-- Version:` line and file name"
            }
            GraphError::MultipleHeads(_) => {
                "run `cargo schema rebase` when one side is unreleased, else `cargo schema merge`"
            }
            GraphError::Ambiguous { .. } => "name the revision instead",
            GraphError::Unknown { .. } | GraphError::UnknownLabel(_) => {
                "`cargo schema history` lists the revisions"
            }
            GraphError::UnknownApplied(_) => "use the checkout that the database was upgraded from",
            GraphError::TooFar { .. } => "`cargo schema status` shows where the database is",
            GraphError::WrongDirection { .. } => "`cargo schema status` shows where the database is",
            GraphError::NotApplied { .. } => {
                "`cargo schema history --indicate-current` shows what is applied"
            }
        }
    }
}

/// Names in a sentence, cut where there are many.
fn list<T: AsRef<str>>(names: &[T]) -> String {
    const SHOWN: usize = 8;
    let mut text = names.iter().take(SHOWN).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}

impl AsRef<str> for RevisionId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

fn circle(ids: &[RevisionId]) -> String {
    let around = ids.iter().chain(ids.first());
    around.map(|id| id.as_str()).collect::<Vec<_>>().join(" follows ")
}

fn hint(nearest: Option<&RevisionId>) -> String {
    nearest.map(|id| format!("; did you mean `{id}`?")).unwrap_or_default()
}

fn heads(ids: &[RevisionId]) -> String {
    if ids.is_empty() { "base".to_owned() } else { list(ids) }
}

fn far(available: usize, upwards: bool) -> String {
    let which = if upwards { "follow" } else { "can be undone" };
    match available {
        0 if upwards => "no revision follows".to_owned(),
        0 => "no revision is applied".to_owned(),
        1 => format!("only one revision {}", if upwards { "follows" } else { which }),
        count => format!("only {count} revisions {which}"),
    }
}
