//! The rule `routine-created`: a new function or the like.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::acts_by_itself;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "routine-created",
    summary: "a new function or the like",
    explain: include_str!("routine_created.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::CreateOpaque(object) = subject.change else { return None };
    (!acts_by_itself(object.id.kind)).then(|| subject.sentence())
}
