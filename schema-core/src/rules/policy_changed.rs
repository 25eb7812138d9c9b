//! The rule `policy-changed`: other rows may be seen or written.

use schema_model::catalog::OpaqueKind;

use crate::revision::Bump;
use crate::rules::matters::{changed_opaque, on_new_table};
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "policy-changed",
    summary: "other rows may be seen or written",
    explain: include_str!("policy_changed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Asked,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let object = changed_opaque(subject.change)?;
    let policy = object.id.kind == OpaqueKind::Policy;
    (policy && !on_new_table(object, subject)).then(|| subject.sentence())
}
