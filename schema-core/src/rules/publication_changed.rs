//! The rule `publication-changed`: what is replicated.

use schema_model::catalog::OpaqueKind;

use crate::revision::Bump;
use crate::rules::matters::changed_opaque;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "publication-changed",
    summary: "what is replicated",
    explain: include_str!("publication_changed.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let object = changed_opaque(subject.change)?;
    (object.id.kind == OpaqueKind::Publication).then(|| subject.sentence())
}
