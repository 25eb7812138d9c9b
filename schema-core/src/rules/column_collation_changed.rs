//! The rule `column-collation-changed`: text compares otherwise.

use crate::revision::Bump;
use crate::rules::matters::altered;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "column-collation-changed",
    summary: "text compares otherwise",
    explain: include_str!("column_collation_changed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    (old.collation != new.collation).then(|| subject.sentence())
}
