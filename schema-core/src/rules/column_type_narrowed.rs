//! The rule `column-type-narrowed`: a text column holds shorter text only.

use crate::revision::Bump;
use crate::rules::matters::{TextChange, altered, text_change};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "column-type-narrowed",
    summary: "a text column holds shorter text only",
    explain: include_str!("column_type_narrowed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    (text_change(&old.ty, &new.ty, subject.dialect) == Some(TextChange::Narrowed))
        .then(|| subject.types(old, new))
}
