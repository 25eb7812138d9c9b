//! The rule `foreign-key-action-changed`: deleting does something else.

use crate::revision::Bump;
use crate::rules::matters::{added, foreign_key_again, loosened};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "foreign-key-action-changed",
    summary: "deleting does something else",
    explain: include_str!("foreign_key_action_changed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (_, constraint) = added(subject)?;
    let old = subject.replaced?;
    (foreign_key_again(old, constraint) && !loosened(old, constraint)).then(|| subject.sentence())
}
