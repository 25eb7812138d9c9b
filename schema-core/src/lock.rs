//! `schema.lock`: the revisions, the catalog at head and the models, as last proven equal. The engine writes it, the gate
//! reads it; every line is a [`Line`], so nothing but this file knows the format.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use schema_model::DialectKind;
use schema_model::item::Naming;
use schema_model::lines::{self, Line};

use crate::rust::{CrateRoot, Declared, ModelKind};

/// The file's name, in the migrations folder.
pub const FILE: &str = "schema.lock";

/// The format that this version writes, and the newest it reads.
pub const FORMAT: u32 = 1;

/// A lock's content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// The version of the tool that wrote it.
    pub tool: String,
    /// The configuration that the gate needs.
    pub config: LockConfig,
    /// The revisions, parents first.
    pub revisions: Vec<LockedRevision>,
    /// The catalog at head, by dialect.
    pub catalogs: BTreeMap<DialectKind, Vec<Line>>,
    /// The models, by dialect.
    pub models: BTreeMap<DialectKind, Vec<Line>>,
}

/// What the gate would otherwise have to read from Cargo.toml.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockConfig {
    /// The dialects.
    pub dialects: Vec<DialectKind>,
    /// Crates with models: name and root file, relative to the package.
    pub roots: Vec<(String, String)>,
    /// Models of other libraries: which, and their file or folder, relative to the package.
    pub foreign: Vec<(ModelKind, String)>,
    /// The features under which the models were read.
    pub features: Vec<String>,
    /// Patterns that no model owns.
    pub unmanaged: Vec<String>,
    /// Templates of names.
    pub naming: Naming,
}

impl LockConfig {
    /// The model roots, in a package's folder.
    pub fn model_roots(&self, package: &Path) -> Vec<CrateRoot> {
        let own = self.roots.iter().map(|(name, path)| CrateRoot::new(name.clone(), package.join(path)));
        let foreign = self.foreign.iter().map(|(kind, path)| CrateRoot {
            kind: *kind,
            ..CrateRoot::new(kind.as_str(), package.join(path))
        });
        own.chain(foreign).collect()
    }
}

/// A revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockedRevision {
    /// Its version, or an older layout's own key.
    pub version: String,
    /// Its parents' versions.
    pub parents: Vec<String>,
    /// Its files.
    pub files: Vec<LockedFile>,
}

/// A revision's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedFile {
    /// Which way it goes.
    pub role: FileRole,
    /// For which database.
    pub dialect: DialectKind,
    /// The checksum of its meaning: [`schema_model::checksum::checksum`].
    pub checksum: String,
    /// Its path in the migrations folder, with `/`.
    pub path: String,
}

/// Which way a file goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    /// Up.
    Up,
    /// Down.
    Down,
    /// Both, in sections (goose, dbmate): the checksum is of the whole file.
    Both,
}

impl FileRole {
    fn as_str(self) -> &'static str {
        match self {
            FileRole::Up => "up",
            FileRole::Down => "down",
            FileRole::Both => "both",
        }
    }
}

/// Why a lock cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockError {
    /// Git's conflict markers: two branches changed the schema.
    Conflict {
        /// Line, from 1.
        line: usize,
    },
    /// Written by a newer version.
    Newer {
        /// The lock's format.
        format: u32,
        /// The version that wrote it.
        tool: String,
    },
    /// No lock at all, or edited by hand.
    Malformed {
        /// Line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LockError::Conflict { line } => write!(
                f,
                "line {line} of schema.lock is a conflict marker: two branches changed the schema; keep both \
                 branches' migrations and run `cargo schema rebase` (or `cargo schema merge`), which writes the lock anew"
            ),
            LockError::Newer { format, tool } => write!(
                f,
                "schema.lock was written by cargo-schema {tool} in format {format}, this schema-core reads up to \
                 {FORMAT}; update schema-core in Cargo.toml"
            ),
            LockError::Malformed { line, reason } => write!(
                f,
                "line {line} of schema.lock is not as `cargo schema` writes it ({reason}); run `cargo schema lock`"
            ),
        }
    }
}

impl std::error::Error for LockError {}

/// The models' lines, by dialect.
pub fn model_lines(declared: &Declared) -> BTreeMap<DialectKind, Vec<Line>> {
    let all = declared.dialects.iter();
    all.map(|(dialect, own)| (*dialect, lines::lines(&own.catalog, *dialect))).collect()
}

