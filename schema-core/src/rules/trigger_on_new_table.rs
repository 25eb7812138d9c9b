//! The rule `trigger-on-new-table`: a trigger or policy comes with its table.

use crate::revision::Bump;
use crate::rules::matters::{acts_by_itself, changed_opaque, on_new_table};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "trigger-on-new-table",
    summary: "a trigger or policy comes with its table",
    explain: include_str!("trigger_on_new_table.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let object = changed_opaque(subject.change)?;
    (acts_by_itself(object.id.kind) && on_new_table(object, subject)).then(|| subject.sentence())
}
