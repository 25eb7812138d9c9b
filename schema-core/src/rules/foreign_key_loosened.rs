//! The rule `foreign-key-loosened`: deleting works where it failed.

use crate::revision::Bump;
use crate::rules::matters::{added, foreign_key_again, loosened};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "foreign-key-loosened",
    summary: "deleting works where it failed",
    explain: include_str!("foreign_key_loosened.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (_, constraint) = added(subject)?;
    let old = subject.replaced?;
    (foreign_key_again(old, constraint) && loosened(old, constraint)).then(|| subject.sentence())
}
