//! The rule `row-security-enabled`: rows may be hidden.

use schema_model::catalog::TableOptions;

use crate::revision::Bump;
use crate::rules::matters::options;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "row-security-enabled",
    summary: "rows may be hidden",
    explain: include_str!("row_security_enabled.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Taken,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = options(subject.change)?;
    let on = |options: &TableOptions| (options.row_security, options.force_row_security);
    (on(new) > on(old)).then(|| subject.sentence())
}
