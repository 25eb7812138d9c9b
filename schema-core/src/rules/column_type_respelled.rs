//! The rule `column-type-respelled`: a type in other words.

use crate::revision::Bump;
use crate::rules::matters::{TextChange, altered, text_change};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "column-type-respelled",
    summary: "a type in other words",
    explain: include_str!("column_type_respelled.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    (text_change(&old.ty, &new.ty, subject.dialect) == Some(TextChange::Respelled))
        .then(|| subject.types(old, new))
}
