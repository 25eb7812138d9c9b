//! The project's configuration: `[package.metadata.schema]` in Cargo.toml, `[workspace.metadata.schema]` for what members
//! share, or `schema.toml` beside the migrations of a host without a manifest.

mod read;
mod targets;

use std::collections::BTreeMap;
use std::path::PathBuf;

use schema_model::DialectKind;
use schema_model::item::Naming;

pub use read::{deployed_in, read_manifest, read_schema_toml};
pub use targets::{Schemas, Target};

/// The configuration, defaults filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The databases that the project supports.
    pub dialects: Vec<DialectKind>,
    /// The folder of migrations, relative to the manifest.
    pub migrations: PathBuf,
    /// The version that production runs.
    pub deployed: Option<String>,
    /// How migration files are named; found by looking when not said.
    pub layout: Option<String>,
    /// Where the models are, besides or instead of the default target.
    pub models: Vec<ModelSource>,
    /// Where `revision` and `script rollback` write the rollback script, relative to the manifest; empty for nowhere.
    pub rollback_script: PathBuf,
    /// Patterns of tables, columns and indexes that no model owns.
    pub unmanaged: Vec<String>,
    /// How constraints and indexes are called that no model names.
    pub naming: Naming,
    /// Plans that are safe on a live PostgreSQL.
    pub online: bool,
    /// Levels and bumps of rules, by rule id.
    pub rules: BTreeMap<String, String>,
    /// Shell commands around runs, by name: `before-upgrade` and its kin.
    pub hooks: BTreeMap<String, String>,
    /// The project's databases, for `--all-targets` and `--on`.
    pub targets: Vec<Target>,
}

/// The hooks there are.
pub const HOOKS: [&str; 4] = ["before-upgrade", "after-upgrade", "before-downgrade", "after-downgrade"];

impl Default for Config {
    fn default() -> Self {
        Config {
            dialects: vec![DialectKind::Postgres],
            migrations: PathBuf::from("migrations"),
            deployed: None,
            layout: None,
            models: Vec::new(),
            rollback_script: PathBuf::from("scripts/rollback.sh"),
            unmanaged: Vec::new(),
            naming: Naming::default(),
            online: true,
            rules: BTreeMap::new(),
            hooks: BTreeMap::new(),
            targets: Vec::new(),
        }
    }
}

/// One source of models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// A root file of structs with the derive, relative to the manifest, or another package of the workspace by name.
    Root(String),
    /// A diesel `schema.rs`.
    Diesel(PathBuf),
    /// A folder of SeaORM entities.
    SeaOrm(PathBuf),
}
