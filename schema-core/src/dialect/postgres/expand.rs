//! What has to be made anew around a change: views and opaque objects over what goes or changes its type, foreign keys
//! over a key that goes, checks, indexes and defaults over a column or function that does.
//!
//! All of it is said as changes, so that what follows knows one language only.

use std::collections::{BTreeMap, BTreeSet};

use schema_model::catalog::{
    Catalog, Column, ColumnType, ConstraintKind, OpaqueKind, OpaqueObject, Table, TableKind, View,
};
use schema_model::{Name, ObjectName};

use super::expr::Mentions;
use super::{attached, deps, interim, members, opaque, types};
use crate::change::Change;
use crate::plan::{Key, PlanError};

/// The changes with everything spelled out.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// In no particular order.
    pub changes: Vec<Change>,
    /// Types that are made anew while columns keep using them, in the order in which they can be made.
    pub rebuilt: Vec<ObjectName>,
    /// Columns that are brought to a rebuilt type.
    pub converted: BTreeSet<(ObjectName, Name)>,
    /// Partitions that step aside while their parent is made anew.
    pub aside: BTreeSet<ObjectName>,
}

/// What goes away or changes its shape, and so takes along what stands on it.
#[derive(Debug, Default)]
pub(super) struct Disturbed {
    pub gone: BTreeSet<Key>,
    pub retyped: BTreeMap<ObjectName, BTreeSet<Name>>,
    /// Unique keys that go, though perhaps to come back: table and columns.
    pub keys: BTreeSet<(ObjectName, BTreeSet<Name>)>,
}

impl Disturbed {
    /// Whether a text that touches these objects stands on something disturbed.
    pub fn hits<'a>(&self, touches: impl IntoIterator<Item = &'a ObjectName>, found: &Mentions) -> bool {
        let gone = |name: &ObjectName| {
            self.gone.contains(&Key::Relation(name.clone()))
                || self.gone.contains(&Key::Type(name.clone()))
                || self.gone.contains(&Key::Routine(name.clone()))
        };
        let retyped = |name: &ObjectName| {
            self.retyped
                .get(name)
                .is_some_and(|columns| found.star || columns.iter().any(|column| found.word(column)))
        };
        touches.into_iter().any(|name| gone(name) || retyped(name))
            || found.calls.iter().any(|name| self.gone.contains(&Key::Routine(name.clone())))
            || self.operator_gone(found)
    }

    fn operator_gone(&self, found: &Mentions) -> bool {
        found.operators.iter().any(|name| self.gone.contains(&Key::Operator(name.clone())))
    }

    /// Whether an expression of the table's own stands on something disturbed.
    pub fn hits_expr(&self, table: &ObjectName, text: &str) -> bool {
        let found = Mentions::of(text);
        let own = self.retyped.get(table).is_some_and(|columns| columns.iter().any(|name| found.word(name)));
        own || found.calls.iter().any(|name| self.gone.contains(&Key::Routine(name.clone())))
            || found.names.iter().any(|name| self.gone.contains(&Key::Type(name.clone())))
            || self.operator_gone(&found)
    }

    pub fn retype(&mut self, table: &ObjectName, column: &Name) -> bool {
        self.retyped.entry(table.clone()).or_default().insert(column.clone())
    }
}

/// Spells everything out.
pub(super) fn expand(old: &Catalog, new: &Catalog, changes: Vec<Change>) -> Result<Work, PlanError> {
    let mut work = Work::default();
    let mut disturbed = Disturbed::default();
    refuse_server(old, new, &changes)?;
    rebuilt_types(old, new, &changes, &mut work, &mut disturbed);
    for change in changes {
        first(old, new, change, &mut work, &mut disturbed)?;
    }
    attached::step_aside(old, new, &mut work);
    attached::remake(old, new, &mut work);
    interim::columns(old, new, &mut work, &mut disturbed);
    for (table, column) in &work.converted {
        refuse_partition_key(new, table, column)?;
    }
    loop {
        let before = work.changes.len();
        views(old, new, &mut work, &mut disturbed);
        opaques(old, new, &mut work, &mut disturbed);
        members::domains(old, new, &mut work, &disturbed);
        members::remake(old, new, &mut work, &mut disturbed);
        if work.changes.len() == before {
            sequences(&mut work);
            return Ok(work);
        }
    }
}

