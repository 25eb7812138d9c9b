//! The rule `composite-changed`: a composite type has other parts.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::same_parts;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "composite-changed",
    summary: "a composite type has other parts",
    explain: include_str!("composite_changed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::AlterComposite { old, new } = subject.change else { return None };
    (!same_parts(old, new)).then(|| subject.sentence())
}
