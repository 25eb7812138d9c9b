//! A revision's script as the steps that are committed one by one: groups of statements that share a transaction,
//! statements that stand alone, and statements that are repeated until nothing is left.

use std::ops::Range;

use schema_model::DialectKind;
use schema_model::checksum::checksum;
use schema_model::token::{TokenKind, tokens};

use super::alone::{Outside, outside};
use crate::sql::split::{Statement, StatementKind, split_script};

/// A script, ready to be run.
#[derive(Clone, Debug)]
pub struct Steps {
    /// In order; an empty script has none.
    pub steps: Vec<Step>,
    /// The script switches foreign keys off (SQLite).
    pub foreign_keys_off: bool,
    /// `-- Irreversible: reason`.
    pub irreversible: Option<String>,
}

/// What is committed at once.
#[derive(Clone, Debug)]
pub struct Step {
    /// How it runs.
    pub kind: StepKind,
    /// Its statements; one, unless it is a group.
    pub pieces: Vec<Piece>,
    /// One past the last byte of the last of them.
    pub end: usize,
}

/// How a step runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// In one transaction, with its progress.
    Group,
    /// Outside any transaction, because the statement asks for that.
    Outside(Outside),
    /// Again and again until it changes nothing, each time in a transaction of its own with its progress.
    Repeat,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it stands in the script.
    pub range: Range<usize>,
    /// `-- Guard: message`: it must answer no row.
    pub guard: Option<String>,
    /// Data that follows a `COPY … FROM stdin`.
    pub data: Option<Range<usize>>,
    /// It changes the session (`SET …`), so that a run that goes on in the middle has to do it again.
    pub session: bool,
}

/// A script that cannot be run as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptFault {
    /// Where.
    pub at: usize,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl Steps {
    /// Reads a script. `autocommit` says that each of its statements stands alone, as other layouts mark whole files.
    pub fn read(text: &str, dialect: DialectKind, autocommit: bool) -> Result<Self, ScriptFault> {
        let script = split_script(text, dialect);
        let mut reader = Reader {
            text,
            dialect,
            autocommit,
            steps: Vec::new(),
            group: Vec::new(),
            foreign_keys_off: false,
            irreversible: None,
        };
        for statement in &script.statements {
            reader.statement(statement)?;
        }
        for directive in &script.trailing {
            if directive.word == "irreversible" {
                reader.irreversible = Some(directive.value.clone());
            }
        }
        reader.close();
        Ok(Steps {
            steps: reader.steps,
            foreign_keys_off: reader.foreign_keys_off,
            irreversible: reader.irreversible,
        })
    }

    /// Whether everything is one transaction.
    pub fn is_atomic(&self) -> bool {
        matches!(self.steps.as_slice(), [] | [Step { kind: StepKind::Group, .. }])
    }

    /// What is done after so many steps, in a few digits: the part of the script that may no longer be edited.
    pub fn digest(&self, done: usize, text: &str, dialect: DialectKind) -> String {
        let end = done.checked_sub(1).and_then(|last| self.steps.get(last)).map_or(0, |step| step.end);
        checksum(text.get(..end).unwrap_or(text), dialect).chars().take(16).collect()
    }
}

struct Reader<'a> {
    text: &'a str,
    dialect: DialectKind,
    autocommit: bool,
    steps: Vec<Step>,
    group: Vec<Piece>,
    foreign_keys_off: bool,
    irreversible: Option<String>,
}

/// What the directives above a statement ask for.
#[derive(Default)]
struct Asked {
    alone: bool,
    commit: bool,
    repeat: bool,
    guard: Option<String>,
}

