//! The rule `index-changed`: how an index is stored.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "index-changed",
    summary: "how an index is stored",
    explain: include_str!("index_changed.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::AlterIndex { old, new, .. } = subject.change else { return None };
    (old.comment == new.comment).then(|| subject.sentence())
}
