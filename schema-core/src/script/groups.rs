//! A script as groups of statements: what commits together, and what stands outside every transaction.

use schema_model::DialectKind;
use schema_model::token::{Lexer, TokenKind};

use crate::sql::split::{Directive, Statement, StatementKind, split};

/// Statements that run and commit together, or one statement outside a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Group {
    /// Whether the group is a transaction. Without one it has a single statement.
    pub transaction: bool,
    /// SQLite: foreign keys are off while it runs. The pragma has to be set before the transaction begins.
    pub foreign_keys_off: bool,
    /// The statements, in order.
    pub statements: Vec<GroupStatement>,
}

/// A statement of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupStatement {
    /// First byte.
    pub start: usize,
    /// One past the last byte, without the semicolon.
    pub end: usize,
    /// `-- Guard: message`: a SELECT that must return no row; the message says what is wrong when it does.
    pub guard: Option<String>,
    /// `-- Repeat: 10000`: run again, committing each time, until it changes nothing.
    pub repeat: Option<u64>,
    /// The bytes of the data lines under a `COPY … FROM stdin`.
    pub data: Option<(usize, usize)>,
}

impl GroupStatement {
    /// Its text.
    pub fn text<'a>(&self, script: &'a str) -> &'a str {
        script.get(self.start..self.end).unwrap_or("")
    }
}

/// Divides a script into groups. `transaction` is false where the file's layout says that its tool opens none.
pub fn groups(script: &str, dialect: DialectKind, transaction: bool) -> Vec<Group> {
    let mut grouper = Grouper { script, dialect, transaction, ..Grouper::default() };
    for statement in split(script, dialect) {
        grouper.add(statement);
    }
    grouper.close();
    grouper.groups
}

struct Grouper<'a> {
    script: &'a str,
    dialect: DialectKind,
    transaction: bool,
    groups: Vec<Group>,
    open: Group,
    /// Inside a `BEGIN` of the file's own.
    own: bool,
    /// After the file's own `PRAGMA foreign_keys = off`.
    keys_off: bool,
}

impl Default for Grouper<'_> {
    fn default() -> Self {
        Grouper {
            script: "",
            dialect: DialectKind::Postgres,
            transaction: true,
            groups: Vec::new(),
            open: Group { transaction: true, ..Group::default() },
            own: false,
            keys_off: false,
        }
    }
}

impl Grouper<'_> {
    fn add(&mut self, statement: Statement) {
        if statement.kind == StatementKind::ClientCommand {
            return;
        }
        let said = |word: &str| statement.directives.iter().find(|directive| directive.word == word);
        if said("commit").is_some() {
            self.close();
        }
        let words = first_words(statement.text(self.script), self.dialect);
        match control(&words, self.dialect) {
            Some(Control::Begin) => {
                self.close();
                self.own = true;
                return;
            }
            Some(Control::Commit) => {
                self.close();
                self.own = false;
                return;
            }
            Some(Control::Rollback) => {
                self.open.statements.clear();
                self.own = false;
                return;
            }
            Some(Control::ForeignKeys(on)) => {
                self.foreign_keys(on);
                return;
            }
            None => {}
        }
        if said("foreign-keys").is_some_and(is_off) {
            self.open.foreign_keys_off = true;
        }
        let repeat = said("repeat").map(|directive| directive.value.trim().parse().unwrap_or(10_000));
        let outside =
            said("transaction").is_some_and(|directive| directive.value.eq_ignore_ascii_case("none"));
        let alone = !self.own
            && (outside
                || repeat.is_some()
                || !self.transaction
                || refuses_transaction(&words, self.dialect));
        let guard = said("guard").map(|directive| directive.value.clone());
        let member = GroupStatement {
            start: statement.start,
            end: statement.end,
            guard,
            repeat,
            data: statement.data,
        };
        if alone {
            let foreign_keys_off = self.open.foreign_keys_off || self.keys_off;
            self.close();
            self.groups.push(Group { transaction: false, foreign_keys_off, statements: vec![member] });
        } else {
            self.open.statements.push(member);
        }
    }

    fn foreign_keys(&mut self, on: bool) {
        if !self.own && !self.open.statements.is_empty() {
            self.close();
        }
        self.keys_off = !on;
        // Inside a transaction the pragma does nothing, but its author wants it, and the runner can do it.
        self.open.foreign_keys_off |= !on;
        if on && self.open.statements.is_empty() {
            self.open.foreign_keys_off = false;
        }
    }

    fn close(&mut self) {
        let next = Group { transaction: true, foreign_keys_off: self.keys_off, statements: Vec::new() };
        let mut group = std::mem::replace(&mut self.open, next);
        group.foreign_keys_off |= self.keys_off;
        if !group.statements.is_empty() {
            self.groups.push(group);
        }
    }
}

fn is_off(directive: &Directive) -> bool {
    matches!(directive.value.trim().to_ascii_lowercase().as_str(), "off" | "0" | "false" | "no")
}

/// Statements that open and close transactions, and the pragma that only works outside of one.
enum Control {
    Begin,
    Commit,
    Rollback,
    ForeignKeys(bool),
}

