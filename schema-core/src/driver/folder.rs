//! The revisions that the files hold, with the texts that run.

use std::collections::HashMap;

use schema_model::checksum::checksum;
use schema_model::{DialectKind, SourceMap};

use crate::revision::{GraphError, Revision, RevisionGraph, RevisionId};

/// A script as its file holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptFile {
    /// The path as reports print it.
    pub path: String,
    /// The whole text.
    pub text: String,
    /// Its statements share transactions; false where a layout says that its tool opens none.
    pub transaction: bool,
}

impl ScriptFile {
    /// A script that is run as one transaction unless it says otherwise.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        ScriptFile { path: path.into(), text: text.into(), transaction: true }
    }
}

/// A revision and its scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionScripts {
    /// The revision.
    pub revision: Revision,
    /// Applies it.
    pub up: ScriptFile,
    /// Takes it back.
    pub down: Option<ScriptFile>,
    /// Why it cannot be taken back, where the files say so.
    pub irreversible: Option<String>,
    /// Tags that it was released under before, with the checksum it had.
    pub formerly: Vec<(RevisionId, String)>,
}

impl RevisionScripts {
    /// A revision with these texts.
    pub fn new(revision: Revision, up: ScriptFile, down: Option<ScriptFile>) -> Self {
        RevisionScripts { revision, up, down, irreversible: None, formerly: Vec::new() }
    }
}

/// All revisions of a project for one dialect.
#[derive(Clone, Debug)]
pub struct Folder {
    dialect: DialectKind,
    graph: RevisionGraph,
    scripts: HashMap<RevisionId, RevisionScripts>,
    checksums: HashMap<RevisionId, String>,
}

impl Folder {
    /// Takes the revisions; says everything that is wrong with their graph.
    pub fn new(dialect: DialectKind, revisions: Vec<RevisionScripts>) -> Result<Self, Vec<GraphError>> {
        let graph = RevisionGraph::new(revisions.iter().map(|scripts| scripts.revision.clone()).collect())?;
        let sum =
            |scripts: &RevisionScripts| (scripts.revision.id.clone(), checksum(&scripts.up.text, dialect));
        let checksums = revisions.iter().map(sum).collect();
        let scripts = revisions.into_iter().map(|scripts| (scripts.revision.id.clone(), scripts)).collect();
        Ok(Folder { dialect, graph, scripts, checksums })
    }

    /// The revisions of a folder that has been read.
    pub fn from_scripts(
        folder: &crate::script::Folder,
        sources: &SourceMap,
    ) -> Result<Self, Vec<GraphError>> {
        let file = |file: &crate::script::ScriptFile| ScriptFile {
            path: file.path.display().to_string(),
            text: sources.text(file.file).to_owned(),
            transaction: file.transaction,
        };
        let formerly = |script: &crate::script::Script| {
            let tags = script.header.formerly.iter().map(|said| &said.value);
            tags.map(|tag| (RevisionId::from(&tag.version), tag.checksum.clone())).collect()
        };
        let revisions = folder.scripts.iter().map(|script| RevisionScripts {
            revision: script.revision.clone(),
            up: file(&script.up),
            down: script.down.as_ref().map(file),
            irreversible: script.irreversible.clone(),
            formerly: formerly(script),
        });
        Folder::new(folder.dialect, revisions.collect())
    }

    /// The dialect that the scripts are written in.
    pub fn dialect(&self) -> DialectKind {
        self.dialect
    }

    /// The revisions' graph.
    pub fn graph(&self) -> &RevisionGraph {
        &self.graph
    }

    /// A revision's scripts.
    pub fn scripts(&self, id: &RevisionId) -> Option<&RevisionScripts> {
        self.scripts.get(id)
    }

    /// The checksum of a revision's up script.
    pub fn checksum(&self, id: &RevisionId) -> Option<&str> {
        self.checksums.get(id).map(String::as_str)
    }
}