/// One change as it came: replacements that cannot be made in place become a drop and a creation.
fn first(
    old: &Catalog,
    new: &Catalog,
    change: Change,
    work: &mut Work,
    disturbed: &mut Disturbed,
) -> Result<(), PlanError> {
    match change {
        Change::ReplaceView { old: before, new: after } if !same_query(&before, &after) => {
            disturbed.gone.insert(Key::Relation(before.name.clone()));
            work.changes.extend([Change::DropView(before), Change::CreateView(after)]);
        }
        Change::ReplaceView { old: before, new: after } => {
            crate::diff::index_changes(&after.name, &before.indexes, &after.indexes, &mut work.changes);
            work.changes.push(Change::ReplaceView { old: before, new: after });
        }
        Change::ReplaceOpaque { old: before, new: after } if !in_place(&before, &after) => {
            disturbed.gone.extend(deps::own_keys(&before));
            work.changes.extend([Change::DropOpaque(before), Change::CreateOpaque(after)]);
        }
        Change::AlterColumn { table, old: before, new: after } => {
            if made_anew(&before, &after) {
                disturbed.retype(&table, &before.name);
                work.changes.push(Change::DropColumn { table: table.clone(), column: before });
                work.changes.push(Change::AddColumn { table, column: after, position: None });
                return Ok(());
            }
            if retyped(&before, &after) {
                refuse_partition_key(new, &table, &after.name)?;
                disturbed.retype(&table, &before.name);
            }
            work.changes.push(Change::AlterColumn { table, old: before, new: after });
        }
        Change::DropColumn { table, column } => {
            disturbed.retype(&table, &column.name);
            work.changes.push(Change::DropColumn { table, column });
        }
        Change::DropTable(table) => {
            disturbed.gone.insert(Key::Relation(table.name.clone()));
            disturbed.gone.insert(Key::Type(table.name.clone()));
            work.changes.push(Change::DropTable(table));
        }
        Change::DropView(view) => {
            disturbed.gone.insert(Key::Relation(view.name.clone()));
            work.changes.push(Change::DropView(view));
        }
        Change::DropOpaque(object) => {
            let others = old.opaque.values().any(|other| {
                other.id != object.id && other.id.name == object.id.name && new.opaque.contains_key(&other.id)
            });
            if !others {
                disturbed.gone.extend(deps::own_keys(&object));
            }
            work.changes.push(Change::DropOpaque(object));
        }
        Change::DropConstraint { table, constraint } => {
            if let ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) = &constraint.kind {
                disturbed.keys.insert((table.clone(), key.columns.iter().cloned().collect()));
            }
            work.changes.push(Change::DropConstraint { table, constraint });
        }
        Change::DropIndex { table, index } => {
            if index.unique {
                let columns = index.parts.iter().filter_map(|part| match &part.term {
                    schema_model::catalog::IndexTerm::Column(name) => Some(name.clone()),
                    schema_model::catalog::IndexTerm::Expr(_) => None,
                });
                disturbed.keys.insert((table.clone(), columns.collect()));
            }
            work.changes.push(Change::DropIndex { table, index });
        }
        other if rebuilds(&other, &work.rebuilt) => {}
        other => work.changes.push(other),
    }
    Ok(())
}

