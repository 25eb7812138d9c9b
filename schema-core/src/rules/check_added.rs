//! The rule `check-added`: values are refused.

use schema_model::catalog::ConstraintKind;

use crate::revision::Bump;
use crate::rules::matters::{added, check_widened, on_new_columns};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "check-added",
    summary: "values are refused",
    explain: include_str!("check_added.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (table, constraint) = added(subject)?;
    let widened = subject.replaced.is_some_and(|old| check_widened(old, constraint, subject.dialect));
    let found =
        matches!(constraint.kind, ConstraintKind::Check(_)) && !on_new_columns(table, constraint, subject);
    (found && !widened).then(|| subject.sentence())
}
