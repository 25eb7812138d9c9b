//! The rule `table-kind-changed`: what a table is.

use schema_model::catalog::TableOptions;

use crate::revision::Bump;
use crate::rules::matters::options;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "table-kind-changed",
    summary: "what a table is",
    explain: include_str!("table_kind_changed.md"),
    level: Level::Warn,
    bump: Bump::Major,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let (old, new) = options(subject.change)?;
    let flags = |options: &TableOptions| {
        (options.strict, options.without_rowid, options.autoincrement, options.temporary)
    };
    let kind = |options: &TableOptions| (options.kind.clone(), options.inherits.clone(), flags(options));
    (kind(old) != kind(new)).then(|| subject.sentence())
}
