//! The project a command works on: manifest, configuration, crate root, migrations folder.

use std::path::{Path, PathBuf};

use cargo_metadata::{CargoOpt, Metadata, MetadataCommand, Package, TargetKind};
use schema_core::script::Layout;
use schema_model::DialectKind;

use crate::cli::Global;
use crate::config::{self, Config};
use crate::error::{CliError, CliResult};

/// A project.
#[derive(Debug)]
pub struct Project {
    /// The folder that holds the manifest; every configured path is relative to it.
    pub root: PathBuf,
    /// The configuration.
    pub config: Config,
    /// Whether the configuration was written by the user or is all defaults.
    pub configured: bool,
    /// The crate that holds the models; none on a host without a manifest.
    pub krate: Option<Crate>,
    migrations: PathBuf,
}

/// The crate that holds the models.
#[derive(Clone, Debug)]
pub struct Crate {
    /// The package's name.
    pub name: String,
    /// The roots of its models, the target's name and root file: the lib's, or the bin's without a lib.
    pub roots: Vec<(String, PathBuf)>,
    /// The features that are enabled.
    pub features: Vec<String>,
    /// Its manifest.
    pub manifest: PathBuf,
}

impl Project {
    /// Finds the project: `--migrations` alone is enough where no models are needed, then `schema.toml`, then Cargo.toml.
    pub fn find(global: &Global) -> CliResult<Project> {
        let schema_toml = global.manifest_path.as_deref().filter(|path| path.ends_with("schema.toml"));
        if let Some(path) = schema_toml {
            return Project::from_schema_toml(path, global);
        }
        if let Some(folder) = &global.migrations
            && global.manifest_path.is_none()
        {
            let beside = folder.join("schema.toml");
            return if beside.is_file() {
                Project::from_schema_toml(&beside, global)
            } else {
                Ok(Project::from_folder(folder))
            };
        }
        if global.manifest_path.is_none() && !manifest_above() {
            for candidate in ["schema.toml", "migrations/schema.toml"] {
                if Path::new(candidate).is_file() {
                    return Project::from_schema_toml(Path::new(candidate), global);
                }
            }
        }
        Project::from_manifest(global)
    }

    /// Finds the project for a command that reads models: its manifest counts even where `--migrations` names the folder.
    pub fn find_with_models(global: &Global) -> CliResult<Project> {
        let own = global.manifest_path.as_deref().is_some_and(|path| path.ends_with("schema.toml"));
        if own || !manifest_above() && global.manifest_path.is_none() {
            return Project::find(global);
        }
        Project::from_manifest(global)
    }

    /// The migrations folder.
    pub fn migrations(&self) -> &Path {
        &self.migrations
    }

    /// The file that configures the project, and its table; none when there is no such file.
    pub fn configuration(&self) -> Option<(PathBuf, &'static str)> {
        match &self.krate {
            Some(krate) => Some((krate.manifest.clone(), "package.metadata.schema")),
            None if self.configured => Some((self.root.join("schema.toml"), "")),
            None => None,
        }
    }

    /// The one dialect of a project that has one, or the one named.
    pub fn dialect(&self, wanted: Option<DialectKind>) -> CliResult<DialectKind> {
        match (wanted, &*self.config.dialects) {
            (Some(dialect), _) => Ok(dialect),
            (None, [dialect]) => Ok(*dialect),
            (None, dialects) => {
                let names: Vec<_> = dialects.iter().map(|dialect| dialect.as_str()).collect();
                Err(CliError::message(format!(
                    "the project has several dialects ({}); choose one with `--dialect`",
                    names.join(", ")
                )))
            }
        }
    }

    /// The layout that the configuration names.
    pub fn layout(&self) -> CliResult<Option<Layout>> {
        self.config.layout.as_deref().map(|word| word.parse().map_err(CliError::message)).transpose()
    }

    /// A path as reports show it: relative to where the user stands when it is below, else as it is.
    pub fn shown(path: &Path) -> PathBuf {
        let here = std::env::current_dir().unwrap_or_default();
        path.strip_prefix(&here).map_or_else(|_| path.to_owned(), Path::to_owned)
    }

    fn from_folder(folder: &Path) -> Project {
        Project {
            root: PathBuf::from("."),
            config: Config { migrations: folder.to_owned(), ..Config::default() },
            configured: false,
            krate: None,
            migrations: folder.to_owned(),
        }
    }

    fn from_schema_toml(path: &Path, global: &Global) -> CliResult<Project> {
        let config = config::read_schema_toml(path)?;
        let root = path.parent().unwrap_or(Path::new("")).to_owned();
        let migrations = global.migrations.clone().unwrap_or_else(|| root.join(&config.migrations));
        Ok(Project { root, config, configured: true, krate: None, migrations })
    }

