use schema_model::DialectKind::{Postgres, Sqlite};

use super::*;

fn texts(script: &str, dialect: DialectKind) -> Vec<&str> {
    split(script, dialect).iter().map(|statement| statement.text(script)).collect()
}

#[test]
fn semicolons_in_quotes_and_comments_do_not_count() {
    let script = "\u{feff}SELECT ';' /* ; /* ; */ */;\r\nDO $x$ BEGIN a; END $x$ ;; -- ;\n SELECT \"a;b\"";
    let expected = ["SELECT ';' /* ; /* ; */ */", "DO $x$ BEGIN a; END $x$", "SELECT \"a;b\""];
    let found = texts(script, Postgres);
    assert_eq!(found[0], "SELECT ';'");
    assert_eq!(found[1..], expected[1..]);
}

#[test]
fn atomic_bodies_and_rules_hold_semicolons() {
    let body = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END";
    let rule = "CREATE OR REPLACE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)";
    let script = format!("{body}; {rule}; SELECT 3;");
    assert_eq!(texts(&script, Postgres), [body, rule, "SELECT 3"]);
}

#[test]
fn a_body_without_an_end_costs_one_statement() {
    let script = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; SELECT 3";
    let found = split(script, Postgres);
    assert_eq!(found.len(), 3);
    assert!(!found[0].complete && found[1].complete);
}

#[test]
fn sqlite_triggers_end_with_end() {
    let trigger = "CREATE TEMP TRIGGER t AFTER INSERT ON a WHEN 1 BEGIN UPDATE a SET b = CASE WHEN 1 THEN 2 END; \
                   DELETE FROM c; END";
    let script = format!("{trigger};\nSELECT 1");
    assert_eq!(texts(&script, Sqlite), [trigger, "SELECT 1"]);
    assert_eq!(texts("BEGIN; SELECT 1; END; SELECT 2", Sqlite).len(), 4);
}

#[test]
fn psql_lines_and_copy_data() {
    let script =
        "\\connect db\nCOPY t (a) FROM stdin;\n1;\n2\n\\.\n\nSELECT 1 \\gexec\nSELECT 2;\n\\unrestrict x";
    let found = split(script, Postgres);
    let texts: Vec<_> = found.iter().map(|statement| statement.text(script)).collect();
    assert_eq!(texts, ["\\connect db", "COPY t (a) FROM stdin", "SELECT 1", "SELECT 2", "\\unrestrict x"]);
    let (start, end) = found[1].data.unwrap_or_default();
    assert_eq!(&script[start..end], "1;\n2\n");
}

#[test]
fn lines_of_the_sqlite3_shell() {
    let script = ".bail on\n# one's note\nCREATE TABLE a (x\n.y);\n.print it's\nSELECT .5; .mode";
    let expected =
        [".bail on", "# one's note", "CREATE TABLE a (x\n.y)", ".print it's", "SELECT .5", ".mode"];
    assert_eq!(texts(script, Sqlite), expected);
    let kinds = split(script, Sqlite).into_iter().filter(|one| one.kind == StatementKind::ClientCommand);
    assert_eq!(kinds.count(), 3);
}

#[test]
fn copy_without_an_end_mark_has_no_data() {
    assert_eq!(texts("COPY t FROM stdin;\nSELECT 1;", Postgres), ["COPY t FROM stdin", "SELECT 1"]);
}

#[test]
fn directives_belong_to_the_statement_below() {
    let script =
        "-- Version: 1.0.0\n-- Transaction: none\nCREATE INDEX i ON t (a);\n-- Commit\nSELECT 1;\n-- Commit";
    let script = split_script(script, Postgres);
    let words = |directives: &[Directive]| {
        directives.iter().map(|one| format!("{}={}", one.word, one.value)).collect::<Vec<_>>()
    };
    assert_eq!(words(&script.statements[0].directives), ["transaction=none"]);
    assert_eq!(words(&script.statements[1].directives), ["commit="]);
    assert_eq!(words(&script.trailing), ["commit="]);
}

#[test]
fn what_is_cut_says_so() {
    assert!(!split("SELECT 'a", Postgres)[0].complete);
    assert!(split("SELECT 'a'", Postgres)[0].complete);
    assert!(split(" ;; -- x", Postgres).is_empty());
}
