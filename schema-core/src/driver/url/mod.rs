//! Database URLs: the forms that are taken, and a display that never shows a password. Where a URL is found when none
//! is given stands in `source`.

mod password_file;
mod postgres;
mod service_file;
mod source;
mod sqlite;
mod text;
mod tls;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use schema_model::DialectKind;

pub use postgres::PostgresUrl;
pub use source::{UrlSource, find_url, find_url_in};
pub use sqlite::SqliteUrl;
pub use tls::{ChannelBinding, SslMode, TlsSettings};

#[cfg(feature = "tls")]
pub(super) use password_file::others_can_read;
use text::part;

/// Answers the name of an environment variable with its value, when it has one that is not blank.
type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The forms that errors name.
pub const FORMS: &str = "sqlite://path/to.db, sqlite::memory:, postgres://user:password@host:5432/database, \
                         postgresql://user@/database?host=/var/run/postgresql";

/// A database to connect to.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file, or a database in memory.
    Sqlite(SqliteUrl),
    /// A PostgreSQL server and a database there.
    Postgres(Box<PostgresUrl>),
}

/// Why a URL cannot be used. No variant holds a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// Nothing before `://` that is known.
    #[error("`{0}` is no database URL; accepted are {FORMS}")]
    Unknown(String),
    /// A scheme of a database that is not supported.
    #[error("databases of kind `{0}` are not supported; accepted are {FORMS}")]
    Scheme(String),
    /// The empty string.
    #[error("the database URL is empty; accepted are {FORMS}")]
    Empty,
    /// A part of it cannot be read.
    #[error("the database URL's {part} cannot be read: {reason}; accepted are {FORMS}")]
    Part {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Nothing named a database.
    #[error(
        "no database is named; give --database-url, or set DATABASE_URL in the environment or in .env, or DATABASE_HOST \
         and DATABASE_NAME, or PGHOST and PGDATABASE; accepted are {FORMS}"
    )]
    Missing,
    /// `.env`, the password file or the service file cannot be read.
    #[error("`{path}`: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the system said, or what is wrong.
        reason: String,
    },
    /// A service that no service file has.
    #[error(
        "the service `{name}` is in no service file; looked at PGSERVICEFILE or ~/.pg_service.conf, and PGSYSCONFDIR"
    )]
    Service {
        /// Its name.
        name: String,
    },
    /// A variable in the environment cannot be read.
    #[error("`{name}` in the environment: {reason}")]
    Variable {
        /// Its name.
        name: &'static str,
        /// What is wrong with its value.
        reason: Box<UrlError>,
    },
}

impl DatabaseUrl {
    /// The dialect spoken there.
    pub fn dialect(&self) -> DialectKind {
        match self {
            DatabaseUrl::Sqlite(_) => DialectKind::Sqlite,
            DatabaseUrl::Postgres(_) => DialectKind::Postgres,
        }
    }

    /// A database in memory, gone with its connection.
    pub fn memory() -> Self {
        DatabaseUrl::Sqlite(SqliteUrl { path: None, read_only: false, must_exist: false })
    }
}

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UrlError::Empty);
        }
        let Some((scheme, rest)) = text.split_once(':') else { return bare_path(text) };
        // `postgresql+asyncpg` names a client library beside the database; whose client it is changes nothing here.
        let kind = scheme.split('+').next().unwrap_or(scheme).to_ascii_lowercase();
        match kind.as_str() {
            "sqlite" | "sqlite3" | "file" => sqlite::read(rest),
            "postgres" | "postgresql" | "pgsql" => {
                let rest =
                    rest.strip_prefix("//").ok_or_else(|| part("scheme", "`//` is missing after it"))?;
                postgres::read(rest).map(|url| DatabaseUrl::Postgres(Box::new(url)))
            }
            _ if rest.starts_with("//") && is_scheme(&kind) => Err(UrlError::Scheme(kind)),
            _ => bare_path(text),
        }
    }
}

