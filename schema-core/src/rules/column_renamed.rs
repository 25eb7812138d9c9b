//! The rule `column-renamed`: a column has another name.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "column-renamed",
    summary: "a column has another name",
    explain: include_str!("column_renamed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::RenameColumn { .. }).then(|| subject.sentence())
}
