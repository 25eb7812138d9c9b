//! Where the database's URL is found when nothing on the command line says it: `DATABASE_URL` in the environment, then in
//! `.env`, then the variables of libpq.

use std::fmt;
use std::path::{Path, PathBuf};

use super::postgres::{PostgresUrl, set_parameter};
use super::{DatabaseUrl, SqliteUrl, UrlError, Variables, password_file, service_file};

/// Who named the database, for `doctor` and for errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlSource {
    /// The command line.
    Argument,
    /// `DATABASE_URL` in the environment.
    Environment,
    /// `DATABASE_URL` in this `.env` file.
    EnvFile(PathBuf),
    /// `DATABASE_HOST` and its kin, in the environment or in `.env`.
    Parts,
    /// `PGHOST` and its kin.
    Libpq,
}

impl fmt::Display for UrlSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UrlSource::Argument => f.write_str("--database-url"),
            UrlSource::Environment => f.write_str("DATABASE_URL in the environment"),
            UrlSource::EnvFile(path) => write!(f, "DATABASE_URL in {}", path.display()),
            UrlSource::Parts => f.write_str("DATABASE_HOST, DATABASE_NAME and their kin"),
            UrlSource::Libpq => f.write_str("the PG* variables in the environment"),
        }
    }
}

/// Finds the database: the argument, else `DATABASE_URL` from the environment, else from `.env` in the folder or one above
/// it, else `DATABASE_HOST` and its kin, else `PGHOST` and its kin.
///
/// # Errors
///
/// When nothing names a database, and when what does cannot be read.
pub fn find_url(argument: Option<&str>, folder: &Path) -> Result<(DatabaseUrl, UrlSource), UrlError> {
    find_url_in(argument, folder, &|name| std::env::var(name).ok())
}

