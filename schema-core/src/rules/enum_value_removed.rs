//! The rule `enum-value-removed`: an enum lost or moved a value.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::keeps_values;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "enum-value-removed",
    summary: "an enum lost or moved a value",
    explain: include_str!("enum_value_removed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let removed = match subject.change {
        Change::RemoveEnumValue { .. } => true,
        Change::ReplaceEnum { old, new } => old.values != new.values && !keeps_values(old, new),
        _ => false,
    };
    removed.then(|| subject.sentence())
}
