//! The rule `constraint-validated`: old rows are checked.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "constraint-validated",
    summary: "old rows are checked",
    explain: include_str!("constraint_validated.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::AlterConstraint { old, new, .. } = subject.change else { return None };
    (old.deferrable == new.deferrable && old.comment == new.comment).then(|| subject.sentence())
}
