//! The rule `comment-changed`: a comment.

use crate::revision::Bump;
use crate::rules::matters::comment_differs;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "comment-changed",
    summary: "a comment",
    explain: include_str!("comment_changed.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    comment_differs(subject.change).then(|| subject.sentence())
}
