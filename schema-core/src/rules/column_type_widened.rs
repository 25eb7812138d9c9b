//! The rule `column-type-widened`: a text column holds longer text.

use crate::revision::Bump;
use crate::rules::matters::{TextChange, altered, text_change};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "column-type-widened",
    summary: "a text column holds longer text",
    explain: include_str!("column_type_widened.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    (text_change(&old.ty, &new.ty, subject.dialect) == Some(TextChange::Widened))
        .then(|| subject.types(old, new))
}
