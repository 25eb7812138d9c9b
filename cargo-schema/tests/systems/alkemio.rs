//! Alkemio: camel case and reserved names, casts by the hundred, an index build that is interrupted, a guard on the way back.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use postgres::Client;
use schema_tests::database::TestDatabase;
use schema_tests::dump::schema_dump;

use crate::support::{Project, both};

fn upgrade(project: &Project, url: &str, target: &str) -> Output {
    project.schema(&["upgrade", target, "--database-url", url])
}

fn upgraded(project: &Project, url: &str, target: &str) {
    let output = upgrade(project, url, target);
    assert!(output.status.success(), "{}", both(&output));
}

/// The URL with a server setting.
fn with_option(url: &str, option: &str) -> String {
    format!("{url}{}options=-c%20{option}", if url.contains('?') { '&' } else { '?' })
}

const PROFILES: &str = "INSERT INTO profile (id, \"createdDate\", version, \"displayName\", type, settings) VALUES
    ('00000000-0000-0000-0000-000000000001', '2024-06-01 12:00', 1, 'plain', 'whiteboard', '{}'),
    ('00000000-0000-0000-0000-000000000002', '2024-12-01 12:00', 1, 'edited', 'whiteboard', '{\"collabora\": true}');";

#[test]
fn the_url_in_parts_a_neighbour_and_the_marks_of_status() {
    let (Some(database), Some(neighbour)) = (TestDatabase::create(), TestDatabase::create()) else { return };
    let Some(tcp) = database.tcp_url() else { return };
    let role = format!("alkemio_{}", database.name());
    let password = "p@ss:/word%";
    database
        .connect()
        .batch_execute(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD '{password}'; GRANT ALL ON DATABASE {} TO {role}; GRANT ALL ON SCHEMA public TO {role}",
            database.name()
        ))
        .unwrap();
    neighbour
        .connect()
        .batch_execute("CREATE TABLE theirs (id int PRIMARY KEY); INSERT INTO theirs VALUES (1)")
        .unwrap();
    let before = schema_dump(neighbour.cluster(), &neighbour.url());

    let address = tcp.split('@').nth(1).unwrap().split('/').next().unwrap();
    let (host, port) = address.split_once(':').unwrap();
    let project = Project::of("alkemio");
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_cargo-schema"))
            .args(arguments)
            .current_dir(project.path())
            .env_remove("DATABASE_URL")
            .envs([("DATABASE_TYPE", "postgres"), ("DATABASE_HOST", host), ("DATABASE_PORT", port)])
            .envs([("DATABASE_USERNAME", role.as_str()), ("DATABASE_PASSWORD", password)])
            .env("DATABASE_NAME", database.name())
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    };
    let all = |arguments: &[&str]| {
        let output = run(arguments);
        assert!(!both(&output).contains(password), "{}", both(&output));
        (output.status.code(), both(&output))
    };
    assert_eq!(all(&["upgrade", "1.0.0"]).0, Some(0));
    let (code, said) = all(&["status", "--exit-code"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("[X] 1.0.0") && said.contains("[ ] 2.0.0") && said.contains("[ ] 2.1.0"), "{said}");
    assert_eq!(all(&["upgrade"]).0, Some(0));
    assert_eq!(all(&["status", "--exit-code"]).0, Some(0));
    assert_eq!(all(&["doctor"]).0, Some(0));
    assert_eq!(schema_dump(neighbour.cluster(), &neighbour.url()), before);
    let drop = format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
    database.connect().batch_execute(&drop).unwrap();
}

#[test]
fn tables_that_no_model_owns_are_no_drift() {
    let project = Project::of("alkemio");
    project.expect(&["check"]);
    project.replace("Cargo.toml", "unmanaged = [\"_*_backup_*\", \"file_backup_outbox\"]", "unmanaged = []");
    let said = project.fails(&["check"], 1);
    assert!(said.contains("_document_backup_2026") && said.contains("file_backup_outbox"), "{said}");
}

