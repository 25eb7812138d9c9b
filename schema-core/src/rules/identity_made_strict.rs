//! The rule `identity-made-strict`: the database insists on the numbers.

use schema_model::catalog::Column;

use crate::revision::Bump;
use crate::rules::matters::altered;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "identity-made-strict",
    summary: "the database insists on the numbers",
    explain: include_str!("identity_made_strict.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    let strict = |column: &Column| column.identity.as_ref().is_some_and(|identity| identity.always);
    (strict(new) && !strict(old)).then(|| subject.sentence())
}
