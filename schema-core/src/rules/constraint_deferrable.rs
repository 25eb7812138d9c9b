//! The rule `constraint-deferrable`: a condition may be checked later.

use schema_model::catalog::Deferrable;

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "constraint-deferrable",
    summary: "a condition may be checked later",
    explain: include_str!("constraint_deferrable.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::AlterConstraint { old, new, .. } = subject.change else { return None };
    (old.deferrable == Deferrable::No && new.deferrable != Deferrable::No).then(|| subject.sentence())
}
