//! The rule `domain-tightened`: a domain refuses values, or holds something else.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::tightened;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "domain-tightened",
    summary: "a domain refuses values, or holds something else",
    explain: include_str!("domain_tightened.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::AlterDomain { old, new } = subject.change else { return None };
    tightened(old, new).then(|| subject.sentence())
}
