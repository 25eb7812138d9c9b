//! Opening a session: what a URL leaves open is filled as libpq fills it, and a refusal says what to look at.

use std::time::Duration;

use postgres::error::SqlState;
use postgres::{Client, Config, NoTls};

use super::super::{ConnectError, PostgresUrl, SslMode};
use super::answers::source_text;

/// Connects, with as much TLS as the URL asks for.
pub(super) fn open(url: &PostgresUrl, place: &str) -> Result<Client, ConnectError> {
    let mut config = config(url);
    // TLS is never spoken over a socket of the file system (manual, 34.1.2, `sslmode`).
    let sockets = !config.get_hosts().iter().any(|host| matches!(host, postgres::config::Host::Tcp(_)));
    let mode = if sockets { SslMode::Disable } else { url.tls.mode() };
    let refused = |error: postgres::Error| connect_error(&error, url, place);
    match mode {
        SslMode::Disable => plain(&mut config).map_err(refused),
        SslMode::Allow => plain(&mut config).or_else(|error| {
            if wants_otherwise(&error) { secure(&mut config, url, place) } else { Err(refused(error)) }
        }),
        #[cfg(feature = "tls")]
        SslMode::Prefer => {
            let connector = super::tls::connector(&url.tls).map_err(|reason| no_tls(place, reason))?;
            config.ssl_mode(postgres::config::SslMode::Prefer);
            config.connect(connector).or_else(|error| {
                let again = wants_otherwise(&error) || is_tls(&error);
                if again { plain(&mut config).map_err(refused) } else { Err(refused(error)) }
            })
        }
        #[cfg(not(feature = "tls"))]
        SslMode::Prefer => plain(&mut config).map_err(refused),
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => secure(&mut config, url, place),
    }
}

fn plain(config: &mut Config) -> Result<Client, postgres::Error> {
    config.ssl_mode(postgres::config::SslMode::Disable);
    config.connect(NoTls)
}

#[cfg(feature = "tls")]
fn secure(config: &mut Config, url: &PostgresUrl, place: &str) -> Result<Client, ConnectError> {
    let connector = super::tls::connector(&url.tls).map_err(|reason| no_tls(place, reason))?;
    config.ssl_mode(postgres::config::SslMode::Require);
    if url.tls.direct {
        config.ssl_negotiation(postgres::config::SslNegotiation::Direct);
    }
    config.connect(connector).map_err(|error| connect_error(&error, url, place))
}

#[cfg(not(feature = "tls"))]
fn secure(_: &mut Config, url: &PostgresUrl, place: &str) -> Result<Client, ConnectError> {
    let mode = url.tls.mode().as_str();
    Err(no_tls(place, format!("sslmode={mode} asks for TLS; build schema-core with its feature `tls`")))
}

fn no_tls(place: &str, reason: String) -> ConnectError {
    ConnectError::Tls { place: place.to_owned(), reason }
}

/// `pg_hba.conf` has no line for a session with, or without, encryption.
fn wants_otherwise(error: &postgres::Error) -> bool {
    error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}

fn config(url: &PostgresUrl) -> Config {
    let mut config = Config::new();
    let system_user = || ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let user = url.user.clone().or_else(system_user).unwrap_or_else(|| "postgres".to_owned());
    config.dbname(url.database.as_deref().unwrap_or(&user)).user(&user);
    if let Some(password) = &url.password {
        config.password(password);
    }
    let hosts = if url.hosts.is_empty() { vec![default_host(&url.ports)] } else { url.hosts.clone() };
    for host in &hosts {
        if host.starts_with('/') {
            config.host_path(host)
        } else {
            config.host(host.as_str())
        };
    }
    for port in &url.ports {
        config.port(*port);
    }
    if let Some(options) = &url.options {
        config.options(options.as_str());
    }
    config.application_name(url.application_name.as_deref().unwrap_or("cargo-schema"));
    config.connect_timeout(Duration::from_secs(
        url.connect_timeout.filter(|seconds| *seconds > 0).unwrap_or(10),
    ));
    config.channel_binding(match url.tls.channel_binding.unwrap_or_default() {
        super::super::ChannelBinding::Disable => postgres::config::ChannelBinding::Disable,
        super::super::ChannelBinding::Prefer => postgres::config::ChannelBinding::Prefer,
        super::super::ChannelBinding::Require => postgres::config::ChannelBinding::Require,
    });
    config
}

/// Where libpq looks when no host is named: the socket, in the folders that distributions use, else this machine.
fn default_host(ports: &[u16]) -> String {
    let port = ports.first().copied().unwrap_or(5432);
    let folders = ["/var/run/postgresql", "/tmp"];
    let found =
        folders.iter().find(|folder| std::path::Path::new(&format!("{folder}/.s.PGSQL.{port}")).exists());
    found.map_or("localhost", |folder| folder).to_owned()
}

fn connect_error(error: &postgres::Error, url: &PostgresUrl, place: &str) -> ConnectError {
    let place = place.to_owned();
    let Some(told) = error.as_db_error() else {
        let reason = source_text(error);
        if is_tls(error) {
            let asked = url.tls.mode().as_str();
            let reason = match reason.as_str() {
                "server does not support TLS" => format!(
                    "the server speaks no TLS, which sslmode={asked} asks for; switch `ssl` on there, or say sslmode=prefer"
                ),
                _ => tls_reason(error).unwrap_or(reason),
            };
            return ConnectError::Tls { place, reason };
        }
        if reason.contains("password") || error.to_string().contains("authentication") {
            return ConnectError::Login { place, reason };
        }
        return ConnectError::Unreachable { place, reason };
    };
    let reason = told.message().to_owned();
    match told.code().code() {
        "3D000" => ConnectError::NoDatabase { place, reason },
        "28P01" | "28000" => ConnectError::Login { place, reason },
        "57P03" | "53300" => ConnectError::NotReady { place, reason },
        _ => ConnectError::Refused { place, reason },
    }
}

/// The client names the step that failed in its own words only.
fn is_tls(error: &postgres::Error) -> bool {
    error.to_string().contains("TLS")
}

#[cfg(feature = "tls")]
fn tls_reason(error: &postgres::Error) -> Option<String> {
    super::tls::reason(error)
}

#[cfg(not(feature = "tls"))]
fn tls_reason(_: &postgres::Error) -> Option<String> {
    None
}