fn control(words: &[String], dialect: DialectKind) -> Option<Control> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["begin", ..] | ["start", "transaction", ..] => Some(Control::Begin),
        ["commit", "prepared", ..] | ["rollback", "to" | "prepared", ..] => None,
        ["rollback", "transaction" | "work", "to", ..] => None,
        ["commit" | "end", ..] => Some(Control::Commit),
        ["rollback" | "abort", ..] => Some(Control::Rollback),
        ["pragma", "foreign_keys", value] if dialect == DialectKind::Sqlite => {
            Some(Control::ForeignKeys(!matches!(*value, "off" | "0" | "false" | "no")))
        }
        ["pragma", _, "foreign_keys", value] if dialect == DialectKind::Sqlite => {
            Some(Control::ForeignKeys(!matches!(*value, "off" | "0" | "false" | "no")))
        }
        _ => None,
    }
}

/// The first words and numbers of a statement, in lower case.
fn first_words(text: &str, dialect: DialectKind) -> Vec<String> {
    let mut lexer = Lexer::new(text, dialect);
    let mut words = Vec::new();
    while words.len() < 12 {
        let Some(token) = lexer.next_token() else { break };
        match token.kind {
            TokenKind::Word | TokenKind::Number => words.push(token.text(text).to_lowercase()),
            TokenKind::Str | TokenKind::Quoted => {
                words.push(token.text(text).trim_matches(['\'', '"']).to_lowercase());
            }
            _ => {}
        }
    }
    words
}

/// Statements that the server refuses inside a transaction (the manual's page of each says so).
fn refuses_transaction(words: &[String], dialect: DialectKind) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let concurrently = words.contains(&"concurrently");
    match (dialect, words.as_slice()) {
        (_, ["vacuum", ..]) => true,
        (DialectKind::Sqlite, _) => false,
        (_, ["create", "index", ..] | ["create", "unique", "index", ..] | ["drop", "index", ..]) => {
            concurrently
        }
        (_, ["reindex", rest @ ..]) => concurrently || matches!(rest, ["database" | "system", ..]),
        (_, ["alter", "table", ..]) => concurrently && words.contains(&"detach"),
        (_, ["create" | "drop", "database" | "tablespace", ..]) => true,
        (_, ["alter", "system", ..] | ["alter", "database", ..]) => {
            words.contains(&"system") || words.contains(&"tablespace")
        }
        (_, ["create" | "drop", "subscription", ..]) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups as text: `[a; b]` is a transaction, `(a)` none, `!` foreign keys off.
    fn shape(script: &str, dialect: DialectKind) -> String {
        let show = |group: &Group| {
            let texts: Vec<&str> = group.statements.iter().map(|statement| statement.text(script)).collect();
            let (open, close) = if group.transaction { ('[', ']') } else { ('(', ')') };
            format!("{}{open}{}{close}", if group.foreign_keys_off { "!" } else { "" }, texts.join("; "))
        };
        groups(script, dialect, true).iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn without_a_word_a_script_is_one_transaction() {
        assert_eq!(shape("a; b;\nc", DialectKind::Postgres), "[a; b; c]");
        assert_eq!(shape("-- nothing\n", DialectKind::Postgres), "");
    }

    #[test]
    fn directives_divide() {
        let script = "a;\n-- Commit\nb;\n-- Transaction: none\nc;\nd;\n-- Repeat: 500\nUPDATE e;\nf";
        assert_eq!(shape(script, DialectKind::Postgres), "[a] [b] (c) [d] (UPDATE e) [f]");
        let repeat = groups(script, DialectKind::Postgres, true);
        assert_eq!(repeat[4].statements[0].repeat, Some(500));
    }

    #[test]
    fn own_transactions_are_understood() {
        assert_eq!(shape("BEGIN; a; b; COMMIT;", DialectKind::Postgres), "[a; b]");
        assert_eq!(
            shape("a; BEGIN; b; END; c; BEGIN; d; ROLLBACK; e", DialectKind::Sqlite),
            "[a] [b] [c] [e]"
        );
        assert_eq!(
            shape("BEGIN; a; SAVEPOINT s; ROLLBACK TO s; b; COMMIT", DialectKind::Postgres),
            "[a; SAVEPOINT s; ROLLBACK TO s; b]"
        );
    }

    #[test]
    fn statements_that_refuse_a_transaction_get_none() {
        let script =
            "a; CREATE INDEX CONCURRENTLY i ON t (x); b; VACUUM; REFRESH MATERIALIZED VIEW CONCURRENTLY v";
        assert_eq!(
            shape(script, DialectKind::Postgres),
            "[a] (CREATE INDEX CONCURRENTLY i ON t (x)) [b] (VACUUM) [REFRESH MATERIALIZED VIEW CONCURRENTLY v]"
        );
    }

    #[test]
    fn foreign_keys_are_off_for_whole_groups() {
        let script = "PRAGMA foreign_keys=off; BEGIN; a; COMMIT; PRAGMA foreign_keys = on; b";
        assert_eq!(shape(script, DialectKind::Sqlite), "![a] [b]");
        assert_eq!(shape("a;\n-- Foreign-keys: off\nb", DialectKind::Sqlite), "![a; b]");
        assert_eq!(shape("BEGIN; PRAGMA foreign_keys = 0; a; COMMIT", DialectKind::Sqlite), "![a]");
    }

    #[test]
    fn a_layout_without_transactions_runs_statements_alone() {
        let script = "a; b; BEGIN; c; d; COMMIT";
        let found = groups(script, DialectKind::Postgres, false);
        let counts: Vec<_> = found.iter().map(|group| (group.transaction, group.statements.len())).collect();
        assert_eq!(counts, [(false, 1), (false, 1), (true, 2)]);
    }
}
