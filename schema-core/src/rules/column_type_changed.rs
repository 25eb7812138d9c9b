//! The rule `column-type-changed`: a column holds something else.

use crate::revision::Bump;
use crate::rules::matters::{altered, text_change};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "column-type-changed",
    summary: "a column holds something else",
    explain: include_str!("column_type_changed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    let text = text_change(&old.ty, &new.ty, subject.dialect);
    (old.ty != new.ty && text.is_none()).then(|| subject.types(old, new))
}
