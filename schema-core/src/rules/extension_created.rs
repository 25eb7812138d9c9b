//! The rule `extension-created`: a new extension.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "extension-created",
    summary: "a new extension",
    explain: include_str!("extension_created.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::CreateExtension(_)).then(|| subject.sentence())
}