/// A sequence that goes with its owner and comes again with a new one is not the same sequence.
fn sequences(work: &mut Work) {
    let mut gone = BTreeSet::new();
    let mut come = BTreeSet::new();
    for change in &work.changes {
        match change {
            Change::DropTable(table) => _ = gone.insert((table.name.clone(), None)),
            Change::DropColumn { table, column } => {
                gone.insert((table.clone(), Some(column.name.clone())));
            }
            Change::CreateTable(table) => _ = come.insert((table.name.clone(), None)),
            Change::AddColumn { table, column, .. } => {
                come.insert((table.clone(), Some(column.name.clone())));
            }
            _ => {}
        }
    }
    let owned = |owner: &Option<(ObjectName, Name)>, set: &BTreeSet<(ObjectName, Option<Name>)>| {
        owner.as_ref().is_some_and(|(table, column)| {
            set.contains(&(table.clone(), None)) || set.contains(&(table.clone(), Some(column.clone())))
        })
    };
    for change in std::mem::take(&mut work.changes) {
        match change {
            Change::AlterSequence { old, new }
                if owned(&old.owned_by, &gone) && owned(&new.owned_by, &come) =>
            {
                work.changes.extend([Change::DropSequence(old), Change::CreateSequence(new)]);
            }
            other => work.changes.push(other),
        }
    }
}

/// Whether the change is a part of a rebuild and needs no statement of its own.
fn rebuilds(change: &Change, rebuilt: &[ObjectName]) -> bool {
    let name = match change {
        Change::ReplaceEnum { new, .. } | Change::CreateEnum(new) | Change::DropEnum(new) => &new.name,
        Change::AlterDomain { new, .. } | Change::CreateDomain(new) | Change::DropDomain(new) => &new.name,
        Change::AlterComposite { new, .. } | Change::CreateComposite(new) | Change::DropComposite(new) => {
            &new.name
        }
        _ => return false,
    };
    rebuilt.contains(name)
}

/// Whether a view differs only in options and comment.
fn same_query(old: &View, new: &View) -> bool {
    let columns = old.columns.is_empty()
        || new.columns.is_empty()
        || old.columns.iter().map(|column| &column.0).eq(new.columns.iter().map(|column| &column.0));
    columns
        && old.query == new.query
        && old.materialized == new.materialized
        && old.check_option == new.check_option
}

fn in_place(old: &OpaqueObject, new: &OpaqueObject) -> bool {
    old.definition == new.definition && old.amendments == new.amendments || opaque::replaceable(old, new)
}

/// Whether the column can only be dropped and added: its expression is another one.
fn made_anew(old: &Column, new: &Column) -> bool {
    new.generated.is_some() && old.generated != new.generated
}

pub(super) fn retyped(old: &Column, new: &Column) -> bool {
    old.ty != new.ty || old.collation != new.collation
}

/// A server that goes, even to come back with other options, would take its foreign tables along.
fn refuse_server(old: &Catalog, new: &Catalog, changes: &[Change]) -> Result<(), PlanError> {
    for change in changes {
        let (Change::DropOpaque(object) | Change::ReplaceOpaque { old: object, .. }) = change else {
            continue;
        };
        let comment_alone = matches!(change, Change::ReplaceOpaque { old, new }
            if old.definition == new.definition && old.amendments == new.amendments);
        if object.id.kind != OpaqueKind::Foreign || comment_alone {
            continue;
        }
        let stays = |table: &&Table| {
            let over = matches!(&table.options.kind, TableKind::Foreign(server)
                if Mentions::of(server).word(&object.id.name.name));
            over && old.tables.contains_key(&table.name)
        };
        if let Some(table) = new.tables.values().find(stays) {
            let reason =
                format!("foreign table `{}` stays and stands on it; foreign data is not planned", table.name);
            return Err(PlanError::unsupported(&object.id, reason));
        }
    }
    Ok(())
}

/// The type of a column that rows are partitioned by is fixed (manual, ALTER TABLE).
fn refuse_partition_key(new: &Catalog, table: &ObjectName, column: &Name) -> Result<(), PlanError> {
    let Some(TableKind::Partitioned(key)) = new.tables.get(table).map(|table| &table.options.kind) else {
        return Ok(());
    };
    if Mentions::of(key).word(column) {
        return Err(PlanError::unsupported(
            format!("{table}.{column}"),
            "the type of a column in a partition key cannot change; make a new table and copy the rows",
        ));
    }
    Ok(())
}

