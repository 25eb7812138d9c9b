//! Tables, their columns, constraints and indexes as nodes.

use std::collections::BTreeSet;

use schema_model::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Index, Sequence, Table, TableKind, TableOptions,
};
use schema_model::ident::quote;
use schema_model::{Name, ObjectName};

use super::nodes::{Frame, made, phase, plain, removed};
use super::{PG, attached, column, comment, constraint, deps, index, sequence, table};
use crate::change::Change;
use crate::dialect::SqlWriter;
use crate::plan::{Hazard, Key, Node, PlanError, Step};

/// The node or nodes of a change to a table.
pub(super) fn node(frame: &Frame<'_>, change: &Change, out: &mut Vec<Node>) -> Result<(), PlanError> {
    match change {
        Change::CreateTable(table) => create_table(frame, table, out),
        Change::DropTable(table) => {
            ring_keys(frame, table, out);
            out.push(drop_table(frame, table));
        }
        Change::AlterTable { table, old, new } => {
            let mut soon = (**new).clone();
            if new.replica_identity.as_deref().is_some_and(table::uses_index) {
                soon.replica_identity.clone_from(&old.replica_identity);
            }
            let moved = new
                .partition_of
                .clone()
                .filter(|bound| old.partition_of.as_ref().is_some_and(|known| known != bound));
            if moved.is_some() {
                soon.partition_of = None;
            }
            let mut node = altering(phase::COLUMN, table, 5, table::alter(table, old, &soon));
            if old.unlogged != new.unlogged {
                persistence(frame, table, new.unlogged, &mut node);
            }
            if old.partition_of != new.partition_of || old.inherits != new.inherits {
                // Columns and constraints have to fit the parent's by then.
                node.place.phase = phase::OWNED_BY;
                if new.partition_of.is_some() || !new.inherits.is_empty() {
                    node.needs.extend([Key::Columns(table.clone()), Key::Members(table.clone())]);
                }
                node.needs.extend(new.partition_of.iter().map(|(parent, _)| Key::Relation(parent.clone())));
                node.needs.extend(new.inherits.iter().cloned().map(Key::Relation));
                node.lets_go.extend(old.partition_of.iter().map(|(parent, _)| Key::Relation(parent.clone())));
                node.lets_go.extend(old.inherits.iter().cloned().map(Key::Relation));
                match &old.partition_of {
                    Some((parent, _)) => node.removes.push(Key::Bounds(parent.clone())),
                    None => node
                        .needs
                        .extend(new.partition_of.iter().map(|(parent, _)| Key::Bounds(parent.clone()))),
                }
            }
            out.push(node);
            if let Some((parent, bound)) = &moved {
                let mut node = altering(phase::OWNED_BY, table, 6, [table::attach(parent, table, bound)]);
                node.needs.extend([
                    Key::Columns(table.clone()),
                    Key::Members(table.clone()),
                    Key::Relation(parent.clone()),
                    Key::Bounds(parent.clone()),
                ]);
                node.needs.extend(old.partition_of.iter().map(|(from, _)| Key::Bounds(from.clone())));
                out.push(node);
            }
            let steps = table::by_index(table, old, new);
            if !steps.is_empty() {
                let mut node = altering(phase::ON_TABLE, table, 9, steps);
                node.needs.push(Key::Members(table.clone()));
                out.push(node);
            }
        }
        Change::AddColumn { table, column, .. } => add_column(frame, table, column, out),
        Change::DropColumn { table, column } => drop_column(frame, table, column, out),
        Change::AlterColumn { table, old, new } => super::alter::alter_column(frame, table, old, new, out),
        Change::AddConstraint { table, constraint } => add_constraint(frame, table, constraint, out),
        Change::DropConstraint { table, constraint } => out.extend(drop_constraint(frame, table, constraint)),
        Change::AlterConstraint { table, old, new } => {
            let mut node = altering(phase::MEMBER, table, 1, alter_constraint(table, old, new));
            node.alters.push(Key::Members(table.clone()));
            out.push(node);
            let parent = new.attached.as_ref().filter(|_| old.attached.is_none());
            out.extend(parent.and_then(|parent| attached::attach(frame, table, new.name.as_ref()?, parent)));
        }
        Change::CreateIndex { table, index } => create_index(frame, table, index, out),
        Change::DropIndex { table, index } => out.extend(drop_index(frame, table, index)),
        Change::AlterIndex { table, old, new } => {
            out.push(alter_index(table, old, new));
            let parent = new.parent.as_ref().filter(|_| old.parent.is_none());
            out.extend(parent.and_then(|parent| attached::attach(frame, table, &new.name, parent)));
        }
        _ => {}
    }
    Ok(())
}

