//! The rule `view-replaced`: a view reads otherwise.

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::keeps_columns;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "view-replaced",
    summary: "a view reads otherwise",
    explain: include_str!("view_replaced.md"),
    level: Level::Allow,
    bump: Bump::Minor,
    word: Word::Taken,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    let Change::ReplaceView { old, new } = subject.change else { return None };
    let same = old.materialized == new.materialized && keeps_columns(old, new);
    let rest = (&old.query, &old.columns, &old.options, &old.check_option, &old.indexes);
    (same && rest != (&new.query, &new.columns, &new.options, &new.check_option, &new.indexes))
        .then(|| subject.sentence())
}
