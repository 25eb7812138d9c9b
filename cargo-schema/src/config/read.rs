//! TOML to [`Config`], every mistake at its place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use schema_core::diagnostic::Diagnostic;
use schema_model::item::{Naming, nearest};
use schema_model::{DialectKind, FileId, SourceMap, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Config, HOOKS, ModelSource};
use crate::error::{CliError, CliResult};

const KEYS: [&str; 12] = [
    "dialects",
    "migrations",
    "deployed",
    "layout",
    "models",
    "rollback-script",
    "unmanaged",
    "naming",
    "online",
    "rules",
    "hooks",
    "targets",
];

/// Reads `[package.metadata.schema]`, and under it `[workspace.metadata.schema]` of the workspace's manifest. `None` when
/// neither is there.
pub fn read_manifest(manifest: &Path, workspace: Option<&Path>) -> CliResult<Option<Config>> {
    let mut config = None;
    if let Some(workspace) = workspace.filter(|path| *path != manifest) {
        read_table(workspace, "workspace", &mut config)?;
    } else {
        read_table(manifest, "workspace", &mut config)?;
    }
    read_table(manifest, "package", &mut config)?;
    Ok(config)
}

/// Reads a `schema.toml`.
pub fn read_schema_toml(path: &Path) -> CliResult<Config> {
    let mut config = Config { migrations: PathBuf::from("."), ..Config::default() };
    let text = std::fs::read_to_string(path).map_err(CliError::io("read", path))?;
    let mut reader = Reader::new(path, &text);
    match DeTable::parse(&text) {
        Ok(table) => reader.config(table.get_ref(), &mut config),
        Err(error) => reader.syntax(&error),
    }
    reader.finish()?;
    Ok(config)
}

/// `deployed` as a manifest's or schema.toml's text says it, wherever the text is from; mistakes elsewhere in it do not
/// matter here.
pub fn deployed_in(text: &str, manifest: bool) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let owners: &[&[&str]] = if manifest {
        &[&["package", "metadata", "schema"], &["workspace", "metadata", "schema"]]
    } else {
        &[&[]]
    };
    owners.iter().find_map(|path| {
        let mut table = Some(document.get_ref());
        for key in *path {
            table = table.and_then(|table| table.get(*key)).and_then(|value| value.get_ref().as_table());
        }
        table?.get("deployed")?.get_ref().as_str().map(str::to_owned)
    })
}

fn read_table(path: &Path, owner: &str, config: &mut Option<Config>) -> CliResult<()> {
    let text = std::fs::read_to_string(path).map_err(CliError::io("read", path))?;
    let mut reader = Reader::new(path, &text);
    match DeTable::parse(&text) {
        Ok(manifest) => {
            let section = [owner, "metadata", "schema"];
            let mut table = Some(manifest.get_ref());
            for key in section {
                table = table.and_then(|table| table.get(key)).and_then(|value| value.get_ref().as_table());
            }
            if let Some(table) = table {
                reader.config(table, config.get_or_insert_with(Config::default));
            }
        }
        Err(error) => reader.syntax(&error),
    }
    reader.finish()
}

pub(super) struct Reader {
    sources: SourceMap,
    file: FileId,
    diagnostics: Vec<Diagnostic>,
}

pub(super) type Value<'a> = Spanned<DeValue<'a>>;

impl Reader {
    fn new(path: &Path, text: &str) -> Self {
        let mut sources = SourceMap::default();
        let file = sources.add(path, text);
        Reader { sources, file, diagnostics: Vec::new() }
    }

    fn finish(self) -> CliResult<()> {
        if self.diagnostics.is_empty() {
            return Ok(());
        }
        Err(CliError::findings(self.sources, self.diagnostics))
    }

    fn syntax(&mut self, error: &toml::de::Error) {
        let span = error.span().map(|range| Span::new(self.file, range.start, range.end));
        let message = format!("not valid TOML: {}", error.message());
        self.diagnostics.push(Diagnostic::error("config/syntax", message).at(span, "here"));
    }

    pub(super) fn wrong(&mut self, span: std::ops::Range<usize>, message: String, help: Option<String>) {
        let span = Span::new(self.file, span.start, span.end);
        let mut diagnostic = Diagnostic::error("config/invalid", message).at(span, "here");
        diagnostic.help = help;
        self.diagnostics.push(diagnostic);
    }

