//! The rule `column-added`: a new column that may be left out.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::may_be_left_out;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "column-added",
    summary: "a new column that may be left out",
    explain: include_str!("column_added.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::AddColumn { table, column, .. } = subject.change else { return None };
    may_be_left_out(table, column, subject).then(|| subject.sentence())
}
