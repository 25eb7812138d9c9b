//! The rule `column-dropped`: a column is gone.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "column-dropped",
    summary: "a column is gone",
    explain: include_str!("column_dropped.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::DropColumn { .. }).then(|| subject.sentence())
}