/// A table becomes logged after those it refers to, and unlogged before them.
fn persistence(frame: &Frame<'_>, table: &ObjectName, unlogged: bool, node: &mut Node) {
    node.alters.push(Key::Persistence(table.clone()));
    let referred =
        frame.new.tables.get(table).into_iter().flat_map(references).filter(|other| *other != table);
    let keys = referred.map(|other| Key::Persistence(other.clone()));
    if unlogged { node.lets_go.extend(keys) } else { node.needs.extend(keys) }
}

/// The replica identity that went with an index of this name and comes back with it.
fn identity_again(frame: &Frame<'_>, table: &ObjectName, index: &Name) -> Option<Step> {
    let wanted = format!("USING INDEX {}", quote(index, PG));
    let identity = |catalog: &Catalog| {
        let identity = catalog.tables.get(table)?.options.replica_identity.clone()?;
        identity.eq_ignore_ascii_case(&wanted).then_some(identity)
    };
    let (_, identity) = (identity(frame.old)?, identity(frame.new)?);
    Some(Step::new(table::replica_identity(table, Some(&identity))))
}

/// A node over a table that is in use.
pub(super) fn altering(
    phase: u8,
    table: &ObjectName,
    within: u8,
    steps: impl IntoIterator<Item = String>,
) -> Node {
    let mut node = plain(phase, table, steps);
    node.place.within = within;
    node.needs.push(Key::Relation(table.clone()));
    node.locks = true;
    node
}

/// Tables to be made, or to be dropped, that refer to each other in a ring: their foreign keys stand apart.
pub(super) fn rings<'a>(frame: &Frame<'a>) -> BTreeSet<&'a ObjectName> {
    let mut all = ring(frame.new, &frame.made);
    all.extend(ring(frame.old, &frame.dropped));
    all
}

/// What is left of the tables when those that refer to none of the rest, and those that none refers to, are taken away
/// again and again.
fn ring<'a>(catalog: &'a Catalog, tables: &BTreeSet<&'a ObjectName>) -> BTreeSet<&'a ObjectName> {
    let mut left: BTreeSet<&ObjectName> = tables.clone();
    let refers = |from: &ObjectName, left: &BTreeSet<&'a ObjectName>| {
        let table = catalog.tables.get(from);
        table.into_iter().flat_map(references).any(|to| to != from && left.contains(to))
    };
    loop {
        let targets: BTreeSet<&ObjectName> = left
            .iter()
            .filter_map(|from| catalog.tables.get(*from))
            .flat_map(|table| references(table).filter(|to| **to != table.name))
            .collect();
        let next: BTreeSet<_> =
            left.iter().copied().filter(|name| targets.contains(name) && refers(name, &left)).collect();
        if next.len() == left.len() {
            return left;
        }
        left = next;
    }
}

fn references(table: &Table) -> impl Iterator<Item = &ObjectName> {
    table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(key) => Some(&key.table),
        _ => None,
    })
}

/// Whether a constraint stands in `CREATE TABLE` itself.
fn stands_inside(frame: &Frame<'_>, table: &Table, constraint: &Constraint) -> bool {
    let partition = table.options.partition_of.is_some()
        || frame.new.tables.values().any(|child| {
            child.options.partition_of.as_ref().is_some_and(|(parent, _)| *parent == table.name)
        });
    match &constraint.kind {
        _ if !constraint.validated => false,
        ConstraintKind::ForeignKey(key) => {
            let in_ring = frame.rings.contains(&table.name)
                && frame.rings.contains(&key.table)
                && key.table != table.name;
            !partition && !in_ring
        }
        ConstraintKind::Check(_) => !(constraint.inherited && table.options.partition_of.is_none()),
        ConstraintKind::Unique(key) => !repeats(table, constraint, key),
        ConstraintKind::PrimaryKey(_) | ConstraintKind::Exclude(_) => true,
    }
}

/// Whether another key over the same columns stands before it: one statement would make a single constraint of both.
fn repeats(table: &Table, constraint: &Constraint, own: &schema_model::catalog::Key) -> bool {
    let before = table.constraints.iter().position(|known| known == constraint).unwrap_or_default();
    table.constraints.iter().enumerate().any(|(at, other)| match &other.kind {
        ConstraintKind::PrimaryKey(key) => key.columns == own.columns,
        ConstraintKind::Unique(key) => at < before && key.columns == own.columns,
        _ => false,
    })
}

