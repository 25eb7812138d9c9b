//! Composite types.

use schema_model::catalog::{Attribute, CompositeType};
use schema_model::{ObjectName, Origin};

use super::column;
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// `CREATE TYPE name AS (…)`, from the parenthesis on.
pub(super) fn create(replayer: &mut Replayer, cursor: &mut Cursor<'_>, name: ObjectName) -> Read<()> {
    let mut attributes = Vec::new();
    for mut item in cursor.group()?.items() {
        attributes.push(attribute(replayer, &mut item)?);
        item.expect_done()?;
    }
    cursor.expect_done()?;
    let origin = Origin::from(replayer.here());
    replayer.emit(Change::CreateComposite(CompositeType { name, attributes, comment: None, origin }))
}

fn attribute(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<Attribute> {
    let name = cursor.name()?;
    let ty = column::any_type(replayer, cursor)?;
    let collation = match cursor.accept("collate") {
        true => column::collation(replayer, cursor)?,
        false => None,
    };
    Ok(Attribute { name, ty, collation, comment: None })
}

/// `ALTER TYPE name ADD|DROP|ALTER|RENAME ATTRIBUTE …`, from after the name on.
pub(super) fn alter(replayer: &mut Replayer, cursor: &mut Cursor<'_>, name: &ObjectName) -> Read<()> {
    let Some(old) = replayer.catalog().composites.get(name).cloned() else {
        if cursor.accept("set") {
            cursor.finish();
            return Ok(());
        }
        return Err(cursor.unknown("not an action of ALTER TYPE that is known"));
    };
    let mut new = old.clone();
    for mut item in cursor.items() {
        action(replayer, &mut item, &mut new)?;
        item.accept("cascade");
        item.accept("restrict");
        item.expect_done()?;
    }
    if new == old {
        return Ok(());
    }
    new.origin = Origin::from(replayer.here());
    replayer.emit(Change::AlterComposite { old, new })
}

fn action(replayer: &Replayer, cursor: &mut Cursor<'_>, ty: &mut CompositeType) -> Read<()> {
    let missing = |replayer: &Replayer, name: &schema_model::Name| {
        replayer.refused(format!("attribute `{name}` of `{}` does not exist", ty.name))
    };
    if cursor.accept("add attribute") {
        ty.attributes.push(attribute(replayer, cursor)?);
        return Ok(());
    }
    if cursor.accept("drop attribute") {
        let if_exists = cursor.accept("if exists");
        let name = cursor.name()?;
        let known = ty.attributes.iter().position(|attribute| attribute.name == name);
        return match known {
            Some(at) => {
                ty.attributes.remove(at);
                Ok(())
            }
            None if if_exists => Ok(()),
            None => Err(missing(replayer, &name)),
        };
    }
    if cursor.accept("rename attribute") {
        let from = cursor.name()?;
        cursor.expect("to")?;
        let to = cursor.name()?;
        let error = missing(replayer, &from);
        let known = ty.attributes.iter_mut().find(|attribute| attribute.name == from);
        known.ok_or(error)?.name = to;
        return Ok(());
    }
    cursor.expect("alter attribute")?;
    let name = cursor.name()?;
    cursor.accept("set data");
    cursor.expect("type")?;
    let retyped = column::any_type(replayer, cursor)?;
    let collation = match cursor.accept("collate") {
        true => column::collation(replayer, cursor)?,
        false => None,
    };
    let error = missing(replayer, &name);
    let known = ty.attributes.iter_mut().find(|attribute| attribute.name == name).ok_or(error)?;
    known.ty = retyped;
    known.collation = collation;
    Ok(())
}
