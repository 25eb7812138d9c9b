//! The rule `trigger-changed`: something happens at writes.

use schema_model::catalog::OpaqueKind;

use crate::revision::Bump;
use crate::rules::matters::{changed_opaque, on_new_table};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "trigger-changed",
    summary: "something happens at writes",
    explain: include_str!("trigger_changed.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Asked,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let object = changed_opaque(subject.change)?;
    let trigger = matches!(object.id.kind, OpaqueKind::Trigger | OpaqueKind::EventTrigger | OpaqueKind::Rule);
    (trigger && !on_new_table(object, subject)).then(|| subject.sentence())
}
