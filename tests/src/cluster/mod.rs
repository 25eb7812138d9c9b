//! A PostgreSQL server for the tests: the one that `SCHEMA_TEST_POSTGRES_URL` names, else a private throwaway cluster,
//! one for each test process, made from the server programs that are installed.
//!
//! The cluster is started and stopped by a small watchdog in `sh`, a child with a pipe to this process: the pipe closes
//! however this process ends, a `SIGKILL` included, and the watchdog then stops the server and removes its folder.

mod programs;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use programs::{Account, Programs};

/// Why there is no server to test on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// No server programs.
    #[error(
        "no PostgreSQL server was found: looked for `initdb`, `pg_ctl` and `postgres` on PATH, in \
         /usr/lib/postgresql/*/bin and in `pg_config --bindir`.\n\
         Install one (`sh tests/setup.sh` does; on Debian and Ubuntu it is `apt-get install postgresql`),\n\
         name a running one in SCHEMA_TEST_POSTGRES_URL,\n\
         or set SCHEMA_TEST_POSTGRES=skip to leave out the tests that need it"
    )]
    NoServer,
    /// PostgreSQL does not run as root, and there is no account to run it under.
    #[error("PostgreSQL refuses to run as root, and neither `postgres` nor `nobody` is an account here")]
    NoAccount,
    /// No folder that the server's account can write to.
    #[error("found no folder for the throwaway cluster; tried {0}")]
    NoFolder(String),
    /// The server did not start.
    #[error("the throwaway PostgreSQL cluster did not start:\n{0}")]
    NotStarted(String),
    /// Starting a program failed.
    #[error("failed to run `{program}`: {source}")]
    Run {
        /// The program.
        program: String,
        /// What the system says.
        source: std::io::Error,
    },
}

/// A running server.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    tcp_url: Option<String>,
    programs: Option<PathBuf>,
    /// Its pipe keeps the watchdog waiting; never read again.
    _watchdog: Option<Child>,
}

impl Cluster {
    /// The server of this test process, started at the first call. `Ok(None)` when `SCHEMA_TEST_POSTGRES=skip` asks to
    /// leave out what needs it.
    pub fn shared() -> Result<Option<&'static Cluster>, &'static ClusterError> {
        static SHARED: OnceLock<Result<Option<Cluster>, ClusterError>> = OnceLock::new();
        SHARED.get_or_init(Cluster::find).as_ref().map(Option::as_ref)
    }

    fn find() -> Result<Option<Cluster>, ClusterError> {
        if let Some(url) = std::env::var("SCHEMA_TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty()) {
            return Ok(Some(Cluster { tcp_url: Some(url.clone()), url, programs: None, _watchdog: None }));
        }
        if std::env::var("SCHEMA_TEST_POSTGRES").is_ok_and(|word| word == "skip") {
            return Ok(None);
        }
        Cluster::start_new().map(Some)
    }

    /// A server of a test's own, whose settings it may change, whatever `SCHEMA_TEST_POSTGRES_URL` says. `Ok(None)` when
    /// `SCHEMA_TEST_POSTGRES=skip`.
    pub fn private() -> Result<Option<Cluster>, ClusterError> {
        if std::env::var("SCHEMA_TEST_POSTGRES").is_ok_and(|word| word == "skip") {
            return Ok(None);
        }
        Cluster::start_new().map(Some)
    }

    fn start_new() -> Result<Cluster, ClusterError> {
        let programs = Programs::find().ok_or(ClusterError::NoServer)?;
        // Another process may take the free port between our look and the server's.
        let mut result = Cluster::start(&programs);
        for _ in 0..2 {
            if matches!(result, Err(ClusterError::NotStarted(_))) {
                result = Cluster::start(&programs);
            }
        }
        result
    }

    fn start(programs: &Programs) -> Result<Cluster, ClusterError> {
        let account = Account::for_server()?;
        let folder = account.folder()?;
        let port = free_port();
        let mut command = Command::new("sh");
        command
            .args(["-c", include_str!("watchdog.sh"), "watchdog"])
            .args([folder.as_os_str(), programs.bin.as_os_str()])
            .arg(port.unwrap_or(5432).to_string())
            .arg(if port.is_some() { "127.0.0.1" } else { "" })
            .current_dir(&folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log_file(&folder).map_or_else(Stdio::null, Stdio::from));
        account.run_as(&mut command);
        let mut watchdog =
            command.spawn().map_err(|source| ClusterError::Run { program: "sh".into(), source })?;
        let mut line = String::new();
        if let Some(out) = watchdog.stdout.take() {
            let _ = BufReader::new(out).read_line(&mut line);
        }
        if line.trim() != "ready" {
            let log = |name| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
            let log = log("log") + &log("server.log");
            drop(watchdog.stdin.take());
            let _ = watchdog.wait();
            let _ = std::fs::remove_dir_all(&folder);
            return Err(ClusterError::NotStarted(log));
        }
        let number = port.unwrap_or(5432);
        let socket = percent_encode(&folder.to_string_lossy());
        Ok(Cluster {
            url: format!("postgres://postgres@{socket}:{number}/postgres"),
            tcp_url: port.map(|port| format!("postgres://postgres@127.0.0.1:{port}/postgres")),
            programs: Some(programs.bin.clone()),
            _watchdog: Some(watchdog),
        })
    }

    /// The URL of a database of the server, through its socket when it is ours.
    pub fn url(&self, database: &str) -> String {
        with_database(&self.url, database)
    }

    /// The same through TCP; `None` when the machine has no loopback network.
    pub fn tcp_url(&self, database: &str) -> Option<String> {
        self.tcp_url.as_deref().map(|url| with_database(url, database))
    }

    /// A client program of the server's own version (`psql`, `pg_dump`), else the one on PATH.
    pub fn program(&self, name: &str) -> PathBuf {
        let own = self.programs.as_ref().map(|bin| bin.join(name)).filter(|path| path.is_file());
        own.unwrap_or_else(|| PathBuf::from(name))
    }
}

fn log_file(folder: &Path) -> Option<File> {
    File::options().create(true).append(true).open(folder.join("log")).ok()
}

fn free_port() -> Option<u16> {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).ok().map(|at| at.port())
}

/// A socket's folder as the host of a URL.
fn percent_encode(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    path.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The URL with another database.
fn with_database(url: &str, database: &str) -> String {
    let host = url.find("://").map_or(0, |at| at + 3);
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let end = base[host..].find('/').map_or(base.len(), |at| host + at);
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    format!("{}/{database}{query}", &base[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_of_a_url() {
        assert_eq!(
            with_database("postgres://u:p@h:1/old?sslmode=disable", "new"),
            "postgres://u:p@h:1/new?sslmode=disable"
        );
        assert_eq!(with_database("postgres://h", "new"), "postgres://h/new");
        assert_eq!(with_database("postgres://%2Ftmp:5/postgres", "new"), "postgres://%2Ftmp:5/new");
    }
}
