//! A history of thirty revisions with every kind of step, made so that anything that runs twice, or not at all, shows in
//! the rows.

use schema_core::driver::{Folder, RevisionScripts, ScriptFile};
use schema_core::revision::Revision;
use schema_model::DialectKind;

/// How many revisions it has.
pub const REVISIONS: usize = 30;

/// The revisions, ready to be run.
///
/// # Panics
/// Never: the revisions are in a line.
pub fn long_history(dialect: DialectKind) -> Folder {
    let scripts = (0..REVISIONS).map(|at| {
        let parent = at.checked_sub(1).map(version);
        let mut revision = Revision::new(version(at)).follows(parent);
        revision.message = format!("step {at}");
        let (up, down) = texts(at, dialect);
        let file =
            |way: &str, text: String| ScriptFile::new(format!("migrations/{}.{way}.sql", version(at)), text);
        RevisionScripts::new(revision, file("up", up), Some(file("down", down)))
    });
    match Folder::new(dialect, scripts.collect()) {
        Ok(folder) => folder,
        Err(errors) => panic!("{errors:?}"),
    }
}

fn version(at: usize) -> String {
    format!("1.{at}.0")
}

/// Each revision counts itself, so that one that runs twice counts twice.
fn counted(at: usize, sign: char) -> String {
    format!("UPDATE counter SET n = n {sign} 1 WHERE id = {at};\n")
}

fn texts(at: usize, dialect: DialectKind) -> (String, String) {
    if at == 0 {
        return first(dialect);
    }
    let (up, down) = match (at % 6, dialect) {
        (0, _) => table(at),
        (1, _) => two_groups(at, if dialect == DialectKind::Postgres { "parent" } else { "counter" }),
        (2, DialectKind::Postgres) => built(at),
        (2, DialectKind::Sqlite) => {
            (format!("CREATE INDEX i{at} ON child (p, id);\n"), format!("DROP INDEX i{at};\n"))
        }
        (3, _) => repeated(at, dialect),
        (4, DialectKind::Postgres) => retyped(),
        (4, DialectKind::Sqlite) => (rebuilt("bigint"), rebuilt("int")),
        (_, DialectKind::Postgres) => many_outside(at),
        (_, DialectKind::Sqlite) => many_groups(at),
    };
    (counted(at, '+') + &up, down + &counted(at, '-'))
}

fn first(dialect: DialectKind) -> (String, String) {
    let numbers = |last: usize| match dialect {
        DialectKind::Postgres => format!("SELECT i FROM generate_series(0, {last}) i"),
        DialectKind::Sqlite => {
            format!(
                "WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < {last}) SELECT i FROM s"
            )
        }
    };
    let up = format!(
        "CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL);\nINSERT INTO counter SELECT i, 0 FROM ({}) x;\n\
         CREATE TABLE parent (id integer PRIMARY KEY, n int, b int);\nINSERT INTO parent SELECT i, i, NULL FROM ({}) x;\n\
         CREATE TABLE child (id integer PRIMARY KEY, p integer REFERENCES parent (id) ON DELETE CASCADE);\n\
         INSERT INTO child SELECT i, i FROM ({}) x;\n",
        numbers(REVISIONS),
        numbers(99),
        numbers(99)
    );
    (up, "DROP TABLE child;\nDROP TABLE parent;\nDROP TABLE counter;\n".to_owned())
}

fn table(at: usize) -> (String, String) {
    let up = format!(
        "CREATE TABLE t{at} (a int PRIMARY KEY, b text);\nINSERT INTO t{at} VALUES (1, 'x');\nINSERT INTO t{at} VALUES (2, 'y');\n"
    );
    (up, format!("DROP TABLE t{at};\n"))
}

fn two_groups(at: usize, on: &str) -> (String, String) {
    let up =
        format!("ALTER TABLE {on} ADD COLUMN c{at} int;\n-- Commit\nUPDATE {on} SET c{at} = id + {at};\n");
    (up, format!("UPDATE {on} SET c{at} = c{at} + 1;\n-- Commit\nALTER TABLE {on} DROP COLUMN c{at};\n"))
}

fn built(at: usize) -> (String, String) {
    let up = format!(
        "CREATE INDEX CONCURRENTLY i{at} ON parent (n, id);\nINSERT INTO child SELECT {at}000 + i, i FROM generate_series(1, 3) i;\n"
    );
    (
        up,
        format!(
            "DELETE FROM child WHERE id > {at}000 AND id < {at}999;\n-- Transaction: none\nDROP INDEX CONCURRENTLY i{at};\n"
        ),
    )
}

fn repeated(at: usize, dialect: DialectKind) -> (String, String) {
    let row = if dialect == DialectKind::Postgres { "ctid" } else { "rowid" };
    let batch = |value: &str, left: &str| {
        format!(
            "-- Repeat: 9\nUPDATE parent SET b = {value}, n = n + 1 WHERE {row} IN (SELECT {row} FROM parent WHERE {left} LIMIT 9);\n"
        )
    };
    let up = batch(&at.to_string(), &format!("b IS DISTINCT FROM {at}"));
    let up = if dialect == DialectKind::Postgres { up } else { up.replace("IS DISTINCT FROM", "IS NOT") };
    let down = batch("NULL", "b IS NOT NULL").replace("n + 1", "n - 1");
    let all = "-- Guard: rows are left\nSELECT id FROM parent WHERE b IS NOT NULL;\n";
    // Rows of an earlier backfill are given back by hand: what counts is that each row moves once.
    (format!("UPDATE parent SET b = NULL;\n-- Commit\nSELECT 1;\n{up}"), format!("{down}{all}"))
}

fn retyped() -> (String, String) {
    let to = |ty: &str| format!("ALTER TABLE parent ALTER COLUMN n TYPE {ty} USING n::{ty};\n");
    (to("bigint"), to("int"))
}

/// A rebuild: the children hang on the table that is dropped.
fn rebuilt(ty: &str) -> String {
    format!(
        "-- Foreign-keys: off\nCREATE TABLE new_parent (id integer PRIMARY KEY, n int, b {ty});\nINSERT INTO new_parent SELECT id, n, b FROM parent;\n\
         DROP TABLE parent;\nALTER TABLE new_parent RENAME TO parent;\n"
    )
}

fn many_outside(at: usize) -> (String, String) {
    let up = format!(
        "CREATE INDEX CONCURRENTLY i{at}a ON child (p);\nVACUUM child;\n-- Transaction: none\nCREATE UNIQUE INDEX CONCURRENTLY \"I{at} b\" ON child (id, p);\n\
         CREATE TYPE e{at} AS ENUM ('a');\n-- Commit\nALTER TYPE e{at} ADD VALUE 'b';\n-- Commit\nCREATE TABLE u{at} (e e{at} DEFAULT 'b');\nINSERT INTO u{at} DEFAULT VALUES;\n"
    );
    let down = format!(
        "DROP TABLE u{at};\nDROP TYPE e{at};\nDROP INDEX CONCURRENTLY \"I{at} b\";\nDROP INDEX CONCURRENTLY i{at}a;\n"
    );
    (up, down)
}

fn many_groups(at: usize) -> (String, String) {
    let up = format!(
        "CREATE TABLE u{at} (a int);\n-- Commit\nINSERT INTO u{at} VALUES (1);\n-- Transaction: none\nVACUUM;\nINSERT INTO u{at} VALUES (2);\n-- Commit\nCREATE INDEX i{at} ON u{at} (a);\n"
    );
    (up, format!("DROP INDEX i{at};\n-- Commit\nDELETE FROM u{at};\n-- Commit\nDROP TABLE u{at};\n"))
}
