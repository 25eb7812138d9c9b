//! The rule `exclusion-added`: rows must not overlap.

use schema_model::catalog::ConstraintKind;

use crate::revision::Bump;
use crate::rules::matters::{added, on_new_columns};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "exclusion-added",
    summary: "rows must not overlap",
    explain: include_str!("exclusion_added.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (table, constraint) = added(subject)?;
    let found =
        matches!(constraint.kind, ConstraintKind::Exclude(_)) && !on_new_columns(table, constraint, subject);
    found.then(|| subject.sentence())
}
