//! The rule `sequence-created`: a new sequence.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "sequence-created",
    summary: "a new sequence",
    explain: include_str!("sequence_created.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::CreateSequence(_)).then(|| subject.sentence())
}
