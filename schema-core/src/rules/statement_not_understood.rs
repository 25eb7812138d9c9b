//! The rule `statement-not-understood`: a statement whose effect is not known.

use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "statement-not-understood",
    summary: "a statement whose effect is not known",
    explain: include_str!("statement_not_understood.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Asked,
    check,
};

/// A gap is no change: `judge_revision` finds it among the statements.
fn check(_: &Subject<'_>) -> Option<String> {
    None
}
