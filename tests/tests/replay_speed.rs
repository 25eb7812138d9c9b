//! Replay stays linear: a thousand migrations over a thousand tables, a large file, deep nesting.

use std::time::{Duration, Instant};

use schema_core::model::{DialectKind, SourceMap};
use schema_core::sql::{Replayer, replay_text, split};

/// Prints how long the work takes. How fast it should be is the benches' matter; here only what has become quadratic fails.
fn within(aim: Duration, work: impl FnOnce()) {
    let start = Instant::now();
    work();
    let took = start.elapsed();
    println!("took {took:?} (aim, optimised and alone: {aim:?})");
    assert!(took < Duration::from_secs(120), "took {took:?}");
}

#[test]
fn a_thousand_migrations_over_a_thousand_tables() {
    let mut sources = SourceMap::default();
    let mut replayer = Replayer::new(DialectKind::Postgres);
    let tables: String = (0..1000)
        .map(|n| {
            format!(
                "CREATE TABLE t{n} (id bigserial PRIMARY KEY, name text NOT NULL DEFAULT 'x', at timestamptz DEFAULT now(), \
                 other bigint REFERENCES t{} (id), CHECK (length(name) > 0));\nCREATE INDEX ON t{n} (name, at);\n",
                n.max(1) - 1
            )
        })
        .collect();
    let first = sources.add("0.sql", tables);
    replayer.run(&sources, first);
    let files: Vec<_> = (0..1000)
        .map(|n| {
            let text = format!(
                "BEGIN;\nALTER TABLE t{n} ADD COLUMN c{n} int DEFAULT 3, ALTER name TYPE varchar(20);\n\
                 ALTER TABLE t{n} ADD CHECK (c{n} > 1);\nCREATE INDEX ON t{n} (c{n});\nCOMMENT ON TABLE t{n} IS 'x';\n\
                 ALTER TABLE t{n} DROP COLUMN at;\nCOMMIT;\n"
            );
            sources.add(format!("{n}.sql"), text)
        })
        .collect();
    within(Duration::from_millis(100), || {
        for file in files {
            replayer.run(&sources, file);
        }
    });
    assert_eq!(replayer.catalog().tables.len(), 1000);
    assert!(replayer.diagnostics().is_empty(), "{:?}", replayer.diagnostics().first());
}

#[test]
fn a_file_of_fifty_megabytes() {
    let insert = "INSERT INTO t (a, b) VALUES (1, 'some text; with a semicolon'), (2, $q$ more; $q$);\n";
    let copy = "COPY t FROM stdin;\n1\tsome text;\n2\tmore\n\\.\n";
    let text = format!("CREATE TABLE t (a int, b text);\n{}{}", insert.repeat(300_000), copy.repeat(500_000));
    assert!(text.len() > 45_000_000);
    within(Duration::from_secs(2), || {
        assert_eq!(replay_text(&text, DialectKind::Postgres).tables.len(), 1);
    });
}

#[test]
fn ten_thousand_parentheses() {
    let nested = format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000));
    let open = "(".repeat(10_000);
    let statements = [
        format!("CREATE TABLE t (a int DEFAULT {nested}, CHECK ({nested} > 0))"),
        format!("CREATE INDEX ON t ({nested})"),
        format!("CREATE VIEW v AS SELECT {nested}"),
        format!("SELECT {nested}"),
        format!("CREATE TABLE u AS SELECT {nested} AS x"),
        format!("CREATE TABLE u (a int DEFAULT {open})"),
        format!("ALTER TABLE t ADD CHECK {open}"),
        format!("CREATE INDEX ON t ((a{}))", "::int".repeat(10_000)),
        format!("DO $$ BEGIN {} $$", "IF true THEN ".repeat(10_000)),
        format!("DO $$ {} $$", "BEGIN ".repeat(10_000)),
        format!("CREATE TYPE c AS (a int{})", "[]".repeat(10_000)),
        format!("CREATE VIEW w AS {} SELECT 1", "SELECT 1 UNION ".repeat(10_000)),
        format!("CREATE VIEW x AS SELECT {} 1", "NOT ".repeat(10_000)),
        format!("CREATE TABLE y (a int DEFAULT {}1)", "- ".repeat(10_000)),
        format!("CREATE TABLE z (a int CHECK ({} true))", "a = 1 AND ".repeat(10_000)),
        format!(
            "CREATE TABLE zz (a int DEFAULT {} 1 {})",
            "CASE WHEN true THEN".repeat(3_000),
            "END".repeat(3_000)
        ),
    ];
    for dialect in DialectKind::ALL {
        within(Duration::from_secs(2), || {
            for statement in &statements {
                let text = format!("CREATE TABLE t (a int);\n{statement};\nCREATE TABLE last (a int);");
                let catalog = replay_text(&text, dialect);
                assert!(catalog.tables.len() >= 2, "{}", &statement[..60]);
            }
        });
    }
}

#[test]
fn bodies_that_never_end_are_read_once() {
    let text = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;\n".repeat(50_000);
    within(Duration::from_secs(1), || assert_eq!(split(&text, DialectKind::Postgres).len(), 50_000));
    let text = "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;\n".repeat(50_000);
    within(Duration::from_secs(1), || assert_eq!(split(&text, DialectKind::Sqlite).len(), 50_000));
    let text = "COPY t FROM stdin;\n".repeat(50_000);
    within(Duration::from_secs(1), || assert_eq!(split(&text, DialectKind::Postgres).len(), 50_000));
}
