//! The rule `table-renamed`: a table has another name.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "table-renamed",
    summary: "a table has another name",
    explain: include_str!("table_renamed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::RenameTable { .. }).then(|| subject.sentence())
}
