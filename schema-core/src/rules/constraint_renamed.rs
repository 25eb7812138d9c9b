//! The rule `constraint-renamed`: a constraint or index has another name.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "constraint-renamed",
    summary: "a constraint or index has another name",
    explain: include_str!("constraint_renamed.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::RenameConstraint { .. } | Change::RenameIndex { .. })
        .then(|| subject.sentence())
}
