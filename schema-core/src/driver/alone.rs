//! Statements that cannot run inside a transaction, and what is left of one that was interrupted: done, not done, or half
//! done.

use schema_model::DialectKind;
use schema_model::ident::quote_string;

use super::{Driver, SqlError};

/// A statement that runs outside transactions, as far as its state can be told afterwards. Names are as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outside {
    /// `CREATE INDEX CONCURRENTLY`.
    BuildIndex {
        /// The index; unqualified, it goes where its table is.
        name: Option<String>,
        /// The table.
        table: String,
    },
    /// `DROP INDEX CONCURRENTLY`.
    DropIndex {
        /// The index.
        name: String,
    },
    /// `ALTER TABLE … DETACH PARTITION … CONCURRENTLY`.
    Detach {
        /// The partitioned table.
        table: String,
        /// The partition.
        partition: String,
    },
    /// May be done twice without harm: VACUUM, REINDEX and the like.
    Again,
    /// Nobody can tell: CALL, DO, CREATE DATABASE.
    Unknown,
}

/// What an interrupted statement left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It has to be run.
    NotDone,
    /// It is done.
    Done,
    /// These statements make room, then it has to be run.
    HalfDone(Vec<String>),
    /// These statements finish it.
    Finish(Vec<String>),
    /// Nobody can tell.
    Unknown,
}

/// Whether a statement has to run outside transactions. `asked` says that its author wants it to stand alone.
pub(super) fn outside(text: &str, words: &[String], dialect: DialectKind, asked: bool) -> Option<Outside> {
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    if dialect == DialectKind::Sqlite {
        // sqlite.org/pragma.html: these are no-ops or errors inside a transaction.
        let pragmas = ["journal_mode", "auto_vacuum", "page_size", "wal_checkpoint", "synchronous"];
        let alone = matches!(word(0), "vacuum" | "attach" | "detach")
            || word(0) == "pragma" && pragmas.contains(&word(1));
        return alone.then_some(Outside::Again);
    }
    let concurrently = words.iter().any(|word| word == "concurrently");
    let index = words.iter().take(3).position(|word| word == "index");
    let builds = index.is_some_and(|at| word(at + 1) == "concurrently");
    match (word(0), word(1)) {
        ("create", _) if builds => Some(build_index(text)),
        ("drop", "index") if builds => Some(Outside::DropIndex { name: dropped_index(text) }),
        ("alter", "table") if concurrently && words.iter().any(|word| word == "detach") => Some(detach(text)),
        ("reindex", _)
            if concurrently
                || words.iter().any(|w| matches!(w.as_str(), "schema" | "database" | "system")) =>
        {
            Some(Outside::Again)
        }
        ("vacuum", _) | ("alter", "system") => Some(Outside::Again),
        ("cluster", "") => Some(Outside::Again),
        ("create" | "drop", "database" | "tablespace" | "subscription") => Some(Outside::Unknown),
        ("call" | "do", _) if asked => Some(Outside::Unknown),
        _ => None,
    }
}

/// The statement's name-like runs, `a."B".c` in one, in the order in which they stand.
fn names(text: &str) -> Vec<String> {
    use schema_model::token::{TokenKind, tokens};
    let mut all: Vec<String> = Vec::new();
    let mut joined = false;
    for token in tokens(text, DialectKind::Postgres).into_iter().filter(|token| !token.is_comment()) {
        let part = token.text(text);
        match (token.kind, all.last_mut()) {
            (TokenKind::Punct, Some(last)) if part == "." => {
                last.push('.');
                joined = true;
            }
            (TokenKind::Word | TokenKind::Quoted, Some(last)) if joined => {
                last.push_str(part);
                joined = false;
            }
            (TokenKind::Word | TokenKind::Quoted, _) => all.push(part.to_owned()),
            _ => all.push(String::new()),
        }
    }
    all
}

fn skip_to<'a>(names: &'a [String], word: &str) -> &'a [String] {
    let at = names.iter().position(|name| name.eq_ignore_ascii_case(word));
    at.map_or(&[], |at| &names[at + 1..])
}

fn without_if_exists<'a>(mut rest: &'a [String], words: &[&str]) -> &'a [String] {
    for word in words {
        if rest.first().is_some_and(|first| first.eq_ignore_ascii_case(word)) {
            rest = &rest[1..];
        }
    }
    rest
}

fn build_index(text: &str) -> Outside {
    let all = names(text);
    let rest = without_if_exists(skip_to(&all, "concurrently"), &["if", "not", "exists"]);
    let named = rest.first().filter(|name| !name.eq_ignore_ascii_case("on")).cloned();
    let table = without_if_exists(skip_to(rest, "on"), &["only"]).first().cloned().unwrap_or_default();
    Outside::BuildIndex { name: named, table }
}

