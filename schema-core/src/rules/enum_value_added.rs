//! The rule `enum-value-added`: a new value of an enum.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::keeps_values;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "enum-value-added",
    summary: "a new value of an enum",
    explain: include_str!("enum_value_added.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let added = match subject.change {
        Change::AddEnumValue { .. } => true,
        Change::ReplaceEnum { old, new } => old.values != new.values && keeps_values(old, new),
        _ => false,
    };
    added.then(|| subject.sentence())
}
