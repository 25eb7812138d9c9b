//! A database for one test.

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use postgres::{Client, NoTls};

use crate::cluster::Cluster;

/// A PostgreSQL database of a test's own, dropped with the value.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    cluster: &'static Cluster,
}

impl TestDatabase {
    /// Makes one. `None`, said on standard error, when `SCHEMA_TEST_POSTGRES=skip` leaves out what needs a server.
    ///
    /// # Panics
    /// When there is no server or it refuses: a test that needs PostgreSQL never passes silently without it.
    pub fn create() -> Option<TestDatabase> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let cluster = match Cluster::shared() {
            Ok(Some(cluster)) => cluster,
            Ok(None) => {
                let test = std::thread::current().name().unwrap_or("a test").to_owned();
                // Written past the test harness, which would keep it back.
                let _ = writeln!(std::io::stderr(), "SKIPPED, SCHEMA_TEST_POSTGRES=skip: {test}");
                return None;
            }
            Err(error) => panic!("{error}"),
        };
        let since =
            SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() % 100_000_000);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("schema_test_{}_{since}_{count}", std::process::id());
        let created =
            admin(cluster).and_then(|mut client| client.batch_execute(&format!("CREATE DATABASE {name}")));
        match created {
            Ok(()) => Some(TestDatabase { name, cluster }),
            Err(error) => panic!("failed to create a database to test on: {}", with_source(&error)),
        }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.cluster.url(&self.name)
    }

    /// Its URL through TCP, where the machine has a loopback network.
    pub fn tcp_url(&self) -> Option<String> {
        self.cluster.tcp_url(&self.name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server it is on.
    pub fn cluster(&self) -> &'static Cluster {
        self.cluster
    }

    /// A new connection to it.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn connect(&self) -> Client {
        match Client::connect(&self.url(), NoTls) {
            Ok(client) => client,
            Err(error) => panic!("failed to connect to {}: {}", self.url(), with_source(&error)),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        if let Err(error) = admin(self.cluster).and_then(|mut client| client.batch_execute(&drop)) {
            let _ = writeln!(std::io::stderr(), "failed to drop {}: {}", self.name, with_source(&error));
        }
    }
}

fn admin(cluster: &Cluster) -> Result<Client, postgres::Error> {
    Client::connect(&cluster.url("postgres"), NoTls)
}

/// The message of the client and the server's own behind it.
pub fn with_source(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(server) => server.to_string(),
        None => error.to_string(),
    }
}
