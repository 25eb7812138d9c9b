//! Each change as a node: its statements, and what they make, need and remove.

use std::collections::BTreeSet;

use schema_model::catalog::{Catalog, OpaqueKind, OpaqueObject, Sequence, View};
use schema_model::ident::quote;
use schema_model::{Name, ObjectName};

use super::expand::Work;
use super::{PG, comment, deps, index, opaque, rebuild, relations, rename, sequence, types, view};
use crate::change::Change;
use crate::dialect::SqlWriter;
use crate::plan::{Key, Node, Place, PlanError, PlanOptions, Step};

/// Where each kind of statement stands by itself: what goes in the order of what stands on what, then what comes.
pub(super) mod phase {
    pub const ENUM_VALUE: u8 = 0;
    pub const SCHEMA: u8 = 1;
    pub const EXTENSION: u8 = 2;
    pub const DROP_ON_TABLE: u8 = 3;
    pub const DROP_VIEW: u8 = 4;
    pub const DROP_FOREIGN_KEY: u8 = 5;
    pub const DROP_MEMBER: u8 = 6;
    pub const DROP_TABLE: u8 = 7;
    pub const DROP_ROUTINE: u8 = 8;
    pub const DROP_TYPE: u8 = 9;
    pub const TYPE: u8 = 10;
    pub const SEQUENCE: u8 = 11;
    pub const ROUTINE: u8 = 12;
    pub const OPERATOR: u8 = 13;
    pub const TABLE: u8 = 14;
    pub const COLUMN: u8 = 15;
    pub const MEMBER: u8 = 16;
    pub const INDEX: u8 = 17;
    pub const FOREIGN_KEY: u8 = 18;
    pub const OWNED_BY: u8 = 19;
    pub const VIEW: u8 = 20;
    pub const ON_TABLE: u8 = 21;
    pub const LATE: u8 = 22;
    pub const RIGHTS: u8 = 23;
    pub const DROP_SCHEMA: u8 = 24;
    pub const APART: u8 = 30;
    pub const CONCURRENT: u8 = 31;
}

/// What the nodes are made from, and what is known of the whole.
pub(super) struct Frame<'a> {
    pub old: &'a Catalog,
    pub new: &'a Catalog,
    pub work: &'a Work,
    pub options: &'a PlanOptions,
    /// Tables that the plan makes.
    pub made: BTreeSet<&'a ObjectName>,
    /// Tables and views that the plan drops.
    pub dropped: BTreeSet<&'a ObjectName>,
    /// Columns that the plan drops, those of dropped tables left out.
    pub dropped_columns: BTreeSet<(&'a ObjectName, &'a Name)>,
    /// Columns that the plan adds, those of new tables left out.
    pub added_columns: BTreeSet<(&'a ObjectName, &'a Name)>,
    /// Foreign keys that cannot stand in `CREATE TABLE` because tables refer to each other in a ring.
    pub rings: BTreeSet<&'a ObjectName>,
}

/// All nodes, in the order of the changes.
pub(super) fn nodes(
    old: &Catalog,
    new: &Catalog,
    work: &Work,
    options: &PlanOptions,
) -> Result<Vec<Node>, PlanError> {
    let frame = Frame::new(old, new, work, options);
    let mut out = Vec::new();
    for change in &work.changes {
        node(&frame, change, &mut out)?;
    }
    out.extend(rebuild::node(&frame)?);
    out.extend(rights(&frame, &out));
    for node in &mut out {
        in_schemas(node);
    }
    Ok(out)
}

/// What the script says of the rights and owners of what the plan makes, or makes anew.
fn rights(frame: &Frame<'_>, nodes: &[Node]) -> Vec<Node> {
    let made: BTreeSet<&Key> = nodes.iter().flat_map(|node| &node.makes).collect();
    let mut out = Vec::new();
    for (at, right) in frame.options.rights.iter().enumerate() {
        let needs: Vec<Key> = right.objects.iter().flat_map(deps::any).collect();
        if needs.iter().any(|key| made.contains(key)) {
            // After everything, and in the order in which they were said.
            let node = plain(phase::RIGHTS, format!("{at:06}"), [right.text.clone()]);
            out.push(Node { needs, ..node });
        }
    }
    out
}

