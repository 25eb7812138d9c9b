//! PostgreSQL URLs, as libpq reads them (manual, 34.1.1.2 Connection URIs), with what people forget to encode.

use std::fmt;

use super::UrlError;
use super::text::{decode, decode_leniently, filled, pairs, part};
use super::tls::TlsSettings;

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
    pub tls: TlsSettings,
    /// A section of `pg_service.conf` that fills what is open.
    pub service: Option<String>,
    /// Name that the server's views show.
    pub application_name: Option<String>,
    /// Seconds to wait for a connection.
    pub connect_timeout: Option<u64>,
}

impl PostgresUrl {
    /// What this leaves open is taken from another.
    pub(super) fn or(self, other: PostgresUrl) -> PostgresUrl {
        PostgresUrl {
            user: self.user.or(other.user),
            password: self.password.or(other.password),
            hosts: if self.hosts.is_empty() { other.hosts } else { self.hosts },
            ports: if self.ports.is_empty() { other.ports } else { self.ports },
            database: self.database.or(other.database),
            options: self.options.or(other.options),
            tls: self.tls.or(other.tls),
            service: self.service.or(other.service),
            application_name: self.application_name.or(other.application_name),
            connect_timeout: self.connect_timeout.or(other.connect_timeout),
        }
    }

    /// The same database with another search path, as `SET search_path TO` takes it.
    pub fn with_search_path(mut self, path: &str) -> PostgresUrl {
        set_search_path(&mut self, path);
        self
    }

    /// The same as libpq's variables, for a program of PostgreSQL's that is run: its arguments would show the password to
    /// everybody on the machine.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let joined = |words: Vec<String>| (!words.is_empty()).then(|| words.join(","));
        let words = [
            ("PGHOST", joined(self.hosts.clone())),
            ("PGPORT", joined(self.ports.iter().map(u16::to_string).collect())),
            ("PGUSER", self.user.clone()),
            ("PGDATABASE", self.database.clone()),
            ("PGPASSWORD", self.password.clone()),
            ("PGOPTIONS", self.options.clone()),
        ];
        let words = words.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
        words.chain(self.tls.variables()).collect()
    }
}

pub(super) fn read(rest: &str) -> Result<PostgresUrl, UrlError> {
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

/// Sets one parameter by libpq's name for it (manual, 34.1.2 Parameter Key Words).
pub(super) fn set_parameter(url: &mut PostgresUrl, key: &str, value: String) -> Result<(), UrlError> {
    match key {
        "user" => url.user = filled(value),
        "password" => url.password = Some(value),
        "dbname" => url.database = filled(value),
        "host" | "hostaddr" => {
            url.hosts = value.split(',').filter(|host| !host.is_empty()).map(str::to_owned).collect();
        }
        "port" => url.ports = value.split(',').map(read_port).collect::<Result<_, _>>()?,
        "service" => url.service = filled(value),
        "options" => add_option(url, &value),
        // Several libraries' shorthand; libpq itself only knows `options`.
        "search_path" | "currentSchema" | "schema" => {
            set_search_path(url, &value);
        }
        "application_name" => url.application_name = filled(value),
        "connect_timeout" => {
            let seconds = value.parse();
            url.connect_timeout =
                Some(seconds.map_err(|_| part("`connect_timeout`", "it is no number of seconds"))?);
        }
        // What pools and other clients understand does not concern a single connection.
        _ => drop(url.tls.set(key, &value)?),
    }
    Ok(())
}

/// In the server's options a space ends an option and a backslash takes that away (manual, 34.1.2, `options`).
fn set_search_path(url: &mut PostgresUrl, path: &str) {
    add_option(url, &format!("-c search_path={}", path.replace('\\', "\\\\").replace(' ', "\\ ")));
}

fn add_option(url: &mut PostgresUrl, option: &str) {
    let before = url.options.take().map_or(String::new(), |before| before + " ");
    url.options = Some(before + option);
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

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}
