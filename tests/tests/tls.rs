//! TLS to a real server whose certificates a test authority has made: every `sslmode`, the wrong root, the wrong host, a
//! client's own certificate, and a login bound to the channel.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use schema_core::driver::{self, Access, ConnectError, DatabaseUrl};
use schema_tests::cluster::Cluster;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new([]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate and its key, PEM.
fn certified(authority: &Authority, host: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([host.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, host);
    (params.signed_by(&key, authority).unwrap().pem(), key.serialize_pem())
}

/// The server itself writes its file, so that it is the owner that it insists on.
fn write_on_server(client: &mut Client, name: &str, text: &str) {
    let lines = text.replace('\'', "''");
    client
        .batch_execute(&format!(
            "COPY (SELECT line FROM regexp_split_to_table('{lines}', E'\\n') WITH ORDINALITY AS t (line, at) ORDER BY at) \
             TO PROGRAM 'umask 077; cat > {name}'"
        ))
        .unwrap();
}

struct Server {
    /// `127.0.0.1:PORT`
    port: String,
    folder: tempfile::TempDir,
    _cluster: Cluster,
}

impl Server {
    /// A server with a certificate for `localhost`. TCP logins need a password, `bare` needs none and no TLS, and
    /// `certain` needs a certificate.
    fn start() -> Option<Server> {
        let Some(cluster) = Cluster::private().unwrap() else {
            let _ = writeln!(std::io::stderr(), "SKIPPED, SCHEMA_TEST_POSTGRES=skip: tls");
            return None;
        };
        let tcp = cluster.tcp_url("postgres")?;
        let port = tcp.rsplit(':').next().unwrap().split('/').next().unwrap().to_owned();
        let mut client = Client::connect(&cluster.url("postgres"), NoTls).unwrap();
        let ours = authority("ours");
        let (certificate, key) = certified(&ours, "localhost");
        write_on_server(&mut client, "server.crt", &certificate);
        write_on_server(&mut client, "server.key", &key);
        write_on_server(&mut client, "root.crt", &ours.pem());
        write_on_server(
            &mut client,
            "pg_hba.conf",
            "local all all trust\nhostnossl all bare 127.0.0.1/32 trust\nhostssl all certain 127.0.0.1/32 cert\n\
             hostssl all sealed 127.0.0.1/32 scram-sha-256",
        );
        client
            .batch_execute(
                "CREATE ROLE bare LOGIN; CREATE ROLE certain LOGIN; SET password_encryption = 'scram-sha-256';
                 CREATE ROLE sealed LOGIN PASSWORD 'p@ss:/word%';",
            )
            .unwrap();
        for setting in ["ssl_ca_file = 'root.crt'", "ssl = on"] {
            client.batch_execute(&format!("ALTER SYSTEM SET {setting}")).unwrap();
        }
        client.batch_execute("SELECT pg_reload_conf()").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let own = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            private(&path);
        };
        own("ours.crt", &ours.pem());
        own("theirs.crt", &authority("theirs").pem());
        let (certificate, key) = certified(&ours, "certain");
        own("certain.crt", &certificate);
        own("certain.key", &key);
        let server = Server { port, folder, _cluster: cluster };
        server.wait_for_tls();
        Some(server)
    }

    /// The reload is answered before it is done.
    fn wait_for_tls(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        while self.open("sealed:p%40ss%3A%2Fword%25", "localhost", "sslmode=require").is_err() {
            assert!(Instant::now() < end, "the server does not begin to speak TLS");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Whether the session is encrypted, when there is one.
    fn open(&self, login: &str, host: &str, query: &str) -> Result<bool, ConnectError> {
        let url = format!("postgres://{login}@{host}:{}/postgres?{query}", self.port);
        let url: DatabaseUrl = url.parse().unwrap();
        let mut driver = driver::connect(&url, Access::Read)?;
        let rows = driver.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]).unwrap();
        Ok(rows[0][0].as_deref() == Some("t"))
    }
}

#[cfg(unix)]
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn private(_: &Path) {}

#[test]
fn tls_as_libpq_speaks_it() {
    let Some(server) = Server::start() else { return };
    let ours = format!("sslrootcert={}", server.file("ours.crt").display());
    let theirs = format!("sslrootcert={}", server.file("theirs.crt").display());
    let sealed = "sealed:p%40ss%3A%2Fword%25";

    let encrypted = [
        "sslmode=allow".to_owned(),
        "sslmode=prefer".to_owned(),
        "connect_timeout=5".to_owned(),
        "sslmode=require".to_owned(),
        "sslmode=require&channel_binding=require".to_owned(),
        format!("sslmode=require&{ours}"),
        format!("sslmode=verify-ca&{ours}"),
        format!("sslmode=verify-full&{ours}&channel_binding=require"),
    ];
    for query in &encrypted {
        assert_eq!(server.open(sealed, "localhost", query), Ok(true), "{query}");
    }
    // `bare` may come without TLS only.
    for query in ["sslmode=disable", "sslmode=allow", "sslmode=prefer"] {
        assert_eq!(server.open("bare", "localhost", query), Ok(false), "{query}");
    }
    // The chain is right, the name is not.
    assert_eq!(server.open(sealed, "127.0.0.1", &format!("sslmode=verify-ca&{ours}")), Ok(true));

    let refused = [
        (sealed, "127.0.0.1", format!("sslmode=verify-full&{ours}"), "another host"),
        (sealed, "localhost", format!("sslmode=verify-full&{theirs}"), "none of the trusted roots"),
        (sealed, "localhost", format!("sslmode=verify-ca&{theirs}"), "none of the trusted roots"),
        (sealed, "localhost", format!("sslmode=require&{theirs}"), "none of the trusted roots"),
        (sealed, "localhost", "sslmode=verify-full&sslrootcert=/nowhere/root.crt".into(), "cannot be read"),
        (sealed, "localhost", "sslmode=require&sslrootcert=system".into(), "too weak"),
        (sealed, "localhost", "sslmode=disable".into(), "no encryption"),
        ("sealed:wrong", "localhost", "sslmode=require".into(), "refuses the login"),
        ("bare", "localhost", "sslmode=require".into(), "refuses the login"),
        ("certain", "localhost", "sslmode=require".into(), "certificate"),
    ];
    for (login, host, query, word) in refused {
        let error = server.open(login, host, &query).unwrap_err().to_string();
        assert!(error.contains(word), "{query}: {error}");
        assert!(!error.contains("p@ss") && !error.contains("p%40"), "{error}");
    }
}

#[test]
fn a_clients_own_certificate() {
    let Some(server) = Server::start() else { return };
    let path = |name: &str| server.file(name).display().to_string();
    let query = format!("sslmode=require&sslcert={}&sslkey={}", path("certain.crt"), path("certain.key"));
    assert_eq!(server.open("certain", "localhost", &query), Ok(true));
    let swapped = format!("sslmode=require&sslcert={}&sslkey={}", path("certain.key"), path("certain.crt"));
    let error = server.open("certain", "localhost", &swapped).unwrap_err().to_string();
    assert!(error.contains("certain.key"), "{error}");
}

#[test]
fn a_server_that_speaks_no_tls() {
    let Some(cluster) = Cluster::private().unwrap() else { return };
    let Some(tcp) = cluster.tcp_url("postgres") else { return };
    for (mode, word) in
        [("prefer", None), ("require", Some("speaks no TLS")), ("verify-full", Some("sslrootcert"))]
    {
        let url: DatabaseUrl = format!("{tcp}?sslmode={mode}").parse().unwrap();
        let error = driver::connect(&url, Access::Read).err().map(|error| error.to_string());
        assert_eq!(error.is_some(), word.is_some(), "{mode}: {error:?}");
        assert!(error.unwrap_or_default().contains(word.unwrap_or_default()), "{mode}");
    }
}