impl<'a> Frame<'a> {
    fn new(old: &'a Catalog, new: &'a Catalog, work: &'a Work, options: &'a PlanOptions) -> Self {
        let mut frame = Frame {
            old,
            new,
            work,
            options,
            made: BTreeSet::new(),
            dropped: BTreeSet::new(),
            dropped_columns: BTreeSet::new(),
            added_columns: BTreeSet::new(),
            rings: BTreeSet::new(),
        };
        for change in &work.changes {
            match change {
                Change::CreateTable(table) => _ = frame.made.insert(&table.name),
                Change::DropTable(table) => _ = frame.dropped.insert(&table.name),
                Change::DropView(view) => _ = frame.dropped.insert(&view.name),
                Change::DropColumn { table, column } => {
                    frame.dropped_columns.insert((table, &column.name));
                }
                Change::AddColumn { table, column, .. } => {
                    frame.added_columns.insert((table, &column.name));
                }
                _ => {}
            }
        }
        frame.rings = relations::rings(&frame);
        frame
    }

    /// Whether the sequence goes with its column or table.
    fn goes_along(&self, sequence: &Sequence) -> bool {
        sequence.owned_by.as_ref().is_some_and(|(table, column)| {
            self.dropped.contains(table) || self.dropped_columns.contains(&(table, column))
        })
    }

    /// Whether the sequence is one that the plan drops, by itself or with its owner.
    pub fn drops_sequence(&self, sequence: &Sequence) -> bool {
        self.work.changes.iter().any(|change| match change {
            Change::DropSequence(gone) => gone.name == sequence.name,
            _ => false,
        })
    }

    /// Whether `serial` in a new column makes the sequence.
    pub fn made_by_serial(&self, wanted: &Sequence) -> bool {
        let Some((table, column)) = &wanted.owned_by else { return false };
        let new_column = self.made.contains(table) || self.added_columns.contains(&(table, column));
        let made_here = !self.old.sequences.contains_key(&wanted.name)
            || self.old.sequences.get(&wanted.name).is_some_and(|old| self.goes_along(old));
        let found = self.new.tables.get(table).and_then(|table| table.column(column.as_str()));
        new_column
            && made_here
            && found.is_some_and(|column| sequence::serial(table, column, wanted).is_some())
    }
}

