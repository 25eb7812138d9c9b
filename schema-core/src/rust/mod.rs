//! The declared schema: Rust sources, read as the compiler reads them, to a catalog for each dialect.
//!
//! `files` follows the module tree, `facts` keeps what each file says, `resolve` follows names across modules, `declare`
//! lowers tables. Nothing is compiled and nothing is expanded; what only macro expansion would show is named as unseen.

mod cfg;
mod complete;
mod declare;
mod declared;
mod facts;
mod files;
mod foreign;
mod links;
mod pattern;
mod resolve;
#[cfg(feature = "engine")]
mod target;
#[cfg(feature = "engine")]
mod unsaid;
#[cfg(feature = "engine")]
pub mod write;

use std::path::PathBuf;

use schema_model::item::Naming;
use schema_model::{DialectKind, SourceMap};

pub use cfg::Cfgs;
pub use complete::complete;
pub use declared::{Backfill, Declaration, Declared, FieldPlace, Renames, TablePlace, Using};
pub use facts::FileFacts;
#[cfg(test)]
pub(crate) use facts::read as read_facts;
pub use files::FactsStore;
pub use foreign::{KeySaid, ModelKind, Partial};
pub use pattern::{Unmanaged, matches};
#[cfg(feature = "engine")]
pub use target::{diff_options, target};

/// A crate, or a part of one, whose module tree holds models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrateRoot {
    /// The crate's name as paths spell it.
    pub name: String,
    /// Its root file: `src/lib.rs`, `src/main.rs`, `src/schema.rs`, …; of SeaORM's entities also their folder.
    pub path: PathBuf,
    /// Whose models it holds.
    pub kind: ModelKind,
}

impl CrateRoot {
    /// A crate with structs of our derive.
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        CrateRoot { name: name.into(), path: path.into(), kind: ModelKind::Derive }
    }
}

/// What to scan, and how.
#[derive(Clone, Debug)]
pub struct ScanOptions {
    /// The crates.
    pub roots: Vec<CrateRoot>,
    /// What `cfg` predicates are true.
    pub cfgs: Cfgs,
    /// The dialects to lower to.
    pub dialects: Vec<DialectKind>,
    /// How unnamed constraints and indexes are called.
    pub naming: Naming,
    /// What no model owns.
    pub unmanaged: Unmanaged,
    /// Reports print paths relative to this folder.
    pub base: PathBuf,
}

impl ScanOptions {
    /// One crate, everything else usual.
    pub fn new(root: CrateRoot, dialects: Vec<DialectKind>) -> Self {
        ScanOptions {
            roots: vec![root],
            cfgs: Cfgs::default(),
            dialects,
            naming: Naming::default(),
            unmanaged: Unmanaged::default(),
            base: PathBuf::new(),
        }
    }
}

/// Reads the models.
pub fn scan(options: &ScanOptions, sources: &mut SourceMap) -> Declared {
    scan_with(options, sources, &mut files::NoStore)
}

/// The same, with a place to keep what single files say between runs.
pub fn scan_with(options: &ScanOptions, sources: &mut SourceMap, store: &mut dyn FactsStore) -> Declared {
    let tree = files::load(options, sources, store);
    declare::declare(options, tree, sources)
}
