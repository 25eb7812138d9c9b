//! The module tree: from a crate's root through `mod`, `#[path]`, inline modules and `include!`, as rustc finds files
//! (Rust reference, "Modules").

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use schema_model::item::{At, EnumItem, ItemError, RustType, TableItem, TypeItem};
use schema_model::{FileId, SourceMap, Span};

use super::facts::{self, Fact, FileFacts};
use super::foreign::{Foreign, ModelKind};
use super::{CrateRoot, ScanOptions};
use crate::diagnostic::Diagnostic;

/// Keeps what a file says between runs.
pub trait FactsStore {
    /// What a file with this text said before.
    fn get(&mut self, path: &Path, text: &str) -> Option<FileFacts>;
    /// Keeps it.
    fn put(&mut self, path: &Path, text: &str, facts: &FileFacts);
}

pub(super) struct NoStore;

impl FactsStore for NoStore {
    fn get(&mut self, _: &Path, _: &str) -> Option<FileFacts> {
        None
    }

    fn put(&mut self, _: &Path, _: &str, _: &FileFacts) {}
}

/// Everything that the files say, by module.
#[derive(Default)]
pub(super) struct Tree {
    pub modules: Vec<Module>,
    pub items: Vec<Node>,
    /// Crate name and root module.
    pub roots: Vec<(String, usize)>,
    pub files: Vec<PathBuf>,
    /// Folders where a missing module file would appear.
    pub missing: Vec<PathBuf>,
    pub diagnostics: Vec<Diagnostic>,
}

#[derive(Default)]
pub(super) struct Module {
    pub parent: Option<usize>,
    pub root: usize,
    /// `crate::models::user`, for people.
    pub path: String,
    pub names: HashMap<String, Vec<Decl>>,
    pub globs: Vec<(bool, Vec<String>)>,
}

/// What a name in a module is.
#[derive(Clone, Debug)]
pub(super) enum Decl {
    Module(usize),
    Item(usize),
    Use { global: bool, path: Vec<String> },
}

/// An item with where it stands.
pub(super) struct Node {
    pub module: usize,
    pub source: Source,
    pub kind: NodeKind,
}

pub(super) enum NodeKind {
    Table {
        item: TableItem,
        derive: Vec<String>,
        errors: Vec<ItemError>,
    },
    Enum {
        item: Arc<EnumItem>,
        derive: Vec<String>,
        errors: Vec<ItemError>,
    },
    Type {
        item: Arc<TypeItem>,
        derive: Vec<String>,
        errors: Vec<ItemError>,
    },
    Alias {
        generics: Vec<String>,
        ty: RustType,
    },
    Plain {
        at: At,
    },
    /// A model of another library.
    Foreign(Foreign),
}

impl Tree {
    /// Which of the roots a module belongs to.
    pub fn root_of(&self, module: usize) -> usize {
        let root = self.modules[module].root;
        self.roots.iter().position(|(_, own)| *own == root).unwrap_or(0)
    }
}

/// A file and its places: turns place numbers into spans.
#[derive(Clone)]
pub(super) struct Source {
    pub file: FileId,
    places: Rc<Vec<(u32, u32)>>,
}

impl Source {
    pub fn span(&self, at: At) -> Span {
        let (start, end) = self.places.get(at.0 as usize).copied().unwrap_or_default();
        Span { file: self.file, start, end }
    }
}

pub(super) fn load(options: &ScanOptions, sources: &mut SourceMap, store: &mut dyn FactsStore) -> Tree {
    let (tree, open, ready) = (Tree::default(), Vec::new(), HashMap::new());
    let mut loader = Loader { options, sources, store, tree, open, ready };
    for root in &options.roots {
        loader.root(root);
    }
    loader.tree
}

struct Loader<'a> {
    options: &'a ScanOptions,
    sources: &'a mut SourceMap,
    store: &'a mut dyn FactsStore,
    tree: Tree,
    /// Files that are being read, outermost first: a module that leads back to one of them is a cycle.
    open: Vec<PathBuf>,
    /// Files read ahead, several at a time.
    ready: HashMap<PathBuf, (String, FileFacts)>,
}

