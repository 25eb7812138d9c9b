//! The rule `primary-key-added`: rows must have a key.

use schema_model::catalog::ConstraintKind;

use crate::revision::Bump;
use crate::rules::matters::{added, on_new_columns};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "primary-key-added",
    summary: "rows must have a key",
    explain: include_str!("primary_key_added.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (table, constraint) = added(subject)?;
    let found = matches!(constraint.kind, ConstraintKind::PrimaryKey(_))
        && !on_new_columns(table, constraint, subject);
    found.then(|| subject.sentence())
}