/// As [`find_url`], with the environment given: `variable` answers a name with its value.
///
/// # Errors
///
/// As [`find_url`].
pub fn find_url_in(
    argument: Option<&str>,
    folder: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<(DatabaseUrl, UrlSource), UrlError> {
    let filled = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
    if let Some(text) = argument {
        return Ok((complete(text.parse()?, &filled)?, UrlSource::Argument));
    }
    if let Some(text) = filled("DATABASE_URL") {
        return Ok((complete(text.parse()?, &filled)?, UrlSource::Environment));
    }
    let env_file = read_env_file(folder)?;
    let in_file = |name: &str| env_file.as_ref().and_then(|(text, _)| env_value(text, name));
    if let (Some(text), Some((_, path))) = (in_file("DATABASE_URL"), &env_file) {
        return Ok((complete(text.parse()?, &filled)?, UrlSource::EnvFile(path.clone())));
    }
    if let Some(url) = from_parts(&|name| filled(name).or_else(|| in_file(name)))? {
        return Ok((complete(url, &filled)?, UrlSource::Parts));
    }
    if ["PGHOST", "PGDATABASE", "PGSERVICE", "PGUSER"].iter().any(|name| filled(name).is_some()) {
        let url = DatabaseUrl::Postgres(Box::default());
        return Ok((complete(url, &filled)?, UrlSource::Libpq));
    }
    Err(UrlError::Missing)
}

/// Many services have the parts of the URL in variables of their own, where a password needs no encoding.
fn from_parts(variable: Variables<'_>) -> Result<Option<DatabaseUrl>, UrlError> {
    let first = |names: &[&str]| names.iter().find_map(|name| variable(name));
    let name = first(&["DATABASE_NAME", "DATABASE_DB"]);
    let kind = variable("DATABASE_TYPE").unwrap_or_else(|| "postgres".to_owned());
    match kind.to_ascii_lowercase().as_str() {
        "sqlite" | "sqlite3" => Ok(name.map(|path| {
            DatabaseUrl::Sqlite(SqliteUrl { path: Some(path.into()), read_only: false, must_exist: false })
        })),
        "postgres" | "postgresql" | "pgsql" => {
            let host = variable("DATABASE_HOST");
            if host.is_none() && name.is_none() {
                return Ok(None);
            }
            let parts = [
                ("DATABASE_HOST", "host", host),
                ("DATABASE_PORT", "port", variable("DATABASE_PORT")),
                ("DATABASE_USERNAME", "user", first(&["DATABASE_USERNAME", "DATABASE_USER"])),
                ("DATABASE_PASSWORD", "password", variable("DATABASE_PASSWORD")),
                ("DATABASE_NAME", "dbname", name),
            ];
            Ok(Some(DatabaseUrl::Postgres(Box::new(from_variables(parts)?))))
        }
        _ if variable("DATABASE_HOST").is_some() => Err(UrlError::Scheme(kind)),
        _ => Ok(None),
    }
}

/// libpq takes what a URL leaves open from a service, then from its variables, and so do we.
fn complete(url: DatabaseUrl, variable: Variables<'_>) -> Result<DatabaseUrl, UrlError> {
    let DatabaseUrl::Postgres(url) = url else { return Ok(url) };
    let mut url = *url;
    if let Some(name) = url.service.clone().or_else(|| variable("PGSERVICE")) {
        let mut service = PostgresUrl::default();
        for (key, value) in service_file::find(&name, variable)? {
            set_parameter(&mut service, &key, value)?;
        }
        url = url.or(service);
    }
    url = url.or(from_variables(LIBPQ.map(|(name, key)| (name, key, variable(name))))?);
    if url.password.is_none() {
        url.password = password_file::find(&url, variable)?;
    }
    Ok(DatabaseUrl::Postgres(Box::new(url)))
}

/// libpq's variables and the parameters they stand for (manual, 34.15 Environment Variables).
const LIBPQ: [(&str, &str); 15] = [
    ("PGHOST", "host"),
    ("PGPORT", "port"),
    ("PGUSER", "user"),
    ("PGDATABASE", "dbname"),
    ("PGPASSWORD", "password"),
    ("PGOPTIONS", "options"),
    ("PGAPPNAME", "application_name"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLKEY", "sslkey"),
    ("PGSSLCRL", "sslcrl"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGSSLNEGOTIATION", "sslnegotiation"),
];

fn from_variables<const N: usize>(
    variables: [(&'static str, &str, Option<String>); N],
) -> Result<PostgresUrl, UrlError> {
    let mut url = PostgresUrl::default();
    for (name, key, value) in variables {
        if let Some(value) = value {
            set_parameter(&mut url, key, value)
                .map_err(|reason| UrlError::Variable { name, reason: Box::new(reason) })?;
        }
    }
    Ok(url)
}

/// The text of the nearest `.env`, and where it is.
fn read_env_file(folder: &Path) -> Result<Option<(String, PathBuf)>, UrlError> {
    for folder in folder.ancestors() {
        let path = folder.join(".env");
        if path.is_file() {
            let text = std::fs::read_to_string(&path).map_err(|error| UrlError::File {
                path: path.display().to_string(),
                reason: error.to_string(),
            })?;
            return Ok(Some((text, path)));
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

    #[test]
    fn the_parts_of_a_url_need_no_encoding() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(".env"), "DATABASE_PORT=6432\n").unwrap();
        let variable = |name: &str| match name {
            "DATABASE_TYPE" => Some("postgres".to_owned()),
            "DATABASE_HOST" => Some("db".to_owned()),
            "DATABASE_USERNAME" => Some("alkemio".to_owned()),
            "DATABASE_PASSWORD" => Some("p@ss:/word%".to_owned()),
            "DATABASE_NAME" => Some("alkemio".to_owned()),
            _ => None,
        };
        let (url, source) = find_url_in(None, folder.path(), &variable).unwrap();
        assert_eq!(source, UrlSource::Parts);
        assert_eq!(url.to_string(), "postgres://alkemio:***@db:6432/alkemio");
        let DatabaseUrl::Postgres(url) = url else { panic!("{url}") };
        assert_eq!(url.password.as_deref(), Some("p@ss:/word%"));
        let other = |name: &str| match name {
            "DATABASE_TYPE" => Some("mysql".to_owned()),
            name => variable(name),
        };
        assert_eq!(find_url_in(None, folder.path(), &other), Err(UrlError::Scheme("mysql".to_owned())));
    }

    #[test]
    fn a_service_stands_between_the_url_and_the_variables() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".git")).unwrap();
        let services = folder.path().join("services.conf");
        std::fs::write(&services, "[app]\nhost=db\nuser=service\nsslmode=verify-full\n").unwrap();
        let variable = |name: &str| match name {
            "PGSERVICEFILE" => Some(services.display().to_string()),
            "PGUSER" | "PGDATABASE" => Some("variable".to_owned()),
            _ => None,
        };
        let (url, _) = find_url_in(Some("postgres:///?service=app"), folder.path(), &variable).unwrap();
        assert_eq!(url.to_string(), "postgres://service@db/variable");
        let missing = find_url_in(Some("postgres:///?service=none"), folder.path(), &variable);
        assert_eq!(missing, Err(UrlError::Service { name: "none".to_owned() }));
        let wrong = |name: &str| (name == "PGPORT").then(|| "many".to_owned());
        let error = find_url_in(Some("postgres://h/a"), folder.path(), &wrong).unwrap_err().to_string();
        assert!(error.starts_with("`PGPORT` in the environment"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_password_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pgpass");
        std::fs::write(&file, "h:*:app:me:ge\\:heim\n").unwrap();
        let variable = |name: &str| (name == "PGPASSFILE").then(|| file.display().to_string());
        let find = || find_url_in(Some("postgres://me@h/app"), folder.path(), &variable);
        for (mode, found) in [(0o600, true), (0o644, false)] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            match find() {
                Ok((DatabaseUrl::Postgres(url), _)) if found => {
                    assert_eq!(url.password.as_deref(), Some("ge:heim"));
                }
                Err(UrlError::File { reason, .. }) if !found => assert!(reason.contains("chmod 0600")),
                other => panic!("{mode:o}: {other:?}"),
            }
        }
    }
}