fn views(old: &Catalog, new: &Catalog, work: &mut Work, disturbed: &mut Disturbed) {
    for (name, after) in &new.views {
        let Some(before) = old.views.get(name) else { continue };
        let key = Key::Relation(name.clone());
        let grouped = || {
            let found = Mentions::of(&before.query);
            // A query grouped by a primary key depends on the key itself.
            found.words.contains("group")
                && disturbed.keys.iter().any(|(table, _)| before.touches.contains(table))
        };
        if disturbed.gone.contains(&key)
            || !(disturbed.hits(&before.touches, &Mentions::of(&before.query)) || grouped())
        {
            continue;
        }
        disturbed.gone.insert(key);
        work.changes.retain(|change| change.table() != Some(name));
        work.changes.push(Change::DropView(Box::new(before.clone())));
        work.changes.push(Change::CreateView(Box::new(after.clone())));
    }
}

fn opaques(old: &Catalog, new: &Catalog, work: &mut Work, disturbed: &mut Disturbed) {
    for (id, after) in &new.opaque {
        let Some(before) = old.opaque.get(id) else { continue };
        let key = Key::Opaque(id.clone());
        if disturbed.gone.contains(&key) || !stands_on(before, disturbed) {
            continue;
        }
        disturbed.gone.extend(deps::own_keys(before));
        work.changes.retain(|change| !matches!(change, Change::ReplaceOpaque { new, .. } if new.id == *id));
        work.changes.push(Change::DropOpaque(Box::new(before.clone())));
        work.changes.push(Change::CreateOpaque(Box::new(after.clone())));
    }
}

/// Whether an opaque object cannot stay while what is disturbed changes.
fn stands_on(object: &OpaqueObject, disturbed: &Disturbed) -> bool {
    let found = Mentions::of(&object.definition);
    let on_gone = object.id.on.as_ref().is_some_and(|on| disturbed.gone.contains(&Key::Relation(on.clone())));
    match object.id.kind {
        OpaqueKind::Function | OpaqueKind::Procedure | OpaqueKind::Aggregate => {
            let named = object.touches.iter().filter(|name| found.object(name));
            if deps::is_atomic(object) {
                return disturbed.hits(named, &found);
            }
            // A routine's body in quotes depends on nothing; its signature on types only.
            let resolved: BTreeSet<_> = named.collect();
            let calls = matches!(object.id.kind, OpaqueKind::Aggregate);
            resolved.iter().any(|name| disturbed.gone.contains(&Key::Type((*name).clone())))
                || resolved.iter().any(|name| disturbed.gone.contains(&Key::Relation((*name).clone())))
                || calls
                    && found.names.iter().any(|name| disturbed.gone.contains(&Key::Routine(name.clone())))
        }
        OpaqueKind::Rule | OpaqueKind::Trigger | OpaqueKind::Policy | OpaqueKind::Statistics => {
            let own: BTreeSet<_> = object.touches.iter().chain(&object.id.on).cloned().collect();
            on_gone || disturbed.hits(&own, &found)
        }
        OpaqueKind::Operator
        | OpaqueKind::OperatorClass
        | OpaqueKind::Cast
        | OpaqueKind::Type
        | OpaqueKind::EventTrigger => {
            disturbed.hits(&object.touches, &found)
                || found.names.iter().any(|name| disturbed.gone.contains(&Key::Routine(name.clone())))
        }
        OpaqueKind::Collation | OpaqueKind::TextSearch | OpaqueKind::Foreign | OpaqueKind::Publication => {
            on_gone
        }
    }
}

