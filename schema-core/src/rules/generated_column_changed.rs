//! The rule `generated-column-changed`: a column is computed, or computed otherwise.

use crate::revision::Bump;
use crate::rules::matters::altered;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "generated-column-changed",
    summary: "a column is computed, or computed otherwise",
    explain: include_str!("generated_column_changed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = altered(subject.change)?;
    (old.generated != new.generated).then(|| subject.sentence())
}
