//! The rule `default-dropped-from-required`: inserts must name the column.

use crate::revision::Bump;
use crate::rules::matters::{altered, fills_itself};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "default-dropped-from-required",
    summary: "inserts must name the column",
    explain: include_str!("default_dropped_from_required.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    let lost = !new.nullable && old.default.is_some() && new.default.is_none();
    (lost && !fills_itself(new)).then(|| subject.sentence())
}