fn node(frame: &Frame<'_>, change: &Change, out: &mut Vec<Node>) -> Result<(), PlanError> {
    use Change::*;
    match change {
        CreateSchema(schema) => {
            let mut steps = vec![SqlWriter::start(PG, "CREATE SCHEMA").name(&schema.name).finish()];
            let what = format!("SCHEMA {}", quote(&schema.name, PG));
            steps.extend(comment::changed(&what, None, schema.comment.as_ref()));
            out.push(made(phase::SCHEMA, &schema.name, steps, Key::Schema(schema.name.clone())));
        }
        DropSchema(schema) => {
            let steps = vec![SqlWriter::start(PG, "DROP SCHEMA").name(&schema.name).finish()];
            out.push(removed(phase::DROP_SCHEMA, &schema.name, steps, Key::Schema(schema.name.clone())));
        }
        AlterSchema { old, new } => {
            let what = format!("SCHEMA {}", quote(&new.name, PG));
            let steps = comment::changed(&what, old.comment.as_ref(), new.comment.as_ref());
            out.push(plain(phase::SCHEMA, &new.name, steps));
        }
        CreateExtension(extension) => {
            let sql = SqlWriter::start(PG, "CREATE EXTENSION")
                .name(&extension.name)
                .maybe("WITH SCHEMA", extension.schema.as_ref().map(|name| quote(name, PG)))
                .maybe("VERSION", extension.version.as_ref().map(|text| version(text)));
            let mut steps = vec![sql.finish()];
            let what = format!("EXTENSION {}", quote(&extension.name, PG));
            steps.extend(comment::changed(&what, None, extension.comment.as_ref()));
            let mut node =
                made(phase::EXTENSION, &extension.name, steps, Key::Extension(extension.name.clone()));
            node.needs.extend(extension.schema.iter().cloned().map(Key::Schema));
            out.push(node);
        }
        DropExtension(extension) => {
            let steps = vec![SqlWriter::start(PG, "DROP EXTENSION").name(&extension.name).finish()];
            let mut node =
                removed(phase::DROP_SCHEMA, &extension.name, steps, Key::Extension(extension.name.clone()));
            node.lets_go.extend(extension.schema.iter().cloned().map(Key::Schema));
            node.place.within = 0;
            out.push(node);
        }
        AlterExtension { old, new } => {
            out.push(plain(phase::EXTENSION, &new.name, alter_extension(old, new)))
        }

        CreateEnum(ty) => {
            let mut steps = vec![types::create_enum(ty)];
            steps.extend(comment::changed(&comment::object("TYPE", &ty.name), None, ty.comment.as_ref()));
            out.push(made(phase::TYPE, &ty.name, steps, Key::Type(ty.name.clone())));
        }
        DropEnum(ty) => out.push(drop_type(&ty.name, "TYPE", Vec::new())),
        AddEnumValue { name, value, before } => {
            // Committed before use: a value cannot be used in the transaction that adds it (manual, ALTER TYPE).
            let step = Step::new(types::add_value(name, value, before.as_deref())).committed();
            let mut node = plain(phase::ENUM_VALUE, "", []);
            node.place.object = format!("{:06}", out.len());
            node.steps.push(step);
            out.push(node);
        }
        ReplaceEnum { old, new } => {
            let what = comment::object("TYPE", &new.name);
            let steps = comment::changed(&what, old.comment.as_ref(), new.comment.as_ref());
            out.push(plain(phase::TYPE, &new.name, steps));
        }
        RemoveEnumValue { name, value, .. } => {
            return Err(PlanError::unsupported(
                name,
                format!("value `{value}` goes only with the type made anew"),
            ));
        }
        CreateDomain(domain) => out.push(create_domain(domain)),
        DropDomain(domain) => {
            out.push(drop_type(&domain.name, "DOMAIN", deps::of_domain(domain)));
        }
        AlterDomain { old, new } => {
            let mut steps = types::alter_domain(old, new);
            let what = comment::object("DOMAIN", &new.name);
            steps.extend(comment::changed(&what, old.comment.as_ref(), new.comment.as_ref()));
            let mut node = plain(phase::TYPE, &new.name, steps);
            node.alters.push(Key::Type(new.name.clone()));
            node.needs.extend(deps::of_domain(new));
            node.lets_go.extend(deps::of_domain(old).into_iter().filter(|key| !node.needs.contains(key)));
            out.push(node);
        }
        CreateComposite(ty) => {
            let mut steps = vec![types::create_composite(ty)];
            steps.extend(comment::of_composite(None, ty));
            let mut node = made(phase::TYPE, &ty.name, steps, Key::Type(ty.name.clone()));
            node.needs.extend(ty.attributes.iter().filter_map(|attribute| deps::of_type(&attribute.ty)));
            out.push(node);
        }
        DropComposite(ty) => {
            let below = ty.attributes.iter().filter_map(|attribute| deps::of_type(&attribute.ty)).collect();
            out.push(drop_type(&ty.name, "TYPE", below));
        }
        AlterComposite { old, new } => {
            let mut steps = types::alter_composite(old, new).unwrap_or_default();
            steps.extend(comment::of_composite(Some(old), new));
            let mut node = plain(phase::TYPE, &new.name, steps);
            node.alters.push(Key::Type(new.name.clone()));
            let below = |ty: &schema_model::catalog::CompositeType| {
                ty.attributes.iter().filter_map(|attribute| deps::of_type(&attribute.ty)).collect::<Vec<_>>()
            };
            node.needs.extend(below(new));
            node.lets_go.extend(below(old).into_iter().filter(|key| !node.needs.contains(key)));
            out.push(node);
        }

        CreateSequence(sequence) => create_sequence(frame, sequence, out),
        DropSequence(sequence) => {
            let steps = (!frame.goes_along(sequence))
                .then(|| SqlWriter::start(PG, "DROP SEQUENCE").object(&sequence.name).finish());
            // One that goes along is gone once its owner is.
            if steps.is_some() {
                out.push(removed(
                    phase::DROP_TYPE,
                    &sequence.name,
                    steps,
                    Key::Relation(sequence.name.clone()),
                ));
            }
        }
        AlterSequence { old, new } => alter_sequence(old, new, out),

        CreateView(view) => create_view(view, out),
        DropView(view) => {
            let mut node =
                removed(phase::DROP_VIEW, &view.name, [view::drop(view)], Key::Relation(view.name.clone()));
            node.removes.push(Key::Columns(view.name.clone()));
            node.removes.push(Key::Type(view.name.clone()));
            node.removes.extend(
                view.indexes.iter().map(|index| Key::Relation(view.name.sibling(index.name.clone()))),
            );
            node.lets_go.extend(deps::of_view(view));
            out.push(node);
        }
        ReplaceView { old, new } => out.push(alter_view(old, new)),

        CreateOpaque(object) => out.push(create_opaque(object)),
        DropOpaque(object) => out.extend(drop_opaque(frame, object)),
        ReplaceOpaque { old, new } => out.push(replace_opaque(old, new)),

        RenameConstraint { table, from, to } => {
            let mut node = plain(phase::DROP_MEMBER, table, [rename::rename(change)]);
            node.removes.push(Key::Constraint(table.clone(), from.clone()));
            node.makes.push(Key::Constraint(table.clone(), to.clone()));
            node.removes.push(Key::Relation(table.sibling(from.clone())));
            node.makes.push(Key::Relation(table.sibling(to.clone())));
            node.locks = true;
            let inherited = frame.new.tables.get(table).and_then(|table| table.constraint(to.as_str()));
            if inherited.is_none_or(|constraint| !relations::follows_check(frame, table, constraint)) {
                out.push(node);
            }
        }
        RenameIndex { table, from, to } => {
            let mut node = plain(phase::DROP_MEMBER, table, [rename::rename(change)]);
            node.removes.push(Key::Relation(table.sibling(from.clone())));
            node.makes.push(Key::Relation(table.sibling(to.clone())));
            node.locks = true;
            out.push(node);
        }

        CreateTable(_)
        | DropTable(_)
        | AlterTable { .. }
        | AddColumn { .. }
        | DropColumn { .. }
        | AlterColumn { .. }
        | AddConstraint { .. }
        | DropConstraint { .. }
        | AlterConstraint { .. }
        | CreateIndex { .. }
        | DropIndex { .. }
        | AlterIndex { .. } => relations::node(frame, change, out)?,

        // Made first, before everything else.
        RenameSchema { .. }
        | RenameTable { .. }
        | RenameColumn { .. }
        | RenameEnumValue { .. }
        | RenameType { .. }
        | RenameSequence { .. }
        | RenameView { .. } => {}
    }
    Ok(())
}

