//! What cargo tells a build script, and where the migrations are.

use std::path::{Path, PathBuf};

use super::cache::Cache;
use crate::rust::{Cfgs, CrateRoot, ModelKind};

/// How strict the gate is: `SCHEMA_GATE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Nothing is looked at.
    Off,
    /// Everything is a warning.
    Warn,
    /// Drift is an error, what cannot be verified without the engine a warning.
    #[default]
    Usual,
    /// Both are errors.
    Deny,
}

/// A build script's surroundings.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// The package's folder.
    pub package: PathBuf,
    /// The migrations folder.
    pub migrations: PathBuf,
    /// `OUT_DIR`.
    pub out: PathBuf,
    /// The package's name.
    pub name: String,
    /// What `cfg` predicates hold.
    pub cfgs: Cfgs,
    /// `SCHEMA_GATE`.
    pub level: Level,
    /// A value of `SCHEMA_GATE` that means nothing.
    pub odd_level: Option<String>,
}

impl Environment {
    /// Reads it from the variables that cargo sets.
    pub fn from_build_script() -> Self {
        let var = |name: &str| std::env::var(name).unwrap_or_default();
        let package = PathBuf::from(var("CARGO_MANIFEST_DIR"));
        let said = var("SCHEMA_GATE");
        let (level, odd_level) = match said.to_ascii_lowercase().as_str() {
            "" => (Level::Usual, None),
            "off" | "0" | "false" => (Level::Off, None),
            "warn" => (Level::Warn, None),
            "deny" => (Level::Deny, None),
            _ => (Level::Usual, Some(said)),
        };
        Environment {
            migrations: migrations_folder(&package),
            out: PathBuf::from(var("OUT_DIR")),
            name: var("CARGO_PKG_NAME"),
            cfgs: Cfgs::from_build_script(
                std::env::vars_os()
                    .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?))),
            ),
            level,
            odd_level,
            package,
        }
    }

    /// The surroundings of a package, outside a build.
    pub(crate) fn at(package: PathBuf) -> Self {
        Environment { migrations: migrations_folder(&package), package, ..Environment::default() }
    }

    /// The path as reports print it: relative to the package.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.package).unwrap_or(path).display().to_string()
    }

    /// The lib, or the bin without one.
    pub(crate) fn default_root(&self) -> Option<CrateRoot> {
        let candidates = ["src/lib.rs", "src/main.rs"];
        let path = candidates.iter().map(|path| self.package.join(path)).find(|path| path.is_file())?;
        Some(CrateRoot::new(self.name.replace('-', "_"), path))
    }

    /// Whether a model root is compiled with this package by our derive, so that its fields can carry findings.
    pub(super) fn is_own(&self, root: &CrateRoot) -> bool {
        root.kind == ModelKind::Derive
            && root.path.strip_prefix(&self.package).is_ok_and(|inner| !inner.starts_with(".."))
    }

    pub(super) fn store(&self) -> Cache {
        Cache::open(&self.out, &self.cfgs)
    }
}

/// `migrations` of `[package.metadata.schema]`, of the workspace's, or `migrations`. The two lines that matter are looked
/// for by hand: a TOML parser would cost the user's build more than the rest of the gate.
fn migrations_folder(package: &Path) -> PathBuf {
    let own = std::fs::read_to_string(package.join("Cargo.toml")).unwrap_or_default();
    if let Some(folder) = folder_in(&own, "package") {
        return package.join(folder);
    }
    for folder in package.ancestors() {
        let Ok(text) = std::fs::read_to_string(folder.join("Cargo.toml")) else { continue };
        if let Some(shared) = folder_in(&text, "workspace") {
            return folder.join(shared);
        }
    }
    package.join("migrations")
}

fn folder_in(manifest: &str, owner: &str) -> Option<String> {
    let header = format!("{owner}.metadata.schema");
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.split(']').next()) {
            inside = name.trim() == header;
            continue;
        }
        let pair = line.split_once('=').filter(|_| inside);
        let Some((_, value)) = pair.filter(|(key, _)| key.trim() == "migrations") else { continue };
        let value = value.trim();
        let quote = value.chars().next().filter(|quote| *quote == '"' || *quote == '\'')?;
        return value[1..].split(quote).next().map(str::to_owned);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_found_without_a_parser() {
        let text =
            "[package]\nmigrations = \"no\"\n[package.metadata.schema] # ours\nmigrations = 'db/up' # here\n";
        assert_eq!(folder_in(text, "package").as_deref(), Some("db/up"));
        assert_eq!(folder_in(text, "workspace"), None);
    }
}
