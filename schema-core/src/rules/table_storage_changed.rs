//! The rule `table-storage-changed`: how a table is stored.

use schema_model::catalog::TableOptions;

use crate::change::Change;
use crate::revision::Bump;
use crate::rules::matters::options;
use crate::rules::{Level, Rule, Subject, Word};

pub(super) static RULE: Rule = Rule {
    id: "table-storage-changed",
    summary: "how a table is stored",
    explain: include_str!("table_storage_changed.md"),
    level: Level::Allow,
    bump: Bump::Patch,
    word: Word::Ignored,
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    if let Change::AlterColumn { old, new, .. } = subject.change {
        return (old.storage != new.storage).then(|| subject.sentence());
    }
    let (old, new) = options(subject.change)?;
    let stored = |options: &TableOptions| TableOptions {
        with: options.with.clone(),
        tablespace: options.tablespace.clone(),
        unlogged: options.unlogged,
        replica_identity: options.replica_identity.clone(),
        clustered: options.clustered.clone(),
        ..TableOptions::default()
    };
    (stored(old) != stored(new)).then(|| subject.sentence())
}
