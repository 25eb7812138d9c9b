//! The rule `primary-key-dropped`: rows have no key.

use schema_model::catalog::ConstraintKind;

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "primary-key-dropped",
    summary: "rows have no key",
    explain: include_str!("primary_key_dropped.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::DropConstraint { constraint, .. } = subject.change else { return None };
    matches!(constraint.kind, ConstraintKind::PrimaryKey(_)).then(|| subject.sentence())
}
