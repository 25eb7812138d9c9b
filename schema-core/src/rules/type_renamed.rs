//! The rule `type-renamed`: a type has another name.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "type-renamed",
    summary: "a type has another name",
    explain: include_str!("type_renamed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::RenameType { .. }).then(|| subject.sentence())
}
