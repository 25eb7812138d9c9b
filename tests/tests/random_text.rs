//! Texts made of SQL's words at random: the canonical form and the readers of blocks and views take anything, and the
//! canonical form of a canonical form is itself.

use proptest::prelude::*;
use schema_core::dialect::canonical::{self, Scope};
use schema_core::sql::replay_text;
use schema_model::catalog::{Column, ColumnType, Table};
use schema_model::{DialectKind, Expr, ObjectName};

const WORDS: [&str; 78] = [
    "a",
    "b",
    "\"C d\"",
    "t.a",
    "1",
    "-2",
    "0.50",
    "1e3",
    "'x'",
    "'{a,b}'",
    "E'\\n'",
    "'1 day'",
    "true",
    "NULL",
    "(",
    ")",
    "[",
    "]",
    ",",
    "=",
    "<>",
    "<=",
    "+",
    "-",
    "*",
    "/",
    "||",
    "->>",
    "~~",
    "::",
    "text",
    "int",
    "varchar(5)",
    "numeric(4,2)",
    "text[]",
    "jsonb",
    "interval",
    "date",
    "AND",
    "OR",
    "NOT",
    "IN",
    "BETWEEN",
    "LIKE",
    "ILIKE",
    "ESCAPE",
    "IS",
    "NULL",
    "DISTINCT",
    "FROM",
    "ANY",
    "ALL",
    "ARRAY",
    "ARRAY[",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST(",
    "AS",
    "now()",
    "f(",
    "lower(",
    "coalesce(",
    "extract(",
    "epoch",
    "substring(",
    "trim(",
    "AT TIME ZONE",
    "COLLATE",
    "\"C\"",
    "(SELECT 1)",
    "EXISTS (SELECT a FROM b)",
    "VARIADIC",
    "ROW(",
    "current_date",
    ".",
];

const BLOCK: [&str; 44] = [
    "DO $$",
    "$$;",
    "BEGIN",
    "END",
    "END;",
    "END IF;",
    "END LOOP;",
    "IF",
    "THEN",
    "ELSE",
    "ELSIF",
    "LOOP",
    "WHILE",
    "FOR",
    "r",
    "IN",
    "SELECT",
    "1..3",
    "tablename",
    "FROM",
    "pg_tables",
    "WHERE",
    "EXISTS (SELECT 1 FROM pg_class)",
    "NOT",
    "x",
    ":=",
    "'a'",
    ";",
    "EXECUTE",
    "format('CREATE TABLE %I (a int)', x)",
    "CREATE TABLE q (a int);",
    "DROP TABLE q;",
    "EXCEPTION",
    "WHEN",
    "OTHERS",
    "DECLARE",
    "x text;",
    "PERFORM",
    "INTO",
    "RETURN;",
    "RAISE EXCEPTION 'no';",
    "CASE",
    "CREATE VIEW v AS SELECT * FROM q;",
    "ALTER TABLE q RENAME COLUMN a TO b;",
];

fn text(words: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(words), 0..most).prop_map(|words| words.join(" "))
}

/// An expression that is well formed.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "a",
        "b",
        "1",
        "-2",
        "0.5",
        "'x'",
        "'5'",
        "true",
        "NULL",
        "now()",
        "'{a,b}'::text[]",
        "ARRAY['a','b']",
        "'1 day'::interval",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 48, 4, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            (
                pair.clone(),
                prop::sample::select(vec!["=", "<>", "+", "-", "*", "||", "AND", "OR", "LIKE", "->>"])
            )
                .prop_map(|((one, other), operator)| format!("({one}) {operator} ({other})")),
            pair.clone().prop_map(|(one, other)| format!("{one} + {other}")),
            (
                inner.clone(),
                prop::sample::select(vec!["text", "int", "varchar(3)", "numeric", "bigint", "jsonb"])
            )
                .prop_map(|(one, ty)| format!("({one})::{ty}")),
            pair.clone().prop_map(|(one, other)| format!("({one}) IN ({other}, 'y')")),
            pair.clone().prop_map(|(one, other)| format!("({one}) NOT IN ({other})")),
            pair.clone().prop_map(|(one, other)| format!("({one}) BETWEEN ({other}) AND 3")),
            pair.clone().prop_map(|(one, other)| format!("CASE WHEN {one} THEN {other} END")),
            pair.clone().prop_map(|(one, other)| format!("coalesce({one}, {other})")),
            pair.prop_map(|(one, other)| format!("ARRAY[{one}, {other}]")),
            inner.clone().prop_map(|one| format!("NOT ({one})")),
            inner.clone().prop_map(|one| format!("- ({one})")),
            inner.clone().prop_map(|one| format!("({one}) IS NOT NULL")),
            inner.clone().prop_map(|one| format!("({one}) AT TIME ZONE 'utc'")),
            inner.prop_map(|one| format!("lower({one}) COLLATE \"C\"")),
        ]
    })
}

