//! The rule `enum-value-renamed`: an enum's value has another name.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "enum-value-renamed",
    summary: "an enum's value has another name",
    explain: include_str!("enum_value_renamed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::RenameEnumValue { .. }).then(|| subject.sentence())
}
