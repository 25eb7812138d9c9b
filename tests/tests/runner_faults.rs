//! What can fail under a runner besides the runner: the connection, the server, the disk. The next run goes on, and what it
//! leads to is what an undisturbed one leads to.
#![allow(missing_docs, reason = "a test's name says it")]

mod runner_support;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use runner_support::{applied, everything, one, open, target, up};
use schema_core::driver::{Event, RunError, RunOptions, downgrade, upgrade};
use schema_model::DialectKind;
use schema_tests::TestDatabase;
use schema_tests::long_history::{REVISIONS, long_history};

const PG: DialectKind = DialectKind::Postgres;

/// A way to the server that is cut after so many bytes of its answers.
struct Proxy {
    port: u16,
    /// Bytes that may still pass.
    left: Arc<AtomicUsize>,
}

impl Proxy {
    fn to(host: String) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let left = Arc::new(AtomicUsize::new(0));
        let shared = left.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&host) else { continue };
                let (mut from_client, mut to_server) =
                    (client.try_clone().unwrap(), server.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
                let left = shared.clone();
                std::thread::spawn(move || pass(server, client, &left));
            }
        });
        Proxy { port, left }
    }
}

fn pass(mut server: TcpStream, mut client: TcpStream, left: &AtomicUsize) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = server.read(&mut buffer) {
        let before =
            left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(count)));
        // Part of an answer arrives, and then nothing: both ends are told.
        let passed = count.min(before.unwrap_or(0));
        if client.write_all(&buffer[..passed]).is_err() || passed < count {
            break;
        }
    }
    let _ = (server.shutdown(Shutdown::Both), client.shutdown(Shutdown::Both));
}

/// `host:port` of a `postgres://user@host:port/…` URL, and the URL by way of another port.
fn by_way_of(url: &str, port: u16) -> String {
    let (before, after) = url.split_once('@').unwrap();
    let (_, path) = after.split_once('/').unwrap();
    format!("{before}@127.0.0.1:{port}/{path}")
}

fn host(url: &str) -> String {
    url.split_once('@').unwrap().1.split('/').next().unwrap().to_owned()
}

#[test]
fn a_connection_that_is_cut_anywhere() {
    let Some(database) = TestDatabase::create() else { return };
    let Some(reference) = TestDatabase::create() else { return };
    let Some(tcp) = database.tcp_url() else { return };
    let history = long_history(PG);
    up(&reference.url(), &history, "head").unwrap();
    let wanted = everything(&reference.url(), PG);
    let proxy = Proxy::to(host(&tcp));
    let url = by_way_of(&tcp, proxy.port).parse().unwrap();
    let mut cuts = 0;
    // Each run gets a little further than the last one at least got to say so.
    for allowed in (0..).map(|at| 1500 + at * 611) {
        proxy.left.store(allowed, Ordering::SeqCst);
        let connected = schema_core::driver::connect(&url, schema_core::driver::Access::Write);
        let Ok(mut driver) = connected else {
            cuts += 1;
            continue;
        };
        match upgrade(driver.as_mut(), &history, &target("head"), &RunOptions::default(), &mut |_: Event<
            '_,
        >| {})
        {
            Ok(_) => break,
            Err(error) => {
                let told = error.to_string();
                let known = ["run the command again", "see that the database is there"];
                assert!(known.iter().any(|words| told.contains(words)), "{told}");
                cuts += 1;
            }
        }
        assert!(cuts < 500, "it never comes to an end");
    }
    assert!(cuts > 5, "only {cuts} cuts: nothing was tried");
    assert_eq!(everything(&database.url(), PG), wanted, "after {cuts} cuts");
    assert_eq!(applied(&database.url()).len(), REVISIONS);
    eprintln!("{cuts} cuts");
}

/// What a server that is shut down or restarted does to its sessions (error 57P01).
#[test]
fn sessions_that_the_server_ends() {
    let Some(database) = TestDatabase::create() else { return };
    let Some(reference) = TestDatabase::create() else { return };
    let (url, history) = (database.url(), long_history(PG));
    up(&reference.url(), &history, "head").unwrap();
    let wanted = everything(&reference.url(), PG);
    let end_all = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> \
                   pg_backend_pid()";
    let mut ended = 0;
    for stop_at in (3..).step_by(4) {
        let mut events = 0;
        let mut observer = |event: Event<'_>| {
            events += usize::from(!matches!(event, Event::Waiting { .. }));
            if events == stop_at {
                open(&url).query(end_all, &[]).unwrap();
            }
        };
        match upgrade(open(&url).as_mut(), &history, &target("head"), &RunOptions::default(), &mut observer) {
            Ok(_) => break,
            Err(error) => {
                assert!(error.to_string().contains("run the command again"), "{error}");
                ended += 1;
            }
        }
    }
    assert!(ended > 2, "only {ended}");
    assert_eq!(everything(&url, PG), wanted, "after {ended} ends");
    let mut events = 0;
    let down =
        downgrade(open(&url).as_mut(), &history, &target("base"), &RunOptions::default(), &mut |_: Event<
            '_,
        >| {
            events += 1;
            if events == 9 {
                open(&url).query(end_all, &[]).unwrap();
            }
        });
    assert!(
        matches!(down, Err(RunError::Statement(_) | RunError::Sql { .. } | RunError::History(_))),
        "{down:?}"
    );
    runner_support::down(&url, &history, "base").unwrap();
    assert!(applied(&url).is_empty());
}

/// A limit on the size of files stands for a disk that is full: SQLite cannot write beyond it.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full() {
    let place = tempfile::tempdir().unwrap();
    let url = |name: &str| format!("sqlite://{}", place.path().join(name).display());
    let (full, reference) = (url("full.db"), url("reference.db"));
    up(&reference, &long_history(DialectKind::Sqlite), "head").unwrap();
    let mut failures = 0;
    for blocks in [8, 24, 40, 64, 128, 256] {
        let child = format!(
            "trap '' XFSZ; ulimit -f {blocks}; exec '{}' '{full}' up",
            env!("CARGO_BIN_EXE_runner_child")
        );
        let output = Command::new("sh").args(["-c", &child]).stdin(Stdio::null()).output().unwrap();
        if output.status.success() {
            continue;
        }
        failures += 1;
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("has space"), "{told}");
        if std::fs::metadata(place.path().join("full.db")).is_ok_and(|file| file.len() > 0) {
            assert_eq!(one(&full, "PRAGMA integrity_check"), "ok");
        }
    }
    assert!(failures > 0, "no limit was low enough");
    up(&full, &long_history(DialectKind::Sqlite), "head").unwrap();
    assert_eq!(everything(&full, DialectKind::Sqlite), everything(&reference, DialectKind::Sqlite));
}

#[test]
fn a_lock_of_another_session_that_never_ends() {
    let Some(database) = TestDatabase::create() else { return };
    let url = database.url();
    let history = long_history(PG);
    let mut other = database.connect();
    let lock = format!("SELECT pg_advisory_lock({})", schema_core::driver::LOCK_KEY);
    other.simple_query(&lock).unwrap();
    let options = RunOptions { lock_wait: Duration::from_millis(300), ..RunOptions::default() };
    let error = runner_support::up_with(&url, &history, "head", &options).unwrap_err();
    assert!(matches!(error, RunError::Locked { .. }), "{error}");
    // The server gives the lock back when its session ends, however that ends.
    drop(other);
    up(&url, &history, "head").unwrap();
}
