//! `LIKE source [INCLUDING … | EXCLUDING …]` (manual, CREATE TABLE).

use schema_model::catalog::{Column, Constraint, ConstraintKind, Storage, Table};

use super::super::column::ColumnDef;
use super::super::column::IdentityDef;
use super::super::constraint::{Pending, PendingKind};
use super::super::sequence;
use super::Builder;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

#[derive(Default)]
struct Including {
    comments: bool,
    constraints: bool,
    defaults: bool,
    generated: bool,
    identity: bool,
    indexes: bool,
    storage: bool,
    compression: bool,
}

impl Including {
    fn set(&mut self, what: &str, yes: bool) {
        match what {
            "all" => {
                let each = [
                    &mut self.comments,
                    &mut self.constraints,
                    &mut self.defaults,
                    &mut self.generated,
                    &mut self.identity,
                    &mut self.indexes,
                    &mut self.storage,
                    &mut self.compression,
                ];
                each.into_iter().for_each(|flag| *flag = yes);
            }
            "comments" => self.comments = yes,
            "constraints" => self.constraints = yes,
            "defaults" => self.defaults = yes,
            "generated" => self.generated = yes,
            "identity" => self.identity = yes,
            "indexes" => self.indexes = yes,
            "storage" => self.storage = yes,
            "compression" => self.compression = yes,
            _ => {}
        }
    }
}

/// From after `LIKE` on.
pub(super) fn read(replayer: &Replayer, cursor: &mut Cursor<'_>, builder: &mut Builder) -> Read<()> {
    let start = cursor.position();
    let spelled = cursor.object()?;
    let name = replayer.table(&spelled)?;
    let source = replayer.known_table(&name)?;
    let mut including = Including::default();
    while let Some(word) = cursor.accept_any(&["including", "excluding"]) {
        including.set(&cursor.name()?.as_str().to_ascii_lowercase(), word == "including");
    }
    cursor.expect_done()?;
    builder.defs.extend(source.columns.iter().map(|column| copied_column(column, &including)));
    for constraint in &source.constraints {
        copy_constraint(constraint, &including, builder, cursor, start);
    }
    if including.indexes {
        copy_indexes(source, &including, builder);
    }
    Ok(())
}

fn copied_column(source: &Column, including: &Including) -> ColumnDef {
    let identity = source.identity.as_ref().filter(|_| including.identity);
    let computed = source.generated.is_some();
    let column = Column {
        nullable: source.nullable,
        default: source.default.clone().filter(|_| including.defaults && !computed),
        generated: source.generated.clone().filter(|_| including.generated),
        identity: None,
        storage: Storage {
            strategy: source.storage.strategy.clone().filter(|_| including.storage),
            compression: source.storage.compression.clone().filter(|_| including.compression),
            ..Storage::default()
        },
        comment: source.comment.clone().filter(|_| including.comments),
        inherited: false,
        ..source.clone()
    };
    let identity = identity
        .map(|known| IdentityDef { always: known.always, options: sequence::Options::like(&known.options) });
    ColumnDef { column, null_default: false, serial: None, identity, constraints: Vec::new() }
}

fn copy_constraint(
    source: &Constraint,
    including: &Including,
    builder: &mut Builder,
    cursor: &Cursor<'_>,
    start: usize,
) {
    let span = cursor.span_since(start);
    let pending = |kind| Pending { deferrable: source.deferrable, ..Pending::new(None, kind, start, span) };
    match &source.kind {
        ConstraintKind::Check(_) if including.constraints => {
            let comment = source.comment.clone().filter(|_| including.comments);
            builder.named.push(Constraint { inherited: false, comment, ..source.clone() });
        }
        ConstraintKind::PrimaryKey(key) if including.indexes => {
            builder.pending.push(pending(PendingKind::Key { primary: true, key: key.clone() }));
        }
        ConstraintKind::Unique(key) if including.indexes => {
            builder.pending.push(pending(PendingKind::Key { primary: false, key: key.clone() }));
        }
        ConstraintKind::Exclude(exclude) if including.indexes => {
            builder.pending.push(pending(PendingKind::Exclude(exclude.clone())));
        }
        _ => {}
    }
}

fn copy_indexes(source: &Table, including: &Including, builder: &mut Builder) {
    for index in &source.indexes {
        let mut copy = index.clone();
        copy.parent = None;
        copy.statistics.clear();
        copy.comment = index.comment.clone().filter(|_| including.comments);
        builder.indexes.push(copy);
    }
}
