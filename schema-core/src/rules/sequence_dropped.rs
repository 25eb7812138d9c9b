//! The rule `sequence-dropped`: a sequence is gone.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::owner_dropped;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "sequence-dropped",
    summary: "a sequence is gone",
    explain: include_str!("sequence_dropped.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::DropSequence(sequence) = subject.change else { return None };
    (!owner_dropped(sequence, subject)).then(|| subject.sentence())
}