fn table() -> Table {
    let mut table = Table::new(ObjectName::bare("t"));
    table.columns.push(Column::new("a", ColumnType::Varchar { length: None }));
    table.columns.push(Column::new("b", ColumnType::Decimal { precision: Some((10, 2)) }));
    table
}

fn settles(text: &str) -> Result<(), TestCaseError> {
    let table = table();
    for dialect in DialectKind::ALL {
        for scope in [Scope::default(), Scope::table(&table)] {
            let once = canonical::expr_in(&Expr::new(text), &scope, dialect);
            let twice = canonical::expr_in(&once, &scope, dialect);
            prop_assert_eq!(once.as_str(), twice.as_str(), "{:?}: {}", dialect, text);
            for column in &table.columns {
                let once = canonical::default(&Expr::new(text), &column.ty, &scope, dialect);
                let twice = canonical::default(&once, &column.ty, &scope, dialect);
                prop_assert_eq!(once.as_str(), twice.as_str(), "{:?} default: {}", dialect, text);
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn random_words_have_a_canonical_form(text in text(&WORDS, 24)) {
        settles(&text)?;
    }

    #[test]
    fn random_expressions_have_a_canonical_form(text in expression()) {
        settles(&text)?;
    }

    #[test]
    fn any_text_has_a_canonical_form(text in ".{0,60}") {
        settles(&text)?;
    }

    #[test]
    fn random_blocks_are_read(text in text(&BLOCK, 40)) {
        replay_text(&format!("CREATE TABLE q (a int);\nDO $$ BEGIN {text}"), DialectKind::Postgres);
        replay_text(&format!("DO $$ BEGIN {text} END $$;"), DialectKind::Postgres);
    }
}

#[test]
fn depth_is_no_matter() {
    let deep = |open: &str, inner: &str, close: &str, times: usize| {
        format!("{}{inner}{}", open.repeat(times), close.repeat(times))
    };
    let texts = [
        deep("(", "1", ")", 3_000),
        deep("NOT ", "a", "", 3_000),
        deep("- ", "1", "", 3_000),
        deep("a + ", "1", "", 3_000),
        deep("a AND ", "b", "", 3_000),
        deep("lower(", "a", ")", 3_000),
        deep("CASE WHEN a THEN ", "b", " END", 1_500),
        deep("ARRAY[", "1", "]", 3_000),
        deep("", "a", "::text", 3_000),
        deep("", "a", "[1]", 3_000),
    ];
    for text in texts {
        canonical::expr(&Expr::new(&text), DialectKind::Postgres);
        replay_text(&format!("CREATE VIEW v AS SELECT {text} AS x;"), DialectKind::Postgres);
        replay_text(
            &format!("DO $$ BEGIN IF {text} THEN DROP TABLE t; END IF; END $$;"),
            DialectKind::Postgres,
        );
    }
    let blocks = format!("DO $$ {} {} $$;", "BEGIN ".repeat(3_000), "END; ".repeat(3_000));
    replay_text(&blocks, DialectKind::Postgres);
    let ifs = format!("DO $$ BEGIN {} {} END $$;", "IF true THEN ".repeat(1_500), "END IF; ".repeat(1_500));
    replay_text(&ifs, DialectKind::Postgres);
}
