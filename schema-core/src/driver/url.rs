//! Database URLs: the forms that are taken, and a display that never shows a password. Where a URL is found when none
//! is given stands in `url_source`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use schema_model::DialectKind;

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

/// A SQLite database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteUrl {
    /// The file; none for a database in memory.
    pub path: Option<PathBuf>,
    /// `mode=ro` or `immutable=1`: never written to.
    pub read_only: bool,
    /// `mode=rw`: the file has to exist already.
    pub must_exist: bool,
}

/// A PostgreSQL server and a database there. What is `None` or empty is left to the defaults of libpq.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PostgresUrl {
    /// Role to connect as.
    pub user: Option<String>,
    /// Its password. Never printed.
    pub password: Option<String>,
    /// Host names, addresses or socket directories, tried in order.
    pub hosts: Vec<String>,
    /// Their ports: none, one for all, or one each.
    pub ports: Vec<u16>,
    /// The database.
    pub database: Option<String>,
    /// Server options: `-c search_path=app`.
    pub options: Option<String>,
    /// How TLS is wanted.
    pub ssl_mode: Option<String>,
    /// Name that the server's views show.
    pub application_name: Option<String>,
    /// Seconds to wait for a connection.
    pub connect_timeout: Option<u64>,
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
        "no database is named; give --database-url, or set DATABASE_URL in the environment or in .env, or PGHOST and \
         PGDATABASE; accepted are {FORMS}"
    )]
    Missing,
    /// `.env` cannot be read.
    #[error("`{path}` cannot be read: {reason}")]
    EnvFile {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
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
            "sqlite" | "sqlite3" | "file" => sqlite(rest),
            "postgres" | "postgresql" | "pgsql" => {
                let rest =
                    rest.strip_prefix("//").ok_or_else(|| part("scheme", "`//` is missing after it"))?;
                postgres(rest).map(|url| DatabaseUrl::Postgres(Box::new(url)))
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

fn sqlite(rest: &str) -> Result<DatabaseUrl, UrlError> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut url = SqliteUrl { path: None, read_only: false, must_exist: false };
    let mut memory = path == ":memory:" || path == "/:memory:" || path.is_empty() && query.is_empty();
    for (key, value) in pairs(query) {
        match (key.as_str(), value.as_str()) {
            ("mode", "ro") | ("immutable", "1" | "true") => url.read_only = true,
            ("mode", "rw") => url.must_exist = true,
            ("mode", "rwc") | ("immutable", _) | ("cache", _) => {}
            ("mode", "memory") => memory = true,
            ("mode", other) => {
                return Err(part("`mode`", format!("`{other}` is none of ro, rw, rwc, memory")));
            }
            (other, _) => {
                return Err(part(
                    "query",
                    format!("`{other}` is not known; known are mode, cache, immutable"),
                ));
            }
        }
    }
    if memory {
        return Ok(DatabaseUrl::Sqlite(url));
    }
    if path.is_empty() {
        return Err(part("path", "it is empty"));
    }
    url.path = Some(PathBuf::from(decode_leniently(path)));
    Ok(DatabaseUrl::Sqlite(url))
}

fn postgres(rest: &str) -> Result<PostgresUrl, UrlError> {
    let mut url = PostgresUrl::default();
    let (rest, query) = split_query(rest);
    let (authority, database) = split_authority(rest);
    // The last `@` ends the password, so that one left unencoded inside it does no harm.
    let (login, hosts) = match authority.rfind('@') {
        Some(at) => (Some(&authority[..at]), &authority[at + 1..]),
        None => (None, authority),
    };
    if let Some(login) = login {
        let (user, password) = login.split_once(':').map_or((login, None), |(user, word)| (user, Some(word)));
        url.user = filled(decode("user name", user)?);
        url.password = password.map(decode_leniently);
    }
    read_hosts(hosts, &mut url)?;
    url.database = filled(decode("database name", database)?);
    for (key, value) in pairs(query) {
        set_parameter(&mut url, &key, value)?;
    }
    Ok(url)
}

/// A `?` or `/` inside a password ought to be encoded. What stands before the last `@` is the login whatever it holds,
/// so that a forgotten encoding connects, or fails, without the password's tail being taken for a host name.
fn split_query(rest: &str) -> (&str, &str) {
    let from = rest.rfind('@').filter(|at| !rest[..*at].contains("?host=")).unwrap_or(0);
    match rest[from..].find('?') {
        Some(at) => (&rest[..from + at], &rest[from + at + 1..]),
        None => (rest, ""),
    }
}

fn split_authority(rest: &str) -> (&str, &str) {
    let from = rest.rfind('@').unwrap_or(0);
    match rest[from..].find('/') {
        Some(at) => (&rest[..from + at], &rest[from + at + 1..]),
        None => (rest, ""),
    }
}

fn read_hosts(hosts: &str, url: &mut PostgresUrl) -> Result<(), UrlError> {
    for host in hosts.split(',').filter(|host| !host.is_empty()) {
        let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, tail)) => (address, tail.strip_prefix(':')),
            None => host.rsplit_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
        };
        if !name.is_empty() {
            url.hosts.push(decode("host", name)?);
        }
        if let Some(port) = port.filter(|port| !port.is_empty()) {
            url.ports.push(read_port(port)?);
        }
    }
    Ok(())
}