/// A node without keys.
pub(super) fn plain(phase: u8, object: impl ToString, steps: impl IntoIterator<Item = String>) -> Node {
    Node {
        place: Place { phase, object: object.to_string(), within: 0 },
        steps: steps.into_iter().map(Step::new).collect(),
        ..Node::default()
    }
}

pub(super) fn made(
    phase: u8,
    object: impl ToString,
    steps: impl IntoIterator<Item = String>,
    key: Key,
) -> Node {
    Node { makes: vec![key], ..plain(phase, object, steps) }
}

pub(super) fn removed(
    phase: u8,
    object: impl ToString,
    steps: impl IntoIterator<Item = String>,
    key: Key,
) -> Node {
    Node { removes: vec![key], ..plain(phase, object, steps) }
}

/// What is made in a schema needs the schema; what goes lets go of it.
fn in_schemas(node: &mut Node) {
    let schema = |key: &Key| match key {
        Key::Relation(name) | Key::Type(name) | Key::Routine(name) => name.schema.clone().map(Key::Schema),
        Key::Opaque(id) => id.name.schema.clone().map(Key::Schema),
        Key::Schema(_)
        | Key::Extension(_)
        | Key::Operator(_)
        | Key::Column(..)
        | Key::Columns(_)
        | Key::Constraint(..)
        | Key::Members(_)
        | Key::ForeignKeys(_)
        | Key::Bounds(_)
        | Key::Persistence(_) => None,
    };
    let made: BTreeSet<_> = node.makes.iter().filter_map(schema).collect();
    let removed: BTreeSet<_> = node.removes.iter().filter_map(schema).collect();
    node.needs.extend(made);
    node.lets_go.extend(removed);
}

