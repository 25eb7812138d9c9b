//! The rule `index-dropped`: a plain index less.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "index-dropped",
    summary: "a plain index less",
    explain: include_str!("index_dropped.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::DropIndex { index, .. } = subject.change else { return None };
    (!index.unique).then(|| subject.sentence())
}
