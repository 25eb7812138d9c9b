//! The rule `constraint-not-deferrable`: a condition is checked sooner.

use schema_model::catalog::Deferrable;

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "constraint-not-deferrable",
    summary: "a condition is checked sooner",
    explain: include_str!("constraint_not_deferrable.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::AlterConstraint { old, new, .. } = subject.change else { return None };
    let sooner = old.deferrable != new.deferrable && old.deferrable != Deferrable::No;
    sooner.then(|| subject.sentence())
}
