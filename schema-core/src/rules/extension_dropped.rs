//! The rule `extension-dropped`: an extension is gone.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "extension-dropped",
    summary: "an extension is gone",
    explain: include_str!("extension_dropped.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::DropExtension(_)).then(|| subject.sentence())
}