#[test]
fn a_value_is_used_in_the_release_that_adds_it_and_a_guard_stops_the_way_back() {
    let Some(database) = TestDatabase::create() else { return };
    let (project, url) = (Project::of("alkemio"), database.url());
    upgraded(&project, &url, "1.0.0");
    let mut client = database.connect();
    client.batch_execute(PROFILES).unwrap();
    upgraded(&project, &url, "head");
    let kinds = |client: &mut Client| -> Vec<String> {
        let rows = client.query("SELECT type::text FROM profile ORDER BY id", &[]).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    assert_eq!(kinds(&mut client), ["whiteboard", "collabora-document"]);

    let back = ["downgrade", "2.0.0", "--yes", "--database-url", &url];
    let said = project.fails(&back, 2);
    assert!(said.contains("documents that are edited together are left"), "{said}");
    assert_eq!(kinds(&mut client), ["whiteboard", "collabora-document"]);
    client.batch_execute("UPDATE profile SET type = 'whiteboard'").unwrap();
    project.expect(&back);
    assert_eq!(kinds(&mut client), ["whiteboard", "whiteboard"]);
}

#[test]
fn times_are_cast_in_the_zone_that_the_model_says() {
    let Some(database) = TestDatabase::create() else { return };
    let project = Project::of("alkemio");
    let url = with_option(&database.url(), "TimeZone%3DAsia/Tokyo");
    upgraded(&project, &url, "1.0.0");
    let mut client = database.connect();
    client.batch_execute(PROFILES).unwrap();
    upgraded(&project, &url, "2.0.0");
    let times = |client: &mut Client, expression: &str| -> Vec<String> {
        let rows = client.query(&format!("SELECT {expression} FROM profile ORDER BY id"), &[]).unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    let noon = ["2024-06-01 12:00:00", "2024-12-01 12:00:00"];
    assert_eq!(times(&mut client, "(\"createdDate\" AT TIME ZONE 'UTC')::text"), noon);
    project.expect(&["downgrade", "1.0.0", "--yes", "--database-url", &url]);
    assert_eq!(times(&mut client, "\"createdDate\"::text"), noon);
}

#[test]
fn a_hundred_and_seventy_two_casts() {
    let Some(database) = TestDatabase::create() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (mut old, mut new, mut rows) = (String::new(), String::new(), String::new());
    for table in 0..86 {
        let make = |ty: &str| {
            format!(
                "CREATE TABLE \"entity{table}\" (id int PRIMARY KEY, \"createdDate\" {ty} DEFAULT now() NOT NULL, \
                 \"updatedDate\" {ty} DEFAULT now() NOT NULL);\n"
            )
        };
        old += &make("timestamp");
        new += &make("timestamptz");
        rows += &format!(
            "INSERT INTO \"entity{table}\" VALUES ({table}, '2024-06-01 12:00', '2024-06-02 12:00');\n"
        );
    }
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("old.sql", &old);
    write("new.sql", &new);
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-schema"))
        .args(["diff", "old.sql", "new.sql", "--sql", "--dialect", "postgres"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", both(&output));
    let plan = String::from_utf8(output.stdout).unwrap();
    assert_eq!(plan.matches(" TYPE timestamp with time zone").count(), 172);
    let mut client = database.connect();
    client.batch_execute(&old).unwrap();
    client.batch_execute(&rows).unwrap();
    client.batch_execute(&plan).unwrap();
    let fresh = TestDatabase::create().unwrap();
    fresh.connect().batch_execute(&new).unwrap();
    assert_eq!(schema_dump(database.cluster(), &database.url()), schema_dump(fresh.cluster(), &fresh.url()));
    let kept =
        client.query_one("SELECT count(*) FROM \"entity85\" WHERE \"createdDate\" < now()", &[]).unwrap();
    assert_eq!(kept.get::<_, i64>(0), 1);
}

#[test]
fn an_index_build_that_was_interrupted_is_repaired() {
    let Some(database) = TestDatabase::create() else { return };
    let (project, url) = (Project::of("alkemio"), database.url());
    upgraded(&project, &url, "1.0.0");
    // A build waits for every snapshot that is older than itself; the transaction before it does not.
    let mut snapshot = database.connect();
    snapshot.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").unwrap();
    let mut client = database.connect();
    let run = std::thread::scope(|scope| {
        let run = scope.spawn(|| upgrade(&project, &url, "2.0.0"));
        end_the_build(&mut client);
        run.join().unwrap()
    });
    assert_eq!(run.status.code(), Some(2), "{}", both(&run));
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = '\"file_externalID_idx\"'::regclass";
    assert!(!client.query_one(valid, &[]).unwrap().get::<_, bool>(0), "the build left its index behind");
    snapshot.batch_execute("COMMIT").unwrap();
    upgraded(&project, &url, "2.0.0");
    assert!(client.query_one(valid, &[]).unwrap().get::<_, bool>(0));
}

/// Waits until the build has made its index, and ends its session.
fn end_the_build(client: &mut Client) {
    let end = Instant::now() + Duration::from_secs(60);
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND datname = current_database() \
                AND EXISTS (SELECT FROM pg_class WHERE relname = 'file_externalID_idx')";
    while client.query_opt(kill, &[]).unwrap().is_none() {
        assert!(Instant::now() < end, "the build does not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
}