    fn from_manifest(global: &Global) -> CliResult<Project> {
        let metadata = metadata(global)?;
        let package = choose_package(&metadata, global)?;
        let manifest = package.manifest_path.as_std_path();
        let workspace = metadata.workspace_root.as_std_path().join("Cargo.toml");
        let found = config::read_manifest(manifest, Some(&workspace))?;
        let configured = found.is_some();
        let config = found.unwrap_or_default();
        let root = manifest.parent().unwrap_or(Path::new("")).to_owned();
        let migrations = global.migrations.clone().unwrap_or_else(|| root.join(&config.migrations));
        let both = migrations.join("schema.toml");
        if configured && both.is_file() {
            return Err(CliError::message(format!(
                "both `{}` and `[package.metadata.schema]` in `{}` configure this project; keep one",
                Project::shown(&both).display(),
                Project::shown(manifest).display()
            )));
        }
        let krate = Crate {
            name: package.name.to_string(),
            roots: model_roots(package),
            features: enabled_features(package, global),
            manifest: manifest.to_owned(),
        };
        Ok(Project { root, config, configured, krate: Some(krate), migrations })
    }
}

fn manifest_above() -> bool {
    let here = std::env::current_dir().unwrap_or_default();
    here.ancestors().any(|folder| folder.join("Cargo.toml").is_file())
}

fn metadata(global: &Global) -> CliResult<Metadata> {
    let mut command = MetadataCommand::new();
    command.no_deps();
    if let Some(path) = &global.manifest_path {
        command.manifest_path(path);
    }
    if global.all_features {
        command.features(CargoOpt::AllFeatures);
    }
    command.exec().map_err(|error| match error {
        cargo_metadata::Error::CargoMetadata { stderr } => {
            let text = stderr.trim().trim_start_matches("error: ").to_owned();
            CliError::message(format!(
                "{text}\n(without a Cargo.toml, name a folder with `--migrations DIR`)"
            ))
        }
        other => CliError::message(format!("cannot run `cargo metadata`: {other}")),
    })
}

fn choose_package<'a>(metadata: &'a Metadata, global: &Global) -> CliResult<&'a Package> {
    let members = metadata.workspace_packages();
    if let Some(name) = &global.package {
        let found = members.iter().find(|package| package.name.as_str() == name);
        return found.copied().ok_or_else(|| {
            let known: Vec<_> = members.iter().map(|package| package.name.as_str()).collect();
            CliError::message(format!("no package `{name}` in this workspace; it has {}", known.join(", ")))
        });
    }
    let here = global
        .manifest_path
        .clone()
        .or_else(|| std::env::current_dir().ok().map(|dir| dir.join("Cargo.toml")));
    let here = here.and_then(|path| path.canonicalize().ok());
    let at_hand = members.iter().find(|package| Some(package.manifest_path.as_std_path()) == here.as_deref());
    if let Some(package) = at_hand {
        return Ok(package);
    }
    let marked: Vec<&Package> =
        members.iter().copied().filter(|package| package.metadata.get("schema").is_some()).collect();
    match (&members[..], &marked[..]) {
        ([one], _) | (_, [one]) => Ok(one),
        _ => {
            let known: Vec<_> = members.iter().map(|package| package.name.as_str()).collect();
            Err(CliError::message(format!("choose a package with `-p`: {}", known.join(", "))))
        }
    }
}

/// The lib, or the bin without one.
fn model_roots(package: &Package) -> Vec<(String, PathBuf)> {
    let is_lib = |kinds: &[TargetKind]| {
        kinds.iter().any(|kind| {
            matches!(
                kind,
                TargetKind::Lib
                    | TargetKind::RLib
                    | TargetKind::DyLib
                    | TargetKind::CDyLib
                    | TargetKind::StaticLib
                    | TargetKind::ProcMacro
            )
        })
    };
    let lib = package.targets.iter().find(|target| is_lib(&target.kind));
    let bin = || package.targets.iter().find(|target| target.kind.contains(&TargetKind::Bin));
    let root = |target: &cargo_metadata::Target| {
        (target.name.replace('-', "_"), target.src_path.clone().into_std_path_buf())
    };
    lib.or_else(bin).map(root).into_iter().collect()
}

/// The features enabled by the command line, followed through the manifest's own features.
fn enabled_features(package: &Package, global: &Global) -> Vec<String> {
    let mut queue: Vec<String> =
        global.features.iter().flat_map(|list| list.split_whitespace().map(str::to_owned)).collect();
    if global.all_features {
        queue.extend(package.features.keys().cloned());
    } else if !global.no_default_features && package.features.contains_key("default") {
        queue.push("default".to_owned());
    }
    let mut enabled: Vec<String> = Vec::new();
    while let Some(feature) = queue.pop() {
        if !enabled.contains(&feature) {
            queue.extend(
                package
                    .features
                    .get(&feature)
                    .into_iter()
                    .flatten()
                    .filter(|name| !name.contains([':', '/']))
                    .cloned(),
            );
            enabled.push(feature);
        }
    }
    enabled.sort();
    enabled
}
