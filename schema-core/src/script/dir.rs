//! A project's migrations folder: its files as revisions.

use std::path::PathBuf;

use schema_model::checksum::checksum;
use schema_model::{DialectKind, FileId, SourceMap, Span};

use super::header::{self, Header};
use super::layout::{self, Entry, Layout, LayoutError, ListedFile, Part};
use crate::diagnostic::Diagnostic;
use crate::revision::{GraphError, Revision, RevisionGraph, RevisionId, parse_version};

/// A migrations folder, read.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// The dialect that it was read for.
    pub dialect: DialectKind,
    /// Who laid it out.
    pub layout: Layout,
    /// The revisions, in the order in which they are applied (in the layout's order when the graph is broken).
    pub scripts: Vec<Script>,
    /// Files that are no part of the history, each with the reason.
    pub ignored: Vec<(PathBuf, &'static str)>,
    /// What is wrong with files and headers; what is wrong with the graph, `check_graph` says.
    pub diagnostics: Vec<Diagnostic>,
}

/// A revision as files.
#[derive(Clone, Debug)]
pub struct Script {
    /// What the graph knows of it.
    pub revision: Revision,
    /// The up file's header.
    pub header: Header,
    /// The way up.
    pub up: ScriptFile,
    /// The way down, if there is one.
    pub down: Option<ScriptFile>,
    /// Why there is no way down, where the files say so.
    pub irreversible: Option<String>,
}

/// One direction of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptFile {
    /// The file.
    pub path: PathBuf,
    /// Its text in the source map. A file with sections is there once for each, the others blank.
    pub file: FileId,
    /// The checksum of its meaning.
    pub checksum: String,
    /// `false` where the layout's own words say that the tool opens no transaction.
    pub transaction: bool,
}

impl Script {
    /// The revision's id.
    pub fn id(&self) -> &RevisionId {
        &self.revision.id
    }

    /// Whether it can be rolled back.
    pub fn is_reversible(&self) -> bool {
        self.down.is_some() && self.irreversible.is_none()
    }
}

/// Why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// It is not there.
    #[error("there is no folder `{}`", .0.display())]
    Missing(PathBuf),
    /// It is a file.
    #[error("`{}` is not a folder", .0.display())]
    NotAFolder(PathBuf),
    /// The file system refuses.
    #[error("failed to read `{}`: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The layout leaves a question open.
    #[error("failed to read `{}`: {source}", path.display())]
    Layout {
        /// The folder.
        path: PathBuf,
        /// The question.
        source: LayoutError,
    },
}

impl Folder {
    /// A folder from its files' texts, which may come from a git tree or be part of a program. The layout is told from the
    /// files unless it is given. Texts go into `sources` under the folder's path, so give it as reports should print it.
    pub fn from_files(
        path: impl Into<PathBuf>,
        files: Vec<ListedFile>,
        dialect: DialectKind,
        layout: Option<Layout>,
        sources: &mut SourceMap,
    ) -> Result<Folder, FolderError> {
        let path = path.into();
        let empty = !files.iter().any(ListedFile::is_sql);
        let read = layout::read(files, layout, Some(dialect));
        let (found, arranged) = read.map_err(|source| FolderError::Layout { path: path.clone(), source })?;
        let layout = if empty { layout.unwrap_or(Layout::Semver) } else { found };
        let mut folder = Folder::empty(path, dialect, layout);
        folder.ignored =
            arranged.ignored.into_iter().map(|(file, reason)| (folder.path.join(file), reason)).collect();
        for entry in arranged.entries {
            let previous = folder.scripts.last().map(|script| script.revision.id.clone());
            let script = folder.script_of(entry, previous, sources);
            folder.scripts.push(script);
        }
        folder.sort();
        Ok(folder)
    }

