//! The rule `unique-index-dropped`: values may repeat.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "unique-index-dropped",
    summary: "values may repeat",
    explain: include_str!("unique_index_dropped.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::DropIndex { index, .. } = subject.change else { return None };
    index.unique.then(|| subject.sentence())
}