fn read_port(port: &str) -> Result<u16, UrlError> {
    port.parse().map_err(|_| part("port", "it is no number from 1 to 65535 (a password's `:`, `/`, `@` and `%` are written %3A, %2F, %40 and %25)"))
}

pub(super) fn set_parameter(url: &mut PostgresUrl, key: &str, value: String) -> Result<(), UrlError> {
    match key {
        "user" => url.user = filled(value),
        "password" => url.password = Some(value),
        "dbname" => url.database = filled(value),
        "host" | "hostaddr" => {
            url.hosts = value.split(',').filter(|host| !host.is_empty()).map(str::to_owned).collect();
        }
        "port" => url.ports = value.split(',').map(read_port).collect::<Result<_, _>>()?,
        "sslmode" => url.ssl_mode = Some(read_ssl_mode(value)?),
        "options" => add_option(url, &value),
        // Several libraries' shorthand; libpq itself only knows `options`.
        "search_path" | "currentSchema" | "schema" => {
            add_option(url, &format!("-c search_path={}", value.replace('\\', "\\\\").replace(' ', "\\ ")));
        }
        "application_name" => url.application_name = filled(value),
        "connect_timeout" => {
            let seconds = value.parse();
            url.connect_timeout =
                Some(seconds.map_err(|_| part("`connect_timeout`", "it is no number of seconds"))?);
        }
        // What pools and other clients understand does not concern a single connection.
        _ => {}
    }
    Ok(())
}

fn read_ssl_mode(value: String) -> Result<String, UrlError> {
    match value.as_str() {
        "disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full" => Ok(value),
        _ => Err(part("`sslmode`", "it is none of disable, allow, prefer, require, verify-ca, verify-full")),
    }
}

fn add_option(url: &mut PostgresUrl, option: &str) {
    let before = url.options.take().map_or(String::new(), |before| before + " ");
    url.options = Some(before + option);
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn part(part: &'static str, reason: impl Into<String>) -> UrlError {
    UrlError::Part { part, reason: reason.into() }
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode_leniently(key), decode_leniently(value))
    };
    query.split('&').filter(|text| !text.is_empty()).map(pair).collect()
}

/// `%41` is `A`; a `%` that starts no two digits stays what it is.
fn decode_leniently(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let digits = digits.filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn decode(what: &'static str, text: &str) -> Result<String, UrlError> {
    let decoded = decode_leniently(text);
    if decoded.contains('\0') {
        return Err(part(what, "it holds a zero byte"));
    }
    Ok(decoded)
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

/// Without the password: three stars stand for one.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = &self.user {
            f.write_str(user)?;
        }
        if self.password.is_some() {
            f.write_str(":***")?;
        }
        if self.user.is_some() || self.password.is_some() {
            f.write_str("@")?;
        }
        let sockets = self.hosts.iter().any(|host| host.starts_with('/'));
        for (at, host) in self.hosts.iter().enumerate().filter(|_| !sockets) {
            let comma = if at > 0 { "," } else { "" };
            let shown = if host.contains(':') { format!("[{host}]") } else { host.clone() };
            write!(f, "{comma}{shown}")?;
            if let Some(port) = self.ports.get(at).or(self.ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.database.as_deref().unwrap_or(""))?;
        if sockets {
            write!(f, "?host={}", self.hosts.join(","))?;
            let ports = self.ports.iter().map(u16::to_string).collect::<Vec<_>>().join(",");
            if !ports.is_empty() {
                write!(f, "&port={ports}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
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
