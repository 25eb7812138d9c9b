//! The rule `domain-loosened`: a domain takes more values.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::tightened;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "domain-loosened",
    summary: "a domain takes more values",
    explain: include_str!("domain_loosened.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::AlterDomain { old, new } = subject.change else { return None };
    (!tightened(old, new) && (old.checks != new.checks || old.nullable != new.nullable))
        .then(|| subject.sentence())
}
