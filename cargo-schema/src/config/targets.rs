//! `targets`: the databases of a project by name, for commands that go through several.

use schema_model::item::nearest;
use toml::de::DeTable;

use super::read::{Reader, Value};

/// A database, or a family of tenants in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Its name on the command line and in reports.
    pub name: String,
    /// Its URL; `${NAME}` stands for a variable of the environment.
    pub url: String,
    /// The schemas that each hold a tenant; none for a database that is one target as a whole.
    pub schemas: Option<Schemas>,
    /// The search path of a tenant, `{schema}` standing for its schema; default: the schema alone.
    pub search_path: Option<String>,
}

/// Which schemas hold tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schemas {
    /// Those of the database whose name fits a pattern with `*`.
    Pattern(String),
    /// These.
    Named(Vec<String>),
    /// Those that a query answers, in its first column.
    Query(String),
}

const KEYS: [&str; 4] = ["url", "schemas", "schemas-query", "search-path"];

/// Reads the table of targets.
pub(super) fn read(reader: &mut Reader, value: &Value<'_>) -> Vec<Target> {
    let Some(table) = value.get_ref().as_table() else {
        reader.expected(value, "a table of names and URLs");
        return Vec::new();
    };
    let mut targets = Vec::new();
    for (key, value) in table {
        let name = key.get_ref().to_string();
        if name.is_empty() || name.contains(['*', '/', ',']) {
            let help = Some("`*`, `/` and `,` mean something in `--on`".to_owned());
            reader.wrong(key.span(), format!("`{name}` cannot be a target's name"), help);
        }
        if let Some(table) = value.get_ref().as_table() {
            targets.extend(tenants(reader, name, value, table));
        } else if let Some(url) = reader.string(value) {
            targets.push(Target { name, url: url.to_owned(), ..Target::default() });
        }
    }
    targets
}

fn tenants(reader: &mut Reader, name: String, whole: &Value<'_>, table: &DeTable<'_>) -> Option<Target> {
    let mut target = Target { name, ..Target::default() };
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "url" => target.url = reader.string(value)?.to_owned(),
            "schemas" if value.get_ref().is_array() => {
                target.schemas = Some(Schemas::Named(reader.strings(value)));
            }
            "schemas" => target.schemas = Some(Schemas::Pattern(reader.string(value)?.to_owned())),
            "schemas-query" => target.schemas = Some(Schemas::Query(reader.string(value)?.to_owned())),
            "search-path" => target.search_path = Some(reader.string(value)?.to_owned()),
            word => {
                let help = nearest(word, KEYS).map(|known| format!("did you mean `{known}`?"));
                let known = format!("known keys: {}", KEYS.join(", "));
                reader.wrong(key.span(), format!("unknown key `{word}`"), help.or(Some(known)));
            }
        }
    }
    if target.url.is_empty() {
        reader.wrong(whole.span(), format!("the target `{}` has no `url`", target.name), None);
        return None;
    }
    if target.schemas.is_some() && target.search_path.as_ref().is_some_and(|path| !path.contains("{schema}"))
    {
        let message = format!("the search path of `{}` would be the same for every tenant", target.name);
        reader.wrong(
            whole.span(),
            message,
            Some("write `{schema}` where the tenant's schema goes".to_owned()),
        );
    }
    Some(target)
}