fn create_table(frame: &Frame<'_>, new: &Table, out: &mut Vec<Node>) {
    if matches!(new.options.kind, TableKind::Virtual(_) | TableKind::Shadow(_)) {
        return;
    }
    let name = &new.name;
    let serial = table::serial_columns(new, frame.new);
    let words = |column: &Name| {
        let sequence = frame.new.sequences.get(&sequence::default_name(name, column))?;
        serial.get(column).copied().filter(|_| frame.made_by_serial(sequence))
    };
    let inside: Vec<_> =
        new.constraints.iter().filter(|constraint| stands_inside(frame, new, constraint)).collect();
    let mut steps = vec![table::create(new, inside.iter().copied(), words)];
    steps.extend(table::after_create(new));
    steps.extend(inherited_defaults(frame, new));
    steps.extend(new.columns.iter().flat_map(|each| column::stored(name, each)));
    let told: Table =
        Table { constraints: inside.iter().map(|constraint| (*constraint).clone()).collect(), ..new.clone() };
    steps.extend(comment::of_table(&told));
    let mut node = made(phase::TABLE, name, steps, Key::Relation(name.clone()));
    node.makes.extend(parts(new, &inside));
    node.needs.extend(deps::of_table(new));
    for constraint in &inside {
        node.needs
            .extend(deps::of_constraint(new, constraint).into_iter().filter(|key| !deps::is_own(key, name)));
    }
    for (column, _) in serial.iter().filter(|(column, _)| words(column).is_some()) {
        let own = sequence::default_name(name, column);
        node.needs.retain(|key| *key != Key::Relation(own.clone()));
        node.makes.push(Key::Relation(own));
    }
    out.push(node);
    let from_parents = |constraint: &Constraint| constraint.inherited && !new.options.inherits.is_empty();
    let apart = new.constraints.iter().filter(|constraint| !stands_inside(frame, new, constraint));
    let from_above =
        |constraint: &Constraint| from_parents(constraint) || refers_above(frame, new, constraint);
    for constraint in apart.filter(|constraint| !from_above(constraint)) {
        add_constraint(frame, name, constraint, out);
    }
    for index in &new.indexes {
        create_index(frame, name, index, out);
    }
    if let Some((parent, bound)) = &new.options.partition_of {
        let mut node = altering(phase::TABLE, name, 8, [table::attach(parent, name, bound)]);
        node.needs.extend([
            Key::Members(name.clone()),
            Key::Relation(parent.clone()),
            Key::Columns(parent.clone()),
            Key::Bounds(parent.clone()),
        ]);
        node.likes.push(Key::ForeignKeys(name.clone()));
        node.alters.push(Key::Members(parent.clone()));
        node.locks = false;
        out.push(node);
    }
    let steps = table::by_index(name, &TableOptions::default(), &new.options);
    if !steps.is_empty() {
        let mut node = altering(phase::TABLE, name, 9, steps);
        node.needs.push(Key::Members(name.clone()));
        node.locks = false;
        out.push(node);
    }
}

/// Whether it is the copy of a partitioned table's foreign key to itself. That can only be made with the partitions
/// attached, and comes to them then.
fn refers_above(frame: &Frame<'_>, partition: &Table, constraint: &Constraint) -> bool {
    let ConstraintKind::ForeignKey(key) = &constraint.kind else { return false };
    let mut above = partition.options.partition_of.as_ref();
    while let Some((parent, _)) = above {
        if constraint.inherited && key.table == *parent {
            return true;
        }
        above = frame.new.tables.get(parent).and_then(|table| table.options.partition_of.as_ref());
    }
    false
}

/// Defaults that a child table has for columns of its parents.
fn inherited_defaults(frame: &Frame<'_>, new: &Table) -> Vec<String> {
    if new.options.partition_of.is_some() {
        return Vec::new();
    }
    let parents: Vec<_> =
        new.options.inherits.iter().filter_map(|parent| frame.new.tables.get(parent)).collect();
    let differs = |column: &&Column| {
        let above = parents.iter().find_map(|parent| parent.column(column.name.as_str()));
        column.inherited && above.is_some_and(|above| above.default != column.default)
    };
    let own = new.columns.iter().filter(differs);
    own.map(|own| column::alter(&new.name, own, true, &column::default_action(own))).collect()
}

/// What a new table has besides itself.
fn parts(table: &Table, inside: &[&Constraint]) -> Vec<Key> {
    let name = &table.name;
    let mut keys = vec![Key::Type(name.clone())];
    for column in &table.columns {
        keys.push(Key::Column(name.clone(), column.name.clone()));
        keys.extend(column.identity.iter().map(|identity| Key::Relation(identity.sequence.clone())));
    }
    for constraint in inside {
        keys.extend(constraint_keys(name, constraint));
    }
    keys
}

