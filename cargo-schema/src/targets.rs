//! The databases that the configuration's `targets` name: variables filled in, tenants looked up.

use schema_core::driver::{self, Access, DatabaseUrl, Driver, PostgresUrl};
use schema_core::rust::matches;
use schema_model::{DialectKind, Name, ident};

use crate::cli::TargetsArgs;
use crate::config::{Schemas, Target};
use crate::error::{CliError, CliResult};

/// One database to work on.
#[derive(Clone)]
pub struct Database {
    /// `billing`, `tenants/acme`.
    pub name: String,
    /// Where it is.
    pub url: DatabaseUrl,
    /// The URL of its server in words, password and all: for hooks alone.
    pub text: String,
}

/// The databases that the command line asks for, in the order of the configuration, tenants by name.
///
/// # Errors
///
/// When nothing is configured or nothing fits, a variable is missing, or a server cannot say which tenants it has: a database
/// that is forgotten in silence is worse than a run that does not start.
pub fn resolve(targets: &[Target], args: &TargetsArgs) -> CliResult<Vec<Database>> {
    if targets.is_empty() {
        return Err(CliError::message(
            "no targets are configured; name databases in `[package.metadata.schema.targets]`, or in `[targets]` of schema.toml",
        ));
    }
    let mut found = Vec::new();
    for target in targets.iter().filter(|target| args.all_targets || wanted(&target.name, args)) {
        found.extend(databases(target)?);
    }
    if !args.all_targets {
        found.retain(|database| args.on.iter().any(|pattern| fits(pattern, &database.name)));
        for pattern in &args.on {
            if !found.iter().any(|database| fits(pattern, &database.name)) {
                let known: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
                return Err(CliError::message(format!(
                    "no target is called `{pattern}`; there are {}",
                    known.join(", ")
                )));
            }
        }
    }
    Ok(found)
}

/// A target's own name stands for all its tenants.
fn fits(pattern: &str, name: &str) -> bool {
    matches(pattern, name) || name.split_once('/').is_some_and(|(family, _)| matches(pattern, family))
}

/// Whether any pattern may fit the target or one of its tenants: only then its server is asked.
fn wanted(target: &str, args: &TargetsArgs) -> bool {
    args.on.iter().any(|pattern| {
        let family = pattern.split_once('/').map_or(pattern.as_str(), |(family, _)| family);
        matches(family, target)
    })
}

fn databases(target: &Target) -> CliResult<Vec<Database>> {
    let text = expand(&target.url, &|name| std::env::var(name).ok())
        .map_err(|reason| CliError::message(format!("target `{}`: {reason}", target.name)))?;
    let fail =
        |error: &dyn std::fmt::Display| CliError::message(format!("target `{}`: {error}", target.name));
    let (url, _) = driver::find_url(Some(&text), std::path::Path::new(".")).map_err(|error| fail(&error))?;
    let Some(schemas) = &target.schemas else {
        return Ok(vec![Database { name: target.name.clone(), url, text }]);
    };
    let DatabaseUrl::Postgres(server) = url else {
        return Err(fail(&"only PostgreSQL has schemas; name each SQLite file as a target of its own"));
    };
    let names = schema_names(schemas, &server).map_err(|error| fail(&error))?;
    let path = target.search_path.as_deref().unwrap_or("{schema}");
    let tenant = |name: String| {
        let quoted = ident::quote(&Name::new(&name), DialectKind::Postgres);
        let url = server.clone().with_search_path(&path.replace("{schema}", &quoted));
        let name = format!("{}/{name}", target.name);
        Database { name, url: DatabaseUrl::Postgres(Box::new(url)), text: text.clone() }
    };
    Ok(names.into_iter().map(tenant).collect())
}

fn schema_names(schemas: &Schemas, server: &PostgresUrl) -> Result<Vec<String>, String> {
    let ask = |sql: &str| -> Result<Vec<String>, String> {
        let url = DatabaseUrl::Postgres(Box::new(server.clone()));
        let mut driver: Box<dyn Driver> =
            driver::connect(&url, Access::Read).map_err(|error| error.to_string())?;
        let rows = driver.query(sql, &[]).map_err(|error| error.to_string())?;
        Ok(rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect())
    };
    match schemas {
        Schemas::Named(names) => Ok(names.clone()),
        Schemas::Query(sql) => ask(sql),
        Schemas::Pattern(pattern) => {
            let all =
                ask("SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> \
                           'information_schema' ORDER BY 1")?;
            Ok(all.into_iter().filter(|name| matches(pattern, name)).collect())
        }
    }
}

/// Fills in `${NAME}`. A URL that is one variable is taken as it is; what stands inside a URL is percent-encoded, so that a
/// password may hold anything.
fn expand(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let value = |name: &str| {
        variable(name).ok_or_else(|| format!("the variable `{name}` is not set, and its URL needs it"))
    };
    if let Some(name) = text.trim().strip_prefix("${").and_then(|rest| rest.strip_suffix('}'))
        && !name.contains('$')
    {
        return value(name);
    }
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else {
            return Err("a `${` in its URL has no `}`".to_owned());
        };
        expanded.push_str(before);
        expanded.push_str(&encode(&value(name)?));
        rest = after;
    }
    Ok(expanded + rest)
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{encode, expand, fits};

    #[test]
    fn variables_in_a_url() {
        let variable = |name: &str| match name {
            "WHOLE" => Some("postgres://me:a%40b@h/d".to_owned()),
            "PASSWORD" => Some("p@ss:/word%".to_owned()),
            _ => None,
        };
        let expand = |text| expand(text, &variable);
        assert_eq!(expand("${WHOLE}").unwrap(), "postgres://me:a%40b@h/d");
        assert_eq!(expand("postgres://me:${PASSWORD}@h/d").unwrap(), "postgres://me:p%40ss%3A%2Fword%25@h/d");
        assert_eq!(expand("sqlite://a.db").unwrap(), "sqlite://a.db");
        assert!(expand("postgres://${NOBODY}/d").unwrap_err().contains("`NOBODY` is not set"));
        assert!(expand("postgres://${NOBODY").unwrap_err().contains("no `}`"));
        assert_eq!(encode("ü"), "%C3%BC");
    }

    #[test]
    fn a_family_and_its_tenants() {
        assert!(fits("tenants", "tenants/acme"));
        assert!(fits("tenants/a*", "tenants/acme"));
        assert!(fits("*", "billing"));
        assert!(!fits("tenants/b*", "tenants/acme"));
    }
}
