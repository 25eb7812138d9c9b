//! The revision graph: which revisions there are, which follows which, and the way from one to another. No files and
//! no database: `script` makes the revisions, `driver` walks the paths.

mod error;
mod graph;
mod order;
mod path;
mod resolve;
mod target;
mod version;

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use schema_model::Name;
pub use semver::Version;

pub use error::GraphError;
pub use graph::RevisionGraph;
pub use order::natural;
pub use target::{Anchor, InvalidTarget, Target, TargetRange};
pub use version::{Bump, InvalidBump, InvalidVersion, next_version, parse_version};

/// What tells one revision from another, and what the history table holds: the version, or the key that a file of
/// another tool's layout has there (`20230720224454`, `V12`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RevisionId(Arc<str>);

impl RevisionId {
    /// Takes the text as it is.
    pub fn new(text: impl AsRef<str>) -> Self {
        RevisionId(Arc::from(text.as_ref()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for RevisionId {
    fn from(text: &str) -> Self {
        RevisionId::new(text)
    }
}

impl From<String> for RevisionId {
    fn from(text: String) -> Self {
        RevisionId(Arc::from(text))
    }
}

impl From<&Version> for RevisionId {
    fn from(version: &Version) -> Self {
        RevisionId::from(version.to_string())
    }
}

impl Borrow<str> for RevisionId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RevisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// One revision: what the graph needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The version, or another layout's key.
    pub id: RevisionId,
    /// The version, for a revision that has one.
    pub version: Option<Version>,
    /// The revisions it follows: none for a first one, several for a merge.
    pub parents: Vec<RevisionId>,
    /// Branch labels.
    pub labels: Vec<Name>,
    /// What it does, in the author's words.
    pub message: String,
    /// The file name without directions and extension: `1.1.0_add_phone`, `003_add_priority`.
    pub stem: String,
}

impl Revision {
    /// A revision of this id with nothing else said; an id that is a version is the version too.
    pub fn new(id: impl Into<RevisionId>) -> Self {
        let id = id.into();
        let version = parse_version(id.as_str()).ok();
        let stem = id.to_string();
        Revision { id, version, parents: Vec::new(), labels: Vec::new(), message: String::new(), stem }
    }

    /// With these parents.
    pub fn follows<I: Into<RevisionId>>(mut self, parents: impl IntoIterator<Item = I>) -> Self {
        self.parents = parents.into_iter().map(Into::into).collect();
        self
    }

    /// Whether it joins branches.
    pub fn is_merge(&self) -> bool {
        self.parents.len() > 1
    }
}
