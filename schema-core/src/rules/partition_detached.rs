//! The rule `partition-detached`: a partition's rows leave the table.

use crate::revision::Bump;
use crate::rules::matters::options;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "partition-detached",
    summary: "a partition's rows leave the table",
    explain: include_str!("partition_detached.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Taken,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = options(subject.change)?;
    (old.partition_of.is_some() && old.partition_of != new.partition_of).then(|| subject.sentence())
}