/// The names that a constraint takes.
fn constraint_keys(table: &ObjectName, constraint: &Constraint) -> Vec<Key> {
    let Some(name) = &constraint.name else { return Vec::new() };
    let mut keys = vec![Key::Constraint(table.clone(), name.clone())];
    if constraint.owns_index() {
        keys.push(Key::Relation(table.sibling(name.clone())));
    }
    keys
}

/// Those of the table's constraints, as a whole, that this one is among: a foreign key asks for keys, never for another
/// foreign key.
fn members(table: &ObjectName, constraint: &Constraint) -> Key {
    match constraint.kind {
        ConstraintKind::ForeignKey(_) => Key::ForeignKeys(table.clone()),
        _ => Key::Members(table.clone()),
    }
}

/// The foreign keys that hold tables of a ring together go before the tables.
fn ring_keys(frame: &Frame<'_>, old: &Table, out: &mut Vec<Node>) {
    for constraint in &old.constraints {
        let (ConstraintKind::ForeignKey(key), Some(name)) = (&constraint.kind, &constraint.name) else {
            continue;
        };
        if frame.rings.contains(&old.name) && frame.rings.contains(&key.table) && key.table != old.name {
            let mut node = plain(phase::DROP_FOREIGN_KEY, &old.name, [constraint::dropped(&old.name, name)]);
            node.lets_go.extend([
                Key::Relation(old.name.clone()),
                Key::Relation(key.table.clone()),
                Key::Members(key.table.clone()),
            ]);
            out.push(node);
        }
    }
}

fn drop_table(frame: &Frame<'_>, old: &Table) -> Node {
    let name = &old.name;
    let step = Step {
        hazards: vec![Hazard::DataLoss],
        ..Step::new(table::drop(old)).loses(format!("drops table `{name}` with its rows"))
    };
    let mut node = removed(phase::DROP_TABLE, name, [], Key::Relation(name.clone()));
    node.steps.push(step);
    node.locks = true;
    let all: Vec<_> = old.constraints.iter().collect();
    node.removes.extend(parts(old, &all));
    node.removes.extend(old.options.partition_of.iter().map(|(parent, _)| Key::Bounds(parent.clone())));
    node.removes.extend([
        Key::Columns(name.clone()),
        Key::Members(name.clone()),
        Key::ForeignKeys(name.clone()),
    ]);
    node.removes.extend(old.indexes.iter().map(|index| Key::Relation(name.sibling(index.name.clone()))));
    let owned = |sequence: &&Sequence| {
        sequence.owned_by.as_ref().is_some_and(|(table, _)| table == name) && frame.drops_sequence(sequence)
    };
    for owned in frame.old.sequences.values().filter(owned) {
        node.removes.push(Key::Relation(owned.name.clone()));
    }
    node.lets_go.extend(deps::of_table(old));
    for constraint in &old.constraints {
        let apart = match &constraint.kind {
            ConstraintKind::ForeignKey(key) => frame.rings.contains(name) && frame.rings.contains(&key.table),
            _ => false,
        };
        if !apart {
            node.lets_go.extend(deps::of_constraint(old, constraint));
        }
    }
    for index in &old.indexes {
        node.lets_go.extend(deps::of_index(old, index));
    }
    // Its triggers, policies and rules go with it and let go of their functions.
    for object in frame.old.opaque.values().filter(|object| object.id.on.as_ref() == Some(name)) {
        node.lets_go.extend(deps::of_opaque(object).0);
    }
    node.lets_go.retain(|key| !deps::is_own(key, name) && *key != Key::Type(name.clone()));
    // A sequence of its own goes along.
    let gone: BTreeSet<_> = node.removes.iter().cloned().collect();
    node.lets_go.retain(|key| !gone.contains(key));
    node
}