/// Types that have to be made anew under the same name, and those that are built on them.
fn rebuilt_types(
    old: &Catalog,
    new: &Catalog,
    changes: &[Change],
    work: &mut Work,
    disturbed: &mut Disturbed,
) {
    let mut names: BTreeSet<ObjectName> =
        changes.iter().filter_map(|change| rebuild_of(old, new, change)).collect();
    loop {
        let rests = |ty: &ColumnType| ty.user_type().is_some_and(|name| names.contains(name));
        let domains = new.domains.values().filter(|domain| {
            rests(&domain.base) && old.domains.get(&domain.name).is_some_and(|old| rests(&old.base))
        });
        let composites = new.composites.values().filter(|ty| {
            ty.attributes.iter().any(|attribute| rests(&attribute.ty))
                && old.composites.contains_key(&ty.name)
        });
        let more: BTreeSet<_> = domains
            .map(|domain| domain.name.clone())
            .chain(composites.map(|ty| ty.name.clone()))
            .filter(|name| !names.contains(name))
            .collect();
        if more.is_empty() {
            break;
        }
        names.extend(more);
    }
    for table in new.tables.values() {
        let Some(before) = old.tables.get(&table.name) else { continue };
        for column in &table.columns {
            let same = before.column(column.name.as_str()).is_some_and(|old| old.ty == column.ty);
            if same && column.ty.user_type().is_some_and(|name| names.contains(name)) {
                work.converted.insert((table.name.clone(), column.name.clone()));
                disturbed.retype(&table.name, &column.name);
            }
        }
    }
    disturbed.gone.extend(names.iter().cloned().map(Key::Type));
    work.rebuilt = in_order(names, new);
}

/// The name of the type that the change makes anew, if it does.
fn rebuild_of(old: &Catalog, new: &Catalog, change: &Change) -> Option<ObjectName> {
    match change {
        Change::ReplaceEnum { old, new } => (old.values != new.values).then(|| new.name.clone()),
        Change::AlterDomain { old, new } => {
            (old.base != new.base || old.collation != new.collation).then(|| new.name.clone())
        }
        Change::AlterComposite { old: before, new: after } => {
            let used = || {
                old.tables
                    .values()
                    .flat_map(|table| &table.columns)
                    .any(|column| column.ty.user_type() == Some(&after.name))
            };
            match types::alter_composite(before, after) {
                None => Some(after.name.clone()),
                Some(steps) if steps.iter().any(|step| step.contains(" ALTER ATTRIBUTE ")) && used() => {
                    Some(after.name.clone())
                }
                Some(_) => None,
            }
        }
        // Another kind of type under the same name.
        Change::DropEnum(ty) => another_kind(new, &ty.name),
        Change::DropDomain(domain) => another_kind(new, &domain.name),
        Change::DropComposite(ty) => another_kind(new, &ty.name),
        _ => None,
    }
}

fn another_kind(new: &Catalog, name: &ObjectName) -> Option<ObjectName> {
    let there =
        new.enums.contains_key(name) || new.domains.contains_key(name) || new.composites.contains_key(name);
    there.then(|| name.clone())
}

/// What a type is built on before the type.
fn in_order(names: BTreeSet<ObjectName>, new: &Catalog) -> Vec<ObjectName> {
    let below = |name: &ObjectName| -> Vec<ObjectName> {
        if let Some(domain) = new.domains.get(name) {
            return domain.base.user_type().cloned().into_iter().collect();
        }
        let attributes = new.composites.get(name).into_iter().flat_map(|ty| &ty.attributes);
        attributes.filter_map(|attribute| attribute.ty.user_type().cloned()).collect()
    };
    let mut out: Vec<ObjectName> = Vec::new();
    let mut rest: Vec<ObjectName> = names.into_iter().collect();
    while !rest.is_empty() {
        let ready = rest.iter().position(|name| !below(name).iter().any(|base| rest.contains(base)));
        out.push(rest.remove(ready.unwrap_or(0)));
    }
    out
}
