//! The rule `table-dropped`: a table is gone.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "table-dropped",
    summary: "a table is gone",
    explain: include_str!("table_dropped.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    matches!(subject.change, Change::DropTable(_)).then(|| subject.sentence())
}
