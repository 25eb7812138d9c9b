//! The rule `extension-changed`: another version of an extension.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "extension-changed",
    summary: "another version of an extension",
    explain: include_str!("extension_changed.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Taken,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::AlterExtension { old, new } = subject.change else { return None };
    ((&old.version, &old.schema) != (&new.version, &new.schema)).then(|| subject.sentence())
}
