//! The rule `column-made-nullable`: NULL may be read.

use crate::revision::Bump;
use crate::rules::matters::altered;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "column-made-nullable",
    summary: "NULL may be read",
    explain: include_str!("column_made_nullable.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    (!old.nullable && new.nullable).then(|| subject.sentence())
}
