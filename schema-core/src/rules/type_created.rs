//! The rule `type-created`: a new type.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "type-created",
    summary: "a new type",
    explain: include_str!("type_created.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::CreateEnum(_) | Change::CreateDomain(_) | Change::CreateComposite(_))
        .then(|| subject.sentence())
}