fn is_scheme(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// A bare path is taken where its ending says that it is a SQLite file; anything else may hold a secret and is not echoed
/// beyond its first word.
fn bare_path(text: &str) -> Result<DatabaseUrl, UrlError> {
    let endings = [".db", ".sqlite", ".sqlite3", ".db3"];
    if text == ":memory:" {
        return Ok(DatabaseUrl::memory());
    }
    if !text.contains('@') && endings.iter().any(|ending| text.to_ascii_lowercase().ends_with(ending)) {
        let path = Some(PathBuf::from(text));
        return Ok(DatabaseUrl::Sqlite(SqliteUrl { path, read_only: false, must_exist: false }));
    }
    let shown: String =
        text.chars().take_while(|c| !matches!(c, ':' | '@' | '=' | '?' | ' ')).take(40).collect();
    Err(UrlError::Unknown(if shown.len() == text.len() { shown } else { format!("{shown}…") }))
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DatabaseUrl::Sqlite(SqliteUrl { path: None, .. }) => f.write_str("sqlite::memory:"),
            DatabaseUrl::Sqlite(SqliteUrl { path: Some(path), .. }) => {
                write!(f, "sqlite://{}", path.display())
            }
            DatabaseUrl::Postgres(url) => url.fmt(f),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postgres_url(text: &str) -> PostgresUrl {
        match text.parse() {
            Ok(DatabaseUrl::Postgres(url)) => *url,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn sqlite_path(text: &str) -> Option<PathBuf> {
        match text.parse() {
            Ok(DatabaseUrl::Sqlite(url)) => url.path,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn sqlite_forms() {
        for (text, path) in [
            ("sqlite://app.db", "app.db"),
            ("sqlite:///var/lib/app.db", "/var/lib/app.db"),
            ("sqlite:app.db", "app.db"),
            ("sqlite+aiosqlite:////srv/a%20b.db?mode=rwc", "//srv/a b.db"),
            ("sqlite://100%.db", "100%.db"),
            ("file:app.db", "app.db"),
            ("data/app.sqlite3", "data/app.sqlite3"),
        ] {
            assert_eq!(sqlite_path(text), Some(PathBuf::from(path)), "{text}");
        }
        for text in
            ["sqlite::memory:", "sqlite://:memory:", "sqlite://", "sqlite://x?mode=memory", ":memory:"]
        {
            assert_eq!(sqlite_path(text), None, "{text}");
        }
    }

    #[test]
    fn postgres_forms() {
        let url = postgres_url(
            "postgresql+asyncpg://ontokit:p%40ss%3A%2Fword%25@db:6432/onto%20kit?sslmode=disable",
        );
        assert_eq!(url.user.as_deref(), Some("ontokit"));
        assert_eq!(url.password.as_deref(), Some("p@ss:/word%"));
        assert_eq!((url.hosts.as_slice(), url.ports.as_slice()), (&["db".to_owned()][..], &[6432][..]));
        assert_eq!(url.database.as_deref(), Some("onto kit"));
        let socket = postgres_url("postgres:///app?host=/var/run/postgresql&search_path=app,public");
        assert_eq!(socket.hosts, ["/var/run/postgresql"]);
        assert_eq!(socket.options.as_deref(), Some("-c search_path=app,public"));
        let encoded = postgres_url("postgres://me@%2Fvar%2Frun/app");
        assert_eq!(encoded.hosts, ["/var/run"]);
        let six = postgres_url("postgres://[::1]:5433,other/app");
        assert_eq!(six.hosts, ["::1", "other"]);
        let raw = postgres_url("postgres://me:a@b/c?d@host/app");
        assert_eq!((raw.password.as_deref(), raw.hosts.join(",")), (Some("a@b/c?d"), "host".to_owned()));
    }

    #[test]
    fn no_display_shows_a_password() {
        let texts = [
            "postgres://me:geheim@host:5432/app?sslmode=disable",
            "postgres://host/app?user=me&password=geheim",
            "postgres://me:ge/heim@host/app",
        ];
        for text in texts {
            let url: DatabaseUrl = text.parse().unwrap();
            let shown = format!("{url} {url:?}");
            assert!(!shown.contains("heim"), "{shown}");
            assert!(shown.contains("***"), "{shown}");
        }
        for text in [
            "me:geheim@host",
            "mysql://me:geheim@host/app",
            "postgres://me:geheim@host:x/app",
            "postgres:geheim",
        ] {
            let error = text.parse::<DatabaseUrl>().unwrap_err().to_string();
            assert!(!error.contains("geheim"), "{error}");
            assert!(error.contains("sqlite://path"), "{error}");
        }
    }
}