fn add_column(frame: &Frame<'_>, table: &ObjectName, new: &Column, out: &mut Vec<Node>) {
    let Some(whole) = frame.new.tables.get(table) else { return };
    let own_sequence = frame.new.sequences.get(&sequence::default_name(table, &new.name));
    let serial = own_sequence
        .filter(|sequence| frame.made_by_serial(sequence))
        .and_then(|own| sequence::serial(table, new, own));
    let mut node = altering(phase::COLUMN, table, 3, []);
    node.makes.push(Key::Column(table.clone(), new.name.clone()));
    node.makes.extend(new.identity.iter().map(|identity| Key::Relation(identity.sequence.clone())));
    node.alters.push(Key::Columns(table.clone()));
    node.needs.extend(deps::of_column(whole, new));
    node.needs.retain(|key| *key != Key::Column(table.clone(), new.name.clone()));
    if serial.is_some() {
        let own = sequence::default_name(table, &new.name);
        node.needs.retain(|key| *key != Key::Relation(own.clone()));
        node.makes.push(Key::Relation(own));
    }
    // A parent's column comes to its children and partitions by itself.
    if new.inherited && parents(whole).any(|parent| frame.added_columns.contains(&(parent, &new.name))) {
        node.makes.clear();
        out.push(node);
        return;
    }
    let backfill = frame.options.backfills.get(&(table.clone(), new.name.clone()));
    match backfill.filter(|_| !new.nullable && new.generated.is_none() && new.identity.is_none()) {
        Some(value) => {
            let nullable = Column { nullable: true, ..new.clone() };
            node.steps.push(Step::new(column::add(table, &nullable, serial)));
            node.steps.extend(column::stored(table, new).into_iter().map(Step::new));
            node.steps.extend(comment::of_column(table, new).map(Step::new));
            let last = node.steps.len() - 1;
            node.steps[last].commit_after = true;
            node.steps.push(super::alter::backfill(table, new, value));
            node.steps.extend(super::alter::set_not_null(frame, table, new));
        }
        None => {
            node.steps.push(Step::new(column::add(table, new, serial)));
            let fails = !new.nullable
                && new.default.is_none()
                && new.generated.is_none()
                && new.identity.is_none()
                && serial.is_none();
            if fails {
                node.steps[0].hazards.push(Hazard::MayFail);
            }
            node.steps.extend(column::stored(table, new).into_iter().map(Step::new));
            node.steps.extend(comment::of_column(table, new).map(Step::new));
        }
    }
    out.push(node);
}

pub(super) fn parents(table: &Table) -> impl Iterator<Item = &ObjectName> {
    let partition = table.options.partition_of.as_ref().map(|(parent, _)| parent);
    table.options.inherits.iter().chain(partition)
}

fn drop_column(frame: &Frame<'_>, table: &ObjectName, old: &Column, out: &mut Vec<Node>) {
    let Some(whole) = frame.old.tables.get(table) else { return };
    let mut node = altering(phase::COLUMN, table, 0, []);
    node.needs.clear();
    node.removes.push(Key::Column(table.clone(), old.name.clone()));
    node.removes.extend(old.identity.iter().map(|identity| Key::Relation(identity.sequence.clone())));
    node.alters.push(Key::Columns(table.clone()));
    node.lets_go.extend(deps::of_column(whole, old));
    let along = |sequence: &&Sequence| {
        sequence.owned_by.as_ref().is_some_and(|(of, column)| of == table && *column == old.name)
            && frame.drops_sequence(sequence)
    };
    for sequence in frame.old.sequences.values().filter(along) {
        node.lets_go.retain(|key| *key != Key::Relation(sequence.name.clone()));
        node.removes.push(Key::Relation(sequence.name.clone()));
    }
    for constraint in whole.constraints.iter().filter(|constraint| goes_with_column(frame, table, constraint))
    {
        node.removes.extend(constraint_keys(table, constraint));
        node.lets_go.extend(deps::of_constraint(whole, constraint));
        node.alters.push(members(table, constraint));
    }
    for index in whole.indexes.iter().filter(|index| index_goes_with_column(frame, table, index)) {
        node.removes.push(Key::Relation(table.sibling(index.name.clone())));
        node.alters.push(Key::Members(table.clone()));
    }
    node.lets_go.retain(|key| {
        *key != Key::Column(table.clone(), old.name.clone()) && *key != Key::Members(table.clone())
    });
    let above = parents(whole).any(|parent| frame.dropped_columns.contains(&(parent, &old.name)));
    if !(old.inherited && above) {
        let stays = frame.new.tables.get(table).and_then(|table| table.column(old.name.as_str()));
        let mut step = Step::new(column::drop(table, old));
        if old.generated.is_none() {
            step.data_loss = Some(format!("drops column `{table}.{}` with its values", old.name));
            step.hazards.push(Hazard::DataLoss);
        }
        if stays.is_some() && old.generated.is_some() {
            step.comment = Some(format!("`{table}.{}` is computed anew", old.name));
        }
        node.steps.push(step);
    }
    out.push(node);
}

/// Whether a constraint over plain columns goes with a dropped one, so that no statement is needed.
fn goes_with_column(frame: &Frame<'_>, table: &ObjectName, constraint: &Constraint) -> bool {
    let dropped = |name: &Name| frame.dropped_columns.contains(&(table, name));
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            let pair = (table.clone(), key.columns.iter().cloned().collect::<BTreeSet<_>>());
            let referenced = frame.old.tables.values().flat_map(|other| &other.constraints).any(|other| {
                matches!(&other.kind, ConstraintKind::ForeignKey(foreign)
                    if (foreign.table.clone(), foreign.referenced.iter().cloned().collect::<BTreeSet<_>>()) == pair)
            });
            !referenced && key.columns.iter().chain(&key.include).any(dropped)
        }
        ConstraintKind::ForeignKey(key) => key.columns.iter().any(dropped),
        ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => false,
    }
}

