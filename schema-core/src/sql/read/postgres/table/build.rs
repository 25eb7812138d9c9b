//! A table under construction: its elements in the order in which PostgreSQL makes and names them.

use schema_model::catalog::{Column, Constraint, ConstraintKind, Index, Key, Settings, Storage, Table};

use super::super::column::{self, ColumnDef};
use super::super::constraint::{self, Pending, PendingKind};
use super::super::index;
use super::super::names::Taken;
use crate::change::Change;
use crate::sql::cursor::Read;
use crate::sql::replay::Replayer;

/// What the statement has said so far.
pub(in super::super) struct Builder {
    pub(in super::super) table: Table,
    /// Columns from parents, which come first.
    pub(in super::super) inherited: Vec<Column>,
    pub(in super::super) defs: Vec<ColumnDef>,
    pub(in super::super) pending: Vec<Pending>,
    /// Constraints that come with their name: checks of parents and of `LIKE`.
    pub(in super::super) named: Vec<Constraint>,
    /// Indexes to be made like those of another table, under new names.
    pub(in super::super) indexes: Vec<Index>,
    pub(in super::super) taken: Taken,
}

impl Builder {
    pub(in super::super) fn new(table: Table) -> Self {
        Builder {
            table,
            inherited: Vec::new(),
            defs: Vec::new(),
            pending: Vec::new(),
            named: Vec::new(),
            indexes: Vec::new(),
            taken: Taken::default(),
        }
    }

    /// Takes columns and checks from a parent.
    pub(in super::super) fn inherit(&mut self, parent: &Table) {
        self.table.options.inherits.push(parent.name.clone());
        for column in &parent.columns {
            if let Some(known) = self.inherited.iter_mut().find(|known| known.name == column.name) {
                known.nullable &= column.nullable;
                continue;
            }
            // An identity is not inherited (manual, CREATE TABLE), nor is how values are sampled.
            let storage =
                Storage { statistics: None, options: Settings::default(), ..column.storage.clone() };
            let own = Column { inherited: true, identity: None, storage, comment: None, ..column.clone() };
            self.inherited.push(own);
        }
        for check in inherited_checks(parent) {
            if !self.named.iter().any(|known| known.name == check.name) {
                // A new table has no row that could break it.
                self.named.push(Constraint { validated: true, ..check });
            }
        }
    }

    /// Makes the table, and everything that comes with it.
    pub(in super::super) fn finish(mut self, replayer: &mut Replayer) -> Read<()> {
        let keys = column::key_columns(&self.pending);
        let name = self.table.name.clone();
        // Sequences are made first, so their names are chosen first.
        for def in &mut self.defs {
            column::finish(replayer, &name, def, self.table.options.unlogged, &mut self.taken)?;
        }
        self.taken.relation(name.clone());
        self.merge_columns();
        for column in self.table.columns.iter_mut().filter(|column| keys.contains(&column.name)) {
            column.nullable = false;
        }
        let named = std::mem::take(&mut self.named);
        for constraint in named {
            if let Some(own) = &constraint.name {
                self.taken.constraint(name.sibling(own.clone()));
            }
            self.table.constraints.push(constraint);
        }
        self.settle(replayer)?;
        for mut copy in std::mem::take(&mut self.indexes) {
            copy.name = index::generated_name(replayer.relations(), &self.taken, &name, &copy);
            self.taken.relation(name.sibling(copy.name.clone()));
            self.table.indexes.push(copy);
        }
        replayer.emit(Change::CreateTable(Box::new(self.table)))
    }

    /// Parents' columns first; a column given again is merged into the parent's.
    fn merge_columns(&mut self) {
        self.table.columns = std::mem::take(&mut self.inherited);
        for def in std::mem::take(&mut self.defs) {
            let column = def.column;
            match self.table.columns.iter_mut().find(|known| known.name == column.name) {
                Some(known) => {
                    known.nullable &= column.nullable;
                    known.inherited = false;
                    known.origin = column.origin;
                    let above = known.default.take().filter(|_| !def.null_default);
                    known.default = column.default.or(above);
                    known.generated = column.generated.or_else(|| known.generated.take());
                    known.identity = column.identity;
                }
                None => self.table.columns.push(column),
            }
        }
    }

