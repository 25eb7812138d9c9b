//! `DROP`, and what goes with it: PostgreSQL follows dependencies, refuses with `RESTRICT` and removes with `CASCADE`.

mod depend;
mod statement;

use std::collections::HashSet;

use schema_model::catalog::{Column, OpaqueId, Schema};
use schema_model::{Name, ObjectName};

use super::index;
use crate::change::Change;
use crate::sql::cursor::Read;
use crate::sql::replay::Replayer;

pub(super) use statement::drop_statement;

/// Something that can be dropped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Object {
    Table(ObjectName),
    View(ObjectName),
    Sequence(ObjectName),
    /// An enum, domain or composite.
    Type(ObjectName),
    Column(ObjectName, Name),
    /// A column's default.
    Default(ObjectName, Name),
    Constraint(ObjectName, Name),
    Index(ObjectName, Name),
    Opaque(OpaqueId),
    Schema(Name),
    Extension(Name),
}

impl Object {
    fn shown(&self) -> String {
        match self {
            Object::Table(name) => format!("table `{name}`"),
            Object::View(name) => format!("view `{name}`"),
            Object::Sequence(name) => format!("sequence `{name}`"),
            Object::Type(name) => format!("type `{name}`"),
            Object::Column(table, name) => format!("column `{table}.{name}`"),
            Object::Default(table, name) => format!("the default of `{table}.{name}`"),
            Object::Constraint(table, name) => format!("constraint `{name}` of `{table}`"),
            Object::Index(_, name) => format!("index `{name}`"),
            Object::Opaque(id) => format!("{id}"),
            Object::Schema(name) => format!("schema `{name}`"),
            Object::Extension(name) => format!("extension `{name}`"),
        }
    }
}

/// Drops objects and what belongs to them. What else depends on them is dropped too with `CASCADE`; without, nothing is
/// dropped and the statement is refused.
pub(super) fn objects(replayer: &mut Replayer, targets: Vec<Object>, cascade: bool) -> Read<()> {
    let mut seen: HashSet<Object> = targets.iter().cloned().collect();
    let mut order = targets;
    let mut at = 0;
    // What some object holds a reference to, and whether anything drops it without being asked.
    let mut blocked: Vec<(Object, Object)> = Vec::new();
    while let Some(object) = order.get(at).cloned() {
        at += 1;
        for dependent in depend::dependents(replayer, &object) {
            if seen.contains(&dependent.object) {
                continue;
            }
            if !dependent.automatic && !cascade {
                blocked.push((dependent.object, object.clone()));
                continue;
            }
            seen.insert(dependent.object.clone());
            order.push(dependent.object);
        }
    }
    let gone =
        |object: &Object| seen.contains(object) || inside(object).iter().any(|owner| seen.contains(owner));
    if let Some((dependent, object)) = blocked.iter().find(|(dependent, _)| !gone(dependent)) {
        let message = format!("{} cannot be dropped: {} depends on it", object.shown(), dependent.shown());
        return Err(replayer.refused(message));
    }
    for object in order.iter().rev() {
        remove(replayer, object)?;
    }
    Ok(())
}

/// What the object goes with: its table, a default's column.
fn inside(object: &Object) -> Vec<Object> {
    match object {
        Object::Default(table, column) => {
            vec![Object::Table(table.clone()), Object::Column(table.clone(), column.clone())]
        }
        Object::Column(table, _) | Object::Constraint(table, _) | Object::Index(table, _) => {
            vec![Object::Table(table.clone())]
        }
        Object::Opaque(id) => id.on.clone().map(Object::Table).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Drops one object, unless it has gone with another.
fn remove(replayer: &mut Replayer, object: &Object) -> Read<()> {
    let catalog = replayer.catalog();
    let table = |name: &ObjectName| catalog.tables.get(name);
    let change = match object {
        Object::Table(name) => table(name).map(|table| Change::DropTable(Box::new(table.clone()))),
        Object::View(name) => catalog.views.get(name).map(|view| Change::DropView(Box::new(view.clone()))),
        Object::Sequence(name) => {
            catalog.sequences.get(name).map(|sequence| Change::DropSequence(Box::new(sequence.clone())))
        }
        Object::Type(name) => drop_type(replayer, name),
        Object::Column(owner, name) => table(owner)
            .and_then(|table| table.column(name.as_str()))
            .map(|column| Change::DropColumn { table: owner.clone(), column: Box::new(column.clone()) }),
        Object::Default(owner, name) => {
            let column = table(owner).and_then(|table| table.column(name.as_str()));
            column.filter(|column| column.default.is_some()).map(|old| {
                let new = Column { default: None, ..old.clone() };
                Change::AlterColumn { table: owner.clone(), old: Box::new(old.clone()), new: Box::new(new) }
            })
        }
        Object::Constraint(owner, name) => {
            table(owner).and_then(|table| table.constraint(name.as_str())).map(|constraint| {
                Change::DropConstraint { table: owner.clone(), constraint: Box::new(constraint.clone()) }
            })
        }
        Object::Index(owner, name) => {
            index::drop_attached(replayer, owner, &owner.sibling(name.clone()))?;
            find_index(replayer, owner, name)
        }
        Object::Opaque(id) => {
            catalog.opaque.get(id).map(|object| Change::DropOpaque(Box::new(object.clone())))
        }
        Object::Schema(name) => {
            catalog.schemas.get(name).map(|schema: &Schema| Change::DropSchema(schema.clone()))
        }
        Object::Extension(name) => {
            catalog.extensions.get(name).map(|extension| Change::DropExtension(extension.clone()))
        }
    };
    match change {
        Some(change) => replayer.emit(change),
        None => Ok(()),
    }
}

fn drop_type(replayer: &Replayer, name: &ObjectName) -> Option<Change> {
    let catalog = replayer.catalog();
    let of_enum = catalog.enums.get(name).map(|ty| Change::DropEnum(ty.clone()));
    let of_domain = || catalog.domains.get(name).map(|ty| Change::DropDomain(Box::new(ty.clone())));
    let of_composite = || catalog.composites.get(name).map(|ty| Change::DropComposite(ty.clone()));
    let of_opaque = || {
        let known = catalog.opaque.get(&crate::sql::read::opaque_type(name));
        known.map(|object| Change::DropOpaque(Box::new(object.clone())))
    };
    of_enum.or_else(of_domain).or_else(of_composite).or_else(of_opaque)
}

fn find_index(replayer: &Replayer, owner: &ObjectName, name: &Name) -> Option<Change> {
    let catalog = replayer.catalog();
    let index = match catalog.tables.get(owner) {
        Some(table) => table.index(name),
        None => catalog.views.get(owner)?.indexes.iter().find(|index| index.name == *name),
    };
    index.map(|index| Change::DropIndex { table: owner.clone(), index: Box::new(index.clone()) })
}

/// Whether nothing is in the schema.
pub(super) fn is_empty(replayer: &Replayer, schema: &Name) -> bool {
    depend::dependents(replayer, &Object::Schema(schema.clone())).is_empty()
}