    fn config(&mut self, table: &DeTable<'_>, config: &mut Config) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "dialects" => self.dialects(value, config),
                "migrations" => self.path(value, &mut config.migrations),
                "deployed" => config.deployed = self.string(value).map(str::to_owned),
                "layout" => config.layout = self.string(value).map(str::to_owned),
                "models" => config.models = self.models(value),
                "rollback-script" => self.path(value, &mut config.rollback_script),
                "unmanaged" => config.unmanaged = self.strings(value),
                "naming" => self.naming(value, config),
                "online" => match value.get_ref().as_bool() {
                    Some(online) => config.online = online,
                    None => self.expected(value, "true or false"),
                },
                "rules" => self.map(value, &mut config.rules),
                "hooks" => self.hooks(value, config),
                "targets" => config.targets = super::targets::read(self, value),
                word => {
                    let help = nearest(word, KEYS).map(|known| format!("did you mean `{known}`?"));
                    let known = format!("known keys: {}", KEYS.join(", "));
                    self.wrong(key.span(), format!("unknown key `{word}`"), help.or(Some(known)));
                }
            }
        }
    }

    pub(super) fn expected(&mut self, value: &Value<'_>, what: &str) {
        let found = value.get_ref().type_str();
        self.wrong(value.span(), format!("expected {what}, found {found}"), None);
    }

    pub(super) fn string<'v>(&mut self, value: &'v Value<'_>) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.expected(value, "a string");
        }
        text
    }

    fn path(&mut self, value: &Value<'_>, target: &mut PathBuf) {
        if let Some(text) = self.string(value) {
            *target = PathBuf::from(text);
        }
    }

    pub(super) fn strings(&mut self, value: &Value<'_>) -> Vec<String> {
        match value.get_ref().as_array() {
            Some(items) => items.iter().filter_map(|item| self.string(item).map(str::to_owned)).collect(),
            None => {
                self.expected(value, "a list of strings");
                Vec::new()
            }
        }
    }

    fn map(&mut self, value: &Value<'_>, target: &mut BTreeMap<String, String>) {
        let Some(table) = value.get_ref().as_table() else {
            return self.expected(value, "a table of strings");
        };
        for (key, value) in table {
            if let Some(text) = self.string(value) {
                target.insert(key.get_ref().to_string(), text.to_owned());
            }
        }
    }

    fn hooks(&mut self, value: &Value<'_>, config: &mut Config) {
        for (key, command) in value.get_ref().as_table().into_iter().flatten() {
            let name = key.get_ref().as_ref();
            if !HOOKS.contains(&name) {
                let help = nearest(name, HOOKS).map(|known| format!("did you mean `{known}`?"));
                let known = format!("known hooks: {}", HOOKS.join(", "));
                self.wrong(key.span(), format!("unknown hook `{name}`"), help.or(Some(known)));
            } else if command.get_ref().as_str().is_some_and(|text| text.trim().is_empty()) {
                self.wrong(command.span(), format!("the hook `{name}` is empty"), None);
            }
        }
        self.map(value, &mut config.hooks);
    }

    /// `naming = { index = "ix_{table}_{columns}", … }`.
    fn naming(&mut self, value: &Value<'_>, config: &mut Config) {
        let Some(table) = value.get_ref().as_table() else {
            return self.expected(value, "a table of templates such as { index = \"ix_{table}_{columns}\" }");
        };
        for (key, value) in table {
            let Some(template) = self.string(value) else { continue };
            let kind = key.get_ref().as_ref();
            if !config.naming.set(kind, template) {
                let kinds = Naming::default().templates().map(|(kind, _)| kind);
                let help = nearest(kind, kinds).map(|known| format!("did you mean `{known}`?"));
                let known = format!("known kinds: {}", kinds.join(", "));
                self.wrong(key.span(), format!("unknown kind `{kind}`"), help.or(Some(known)));
            } else if let Some(word) = Naming::unknown_word(kind, template) {
                let help = "a template has {table}, {columns} and, of a foreign key, {referred_table}";
                self.wrong(value.span(), format!("unknown word `{{{word}}}`"), Some(help.to_owned()));
            }
        }
    }

    fn dialects(&mut self, value: &Value<'_>, config: &mut Config) {
        let Some(items) = value.get_ref().as_array() else {
            return self.expected(value, "a list such as [\"postgres\", \"sqlite\"]");
        };
        let mut dialects = Vec::new();
        for item in items {
            let Some(word) = self.string(item) else { continue };
            match word.parse::<DialectKind>() {
                Ok(dialect) if dialects.contains(&dialect) => {
                    self.wrong(item.span(), format!("`{word}` is listed twice"), None);
                }
                Ok(dialect) => dialects.push(dialect),
                Err(error) => self.wrong(item.span(), error.to_string(), None),
            }
        }
        if items.is_empty() {
            self.wrong(value.span(), "no dialect".into(), Some("name `postgres`, `sqlite` or both".into()));
        }
        config.dialects = dialects;
    }

    fn models(&mut self, value: &Value<'_>) -> Vec<ModelSource> {
        let one = std::slice::from_ref(value);
        let items = value.get_ref().as_array().map_or(one, |items| items.as_ref());
        items.iter().filter_map(|item| self.model(item)).collect()
    }

    fn model(&mut self, item: &Value<'_>) -> Option<ModelSource> {
        if let Some(root) = item.get_ref().as_str() {
            return Some(ModelSource::Root(root.to_owned()));
        }
        let Some(table) = item.get_ref().as_table() else {
            self.expected(item, "a path, a package, { diesel = \"…\" } or { seaorm = \"…\" }");
            return None;
        };
        let (key, value) = table.iter().next()?;
        let path = PathBuf::from(self.string(value)?);
        match key.get_ref().as_ref() {
            "diesel" => Some(ModelSource::Diesel(path)),
            "seaorm" => Some(ModelSource::SeaOrm(path)),
            word => {
                let help =
                    nearest(word, ["diesel", "seaorm"]).map(|known| format!("did you mean `{known}`?"));
                self.wrong(key.span(), format!("unknown model source `{word}`"), help);
                None
            }
        }
    }
}
