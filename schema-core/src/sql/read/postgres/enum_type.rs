//! Enum types.

use schema_model::catalog::{EnumType, OpaqueId, OpaqueKind, OpaqueObject};
use schema_model::{ObjectName, Origin};

use super::{composite, domain, opaque};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read, Spelled};
use crate::sql::replay::Replayer;

/// `CREATE TYPE`, from after these words on; `definition` is the whole statement.
pub(super) fn create(replayer: &mut Replayer, cursor: &mut Cursor<'_>, definition: &str) -> Read<()> {
    let spelled = cursor.object()?;
    let name = replayer.for_new(&spelled);
    if let Some(shell) = replayer.catalog().opaque.get(&crate::sql::read::opaque_type(&name)).cloned() {
        // A shell type (`CREATE TYPE name;`) is filled by the statement that defines it.
        replayer.emit(Change::DropOpaque(Box::new(shell)))?;
    } else if replayer.has_type(&name) {
        return replayer.exists_already(&spelled, &name, false);
    }
    if cursor.accept("as enum") {
        let mut values = Vec::new();
        for mut item in cursor.group()?.items() {
            values.push(item.string()?);
        }
        cursor.expect_done()?;
        let origin = Origin::from(replayer.here());
        return replayer.emit(Change::CreateEnum(EnumType { name, values, comment: None, origin }));
    }
    if cursor.accept("as") && cursor.is_punct("(") {
        return composite::create(replayer, cursor, name);
    }
    create_opaque(replayer, name, definition, cursor)
}

/// A range, base or shell type: followed by name.
fn create_opaque(
    replayer: &mut Replayer,
    name: ObjectName,
    definition: &str,
    cursor: &mut Cursor<'_>,
) -> Read<()> {
    cursor.finish();
    let touches = replayer.mentions(definition, cursor.source(), 0);
    replayer.emit(Change::CreateOpaque(Box::new(OpaqueObject {
        id: OpaqueId { kind: OpaqueKind::Type, name, arguments: String::new(), on: None },
        definition: definition.to_owned(),
        amendments: Vec::new(),
        touches,
        comment: None,
        origin: Origin::from(replayer.here()),
    })))
}

/// `ALTER TYPE`, from after these words on.
pub(super) fn alter(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let spelled = cursor.object()?;
    let Some(name) = replayer.find_type(&spelled) else {
        return Err(replayer.no_such(&spelled, "type"));
    };
    if cursor.accept("owner to") {
        cursor.finish();
        return Ok(());
    }
    if cursor.accept("rename to") {
        let to = name.sibling(cursor.name()?);
        return rename(replayer, &name, to);
    }
    if cursor.accept("set schema") {
        let schema = replayer.existing_schema(&cursor.name()?)?;
        let to = ObjectName { schema, name: name.name.clone() };
        return rename(replayer, &name, to);
    }
    if replayer.catalog().domains.contains_key(&name) {
        return domain::alter_known(replayer, cursor, &name);
    }
    if cursor.accept("add value") {
        return add_value(replayer, cursor, &name, &spelled);
    }
    if cursor.accept("rename value") {
        let from = cursor.string()?;
        cursor.expect("to")?;
        let to = cursor.string()?;
        return replayer.emit(Change::RenameEnumValue { name, from, to });
    }
    composite::alter(replayer, cursor, &name)
}

/// Renames or moves a type of any kind.
pub(super) fn rename(replayer: &mut Replayer, from: &ObjectName, to: ObjectName) -> Read<()> {
    if *from == to {
        return Ok(());
    }
    if replayer.has_type(&to) {
        return Err(replayer.refused(format!("type `{to}` already exists")));
    }
    let key = crate::sql::read::opaque_type(from);
    if let Some(old) = replayer.catalog().opaque.get(&key).cloned() {
        let mut new = old.clone();
        new.id.name = to;
        opaque::name_multirange(&mut new.definition, from, replayer.dialect());
        return replayer.emit(Change::ReplaceOpaque { old: Box::new(old), new: Box::new(new) });
    }
    replayer.emit(Change::RenameType { from: from.clone(), to })
}

fn add_value(
    replayer: &mut Replayer,
    cursor: &mut Cursor<'_>,
    name: &ObjectName,
    spelled: &Spelled,
) -> Read<()> {
    let if_not_exists = cursor.accept("if not exists");
    let value = cursor.string()?;
    let place = cursor.accept_any(&["before", "after"]);
    let neighbour = match place {
        Some(_) => Some(cursor.string()?),
        None => None,
    };
    cursor.expect_done()?;
    let Some(known) = replayer.catalog().enums.get(name) else {
        return Err(replayer.refused_at(spelled, format!("`{name}` is not an enum")));
    };
    if known.values.contains(&value) && if_not_exists {
        return Ok(());
    }
    let before = match (place, neighbour) {
        (Some("after"), Some(neighbour)) => {
            let Some(at) = known.values.iter().position(|known| *known == neighbour) else {
                return Err(replayer.refused(format!("`{neighbour}` is not a value of `{name}`")));
            };
            known.values.get(at + 1).cloned()
        }
        (_, neighbour) => neighbour,
    };
    replayer.emit(Change::AddEnumValue { name: name.clone(), value, before })
}
