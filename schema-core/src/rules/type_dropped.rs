//! The rule `type-dropped`: a type is gone.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "type-dropped",
    summary: "a type is gone",
    explain: include_str!("type_dropped.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::DropEnum(_) | Change::DropDomain(_) | Change::DropComposite(_))
        .then(|| subject.sentence())
}
