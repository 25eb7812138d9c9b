//! The rule `view-renamed`: a view has another name.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "view-renamed",
    summary: "a view has another name",
    explain: include_str!("view_renamed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::RenameView { .. }).then(|| subject.sentence())
}