    /// A folder without revisions.
    pub fn empty(path: impl Into<PathBuf>, dialect: DialectKind, layout: Layout) -> Folder {
        Folder {
            path: path.into(),
            dialect,
            layout,
            scripts: Vec::new(),
            ignored: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// The revision graph, or everything that is wrong with it.
    pub fn graph(&self) -> Result<RevisionGraph, Vec<GraphError>> {
        RevisionGraph::new(self.scripts.iter().map(|script| script.revision.clone()).collect())
    }

    /// The script of a revision.
    pub fn script(&self, id: &RevisionId) -> Option<&Script> {
        self.scripts.iter().find(|script| script.revision.id == *id)
    }

    /// What is wrong with the graph as diagnostics that point at the files, two heads included.
    pub fn check_graph(&self) -> Vec<Diagnostic> {
        match self.graph() {
            Ok(graph) => graph.head().err().iter().map(|error| self.diagnose(error)).collect(),
            Err(errors) => errors.iter().map(|error| self.diagnose(error)).collect(),
        }
    }

    /// A graph's error with the places in the files that say so.
    pub fn diagnose(&self, error: &GraphError) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(error.code(), error.to_string()).help(error.help());
        for id in error.revisions() {
            for script in self.scripts.iter().filter(|script| script.revision.id == *id) {
                let (span, text) = script.place_of(error);
                let primary = diagnostic.labels.is_empty();
                diagnostic = if primary { diagnostic.at(span, text) } else { diagnostic.see(span, text) };
            }
        }
        diagnostic
    }

    fn script_of(&mut self, entry: Entry, previous: Option<RevisionId>, sources: &mut SourceMap) -> Script {
        let Entry { id, stem, message, up, down } = entry;
        let (up, header) = self.file_of(up, sources);
        let down = down.map(|part| self.file_of(part, sources));
        let tagged = self.layout == Layout::Semver || header.is_tagged();
        let named = parse_version(&id).ok().filter(|_| self.layout == Layout::Semver);
        let version =
            header.version.as_ref().map(|said| said.value.clone()).filter(|_| tagged).or(named.clone());
        let id = version.as_ref().map_or_else(|| RevisionId::new(&id), RevisionId::from);
        if let (Some(said), Some(named)) = (&header.version, named)
            && said.value != named
        {
            let message = format!("the header says version {}, the file name {named}", said.value);
            let help = "make the `-- Version:` line and the file name agree";
            self.diagnostics.push(
                Diagnostic::error("header/version-differs", message).at(said.span, "said here").help(help),
            );
        }
        let parents = match header.revises.as_ref().filter(|_| tagged) {
            Some(said) => said.value.iter().map(RevisionId::new).collect(),
            None => previous.into_iter().collect(),
        };
        if let Some((file, down)) = &down {
            self.compare_headers(&header, down, file);
        }
        let irreversible = header
            .irreversible
            .clone()
            .or_else(|| down.as_ref().and_then(|(_, down)| down.irreversible.clone()));
        let message =
            header.description.as_ref().filter(|_| tagged).map_or(message, |said| said.value.clone());
        let labels = header.labels.iter().map(|label| label.value.clone()).collect();
        Script {
            revision: Revision { id, version, parents, labels, message, stem },
            irreversible: irreversible.map(|said| said.value),
            down: down.map(|(file, _)| file),
            header,
            up,
        }
    }

    fn file_of(&mut self, part: Part, sources: &mut SourceMap) -> (ScriptFile, Header) {
        let path = self.path.join(&part.path);
        let checksum = checksum(&part.text, self.dialect);
        let file = sources.add(path.clone(), part.text);
        self.diagnostics.extend(crate::conflict::find(sources.text(file), file, "script/conflict"));
        let (header, problems) = header::read(sources.text(file), file, self.dialect);
        // Other tools' files may say anything in their comments.
        if self.layout == Layout::Semver || header.is_tagged() {
            self.diagnostics.extend(problems);
        }
        (ScriptFile { path, file, checksum, transaction: part.transaction }, header)
    }

    fn compare_headers(&mut self, up: &Header, down: &Header, file: &ScriptFile) {
        if let (Some(up), Some(down)) = (&up.version, &down.version)
            && up.value != down.value
            && (self.layout == Layout::Semver)
        {
            let message =
                format!("`{}` says version {}, the way up {}", file.path.display(), down.value, up.value);
            let diagnostic = Diagnostic::error("header/version-differs", message);
            self.diagnostics.push(diagnostic.at(down.span, "the way down").see(up.span, "the way up"));
        }
    }

    /// Puts the scripts in the graph's order, where there is one.
    fn sort(&mut self) {
        let Ok(graph) = self.graph() else { return };
        self.scripts.sort_by_key(|script| graph.position(&script.revision.id));
    }
}

impl Script {
    /// Where the header says what the error is about.
    fn place_of(&self, error: &GraphError) -> (Span, &'static str) {
        let version = self.header.version.as_ref().map(|said| said.span);
        let revises = self.header.revises.as_ref().map(|said| said.span);
        let top = Span::new(self.up.file, 0, 0);
        match error {
            GraphError::MissingParent { .. } | GraphError::Cycle(_) => {
                (revises.unwrap_or(top), "follows it here")
            }
            GraphError::MultipleHeads(_) => (version.unwrap_or(top), "a head"),
            _ => (version.unwrap_or(top), "tagged here"),
        }
    }
}
