//! The rule `routine-dropped`: a function or the like is gone.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::acts_by_itself;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "routine-dropped",
    summary: "a function or the like is gone",
    explain: include_str!("routine_dropped.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Taken,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::DropOpaque(object) = subject.change else { return None };
    (!acts_by_itself(object.id.kind)).then(|| subject.sentence())
}
