//! The throwaway PostgreSQL server itself: it is there, each test has a database of its own, nothing stays behind.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use schema_tests::TestDatabase;

#[test]
fn a_database_is_created_and_dropped() {
    let Some(first) = TestDatabase::create() else { return };
    let Some(second) = TestDatabase::create() else { return };
    first.connect().batch_execute("CREATE TABLE only_here (id int)").unwrap();
    let query = "SELECT count(*) FROM pg_class WHERE relname = 'only_here'";
    let count = |database: &TestDatabase| database.connect().query_one(query, &[]).unwrap().get::<_, i64>(0);
    assert_eq!((count(&first), count(&second)), (1, 0));

    let name = first.name().to_owned();
    drop(first);
    let query = "SELECT count(*) FROM pg_database WHERE datname = $1";
    let left: i64 = second.connect().query_one(query, &[&name]).unwrap().get(0);
    assert_eq!(left, 0);
}

#[test]
fn tcp_works_where_there_is_a_loopback_network() {
    let Some(database) = TestDatabase::create() else { return };
    let Some(url) = database.tcp_url() else { return };
    postgres::Client::connect(&url, postgres::NoTls).unwrap();
}

/// Not a test of its own: what the next one kills.
#[test]
#[ignore = "run by `a_killed_test_leaves_nothing_behind`"]
fn hold_a_server() {
    let Some(database) = TestDatabase::create() else { return };
    let folder: String = database.connect().query_one("SHOW data_directory", &[]).unwrap().get(0);
    println!("folder {folder}");
    std::thread::sleep(Duration::from_secs(60));
}

#[cfg(unix)]
#[test]
fn a_killed_test_leaves_nothing_behind() {
    use std::io::{BufRead, BufReader};

    if std::env::var_os("SCHEMA_TEST_POSTGRES_URL").is_some() || TestDatabase::create().is_none() {
        return;
    }
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "hold_a_server", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    let folder = lines.map_while(Result::ok).find_map(|line| Some(line.split_once("folder ")?.1.to_owned()));
    let folder = folder.expect("the held server says where it is");
    assert!(std::path::Path::new(&folder).exists());
    holder.kill().unwrap();
    holder.wait().unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    while std::path::Path::new(&folder).exists() {
        assert!(Instant::now() < end, "{folder} is still there");
        std::thread::sleep(Duration::from_millis(50));
    }
}