/// The lock as text.
pub fn write(lock: &Lock) -> String {
    let mut out = String::from(
        "# Derived from the migrations and the models, verified by `cargo schema check`. Check it in; never edit it.\n",
    );
    let mut line = |key: &str, facts: Vec<String>| {
        out.push_str(&Line { key: key.to_owned(), facts }.to_string());
        out.push('\n');
    };
    let config = &lock.config;
    line("schema.lock", vec![format!("format {FORMAT}"), format!("tool {}", lock.tool)]);
    line("dialects", config.dialects.iter().map(DialectKind::to_string).collect());
    for (name, path) in &config.roots {
        line("root", vec![name.clone(), path.clone()]);
    }
    for (kind, path) in &config.foreign {
        line(kind.as_str(), vec![path.clone()]);
    }
    line("features", config.features.clone());
    if !config.unmanaged.is_empty() {
        line("unmanaged", config.unmanaged.clone());
    }
    for (kind, template) in config.naming.templates() {
        if let Some(template) = template {
            line("naming", vec![kind.to_owned(), template.clone()]);
        }
    }
    out.push_str("\n[revisions]\n");
    for revision in &lock.revisions {
        let mut facts = Vec::new();
        if !revision.parents.is_empty() {
            facts.push(format!("revises {}", revision.parents.join(", ")));
        }
        facts.extend(
            revision.files.iter().map(|file| {
                format!("{} {} {} {}", file.role.as_str(), file.dialect, file.checksum, file.path)
            }),
        );
        let line = Line { key: revision.version.clone(), facts };
        out.push_str(&format!("{line}\n"));
    }
    for (section, all) in [("catalog", &lock.catalogs), ("models", &lock.models)] {
        for (dialect, lines) in all {
            out.push_str(&format!("\n[{section} {dialect}]\n"));
            lines.iter().for_each(|line| out.push_str(&format!("{line}\n")));
        }
    }
    out
}

/// Which part of the file a line is in.
enum Section {
    Header,
    Revisions,
    Catalog(DialectKind),
    Models(DialectKind),
}

/// Reads a lock.
pub fn read(text: &str) -> Result<Lock, LockError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let conflict = text.lines().position(|line| {
        ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|marker| line.starts_with(marker))
    });
    if let Some(line) = conflict {
        return Err(LockError::Conflict { line: line + 1 });
    }
    let mut lock = Lock::default();
    let mut section = Section::Header;
    let mut format = None;
    for (index, text) in text.lines().enumerate() {
        let number = index + 1;
        let malformed = |reason: &str| LockError::Malformed { line: number, reason: reason.to_owned() };
        if text.trim().is_empty() || text.starts_with('#') {
            continue;
        }
        if let Some(name) = text.strip_prefix('[').and_then(|text| text.trim_end().strip_suffix(']')) {
            section = read_section(name).ok_or_else(|| malformed("an unknown section"))?;
            continue;
        }
        let line = Line::parse(text).ok_or_else(|| malformed("no `key: value`"))?;
        match &section {
            Section::Header => {
                if line.key == "schema.lock" {
                    format = Some(read_format(&line, number)?);
                    lock.tool = line.fact("tool").unwrap_or_default().to_owned();
                } else {
                    read_config(&mut lock.config, &line).map_err(malformed)?;
                }
            }
            Section::Revisions => lock.revisions.push(read_revision(line).map_err(malformed)?),
            Section::Catalog(dialect) => lock.catalogs.entry(*dialect).or_default().push(line),
            Section::Models(dialect) => lock.models.entry(*dialect).or_default().push(line),
        }
    }
    match format {
        Some(()) => Ok(lock),
        None => Err(LockError::Malformed { line: 1, reason: "no format".to_owned() }),
    }
}

fn read_section(name: &str) -> Option<Section> {
    match name.split_once(' ') {
        None if name == "revisions" => Some(Section::Revisions),
        Some(("catalog", dialect)) => dialect.parse().ok().map(Section::Catalog),
        Some(("models", dialect)) => dialect.parse().ok().map(Section::Models),
        _ => None,
    }
}

