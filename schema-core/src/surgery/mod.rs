//! Graph surgery: revisions moved, joined, folded together; and the judgement of a merge before it is made.
//!
//! Each operation takes a folder that has been read and gives the file changes that it asks for, proven by replay.
//! Nothing is written here: the caller applies the changes of all dialects at once, and then writes the lock anew.

mod amend;
mod base;
mod commute;
mod edit;
pub mod git;
mod merge;
mod rebase;
mod release;
mod replay;
mod squash;

use crate::diagnostic::Diagnostic;
use crate::revision::{GraphError, RevisionId, Version};
use crate::script::FileChanges;

pub use amend::{AmendOptions, amend};
pub use base::{BaseError, BaseReport, check_base};
pub use commute::{Commute, commute};
pub use merge::{MergeOptions, merge};
pub use rebase::{RebaseOptions, rebase};
pub use release::{ReleaseError, released, set_deployed};
pub use squash::squash;

/// What an operation asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Files to write and to remove.
    pub changes: FileChanges,
    /// Tags before and after, of revisions that have another one now.
    pub retagged: Vec<(RevisionId, RevisionId)>,
    /// The version of each revision that was judged, by its old tag (a merge's: by the heads it joins). With two dialects
    /// the highest is right for both.
    pub tags: Vec<(RevisionId, Version)>,
    /// What was done, a sentence each.
    pub notes: Vec<String>,
}

/// Why an operation is not possible. Nothing has been written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SurgeryError {
    /// The graph is wrong in a way that the operation does not mend.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Graph(Vec<GraphError>),
    /// Released revisions stay as they are.
    #[error("`{0}` is released; a released revision stays as it is: write a new one instead")]
    Released(RevisionId),
    /// There is nothing to do it to.
    #[error("{0}")]
    Nothing(String),
    /// A revision does not fit where it should go.
    #[error("`{revision}` does not fit after `{after}`: {reason}")]
    DoesNotFit {
        /// The revision.
        revision: RevisionId,
        /// Where it should go; empty is the base.
        after: String,
        /// What is in the way.
        reason: String,
        /// The statements that fail.
        diagnostics: Vec<Diagnostic>,
    },
    /// What was to be proven is not so.
    #[error("{what} would not lead to the same schema: {difference}")]
    NotEqual {
        /// What was tried.
        what: String,
        /// What differs.
        difference: String,
    },
    /// A revision outside the range hangs on one inside.
    #[error(
        "`{child}` follows `{parent}`, which would be folded away; end the range there, or rebase it first"
    )]
    Entangled {
        /// The revision outside.
        child: RevisionId,
        /// The one inside.
        parent: RevisionId,
    },
    /// The range's ends are not one before the other.
    #[error("`{from}` does not come before `{to}`")]
    NoRange {
        /// The first revision.
        from: RevisionId,
        /// The last one.
        to: RevisionId,
    },
    /// Planning failed.
    #[error(transparent)]
    Plan(#[from] crate::plan::PlanError),
}

impl From<Vec<GraphError>> for SurgeryError {
    fn from(errors: Vec<GraphError>) -> Self {
        SurgeryError::Graph(errors)
    }
}

impl From<GraphError> for SurgeryError {
    fn from(error: GraphError) -> Self {
        SurgeryError::Graph(vec![error])
    }
}
