//! The rule `column-made-required`: NULL is refused.

use crate::revision::Bump;
use crate::rules::matters::altered;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "column-made-required",
    summary: "NULL is refused",
    explain: include_str!("column_made_required.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    (old.nullable && !new.nullable).then(|| subject.sentence())
}
