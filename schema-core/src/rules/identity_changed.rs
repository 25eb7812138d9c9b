//! The rule `identity-changed`: how a column is numbered.

use schema_model::catalog::Column;

use crate::revision::Bump;
use crate::rules::matters::{altered, fills_itself};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "identity-changed",
    summary: "how a column is numbered",
    explain: include_str!("identity_changed.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    let strict = |column: &Column| column.identity.as_ref().is_some_and(|identity| identity.always);
    let gone = new.identity.is_none() && !new.nullable && !fills_itself(new);
    (old.identity != new.identity && !gone && (!strict(new) || strict(old))).then(|| subject.sentence())
}
