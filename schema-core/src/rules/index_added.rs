//! The rule `index-added`: a plain index.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "index-added",
    summary: "a plain index",
    explain: include_str!("index_added.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::CreateIndex { index, .. } = subject.change else { return None };
    (!index.unique).then(|| subject.sentence())
}
