//! The rule `constraint-on-new-column`: a condition on what nobody writes yet.

use crate::revision::Bump;
use crate::rules::matters::{added, on_new_columns};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "constraint-on-new-column",
    summary: "a condition on what nobody writes yet",
    explain: include_str!("constraint_on_new_column.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (table, constraint) = added(subject)?;
    on_new_columns(table, constraint, subject).then(|| subject.sentence())
}
