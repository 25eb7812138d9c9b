//! The rule `schema-removed`: a schema is gone or has another name.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "schema-removed",
    summary: "a schema is gone or has another name",
    explain: include_str!("schema_removed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::DropSchema(_) | Change::RenameSchema { .. }).then(|| subject.sentence())
}
