//! What a user can name as a schema: `models`, `migrations[@VERSION]`, `git:REF`, a database URL, a folder, a `.sql` file.

use std::path::{Path, PathBuf};

use schema_core::diagnostic::Diagnostic;
use schema_core::driver::DatabaseUrl;
use schema_core::plan::PlanOptions;
use schema_core::revision::Target;
use schema_core::rust::{self, Declared};
use schema_core::sql::Replayer;
use schema_model::catalog::Catalog;
use schema_model::{DialectKind, FileId, SourceMap};

use crate::cli::Global;
use crate::error::{CliError, CliResult};
use crate::findings;
use crate::project::Project;
use crate::recorded::Recorded;

/// A schema's source, as named on the command line.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// What the structs declare.
    Models,
    /// The project's migrations, at a version or at the head.
    Migrations(Option<Target>),
    /// The project's migrations as of a git revision.
    Git(String),
    /// A live database.
    Database(DatabaseUrl),
    /// A folder of migrations, at a version or at the head.
    Folder(PathBuf, Option<Target>),
    /// A script.
    File(PathBuf),
}

/// A schema, loaded.
pub struct Loaded {
    /// The schema.
    pub catalog: Catalog,
    /// The database it is for.
    pub dialect: DialectKind,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// What the models say beside the schema, when they are the source.
    pub declared: Option<Declared>,
}

impl Loaded {
    /// A schema that no models declare.
    pub fn recorded(catalog: Catalog, dialect: DialectKind, diagnostics: Vec<Diagnostic>) -> Self {
        Loaded { catalog, dialect, diagnostics, declared: None }
    }

    /// Takes what models cannot say from the schema that they are compared with, as `check` does. Gives how a plan from
    /// that schema to the models is made.
    pub fn complete(&mut self, beside: &Loaded) -> PlanOptions {
        let Some(declared) = &self.declared else { return PlanOptions::new(self.dialect) };
        let compared = rust::diff_options(declared, self.dialect);
        self.catalog = rust::target(declared, &beside.catalog, &compared);
        crate::declared::plan_options(declared, self.dialect, false)
    }
}

impl Source {
    /// Reads the word: what exists as a file or folder is that, unless the word is one of ours.
    pub fn parse(word: &str) -> CliResult<Source> {
        if word == "models" {
            return Ok(Source::Models);
        }
        if let Some(reference) = word.strip_prefix("git:") {
            return Ok(Source::Git(reference.to_owned()));
        }
        if is_url(word) {
            return word.parse().map(Source::Database).map_err(CliError::message);
        }
        if Path::new(word).exists() {
            return Ok(at_path(word, None));
        }
        let (name, target) = match word.rsplit_once('@') {
            Some((name, target)) => (name, Some(target.parse::<Target>().map_err(CliError::message)?)),
            None => (word, None),
        };
        if name == "migrations" {
            return Ok(Source::Migrations(target));
        }
        if Path::new(name).is_dir() {
            return Ok(at_path(name, target));
        }
        Err(CliError::message(format!(
            "`{word}` is no schema: name `models`, `migrations`, `migrations@VERSION`, `git:REF`, a database URL, a folder \
             of migrations or a .sql file that exists"
        )))
    }

    /// The dialect that the source itself speaks, when it says: a URL does, and a folder with a database's name.
    pub fn own_dialect(&self) -> Option<DialectKind> {
        match self {
            Source::Database(url) => Some(url.dialect()),
            Source::Folder(path, _) => path.canonicalize().ok()?.file_name()?.to_str()?.parse().ok(),
            Source::Models | Source::Migrations(_) | Source::Git(_) | Source::File(_) => None,
        }
    }
}

fn at_path(word: &str, target: Option<Target>) -> Source {
    let path = PathBuf::from(word);
    if path.is_dir() { Source::Folder(path, target) } else { Source::File(path) }
}

/// `scheme:` of a database; a Windows drive letter is none.
fn is_url(word: &str) -> bool {
    ["postgres:", "postgresql:", "sqlite:", "postgres+", "postgresql+", "sqlite+"]
        .iter()
        .any(|scheme| word.len() > scheme.len() && word.to_ascii_lowercase().starts_with(scheme))
}

/// Loads sources for one command. The project is looked for only when a source needs it.
pub struct Loader<'a> {
    global: &'a Global,
    wanted: Option<DialectKind>,
    /// The texts of everything loaded.
    pub sources: SourceMap,
}

impl<'a> Loader<'a> {
    /// `wanted` is the dialect asked for on the command line.
    pub fn new(global: &'a Global, wanted: Option<DialectKind>) -> Self {
        Loader { global, wanted, sources: SourceMap::default() }
    }