fn version(text: &str) -> String {
    let text = text.trim_matches('\'');
    schema_model::ident::quote_string(text, PG)
}

fn alter_extension(
    old: &schema_model::catalog::Extension,
    new: &schema_model::catalog::Extension,
) -> Vec<String> {
    let alter = || SqlWriter::start(PG, "ALTER EXTENSION").name(&new.name);
    let mut steps = Vec::new();
    if old.schema != new.schema {
        let schema = new.schema.as_ref().map_or_else(|| "public".into(), |name| quote(name, PG));
        steps.push(alter().sql("SET SCHEMA").sql(schema).finish());
    }
    if let Some(wanted) = new.version.as_ref().filter(|_| old.version.is_some() && old.version != new.version)
    {
        steps.push(alter().sql("UPDATE TO").sql(version(wanted)).finish());
    }
    if new.comment.is_some() {
        let what = format!("EXTENSION {}", quote(&new.name, PG));
        steps.extend(comment::changed(&what, old.comment.as_ref(), new.comment.as_ref()));
    }
    steps
}

fn create_domain(domain: &schema_model::catalog::Domain) -> Node {
    let steps = types::created_domain(domain);
    let mut node = made(phase::TYPE, &domain.name, steps, Key::Type(domain.name.clone()));
    node.needs.extend(deps::of_domain(domain));
    node
}

fn drop_type(name: &ObjectName, word: &str, below: Vec<Key>) -> Node {
    let sql = SqlWriter::start(PG, "DROP").sql(word).object(name).finish();
    Node { lets_go: below, ..removed(phase::DROP_TYPE, name, [sql], Key::Type(name.clone())) }
}

fn create_sequence(frame: &Frame<'_>, wanted: &Sequence, out: &mut Vec<Node>) {
    let comment = comment::changed(&comment::object("SEQUENCE", &wanted.name), None, wanted.comment.as_ref());
    if frame.made_by_serial(wanted) {
        if let (Some(sql), Some((table, column))) = (comment, &wanted.owned_by) {
            let mut node = plain(phase::OWNED_BY, &wanted.name, [sql]);
            node.needs.push(Key::Column(table.clone(), column.clone()));
            out.push(node);
        }
        return;
    }
    let steps = std::iter::once(sequence::create(wanted)).chain(comment);
    out.push(made(phase::SEQUENCE, &wanted.name, steps, Key::Relation(wanted.name.clone())));
    if let Some(owner) = &wanted.owned_by {
        out.push(owned_by(&wanted.name, Some(owner)));
    }
}

fn owned_by(name: &ObjectName, owner: Option<&(ObjectName, Name)>) -> Node {
    let mut node = plain(phase::OWNED_BY, name, [sequence::owned_by(name, owner)]);
    node.needs.push(Key::Relation(name.clone()));
    node.needs.extend(owner.map(|(table, column)| Key::Column(table.clone(), column.clone())));
    node
}

fn alter_sequence(old: &Sequence, new: &Sequence, out: &mut Vec<Node>) {
    let mut steps = sequence::alter(old, new);
    let what = comment::object("SEQUENCE", &new.name);
    steps.extend(comment::changed(&what, old.comment.as_ref(), new.comment.as_ref()));
    out.push(plain(phase::SEQUENCE, &new.name, steps));
    if old.owned_by != new.owned_by {
        let mut node = owned_by(&new.name, new.owned_by.as_ref());
        if let Some((table, column)) = &old.owned_by {
            // The old owner may go, and would take the sequence along.
            node.lets_go.extend([Key::Relation(table.clone()), Key::Column(table.clone(), column.clone())]);
        }
        out.push(node);
    }
}