fn index_goes_with_column(frame: &Frame<'_>, table: &ObjectName, index: &Index) -> bool {
    let key = index.parts.iter().filter_map(|part| match &part.term {
        schema_model::catalog::IndexTerm::Column(name) => Some(name),
        schema_model::catalog::IndexTerm::Expr(_) => None,
    });
    key.chain(&index.include).any(|name| frame.dropped_columns.contains(&(table, name)))
}

/// Whether the constraint is the parents' and comes and goes with theirs, under the name it would get by itself.
pub(super) fn follows_check(frame: &Frame<'_>, table: &ObjectName, constraint: &Constraint) -> bool {
    let whole = frame.new.tables.get(table).or_else(|| frame.old.tables.get(table));
    let Some(whole) = whole else { return false };
    let handed_down = match &constraint.kind {
        // A partition that is attached gets its parent's, under the same name.
        ConstraintKind::ForeignKey(_) => parents(whole).any(|parent| {
            let parent = frame.new.tables.get(parent).or_else(|| frame.old.tables.get(parent));
            let name = constraint.name.as_ref().map(Name::as_str).unwrap_or_default();
            parent.is_some_and(|parent| parent.constraint(name).is_some())
        }),
        _ => {
            parents(whole).next().is_some()
                && !frame.made.contains(table)
                && named_by_itself(table, constraint)
        }
    };
    constraint.inherited && handed_down
}

fn named_by_itself(table: &ObjectName, constraint: &Constraint) -> bool {
    let list = |names: &[Name]| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join("_");
    let wanted = match &constraint.kind {
        ConstraintKind::Check(_) => return true,
        ConstraintKind::PrimaryKey(_) => format!("{}_pkey", table.name),
        ConstraintKind::Unique(key) => format!("{}_{}_key", table.name, list(&key.columns)),
        ConstraintKind::ForeignKey(_) | ConstraintKind::Exclude(_) => return false,
    };
    constraint.name.as_ref().is_some_and(|name| *name == *wanted)
}

fn add_constraint(frame: &Frame<'_>, table: &ObjectName, new: &Constraint, out: &mut Vec<Node>) {
    let Some(whole) = frame.new.tables.get(table) else { return };
    let existing = !frame.made.contains(table);
    let above = attached::key_above(frame, whole, new).filter(|_| existing && new.inherited);
    if above.is_none() && follows_check(frame, table, new) {
        out.extend(validated_apart(frame, whole, new).filter(|_| existing));
        return;
    }
    let foreign = matches!(new.kind, ConstraintKind::ForeignKey(_));
    let phase = if foreign { phase::FOREIGN_KEY } else { phase::MEMBER };
    let mut node = altering(phase, table, 1, []);
    node.makes.extend(constraint_keys(table, new));
    node.alters.push(members(table, new));
    node.needs.extend(deps::of_constraint(whole, new));
    node.locks = existing;
    let rows = matches!(new.kind, ConstraintKind::ForeignKey(_) | ConstraintKind::Check(_));
    let partitioned = matches!(whole.options.kind, TableKind::Partitioned(_));
    if partitioned {
        // The partitions' own, under names of their own, are taken over.
        let children = frame.new.tables.values().filter(|child| parents(child).any(|parent| parent == table));
        node.needs.extend(children.map(|child| members(&child.name, new)));
        node.place.within = 2;
    }
    let told = comment::of_constraint(table, new);
    if frame.options.online && existing && rows && new.validated && !(partitioned && foreign) {
        // Rows are looked at in a later transaction, under a lock that lets them be read and written.
        let unvalidated = Constraint { validated: false, ..new.clone() };
        node.steps.push(Step::new(constraint::added(table, &unvalidated)));
        node.steps.extend(told.map(Step::new));
        out.push(node);
        out.extend(validation(table, new));
        return;
    }
    let mut step = Step::new(constraint::added(table, new));
    if existing && new.validated {
        step.hazards.extend([Hazard::LongLock, Hazard::MayFail]);
    }
    node.steps.push(step);
    node.steps.extend(told.map(Step::new));
    let again = new.name.as_ref().filter(|_| existing && new.owns_index());
    node.steps.extend(again.and_then(|name| identity_again(frame, table, name)));
    out.push(node);
    let upper = parents(whole).next().zip(above.and_then(|above| above.name.clone()));
    let upper = upper.map(|(parent, name)| parent.sibling(name));
    let parent = new.attached.as_ref().or(upper.as_ref());
    out.extend(parent.and_then(|parent| attached::attach(frame, table, new.name.as_ref()?, parent)));
}

