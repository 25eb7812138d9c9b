//! A revision's script as the steps that are committed one by one: groups of statements that share a transaction,
//! statements that stand alone, and statements that are repeated until nothing is left.

use std::ops::Range;

use schema_model::DialectKind;
use schema_model::checksum::checksum;
use schema_model::token::{TokenKind, tokens};

use super::alone::{Outside, outside};
use crate::script::{Group, GroupStatement, groups};
use crate::sql::split::{Statement, StatementKind, split_script};

/// A script, ready to be run.
#[derive(Clone, Debug)]
pub struct Steps {
    /// In order; an empty script has none.
    pub steps: Vec<Step>,
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
    /// SQLite: foreign keys are off while it runs.
    pub foreign_keys_off: bool,
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
    /// Reads a script. `transaction` is false where the layout says that its tool opens none.
    pub fn read(text: &str, dialect: DialectKind, transaction: bool) -> Result<Self, ScriptFault> {
        let script = split_script(text, dialect);
        script.statements.iter().try_for_each(|statement| check(statement, text))?;
        let groups = groups(text, dialect, transaction);
        let directives = script.statements.iter().flat_map(|statement| &statement.directives);
        let irreversible =
            directives.chain(&script.trailing).find(|directive| directive.word == "irreversible");
        Ok(Steps {
            steps: groups.iter().map(|group| step(group, text, dialect)).collect::<Result<_, _>>()?,
            irreversible: irreversible.map(|directive| directive.value.clone()),
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

/// What cannot be run, wherever it stands.
fn check(statement: &Statement, text: &str) -> Result<(), ScriptFault> {
    let fault = |at: usize, message: String| Err(ScriptFault { at, message });
    if statement.kind == StatementKind::ClientCommand {
        // What a dump writes for its client changes nothing that counts; anything else would be lost in silence.
        const HARMLESS: [&str; 12] = [
            "restrict",
            "unrestrict",
            "echo",
            "timing",
            "pset",
            "set",
            "qecho",
            "bail",
            "mode",
            "headers",
            "print",
            "timer",
        ];
        let word = statement.text(text).split_whitespace().next().unwrap_or_default();
        let harmless = word.starts_with('#') || HARMLESS.contains(&word.trim_start_matches(['\\', '.']));
        return match harmless {
            true => Ok(()),
            false => {
                let message =
                    format!("`{word}` is a command of psql or the sqlite3 shell; only SQL can be run here");
                fault(statement.start, message)
            }
        };
    }
    if !statement.complete {
        let message = "the script ends inside this statement: a quote, comment or body is not closed";
        return fault(statement.start, message.to_owned());
    }
    for directive in &statement.directives {
        let value = directive.value.trim();
        match directive.word.as_str() {
            "transaction" if !value.eq_ignore_ascii_case("none") => {
                let message = format!("`-- Transaction: {value}` is not known; it can be `none`");
                return fault(directive.start, message);
            }
            "repeat" if value.parse::<u64>().is_err() => {
                let message = format!("`-- Repeat: {value}` is no number of rows; write `-- Repeat: 10000`");
                return fault(directive.start, message);
            }
            _ => {}
        }
    }
    Ok(())
}

fn step(group: &Group, text: &str, dialect: DialectKind) -> Result<Step, ScriptFault> {
    let pieces: Vec<Piece> =
        group.statements.iter().map(|statement| piece(statement, text, dialect)).collect();
    let kind = match group.statements.first() {
        Some(statement) if statement.repeat.is_some() => repeated(statement, text, dialect)?,
        Some(statement) if !group.transaction => alone(statement, text, dialect)?,
        _ => StepKind::Group,
    };
    let last = group.statements.last();
    let end = last.map_or(0, |statement| statement.data.map_or(statement.end, |(_, end)| end));
    Ok(Step { kind, pieces, end, foreign_keys_off: group.foreign_keys_off })
}

fn piece(statement: &GroupStatement, text: &str, dialect: DialectKind) -> Piece {
    Piece {
        range: statement.start..statement.end,
        guard: statement.guard.clone(),
        data: statement.data.map(|(start, end)| start..end),
        session: changes_session(&words(statement.text(text), dialect)),
    }
}

fn repeated(statement: &GroupStatement, text: &str, dialect: DialectKind) -> Result<StepKind, ScriptFault> {
    let words = words(statement.text(text), dialect);
    if words.iter().any(|word| word == "limit" || word == "fetch") {
        return Ok(StepKind::Repeat);
    }
    let message = "a repeated statement has to change a bounded number of rows each time; give it a LIMIT: UPDATE … WHERE id \
                   IN (SELECT id … LIMIT 10000)";
    Err(ScriptFault { at: statement.start, message: message.to_owned() })
}

/// A statement that may be in a transaction has one of its own, with its progress; any other runs outside of one.
fn alone(statement: &GroupStatement, text: &str, dialect: DialectKind) -> Result<StepKind, ScriptFault> {
    let sql = statement.text(text);
    match outside(sql, &words(sql, dialect), dialect, true) {
        Some(Outside::BuildIndex { name: None, .. }) => {
            let message =
                "an index that is built concurrently needs a name, so that an interrupted build can be found";
            Err(ScriptFault { at: statement.start, message: message.to_owned() })
        }
        Some(outside) => Ok(StepKind::Outside(outside)),
        None => Ok(StepKind::Group),
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
        let steps = Steps::read(text, dialect, true).unwrap();
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
        let steps = Steps::read(text, DialectKind::Sqlite, true).unwrap();
        assert!(steps.steps[0].foreign_keys_off && steps.is_atomic());
        let text = "-- Foreign-keys: off\nDROP TABLE a;";
        assert!(Steps::read(text, DialectKind::Sqlite, true).unwrap().steps[0].foreign_keys_off);
    }

    #[test]
    fn faults_say_what_to_write() {
        let repeat = Steps::read("-- Repeat: 5\nUPDATE a SET b = 1", DialectKind::Sqlite, true).unwrap_err();
        assert!(repeat.message.contains("LIMIT"), "{}", repeat.message);
        assert!(Steps::read("SELECT 'x", DialectKind::Postgres, true).is_err());
        assert!(Steps::read("\\connect other", DialectKind::Postgres, true).is_err());
        assert!(Steps::read("CREATE INDEX CONCURRENTLY ON t (a)", DialectKind::Postgres, true).is_err());
    }
}
