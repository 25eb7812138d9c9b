//! The rule `constraint-dropped`: a condition less.

use schema_model::catalog::ConstraintKind;

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "constraint-dropped",
    summary: "a condition less",
    explain: include_str!("constraint_dropped.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::DropConstraint { constraint, .. } = subject.change else { return None };
    (!matches!(constraint.kind, ConstraintKind::PrimaryKey(_))).then(|| subject.sentence())
}
