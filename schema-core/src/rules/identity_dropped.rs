//! The rule `identity-dropped`: nobody numbers the rows.

use crate::revision::Bump;
use crate::rules::matters::{altered, fills_itself};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "identity-dropped",
    summary: "nobody numbers the rows",
    explain: include_str!("identity_dropped.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    let gone = new.identity.is_none() && !new.nullable && !fills_itself(new);
    (old.identity.is_some() && gone).then(|| subject.sentence())
}
