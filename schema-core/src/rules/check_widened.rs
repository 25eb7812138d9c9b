//! The rule `check-widened`: more values are taken.

use crate::revision::Bump;
use crate::rules::matters::{added, check_widened};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "check-widened",
    summary: "more values are taken",
    explain: include_str!("check_widened.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (_, constraint) = added(subject)?;
    let widened = subject.replaced.is_some_and(|old| check_widened(old, constraint, subject.dialect));
    widened.then(|| subject.sentence())
}
