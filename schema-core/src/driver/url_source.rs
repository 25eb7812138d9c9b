//! Where the database's URL is found when nothing on the command line says it: `DATABASE_URL` in the environment, then in
//! `.env`, then the variables of libpq.

use std::fmt;
use std::path::{Path, PathBuf};

use super::url::{DatabaseUrl, PostgresUrl, UrlError, set_parameter};

/// Who named the database, for `doctor` and for errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlSource {
    /// The command line.
    Argument,
    /// `DATABASE_URL` in the environment.
    Environment,
    /// `DATABASE_URL` in this `.env` file.
    EnvFile(PathBuf),
    /// `PGHOST` and its kin.
    Libpq,
}

impl fmt::Display for UrlSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UrlSource::Argument => f.write_str("--database-url"),
            UrlSource::Environment => f.write_str("DATABASE_URL in the environment"),
            UrlSource::EnvFile(path) => write!(f, "DATABASE_URL in {}", path.display()),
            UrlSource::Libpq => f.write_str("the PG* variables in the environment"),
        }
    }
}

/// Finds the database: the argument, else `DATABASE_URL` from the environment, else from `.env` in the folder or one above
/// it, else `PGHOST` and its kin.
pub fn find_url(argument: Option<&str>, folder: &Path) -> Result<(DatabaseUrl, UrlSource), UrlError> {
    find_url_in(argument, folder, &|name| std::env::var(name).ok())
}

/// As [`find_url`], with the environment given: `variable` answers a name with its value.
pub fn find_url_in(
    argument: Option<&str>,
    folder: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(DatabaseUrl, UrlSource), UrlError> {
    let filled = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    if let Some(text) = argument {
        return Ok((complete(text.parse()?, &filled), UrlSource::Argument));
    }
    if let Some(text) = filled("DATABASE_URL") {
        return Ok((complete(text.parse()?, &filled), UrlSource::Environment));
    }
    if let Some((text, path)) = from_env_file(folder)? {
        return Ok((complete(text.parse()?, &filled), UrlSource::EnvFile(path)));
    }
    if ["PGHOST", "PGDATABASE", "PGSERVICE", "PGUSER"].iter().any(|name| filled(name).is_some()) {
        let url = DatabaseUrl::Postgres(Box::default());
        return Ok((complete(url, &filled), UrlSource::Libpq));
    }
    Err(UrlError::Missing)
}

/// libpq takes from its variables what a URL leaves open, and so do we.
fn complete(url: DatabaseUrl, variable: &dyn Fn(&str) -> Option<String>) -> DatabaseUrl {
    let DatabaseUrl::Postgres(mut url) = url else { return url };
    let defaults: [(&str, &str, bool); 8] = [
        ("PGHOST", "host", url.hosts.is_empty()),
        ("PGPORT", "port", url.ports.is_empty()),
        ("PGUSER", "user", url.user.is_none()),
        ("PGDATABASE", "dbname", url.database.is_none()),
        ("PGPASSWORD", "password", url.password.is_none()),
        ("PGOPTIONS", "options", url.options.is_none()),
        ("PGSSLMODE", "sslmode", url.ssl_mode.is_none()),
        ("PGCONNECT_TIMEOUT", "connect_timeout", url.connect_timeout.is_none()),
    ];
    for (name, key, open) in defaults {
        if let Some(value) = variable(name).filter(|_| open) {
            // A variable that cannot be read is as good as none: the URL itself asked for nothing here.
            let _ = set_parameter(&mut url, key, value);
        }
    }
    if url.password.is_none() {
        url.password = password_file(&url, variable);
    }
    DatabaseUrl::Postgres(url)
}

/// `~/.pgpass`, as libpq reads it: `host:port:database:user:password`, `*` for any, `\` before `:` and `\`.
fn password_file(url: &PostgresUrl, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let home = || variable("HOME").map(|home| Path::new(&home).join(".pgpass"));
    let path = variable("PGPASSFILE").map(PathBuf::from).or_else(home)?;
    let text = std::fs::read_to_string(path).ok()?;
    let host =
        url.hosts.first().map_or("localhost", |host| if host.starts_with('/') { "localhost" } else { host });
    let port = url.ports.first().copied().unwrap_or(5432).to_string();
    let user = url.user.clone().or_else(|| variable("USER"))?;
    let database = url.database.clone().unwrap_or_else(|| user.clone());
    let wanted = [host, port.as_str(), database.as_str(), user.as_str()];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = split_escaped(line);
        let (password, keys) = fields.split_last()?;
        let fits = keys.len() == 4 && keys.iter().zip(wanted).all(|(key, want)| key == "*" || key == want);
        fits.then(|| password.clone())
    })
}

