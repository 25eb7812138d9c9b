//! The rule `view-narrowed`: a view lost or changed columns.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::keeps_columns;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "view-narrowed",
    summary: "a view lost or changed columns",
    explain: include_str!("view_narrowed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::ReplaceView { old, new } = subject.change else { return None };
    (old.materialized != new.materialized || !keeps_columns(old, new)).then(|| subject.sentence())
}