/// A check that comes down unvalidated, though the child's own is valid.
fn validated_apart(frame: &Frame<'_>, whole: &Table, new: &Constraint) -> Option<Node> {
    let name = new.name.as_ref()?;
    let above = parents(whole).find(|parent| {
        let parent = frame.new.tables.get(*parent).and_then(|parent| parent.constraint(name.as_str()));
        parent.is_some_and(|above| !above.validated)
    });
    let mut node = validation(&whole.name, new).filter(|_| new.validated)?;
    node.needs.push(Key::Constraint(above?.clone(), name.clone()));
    Some(node)
}

fn validation(table: &ObjectName, new: &Constraint) -> Option<Node> {
    let name = new.name.as_ref()?;
    let sql = SqlWriter::start(PG, "ALTER TABLE").object(table).sql("VALIDATE CONSTRAINT").name(name);
    let mut node = plain(phase::APART, table, [sql.finish()]);
    node.needs.push(Key::Constraint(table.clone(), name.clone()));
    node.apart = true;
    Some(node)
}

fn drop_constraint(frame: &Frame<'_>, table: &ObjectName, old: &Constraint) -> Option<Node> {
    let name = old.name.as_ref()?;
    let whole = frame.old.tables.get(table)?;
    let foreign = matches!(old.kind, ConstraintKind::ForeignKey(_));
    let phase = if foreign { phase::DROP_FOREIGN_KEY } else { phase::DROP_MEMBER };
    let mut node = altering(phase, table, 0, []);
    node.needs.clear();
    let inherited = old.inherited && parents(whole).next().is_some() && !detached(frame, whole);
    let along = old.attached.as_ref().is_some_and(|parent| attached::goes_along(frame, table, parent));
    if inherited || along || goes_with_column(frame, table, old) {
        return None;
    }
    if old.inherited || old.attached.is_some() {
        // Its own only once the partition is.
        node.needs.extend(whole.options.partition_of.iter().map(|(parent, _)| Key::Bounds(parent.clone())));
    }
    node.steps.push(Step::new(constraint::dropped(table, name)));
    node.removes.extend(constraint_keys(table, old));
    node.removes.extend(attached::gone_with(frame, table, name));
    node.alters.push(members(table, old));
    node.lets_go.extend(deps::of_constraint(whole, old));
    node.lets_go.retain(|key| *key != Key::Members(table.clone()));
    Some(node)
}

/// Whether the table has other parents afterwards.
fn detached(frame: &Frame<'_>, old: &Table) -> bool {
    frame.new.tables.get(&old.name).is_none_or(|new| {
        new.options.inherits != old.options.inherits || new.options.partition_of != old.options.partition_of
    }) || frame.work.aside.contains(&old.name)
}

fn alter_constraint(table: &ObjectName, old: &Constraint, new: &Constraint) -> Vec<String> {
    let alter =
        |words: &str, name: &Name| SqlWriter::start(PG, "ALTER TABLE").object(table).sql(words).name(name);
    let mut steps = Vec::new();
    let Some(name) = &new.name else { return steps };
    if old.deferrable != new.deferrable {
        let deferrable = constraint::deferrable(new.deferrable).unwrap_or("NOT DEFERRABLE");
        steps.push(alter("ALTER CONSTRAINT", name).sql(deferrable).finish());
    }
    if !old.validated && new.validated {
        steps.push(alter("VALIDATE CONSTRAINT", name).finish());
    }
    steps.extend(comment::changed(
        &comment::constraint(table, name),
        old.comment.as_ref(),
        new.comment.as_ref(),
    ));
    steps
}

/// The name that PostgreSQL gives an index of a partition by itself.
fn index_named_by_itself(table: &ObjectName, index: &Index) -> bool {
    let part = |part: &schema_model::catalog::IndexPart| match &part.term {
        schema_model::catalog::IndexTerm::Column(name) => name.as_str().to_owned(),
        schema_model::catalog::IndexTerm::Expr(_) => "expr".to_owned(),
    };
    let columns: Vec<_> = index
        .parts
        .iter()
        .map(part)
        .chain(index.include.iter().map(|name| name.as_str().to_owned()))
        .collect();
    index.name == *format!("{}_{}_idx", table.name, columns.join("_"))
}