impl Reader<'_> {
    fn statement(&mut self, statement: &Statement) -> Result<(), ScriptFault> {
        let fault = |message: &str| ScriptFault { at: statement.start, message: message.to_owned() };
        let asked = self.asked(statement)?;
        if asked.commit {
            self.close();
        }
        if statement.kind == StatementKind::PsqlCommand {
            return self.psql_command(statement);
        }
        if !statement.complete {
            return Err(fault(
                "the script ends inside this statement: a quote, comment or body is not closed",
            ));
        }
        let text = statement.text(self.text);
        let words = words(text, self.dialect);
        if self.transaction_word(&words).map_err(|message| fault(&message))? {
            return Ok(());
        }
        if self.dialect == DialectKind::Sqlite && words.starts_with(&["pragma".into(), "foreign_keys".into()])
        {
            // A silent no-op inside a transaction; the whole script is run without them instead, and they are checked
            // before the commit and switched on after it (sqlite.org/pragma.html#pragma_foreign_keys).
            self.foreign_keys_off |=
                words.last().is_some_and(|word| ["off", "0", "false", "no"].contains(&word.as_str()));
            return Ok(());
        }
        let piece = Piece {
            range: statement.start..statement.end,
            guard: asked.guard,
            data: statement.data.map(|(start, end)| start..end),
            session: changes_session(&words),
        };
        if asked.repeat {
            if !words.iter().any(|word| word == "limit" || word == "fetch") {
                return Err(fault(
                    "a repeated statement has to change a bounded number of rows each time; give it a LIMIT: UPDATE … \
                     WHERE id IN (SELECT id … LIMIT 10000)",
                ));
            }
            self.close();
            self.push(StepKind::Repeat, vec![piece]);
        } else if let Some(outside) = outside(text, &words, self.dialect, asked.alone) {
            if let Outside::BuildIndex { name: None, .. } = outside {
                return Err(fault(
                    "an index that is built concurrently needs a name, so that a build that was interrupted can be found",
                ));
            }
            self.close();
            self.push(StepKind::Outside(outside), vec![piece]);
        } else if asked.alone || self.autocommit {
            self.close();
            self.push(StepKind::Group, vec![piece]);
        } else {
            self.group.push(piece);
        }
        Ok(())
    }

    fn asked(&mut self, statement: &Statement) -> Result<Asked, ScriptFault> {
        let mut asked = Asked::default();
        for directive in &statement.directives {
            match directive.word.as_str() {
                "commit" => asked.commit = true,
                "transaction" if directive.value.eq_ignore_ascii_case("none") => asked.alone = true,
                "transaction" => {
                    let message =
                        format!("`-- Transaction: {}` is not known; it can be `none`", directive.value);
                    return Err(ScriptFault { at: directive.start, message });
                }
                "repeat" => asked.repeat = true,
                "guard" => asked.guard = Some(directive.value.clone()),
                "foreign-keys" => self.foreign_keys_off |= directive.value.eq_ignore_ascii_case("off"),
                "irreversible" => self.irreversible = Some(directive.value.clone()),
                _ => {}
            }
        }
        Ok(asked)
    }

    /// `BEGIN` and `COMMIT` written by hand say where a group starts and ends; the runner's own are the ones that run.
    fn transaction_word(&mut self, words: &[String]) -> Result<bool, String> {
        match words.first().map(String::as_str) {
            Some("begin") => self.close(),
            Some("start") if words.get(1).is_some_and(|word| word == "transaction") => self.close(),
            Some("commit" | "end") => self.close(),
            Some("rollback" | "abort") if !words.iter().any(|word| word == "to") => {
                return Err("ROLLBACK in a migration would undo a part of it only; take the statements out"
                    .to_owned());
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What a dump writes for psql changes nothing that counts; anything else would be lost in silence.
    fn psql_command(&mut self, statement: &Statement) -> Result<(), ScriptFault> {
        let text = statement.text(self.text);
        let word = text.split_whitespace().next().unwrap_or_default();
        if ["\\restrict", "\\unrestrict", "\\echo", "\\timing", "\\pset", "\\set", "\\qecho"].contains(&word)
        {
            return Ok(());
        }
        let message = format!("`{word}` is a command of psql; only SQL can be run here");
        Err(ScriptFault { at: statement.start, message })
    }

    fn close(&mut self) {
        if !self.group.is_empty() {
            let pieces = std::mem::take(&mut self.group);
            self.push(StepKind::Group, pieces);
        }
    }

    fn push(&mut self, kind: StepKind, pieces: Vec<Piece>) {
        let last = pieces.last();
        let end = last.map_or(0, |piece| piece.data.as_ref().map_or(piece.range.end, |data| data.end));
        self.steps.push(Step { kind, pieces, end });
    }
}

/// The statement's words in lower case, punctuation left out; strings and quoted names as they are written.
pub(super) fn words(text: &str, dialect: DialectKind) -> Vec<String> {
    let keep =
        |kind| matches!(kind, TokenKind::Word | TokenKind::Quoted | TokenKind::Str | TokenKind::Number);
    tokens(text, dialect)
        .into_iter()
        .filter(|token| keep(token.kind))
        .map(|token| {
            let word = token.text(text);
            if token.kind == TokenKind::Word { word.to_lowercase() } else { word.to_owned() }
        })
        .collect()
}

fn changes_session(words: &[String]) -> bool {
    match words.first().map(String::as_str) {
        Some("set") => {
            !matches!(words.get(1).map(String::as_str), Some("local" | "constraints" | "transaction"))
        }
        Some("select") => words.iter().any(|word| word == "set_config"),
        Some("pragma" | "reset") => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, dialect: DialectKind) -> Vec<(String, usize)> {
        let steps = Steps::read(text, dialect, false).unwrap();
        let word = |kind: &StepKind| match kind {
            StepKind::Group => "group",
            StepKind::Outside(_) => "outside",
            StepKind::Repeat => "repeat",
        };
        steps.steps.iter().map(|step| (word(&step.kind).to_owned(), step.pieces.len())).collect()
    }

    fn expect(text: &str, dialect: DialectKind, wanted: &[(&str, usize)]) {
        let wanted: Vec<(String, usize)> =
            wanted.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect();
        assert_eq!(kinds(text, dialect), wanted, "{text}");
    }

    #[test]
    fn a_script_is_one_group_without_a_word() {
        expect("CREATE TABLE a (i int); INSERT INTO a VALUES (1);", DialectKind::Postgres, &[("group", 2)]);
        expect("BEGIN; CREATE TABLE a (i int); COMMIT;", DialectKind::Postgres, &[("group", 1)]);
        expect(
            "BEGIN; SELECT 1; COMMIT; BEGIN; SELECT 2; END;",
            DialectKind::Postgres,
            &[("group", 1), ("group", 1)],
        );
        expect("-- nothing\n", DialectKind::Sqlite, &[]);
    }

    #[test]
    fn directives_divide() {
        let text = "SELECT 1;\n-- Commit\nSELECT 2;\n-- Transaction: none\nCREATE INDEX CONCURRENTLY i ON t (a);\n\
                    SELECT 3;\n-- Repeat: 10\nUPDATE t SET a = 1 WHERE id IN (SELECT id FROM t LIMIT 10);\n";
        let wanted = [("group", 1), ("group", 1), ("outside", 1), ("group", 1), ("repeat", 1)];
        expect(text, DialectKind::Postgres, &wanted);
    }

    #[test]
    fn what_cannot_be_in_a_transaction_is_taken_out() {
        expect(
            "SELECT 1; VACUUM; SELECT 2;",
            DialectKind::Postgres,
            &[("group", 1), ("outside", 1), ("group", 1)],
        );
        // A statement that may be in a transaction has one of its own, with its progress.
        expect("-- Transaction: none\nALTER TYPE t ADD VALUE 'x';", DialectKind::Postgres, &[("group", 1)]);
    }

    #[test]
    fn pragmas_are_the_directive() {
        let text = "PRAGMA foreign_keys=OFF;\nBEGIN;\nDROP TABLE a;\nCOMMIT;\nPRAGMA foreign_keys=ON;";
        let steps = Steps::read(text, DialectKind::Sqlite, false).unwrap();
        assert!(steps.foreign_keys_off && steps.is_atomic());
        let text = "-- Foreign-keys: off\nDROP TABLE a;";
        assert!(Steps::read(text, DialectKind::Sqlite, false).unwrap().foreign_keys_off);
    }

    #[test]
    fn faults_say_what_to_write() {
        let repeat = Steps::read("-- Repeat: 5\nUPDATE a SET b = 1", DialectKind::Sqlite, false).unwrap_err();
        assert!(repeat.message.contains("LIMIT"), "{}", repeat.message);
        assert!(Steps::read("SELECT 'x", DialectKind::Postgres, false).is_err());
        assert!(Steps::read("\\connect other", DialectKind::Postgres, false).is_err());
        assert!(Steps::read("CREATE INDEX CONCURRENTLY ON t (a)", DialectKind::Postgres, false).is_err());
        assert!(Steps::read("ROLLBACK;", DialectKind::Postgres, false).is_err());
    }
}
