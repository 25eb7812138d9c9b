//! The rule `column-default-changed`: a default.

use crate::revision::Bump;
use crate::rules::matters::{altered, fills_itself};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "column-default-changed",
    summary: "a default",
    explain: include_str!("column_default_changed.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    let required = !new.nullable && old.default.is_some() && new.default.is_none();
    (old.default != new.default && (!required || fills_itself(new))).then(|| subject.sentence())
}