fn create_index(frame: &Frame<'_>, table: &ObjectName, new: &Index, out: &mut Vec<Node>) {
    let stub;
    let whole = match frame.new.tables.get(table) {
        Some(whole) => whole,
        // A materialized view.
        None => {
            stub = Table::new(table.clone());
            &stub
        }
    };
    let existing = !frame.made.contains(table);
    let partitioned = matches!(whole.options.kind, TableKind::Partitioned(_));
    let taken_over = |parent: &ObjectName| attached::taken_over(frame, parent);
    if existing && new.parent.as_ref().is_some_and(taken_over) && index_named_by_itself(table, new) {
        // Made with the parent's.
        return;
    }
    let concurrently =
        frame.options.online && existing && !partitioned && frame.new.tables.contains_key(table);
    let only = partitioned && !new.valid;
    let mut step = Step::new(index::create(table, new, concurrently, only));
    if concurrently {
        step = step.outside();
    } else if existing {
        step.hazards.push(Hazard::LongLock);
    }
    let (phase, within) = match (existing, concurrently) {
        // A partition that is attached later would get the index too.
        (false, _) if only => (phase::LATE, 0),
        (false, _) => (phase::TABLE, 2),
        (true, true) => (phase::CONCURRENT, 0),
        (true, false) => (phase::INDEX, 0),
    };
    let mut node = altering(phase, table, within, []);
    node.locks = existing && !concurrently;
    node.steps.push(step);
    let plain = Index { statistics: Default::default(), ..new.clone() };
    node.steps.extend(index::statistics(table, &plain, new).into_iter().map(Step::new));
    node.steps.extend(comment::of_index(table, new).map(Step::new));
    node.steps.extend(identity_again(frame, table, &new.name).filter(|_| existing));
    node.makes.push(Key::Relation(table.sibling(new.name.clone())));
    node.alters.push(Key::Members(table.clone()));
    node.needs.extend(deps::of_index(whole, new));
    if partitioned {
        // The partitions' own, under names of their own, are taken over.
        let children = frame.new.tables.values().filter(|child| parents(child).any(|parent| parent == table));
        for child in children {
            let name = table.sibling(new.name.clone());
            let attached = |index: &&Index| index.parent.as_ref() == Some(&name);
            let own = child.indexes.iter().filter(attached);
            node.needs.extend(own.map(|index| Key::Relation(child.name.sibling(index.name.clone()))));
            let own = child.constraints.iter().filter(|key| key.attached.as_ref() == Some(&name));
            node.needs.extend(own.flat_map(|key| constraint_keys(&child.name, key)));
        }
        node.place.within += 1;
    }
    out.push(node);
    let parent = new.parent.as_ref();
    out.extend(parent.and_then(|parent| attached::attach(frame, table, &new.name, parent)));
}

fn drop_index(frame: &Frame<'_>, table: &ObjectName, old: &Index) -> Option<Node> {
    if frame.dropped.contains(table) || index_goes_with_column(frame, table, old) {
        return None;
    }
    if old.parent.as_ref().is_some_and(|parent| attached::goes_along(frame, table, parent)) {
        return None;
    }
    let mut node = altering(
        phase::DROP_MEMBER,
        table,
        0,
        [index::drop(table, old, attached::holds_keys(frame, table, &old.name))],
    );
    node.needs.clear();
    node.removes.push(Key::Relation(table.sibling(old.name.clone())));
    node.removes.extend(attached::gone_with(frame, table, &old.name));
    node.alters.push(Key::Members(table.clone()));
    if let Some(whole) = frame.old.tables.get(table) {
        let parent = whole.options.partition_of.iter().filter(|_| old.parent.is_some());
        node.needs.extend(parent.map(|(parent, _)| Key::Bounds(parent.clone())));
        node.lets_go.extend(deps::of_index(whole, old));
    }
    Some(node)
}

fn alter_index(table: &ObjectName, old: &Index, new: &Index) -> Node {
    let name = table.sibling(new.name.clone());
    let alter = || SqlWriter::start(PG, "ALTER INDEX").object(&name);
    let mut steps: Vec<_> = table::storage(&old.options, &new.options)
        .iter()
        .map(|action| alter().sql(action).finish())
        .collect();
    if old.tablespace != new.tablespace {
        let space = new.tablespace.as_ref().map_or_else(|| "pg_default".into(), |name| quote(name, PG));
        steps.push(alter().sql("SET TABLESPACE").sql(space).finish());
    }
    steps.extend(index::statistics(table, old, new));
    let mut node = altering(phase::INDEX, table, 4, []);
    steps.extend(comment::changed(
        &comment::index(table, &new.name),
        old.comment.as_ref(),
        new.comment.as_ref(),
    ));
    node.steps = steps.into_iter().map(Step::new).collect();
    node
}
