//! The rule `unique-index-on-new-column`: values nobody writes yet must differ.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::index_on_new_columns;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "unique-index-on-new-column",
    summary: "values nobody writes yet must differ",
    explain: include_str!("unique_index_on_new_column.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::CreateIndex { table, index } = subject.change else { return None };
    (index.unique && index_on_new_columns(table, index, subject)).then(|| subject.sentence())
}
