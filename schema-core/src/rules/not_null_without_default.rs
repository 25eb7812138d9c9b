//! The rule `not-null-without-default`: a new column that every insert must name.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::may_be_left_out;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "not-null-without-default",
    summary: "a new column that every insert must name",
    explain: include_str!("not_null_without_default.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::AddColumn { table, column, .. } = subject.change else { return None };
    (!may_be_left_out(table, column, subject)).then(|| subject.sentence())
}
