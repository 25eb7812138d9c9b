//! The rule `sequence-changed`: how a sequence counts.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "sequence-changed",
    summary: "how a sequence counts",
    explain: include_str!("sequence_changed.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::AlterSequence { old, new } = subject.change else { return None };
    (old.comment == new.comment).then(|| subject.sentence())
}