/// Where a module's own modules are looked for.
#[derive(Clone)]
struct Place {
    /// The folder of the file itself: `#[path]` on a module of the file counts from here.
    file_dir: PathBuf,
    /// The folder of the module's own modules.
    dir: PathBuf,
    /// Inside an inline module: `#[path]` counts from `dir`.
    inline: bool,
}

impl Loader<'_> {
    fn root(&mut self, root: &CrateRoot) {
        let module = self.module(None, format!("{}::", root.name).trim_end_matches("::").to_owned());
        self.tree.modules[module].root = module;
        self.tree.roots.push((root.name.clone(), module));
        if root.kind != ModelKind::Derive {
            return self.foreign_root(root, module);
        }
        let dir = root.path.parent().map(Path::to_path_buf).unwrap_or_default();
        let place = Place { file_dir: dir.clone(), dir, inline: false };
        self.root_file(&root.path, module, &place);
    }

    fn root_file(&mut self, path: &Path, module: usize, place: &Place) {
        if let Err(error) = self.file(path, module, place) {
            let message = format!("cannot read the models' root `{}`: {error}", self.shown(path));
            self.tree.diagnostics.push(
                Diagnostic::error("model/missing-module", message)
                    .help("name the model roots in `[package.metadata.schema] models`"),
            );
            self.missing(path);
        }
    }

    /// A file with its modules beside it, or a folder: through its `mod.rs` or `lib.rs` as the compiler goes, else every
    /// file of it.
    fn foreign_root(&mut self, root: &CrateRoot, module: usize) {
        let dir = root.path.clone();
        if !dir.is_dir() {
            let file_dir = dir.parent().map(Path::to_path_buf).unwrap_or_default();
            let is_root = ["mod.rs", "lib.rs"].iter().any(|name| dir.ends_with(name));
            let own = if is_root { file_dir.clone() } else { dir.with_extension("") };
            return self.root_file(&root.path, module, &Place { file_dir, dir: own, inline: false });
        }
        let place = Place { file_dir: dir.clone(), dir: dir.clone(), inline: false };
        let beside = dir.with_extension("rs");
        let roots = [dir.join("mod.rs"), dir.join("lib.rs"), beside];
        if let Some(file) = roots.into_iter().find(|file| file.is_file()) {
            return self.root_file(&file, module, &place);
        }
        self.tree.missing.push(dir.clone());
        let file = self.sources.add(dir.strip_prefix(&self.options.base).unwrap_or(&dir), "");
        let source = Source { file, places: Rc::default() };
        let entries = std::fs::read_dir(&dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut files: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|end| end == "rs")).collect();
        files.sort();
        for name in files.iter().filter_map(|path| path.file_stem()?.to_str()) {
            self.submodule(name.to_owned(), None, None, At::default(), module, &source, &place);
        }
    }

    /// A folder that is there, to be watched in place of a file that is not.
    fn missing(&mut self, path: &Path) {
        let mut dir = path.parent();
        while let Some(folder) = dir {
            if folder.as_os_str().is_empty() || folder.is_dir() {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                self.tree.missing.push(folder.to_path_buf());
                return;
            }
            dir = folder.parent();
        }
    }

    fn module(&mut self, parent: Option<usize>, path: String) -> usize {
        let root = parent.map_or(0, |parent| self.tree.modules[parent].root);
        self.tree.modules.push(Module { parent, root, path, ..Module::default() });
        self.tree.modules.len() - 1
    }

    fn file(&mut self, path: &Path, module: usize, place: &Place) -> std::io::Result<()> {
        let ahead = self.ready.remove(path);
        let bytes = match &ahead {
            Some(_) => Vec::new(),
            None => std::fs::read(path)?,
        };
        self.tree.files.push(path.to_path_buf());
        let shown = path.strip_prefix(&self.options.base).unwrap_or(path).to_path_buf();
        let (text, facts) = match (ahead, String::from_utf8(bytes)) {
            (Some(ahead), _) => ahead,
            (None, Ok(text)) => {
                let facts = self.facts(path, &text);
                (text, facts)
            }
            (None, Err(error)) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let file = self.sources.add(shown, text);
                let span = Span::new(file, at, at + 1);
                let found = Diagnostic::error("model/syntax", "the file is not UTF-8").at(span, "here");
                self.tree.diagnostics.push(found);
                return Ok(());
            }
        };
        self.read_ahead(&facts.facts, place);
        let file = self.sources.add(shown, text);
        let source = Source { file, places: Rc::new(facts.places) };
        let conflict = (!facts.errors.is_empty())
            .then(|| crate::conflict::find(self.sources.text(file), file, "model/conflict"))
            .flatten();
        match conflict {
            Some(conflict) => self.tree.diagnostics.push(conflict),
            None => facts.errors.iter().for_each(|error| self.report(&source, error, "model/syntax")),
        }
        let canonical = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        self.open.push(canonical);
        for fact in facts.facts {
            self.fact(fact, module, &source, place);
        }
        self.open.pop();
        Ok(())
    }

    fn facts(&mut self, path: &Path, text: &str) -> FileFacts {
        if let Some(facts) = self.store.get(path, text) {
            return facts;
        }
        let facts = facts::read(text, &self.options.cfgs);
        self.store.put(path, text, &facts);
        facts
    }

    /// Parses the files of a file's modules on all processors: spans are turned into places on the thread that parsed.
    fn read_ahead(&mut self, facts: &[Fact], place: &Place) {
        let files = facts.iter().filter_map(|fact| match fact {
            Fact::Mod { name, path: None, body: None, .. } => Some(place.dir.join(format!("{name}.rs"))),
            _ => None,
        });
        let files: Vec<PathBuf> = files.filter(|file| !self.ready.contains_key(file)).collect();
        let threads = std::thread::available_parallelism().map_or(1, |count| count.get().min(8));
        if files.len() < 4 || threads < 2 {
            return;
        }
        let mut unknown = Vec::new();
        for file in files {
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            match self.store.get(&file, &text) {
                Some(facts) => {
                    self.ready.insert(file, (text, facts));
                }
                None => unknown.push((file, text)),
            }
        }
        let cfgs = &self.options.cfgs;
        let size = unknown.len().div_ceil(threads).max(1);
        let mut parts = Vec::new();
        while !unknown.is_empty() {
            parts.push(unknown.split_off(unknown.len().saturating_sub(size)));
        }
        let work = |part: Vec<(PathBuf, String)>| -> Vec<(PathBuf, String, FileFacts)> {
            let one = |(file, text): (PathBuf, String)| {
                let facts = facts::read(&text, cfgs);
                (file, text, facts)
            };
            part.into_iter().map(one).collect()
        };
        let parsed: Vec<(PathBuf, String, FileFacts)> = std::thread::scope(|scope| {
            // As much stack as a main thread has: generated sources nest deeply.
            let start = |part| {
                let builder = std::thread::Builder::new().stack_size(8 << 20);
                builder.spawn_scoped(scope, || work(part)).ok()
            };
            let running: Vec<_> = parts.into_iter().filter_map(start).collect();
            running.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
        });
        for (file, text, facts) in parsed {
            self.store.put(&file, &text, &facts);
            self.ready.insert(file, (text, facts));
        }
    }

    fn report(&mut self, source: &Source, error: &ItemError, code: &'static str) {
        let found = Diagnostic::error(code, error.message.clone()).at(source.span(error.at), "here");
        self.tree.diagnostics.push(found);
    }

    fn declare(&mut self, module: usize, name: String, decl: Decl) {
        self.tree.modules[module].names.entry(name).or_default().push(decl);
    }

    fn node(&mut self, module: usize, source: &Source, name: String, kind: NodeKind) {
        self.tree.items.push(Node { module, source: source.clone(), kind });
        self.declare(module, name, Decl::Item(self.tree.items.len() - 1));
    }

    fn fact(&mut self, fact: Fact, module: usize, source: &Source, place: &Place) {
        match fact {
            Fact::Use { name, global, path } if name.is_empty() => {
                self.tree.modules[module].globs.push((global, path))
            }
            Fact::Use { name, global, path } => self.declare(module, name, Decl::Use { global, path }),
            Fact::Alias { name, generics, ty } => {
                self.node(module, source, name, NodeKind::Alias { generics, ty })
            }
            Fact::Table { item, derive, errors } => {
                self.node(module, source, item.ident.clone(), NodeKind::Table { item, derive, errors })
            }
            Fact::Enum { item, derive, errors } => {
                let name = item.ident.clone();
                self.node(module, source, name, NodeKind::Enum { item: Arc::new(item), derive, errors })
            }
            Fact::Type { item, derive, errors } => {
                let name = item.ident.clone();
                self.node(module, source, name, NodeKind::Type { item: Arc::new(item), derive, errors })
            }
            Fact::Plain { name, at } => self.node(module, source, name, NodeKind::Plain { at }),
            Fact::Foreign(item) => {
                let name = item.name().0.to_owned();
                self.node(module, source, name, NodeKind::Foreign(item));
            }
            Fact::Unseen { what, at } => {
                let message = format!("{what} derives `Table` where the scan cannot see it");
                self.tree.diagnostics.push(
                    Diagnostic::warning("model/unseen", message)
                        .at(source.span(at), "only expansion would show its tables")
                        .help("write the struct out, or keep its table out of the gate with `unmanaged`"),
                );
            }
            Fact::Include { path, at } => self.include(&path, at, module, source, place),
            Fact::Mod { name, path, body, at } => self.submodule(name, path, body, at, module, source, place),
        }
    }

    fn include(&mut self, path: &str, at: At, module: usize, source: &Source, place: &Place) {
        let path = place.file_dir.join(path);
        if self.is_open(&path) {
            self.cyclic(source.span(at), &path);
            return;
        }
        if let Err(error) = self.file(&path, module, place) {
            let message = format!("cannot read the included file `{}`: {error}", self.shown(&path));
            let found =
                Diagnostic::error("model/missing-module", message).at(source.span(at), "included here");
            self.tree.diagnostics.push(found);
            self.missing(&path);
        }
    }

    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.options.base).unwrap_or(path).display().to_string()
    }

    fn is_open(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|path| self.open.contains(&path))
    }

    fn cyclic(&mut self, span: Span, path: &Path) {
        let message = format!("the module leads back to `{}`, which it is part of", self.shown(path));
        self.tree.diagnostics.push(Diagnostic::error("model/cyclic-module", message).at(span, "this module"));
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one `mod` item")]
    fn submodule(
        &mut self,
        name: String,
        path: Option<String>,
        body: Option<Vec<Fact>>,
        at: At,
        parent: usize,
        source: &Source,
        place: &Place,
    ) {
        let full = format!("{}::{name}", self.tree.modules[parent].path);
        let module = self.module(Some(parent), full);
        self.declare(parent, name.clone(), Decl::Module(module));
        let from = if place.inline { &place.dir } else { &place.file_dir };
        if let Some(body) = body {
            let dir = match &path {
                Some(path) => from.join(path),
                None => place.dir.join(&name),
            };
            let inner = Place { file_dir: place.file_dir.clone(), dir, inline: true };
            for fact in body {
                self.fact(fact, module, source, &inner);
            }
            return;
        }
        // A file named by `#[path]`, `mod.rs` and the crate's root keep their modules beside them.
        let plain = place.dir.join(format!("{name}.rs"));
        let nested = place.dir.join(&name).join("mod.rs");
        let (file, dir) = match path {
            Some(path) => {
                let file = from.join(path);
                let dir = file.parent().map(Path::to_path_buf).unwrap_or_default();
                (file, dir)
            }
            None if nested.is_file() && plain.is_file() => {
                let message = format!(
                    "the file of module `{name}` is both `{}` and `{}`",
                    self.shown(&plain),
                    self.shown(&nested)
                );
                let found = Diagnostic::error("model/missing-module", message).at(source.span(at), "here");
                self.tree.diagnostics.push(found);
                return;
            }
            None if nested.is_file() => (nested, place.dir.join(&name)),
            None => (plain, place.dir.join(&name)),
        };
        if self.is_open(&file) {
            self.cyclic(source.span(at), &file);
            return;
        }
        let file_dir = file.parent().map(Path::to_path_buf).unwrap_or_default();
        let inner = Place { file_dir, dir, inline: false };
        if let Err(error) = self.file(&file, module, &inner) {
            let reason = match error.kind() {
                std::io::ErrorKind::NotFound => "is not there".to_owned(),
                _ => format!("cannot be read: {error}"),
            };
            let message = format!("the file of module `{name}` {reason}: `{}`", self.shown(&file));
            let found =
                Diagnostic::error("model/missing-module", message).at(source.span(at), "declared here");
            self.tree.diagnostics.push(found);
            self.missing(&file);
        }
    }
}