    /// Settles the dialect for sources that are to be compared: what was asked for, what a source says itself, what the
    /// project is configured for, what a script's text gives away.
    pub fn settle(&mut self, sources: &[&Source]) -> CliResult<()> {
        let said = sources.iter().find_map(|source| source.own_dialect());
        self.wanted = match (self.wanted, said) {
            (Some(wanted), Some(said)) if wanted != said => {
                return Err(CliError::message(format!(
                    "the source speaks {said}, but `--dialect {wanted}` was asked for"
                )));
            }
            (wanted, said) => wanted.or(said),
        };
        if self.wanted.is_none() {
            self.wanted = sources.iter().find_map(|source| self.guess(source));
        }
        Ok(())
    }

    /// What the text of scripts gives away.
    fn guess(&self, source: &Source) -> Option<DialectKind> {
        let is_sqlite = match source {
            Source::File(path) => looks_like_sqlite(&std::fs::read_to_string(path).ok()?),
            Source::Folder(path, _) => {
                let dialects = schema_core::script::dialects_of(path);
                if let [dialect] = dialects[..] {
                    return Some(dialect);
                }
                let files = std::fs::read_dir(path).ok()?.flatten().map(|entry| entry.path());
                let mut files: Vec<_> =
                    files.filter(|path| path.extension().is_some_and(|end| end == "sql")).collect();
                files.sort();
                files
                    .iter()
                    .any(|path| std::fs::read_to_string(path).is_ok_and(|text| looks_like_sqlite(&text)))
            }
            Source::Models | Source::Migrations(_) | Source::Git(_) | Source::Database(_) => return None,
        };
        Some(if is_sqlite { DialectKind::Sqlite } else { DialectKind::Postgres })
    }

    /// Loads a source. What of it is not understood is among the diagnostics.
    pub fn load(&mut self, source: &Source) -> CliResult<Loaded> {
        let mut loaded = self.read(source)?;
        loaded.diagnostics.extend(findings::gaps(&loaded.catalog));
        Ok(loaded)
    }

    /// Loads a source as this database's.
    pub fn load_as(&mut self, source: &Source, dialect: DialectKind) -> CliResult<Loaded> {
        self.wanted = Some(dialect);
        self.settle(&[source])?;
        self.load(source)
    }

    fn read(&mut self, source: &Source) -> CliResult<Loaded> {
        match source {
            Source::Models => self.models(),
            Source::Migrations(target) => {
                let project = Project::find(self.global)?;
                let dialect = project.dialect(self.wanted)?;
                let layout = project.layout()?;
                let recorded = Recorded::read(
                    project.migrations(),
                    dialect,
                    layout,
                    target.as_ref(),
                    &mut self.sources,
                )?;
                Ok(Loaded::recorded(recorded.catalog, dialect, recorded.diagnostics))
            }
            Source::Git(reference) => {
                crate::git::load(self.global, self.wanted, reference, &mut self.sources)
            }
            Source::Database(url) => {
                let catalog = crate::live::catalog(url)?;
                Ok(Loaded::recorded(catalog, url.dialect(), Vec::new()))
            }
            Source::Folder(path, target) => {
                let dialect = self.dialect_of(source)?;
                let recorded = Recorded::read(path, dialect, None, target.as_ref(), &mut self.sources)?;
                Ok(Loaded::recorded(recorded.catalog, dialect, recorded.diagnostics))
            }
            Source::File(path) => {
                let dialect = self.dialect_of(source)?;
                let file = self.add_file(path)?;
                let mut replayer = Replayer::new(dialect);
                replayer.replay(&self.sources, file);
                let diagnostics = replayer.diagnostics().to_vec();
                Ok(Loaded::recorded(replayer.into_catalog(), dialect, diagnostics))
            }
        }
    }

    fn dialect_of(&mut self, source: &Source) -> CliResult<DialectKind> {
        self.settle(&[source])?;
        self.wanted.ok_or_else(|| {
            CliError::message("name the database with `--dialect postgres` or `--dialect sqlite`")
        })
    }

    fn models(&mut self) -> CliResult<Loaded> {
        let project = Project::find_with_models(self.global)?;
        let dialect = project.dialect(self.wanted)?;
        let declared = crate::declared::read(&project, &mut self.sources)?;
        let catalog = declared.catalog(dialect);
        let diagnostics = declared.diagnostics.clone();
        Ok(Loaded { catalog, dialect, diagnostics, declared: Some(declared) })
    }

    fn add_file(&mut self, path: &Path) -> CliResult<FileId> {
        let bytes = std::fs::read(path).map_err(CliError::io("read", path))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
            CliError::message(format!(
                "`{}` is not UTF-8 (line {line}, byte {at}); save it as UTF-8",
                path.display()
            ))
        })?;
        Ok(self.sources.add(path, text))
    }
}

/// Words that only SQLite knows.
fn looks_like_sqlite(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    ["AUTOINCREMENT", "PRAGMA ", "WITHOUT ROWID", "SQLITE_MASTER", "SQLITE_SCHEMA", " STRICT;"]
        .iter()
        .any(|word| upper.contains(word))
}