fn split_escaped(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ':' => fields.push(String::new()),
            '\\' => fields.last_mut().into_iter().for_each(|field| field.extend(characters.next())),
            other => fields.last_mut().into_iter().for_each(|field| field.push(other)),
        }
    }
    fields
}

fn from_env_file(folder: &Path) -> Result<Option<(String, PathBuf)>, UrlError> {
    for folder in folder.ancestors() {
        let path = folder.join(".env");
        if path.is_file() {
            let text = std::fs::read_to_string(&path).map_err(|error| UrlError::EnvFile {
                path: path.display().to_string(),
                reason: error.to_string(),
            })?;
            return Ok(env_value(&text, "DATABASE_URL").map(|value| (value, path)));
        }
        // A parent beyond the repository is somebody else's.
        if folder.join(".git").exists() {
            break;
        }
    }
    Ok(None)
}

/// The value of a name in the text of a `.env` file: `export` before it, quotes around it and a comment after it are
/// taken off; the last line wins.
fn env_value(text: &str, name: &str) -> Option<String> {
    let value = |line: &str| {
        let line = line.trim_start_matches('\u{feff}').trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (key, value) = line.split_once('=')?;
        (key.trim() == name).then(|| unquote(value.trim()))
    };
    text.lines().filter_map(value).rfind(|value| !value.is_empty())
}

fn unquote(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some((inner, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)) {
            return inner.to_owned();
        }
    }
    value.split(" #").next().unwrap_or(value).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_files_as_people_write_them() {
        let text = "# x\nexport DATABASE_URL=\"sqlite://a b.db\" # here\nOTHER=1\n";
        assert_eq!(env_value(text, "DATABASE_URL").as_deref(), Some("sqlite://a b.db"));
        assert_eq!(
            env_value("DATABASE_URL = sqlite://x.db # c", "DATABASE_URL").as_deref(),
            Some("sqlite://x.db")
        );
        assert_eq!(env_value("DATABASE_URL=", "DATABASE_URL"), None);
    }

    #[test]
    fn the_nearest_source_wins() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".env"), "DATABASE_URL=sqlite://env.db\n").unwrap();
        let none = |_: &str| None;
        let (url, source) = find_url_in(None, folder.path(), &none).unwrap();
        assert_eq!(url.to_string(), "sqlite://env.db");
        assert!(matches!(source, UrlSource::EnvFile(_)));
        let some = |name: &str| (name == "DATABASE_URL").then(|| "sqlite://set.db".to_owned());
        assert_eq!(find_url_in(None, folder.path(), &some).unwrap().1, UrlSource::Environment);
        assert_eq!(find_url_in(Some(":memory:"), folder.path(), &some).unwrap().1, UrlSource::Argument);
    }

    #[test]
    fn libpq_variables_fill_what_is_open() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        let variable = |name: &str| match name {
            "PGHOST" => Some("/run/postgresql".to_owned()),
            "PGDATABASE" => Some("app".to_owned()),
            "PGPASSWORD" => Some("geheim".to_owned()),
            _ => None,
        };
        let (url, source) = find_url_in(None, folder.path(), &variable).unwrap();
        assert_eq!(
            (url.to_string().as_str(), source),
            ("postgres://:***@/app?host=/run/postgresql", UrlSource::Libpq)
        );
    }
}
