//! The rule `partition-attached`: a table becomes a partition.

use crate::revision::Bump;
use crate::rules::matters::options;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "partition-attached",
    summary: "a table becomes a partition",
    explain: include_str!("partition_attached.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = options(subject.change)?;
    (old.partition_of.is_none() && new.partition_of.is_some()).then(|| subject.sentence())
}