fn dropped_index(text: &str) -> String {
    let all = names(text);
    let rest = without_if_exists(skip_to(&all, "concurrently"), &["if", "exists"]);
    rest.first().cloned().unwrap_or_default()
}

fn detach(text: &str) -> Outside {
    let all = names(text);
    let table = without_if_exists(skip_to(&all, "table"), &["if", "exists", "only"]);
    let partition = skip_to(&all, "partition").first().cloned().unwrap_or_default();
    Outside::Detach { table: table.first().cloned().unwrap_or_default(), partition }
}

impl Outside {
    /// What the database says about a statement that may have been interrupted.
    pub fn state(&self, driver: &mut dyn Driver) -> Result<State, SqlError> {
        match self {
            Outside::Again => Ok(State::NotDone),
            Outside::Unknown => Ok(State::Unknown),
            Outside::BuildIndex { name, table } => built(driver, name.as_deref().unwrap_or_default(), table),
            Outside::DropIndex { name } => {
                let there =
                    one(driver, &format!("SELECT pg_catalog.to_regclass({}) IS NOT NULL", literal(name)))?;
                Ok(if there.as_deref() == Some("t") { State::NotDone } else { State::Done })
            }
            Outside::Detach { table, partition } => detached(driver, table, partition),
        }
    }
}

/// An index that was interrupted stays behind, INVALID: it costs every write and answers no question (manual,
/// CREATE INDEX, "Building Indexes Concurrently").
fn built(driver: &mut dyn Driver, name: &str, table: &str) -> Result<State, SqlError> {
    let sql = format!(
        "SELECT i.indisvalid, pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class t JOIN \
         pg_catalog.pg_index i ON i.indrelid = t.oid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN \
         pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE t.oid = pg_catalog.to_regclass({}) AND c.relname = \
         (pg_catalog.parse_ident({}))[1]",
        literal(table),
        literal(name)
    );
    let row = driver.query(&sql, &[])?.into_iter().next();
    Ok(match row.as_deref() {
        Some([Some(valid), _]) if valid == "t" => State::Done,
        Some([_, Some(qualified)]) => {
            State::HalfDone(vec![format!("DROP INDEX CONCURRENTLY IF EXISTS {qualified}")])
        }
        _ => State::NotDone,
    })
}

/// A detach that was interrupted is pending until it is finalized (manual, ALTER TABLE, DETACH PARTITION).
fn detached(driver: &mut dyn Driver, table: &str, partition: &str) -> Result<State, SqlError> {
    let sql = format!(
        "SELECT inhdetachpending FROM pg_catalog.pg_inherits WHERE inhrelid = pg_catalog.to_regclass({}) AND inhparent = \
         pg_catalog.to_regclass({})",
        literal(partition),
        literal(table)
    );
    Ok(match one(driver, &sql)?.as_deref() {
        None => State::Done,
        Some("t") => {
            State::Finish(vec![format!("ALTER TABLE {table} DETACH PARTITION {partition} FINALIZE")])
        }
        Some(_) => State::NotDone,
    })
}

fn one(driver: &mut dyn Driver, sql: &str) -> Result<Option<String>, SqlError> {
    Ok(driver.query(sql, &[])?.into_iter().flatten().next().flatten())
}

fn literal(text: &str) -> String {
    quote_string(text, DialectKind::Postgres)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Outside> {
        outside(text, &super::super::step::words(text, DialectKind::Postgres), DialectKind::Postgres, true)
    }

    #[test]
    fn names_are_found_where_they_stand() {
        let index = |name: &str, table: &str| Outside::BuildIndex {
            name: Some(name.to_owned()),
            table: table.to_owned(),
        };
        let text =
            "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"My Idx\" ON ONLY app.\"T\" USING btree (a)";
        assert_eq!(read(text), Some(index("\"My Idx\"", "app.\"T\"")));
        assert_eq!(read("create index concurrently i on t(a)"), Some(index("i", "t")));
        let drop = Outside::DropIndex { name: "app.i".to_owned() };
        assert_eq!(read("DROP INDEX CONCURRENTLY IF EXISTS app.i"), Some(drop));
        let detach = Outside::Detach { table: "m".to_owned(), partition: "m_2020".to_owned() };
        assert_eq!(read("ALTER TABLE ONLY m DETACH PARTITION m_2020 CONCURRENTLY"), Some(detach));
        assert_eq!(read("CREATE INDEX i ON t (concurrently)"), None);
        assert_eq!(read("VACUUM ANALYZE t"), Some(Outside::Again));
        assert_eq!(read("DO $$ BEGIN COMMIT; END $$"), Some(Outside::Unknown));
    }
}
