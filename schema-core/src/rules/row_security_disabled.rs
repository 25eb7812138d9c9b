//! The rule `row-security-disabled`: rows are no longer hidden.

use schema_model::catalog::TableOptions;

use crate::revision::Bump;
use crate::rules::matters::options;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "row-security-disabled",
    summary: "rows are no longer hidden",
    explain: include_str!("row_security_disabled.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = options(subject.change)?;
    let on = |options: &TableOptions| (options.row_security, options.force_row_security);
    (on(new) < on(old)).then(|| subject.sentence())
}