    /// Names constraints in PostgreSQL's order: checks, the primary key, other keys, foreign keys. They stay in the
    /// order in which they are written.
    fn settle(&mut self, replayer: &Replayer) -> Read<()> {
        let pending = without_repeated_keys(std::mem::take(&mut self.pending));
        let mut order: Vec<usize> = (0..pending.len()).collect();
        order.sort_by_key(|at| rank(&pending[*at].kind));
        let start = self.table.constraints.len();
        let mut places = Vec::with_capacity(pending.len());
        for at in order {
            let constraint = constraint::settle(replayer, &self.table, &mut self.taken, &pending[at])?;
            // An empty table has nothing to be checked: `NOT VALID` means nothing here.
            let constraint = Constraint { validated: true, ..constraint };
            let repeated = constraint.name.as_ref().and_then(|name| self.table.constraint(name.as_str()));
            if let Some(inherited) = repeated {
                // A check of the same name as the parent's is merged with it.
                if inherited.inherited {
                    continue;
                }
                let name = constraint.name.map(|name| name.to_string()).unwrap_or_default();
                return Err(replayer.refused(format!("constraint `{name}` is given twice")));
            }
            self.table.constraints.push(constraint);
            places.push(at);
        }
        let added = self.table.constraints.split_off(start);
        let mut placed: Vec<(usize, Constraint)> = places.into_iter().zip(added).collect();
        placed.sort_by_key(|(at, _)| *at);
        self.table.constraints.extend(placed.into_iter().map(|(_, constraint)| constraint));
        Ok(())
    }
}

fn rank(kind: &PendingKind) -> u8 {
    match kind {
        PendingKind::Check(_) => 0,
        PendingKind::Key { primary: true, .. } | PendingKind::KeyUsing { primary: true, .. } => 1,
        PendingKind::Key { .. } | PendingKind::KeyUsing { .. } | PendingKind::Exclude(_) => 2,
        PendingKind::ForeignKey { .. } => 3,
    }
}

/// A unique or exclusion constraint that says what another constraint of the table says is that one
/// (`transformIndexConstraints`): the primary key is looked at first, then the others as they are written.
fn without_repeated_keys(pending: Vec<Pending>) -> Vec<Pending> {
    let is_primary = |one: &Pending| matches!(one.kind, PendingKind::Key { primary: true, .. });
    let mut order: Vec<usize> = (0..pending.len()).collect();
    order.sort_by_key(|at| !is_primary(&pending[*at]));
    let mut kept: Vec<(usize, Pending)> = Vec::with_capacity(pending.len());
    for at in order {
        let one = &pending[at];
        // A name goes over to the constraint that stays, if it has none.
        match kept.iter_mut().find(|(_, known)| is_repeated(one, known)) {
            Some((_, known)) if known.name.is_none() => known.name.clone_from(&one.name),
            Some(_) => {}
            None => kept.push((at, one.clone())),
        }
    }
    kept.sort_by_key(|(at, _)| *at);
    kept.into_iter().map(|(_, one)| one).collect()
}

fn is_repeated(one: &Pending, known: &Pending) -> bool {
    one.deferrable == known.deferrable
        && match (&one.kind, &known.kind) {
            (PendingKind::Key { primary: false, key, .. }, PendingKind::Key { key: known, .. }) => {
                is_same_key(key, known)
            }
            (PendingKind::Exclude(exclude), PendingKind::Exclude(known)) => exclude == known,
            _ => false,
        }
}

fn is_same_key(one: &Key, other: &Key) -> bool {
    one.columns == other.columns
        && one.include == other.include
        && one.nulls_not_distinct == other.nulls_not_distinct
}

/// The checks that children of the table have too.
pub(in super::super) fn inherited_checks(parent: &Table) -> impl Iterator<Item = Constraint> + '_ {
    parent.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::Check(check) if !check.no_inherit => {
            Some(Constraint { inherited: true, comment: None, ..constraint.clone() })
        }
        _ => None,
    })
}