fn create_view(view: &View, out: &mut Vec<Node>) {
    let mut steps = vec![view::create(view)];
    steps.extend(view::defaults(None, view));
    steps.extend(comment::of_view(None, view));
    for new in &view.indexes {
        steps.push(index::create(&view.name, new, false, false));
        steps.extend(comment::of_index(&view.name, new));
    }
    let mut node = made(phase::VIEW, &view.name, steps, Key::Relation(view.name.clone()));
    node.makes.extend([Key::Columns(view.name.clone()), Key::Type(view.name.clone())]);
    node.makes.extend(view.indexes.iter().map(|index| Key::Relation(view.name.sibling(index.name.clone()))));
    node.needs.extend(deps::of_view(view));
    out.push(node);
}

fn alter_view(old: &View, new: &View) -> Node {
    let alter = || SqlWriter::start(PG, "ALTER").sql(view::kind(new)).object(&new.name);
    let options = super::table::storage(&old.options, &new.options);
    let mut steps: Vec<_> = options.iter().map(|action| alter().sql(action).finish()).collect();
    steps.extend(view::defaults(Some(old), new));
    steps.extend(comment::of_view(Some(old), new));
    let mut node = plain(phase::VIEW, &new.name, steps);
    node.needs.push(Key::Relation(new.name.clone()));
    node
}

/// Where an object of the kind is made, and where it is dropped.
fn phases(kind: OpaqueKind) -> (u8, u8) {
    match kind {
        OpaqueKind::Collation | OpaqueKind::Type => (phase::TYPE, phase::DROP_TYPE),
        OpaqueKind::Function | OpaqueKind::Procedure => (phase::ROUTINE, phase::DROP_ROUTINE),
        OpaqueKind::Aggregate | OpaqueKind::Operator | OpaqueKind::OperatorClass | OpaqueKind::Cast => {
            (phase::OPERATOR, phase::DROP_ROUTINE)
        }
        OpaqueKind::Rule | OpaqueKind::Trigger | OpaqueKind::Policy | OpaqueKind::Statistics => {
            (phase::ON_TABLE, phase::DROP_ON_TABLE)
        }
        OpaqueKind::Foreign => (phase::EXTENSION, phase::DROP_SCHEMA),
        OpaqueKind::EventTrigger | OpaqueKind::TextSearch | OpaqueKind::Publication => {
            (phase::LATE, phase::DROP_ON_TABLE)
        }
    }
}

/// The place of an object among those of its phase.
fn place(object: &OpaqueObject) -> String {
    match &object.id.on {
        Some(on) => format!("{on} {} {}", object.id.kind as u8, object.id.name),
        None => format!("{} {} {}", object.id.kind as u8, object.id.name, object.id.arguments),
    }
}

fn create_opaque(object: &OpaqueObject) -> Node {
    let (make, _) = phases(object.id.kind);
    let (needs, likes) = deps::of_opaque(object);
    let mut node = plain(make, place(object), opaque::create(object));
    node.makes = deps::own_keys(object);
    Node { needs, likes, ..node }
}

fn drop_opaque(frame: &Frame<'_>, object: &OpaqueObject) -> Option<Node> {
    let along = object.id.on.as_ref().is_some_and(|on| frame.dropped.contains(on));
    if along {
        return None;
    }
    let (_, drop) = phases(object.id.kind);
    let (needs, _) = deps::of_opaque(object);
    let mut node = plain(drop, place(object), [opaque::drop(object)]);
    node.removes = deps::own_keys(object);
    node.lets_go = needs;
    Some(node)
}

fn replace_opaque(old: &OpaqueObject, new: &OpaqueObject) -> Node {
    let (make, _) = phases(new.id.kind);
    let mut steps = Vec::new();
    if old.definition != new.definition || old.amendments != new.amendments {
        steps.push(opaque::replace(new));
        steps.extend(new.amendments.iter().cloned());
    }
    steps.extend(comment::changed(&opaque::subject(new), old.comment.as_ref(), new.comment.as_ref()));
    let (needs, likes) = deps::of_opaque(new);
    let (before, _) = deps::of_opaque(old);
    let mut node = plain(make, place(new), steps);
    node.alters.push(Key::Opaque(new.id.clone()));
    node.lets_go.extend(before.into_iter().filter(|key| !needs.contains(key)));
    Node { needs, likes, ..node }
}
