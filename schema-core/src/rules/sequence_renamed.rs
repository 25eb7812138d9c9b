//! The rule `sequence-renamed`: a sequence has another name.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "sequence-renamed",
    summary: "a sequence has another name",
    explain: include_str!("sequence_renamed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Taken,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::RenameSequence { .. }).then(|| subject.sentence())
}
