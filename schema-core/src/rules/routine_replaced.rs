//! The rule `routine-replaced`: a function does something else.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::acts_by_itself;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "routine-replaced",
    summary: "a function does something else",
    explain: include_str!("routine_replaced.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Asked,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::ReplaceOpaque { old, new } = subject.change else { return None };
    let same = (&old.definition, &old.amendments) == (&new.definition, &new.amendments);
    (!same && !acts_by_itself(new.id.kind)).then(|| subject.sentence())
}
