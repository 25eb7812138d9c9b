//! The rule `domain-default-changed`: a domain's default.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "domain-default-changed",
    summary: "a domain's default",
    explain: include_str!("domain_default_changed.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::AlterDomain { old, new } = subject.change else { return None };
    (old.default != new.default).then(|| subject.sentence())
}