fn read_format(line: &Line, number: usize) -> Result<(), LockError> {
    let format = line.fact("format").and_then(|format| format.parse::<u32>().ok());
    match format {
        Some(format) if format > FORMAT => {
            Err(LockError::Newer { format, tool: line.fact("tool").unwrap_or("?").to_owned() })
        }
        Some(_) => Ok(()),
        None => Err(LockError::Malformed { line: number, reason: "no format".to_owned() }),
    }
}

fn read_config(config: &mut LockConfig, line: &Line) -> Result<(), &'static str> {
    match line.key.as_str() {
        "dialects" => {
            for dialect in &line.facts {
                config.dialects.push(dialect.parse().map_err(|_| "an unknown dialect")?);
            }
        }
        "root" => match line.facts.as_slice() {
            [name, path] => config.roots.push((name.clone(), path.clone())),
            _ => return Err("a root is a name and a file"),
        },
        word @ ("diesel" | "seaorm") => match (ModelKind::from_word(word), line.facts.as_slice()) {
            (Some(kind), [path]) => config.foreign.push((kind, path.clone())),
            _ => return Err("a model source is a file or folder"),
        },
        "features" => config.features.clone_from(&line.facts),
        "unmanaged" => config.unmanaged.clone_from(&line.facts),
        "naming" => match line.facts.as_slice() {
            [kind, template] if config.naming.set(kind, template) => {}
            _ => return Err("an unknown naming"),
        },
        _ => return Err("an unknown word"),
    }
    Ok(())
}

fn read_revision(line: Line) -> Result<LockedRevision, &'static str> {
    let mut revision = LockedRevision { version: line.key, ..LockedRevision::default() };
    for fact in &line.facts {
        if let Some(parents) = fact.strip_prefix("revises ") {
            revision.parents = parents.split(", ").map(str::to_owned).collect();
            continue;
        }
        let mut words = fact.splitn(4, ' ');
        let role = match words.next() {
            Some("up") => FileRole::Up,
            Some("down") => FileRole::Down,
            Some("both") => FileRole::Both,
            _ => return Err("an unknown word of a revision"),
        };
        let (Some(dialect), Some(checksum), Some(path)) = (words.next(), words.next(), words.next()) else {
            return Err("a file is a dialect, a checksum and a path");
        };
        revision.files.push(LockedFile {
            role,
            dialect: dialect.parse().map_err(|_| "an unknown dialect")?,
            checksum: checksum.to_owned(),
            path: path.to_owned(),
        });
    }
    Ok(revision)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let mut lock = Lock { tool: "0.1.0".to_owned(), ..Lock::default() };
        lock.config.dialects = vec![DialectKind::Postgres];
        lock.config.roots = vec![("app".to_owned(), "src/lib.rs".to_owned())];
        lock.config.foreign = vec![(ModelKind::Diesel, "src/schema.rs".to_owned())];
        lock.config.features = vec!["default".to_owned(), "db".to_owned()];
        lock.config.naming.set("index", "idx_{table}_{columns}");
        lock.revisions.push(LockedRevision {
            version: "1.1.0".to_owned(),
            parents: vec!["1.0.0".to_owned(), "1.0.1".to_owned()],
            files: vec![LockedFile {
                role: FileRole::Up,
                dialect: DialectKind::Postgres,
                checksum: "abc".to_owned(),
                path: "1.1.0_odd name.up.sql".to_owned(),
            }],
        });
        let line = Line { key: "table users".to_owned(), facts: vec!["comment a; b".to_owned()] };
        lock.models.insert(DialectKind::Postgres, vec![line.clone()]);
        lock.catalogs.insert(DialectKind::Postgres, vec![line]);
        lock
    }

    #[test]
    fn what_is_written_reads_back() {
        assert_eq!(read(&write(&lock())), Ok(lock()));
        assert_eq!(read(&write(&lock()).replace('\n', "\r\n")), Ok(lock()));
    }

    #[test]
    fn conflicts_and_newer_formats_are_told_apart() {
        let text = write(&lock());
        let conflict = text.replacen("[revisions]", "[revisions]\n<<<<<<< HEAD", 1);
        assert!(matches!(read(&conflict), Err(LockError::Conflict { line: 10 })), "{conflict}");
        let newer = text.replacen("format 1", "format 99", 1);
        assert!(matches!(read(&newer), Err(LockError::Newer { format: 99, .. })));
        assert!(matches!(read("hello"), Err(LockError::Malformed { line: 1, .. })));
        assert!(matches!(read(""), Err(LockError::Malformed { .. })));
    }
}
