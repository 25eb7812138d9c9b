//! The rule `view-replaced`: a view reads otherwise.

use schema_model::catalog::View;

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
    let rest = |view: &View| {
        let mut rest = view.clone();
        (rest.comment, rest.origin) = (None, Default::default());
        rest.column_comments.clear();
        rest
    };
    (same && rest(old) != rest(new)).then(|| subject.sentence())
}
