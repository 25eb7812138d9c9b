//! The rule `foreign-key-added`: rows must have a counterpart.

use schema_model::catalog::ConstraintKind;

use crate::revision::Bump;
use crate::rules::matters::{added, foreign_key_again, on_new_columns};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "foreign-key-added",
    summary: "rows must have a counterpart",
    explain: include_str!("foreign_key_added.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (table, constraint) = added(subject)?;
    let found = matches!(constraint.kind, ConstraintKind::ForeignKey(_))
        && !on_new_columns(table, constraint, subject);
    let again = subject.replaced.is_some_and(|old| foreign_key_again(old, constraint));
    (found && !again).then(|| subject.sentence())
}
