//! The rule `schema-created`: a new schema.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "schema-created",
    summary: "a new schema",
    explain: include_str!("schema_created.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::CreateSchema(_)).then(|| subject.sentence())
}
