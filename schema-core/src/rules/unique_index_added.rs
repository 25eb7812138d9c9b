//! The rule `unique-index-added`: values must differ.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::index_on_new_columns;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "unique-index-added",
    summary: "values must differ",
    explain: include_str!("unique_index_added.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::CreateIndex { table, index } = subject.change else { return None };
    (index.unique && !index_on_new_columns(table, index, subject)).then(|| subject.sentence())
}
