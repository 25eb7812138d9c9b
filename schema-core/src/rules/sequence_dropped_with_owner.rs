//! The rule `sequence-dropped-with-owner`: a sequence goes with its column.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::owner_dropped;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "sequence-dropped-with-owner",
    summary: "a sequence goes with its column",
    explain: include_str!("sequence_dropped_with_owner.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::DropSequence(sequence) = subject.change else { return None };
    owner_dropped(sequence, subject).then(|| subject.sentence())
}
