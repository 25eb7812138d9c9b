//! Identity columns: `ADD GENERATED`, `SET GENERATED`, `RESTART`, `DROP IDENTITY`, and their sequences' names.

use schema_model::catalog::{Column, Identity};
use schema_model::{Name, ObjectName, Origin};

use super::super::names::{Taken, relation_name};
use super::super::sequence;
use super::{Target, column};
use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// Whether, after the column's name, an action on its identity follows.
pub(super) fn is_identity(cursor: &Cursor<'_>) -> bool {
    let sequence_words = [
        "increment",
        "minvalue",
        "maxvalue",
        "start",
        "cache",
        "cycle",
        "no",
        "restart",
        "generated",
        "logged",
        "unlogged",
    ];
    cursor.are("add generated")
        || cursor.are("drop identity")
        || cursor.is("restart")
        || cursor.is("set") && sequence_words.iter().any(|word| cursor.is_at(1, word))
}

/// From after the column's name on.
pub(super) fn alter(
    replayer: &mut Replayer,
    cursor: &mut Cursor<'_>,
    target: &Target,
    name: &Name,
) -> Read<()> {
    let Some(old) = replayer.known_table(&target.table)?.column(name.as_str()).cloned() else {
        return Err(replayer.refused(format!("column `{}.{name}` does not exist", target.table)));
    };
    let mut new = old.clone();
    if cursor.accept("add generated") {
        if old.identity.is_some() {
            return Err(replayer.refused(format!("column `{}.{name}` is already an identity", target.table)));
        }
        if old.nullable || old.default.is_some() {
            let message = format!("column `{}.{name}` must be NOT NULL and have no default", target.table);
            return Err(replayer.refused(message));
        }
        new.identity = Some(added(replayer, cursor, target, &old)?);
    } else if cursor.accept("drop identity") {
        let if_exists = cursor.accept("if exists");
        if old.identity.is_none() && !if_exists {
            return Err(replayer.refused(format!("column `{}.{name}` is not an identity", target.table)));
        }
        new.identity = None;
    } else {
        let Some(identity) = &mut new.identity else {
            return Err(replayer.refused(format!("column `{}.{name}` is not an identity", target.table)));
        };
        changed(replayer, cursor, identity)?;
    }
    cursor.expect_done()?;
    if new == old {
        return Ok(());
    }
    new.origin = Origin::from(replayer.here());
    column::replace(replayer, &target.table, old, new)
}

fn added(replayer: &Replayer, cursor: &mut Cursor<'_>, target: &Target, column: &Column) -> Read<Identity> {
    let always = cursor.accept("always");
    if !always {
        cursor.expect("by default")?;
    }
    cursor.expect("as identity")?;
    let options = match cursor.is_punct("(") {
        true => sequence::options(replayer, &mut cursor.group()?)?,
        false => sequence::Options::default(),
    };
    let sequence = match &options.name {
        Some(spelled) => replayer.for_new(spelled),
        None => {
            let all = replayer.relations();
            let column = Some(column.name.as_str());
            let name = relation_name(all, &Taken::default(), &target.table, column, "seq", false);
            target.table.sibling(name)
        }
    };
    let options = options.create(sequence::bits_of(&column.ty), replayer)?;
    Ok(Identity { always, sequence, options })
}

/// `SET GENERATED …`, `SET option`, `RESTART`, repeated.
fn changed(replayer: &Replayer, cursor: &mut Cursor<'_>, identity: &mut Identity) -> Read<()> {
    let mut options = sequence::Options::default();
    while !cursor.is_done() {
        if cursor.accept("set generated") {
            identity.always = cursor.accept("always");
            if !identity.always {
                cursor.expect("by default")?;
            }
            continue;
        }
        cursor.accept("set");
        if !sequence::option(replayer, cursor, &mut options)? {
            return Err(cursor.unknown("not an option of a sequence"));
        }
    }
    identity.options = options.alter(&identity.options, replayer)?;
    Ok(())
}

/// Renames an identity column's sequence.
pub(super) fn rename(
    replayer: &mut Replayer,
    table: &ObjectName,
    from: &ObjectName,
    to: ObjectName,
) -> Read<()> {
    let columns = replayer.known_table(table)?.columns.iter();
    let of_sequence = |identity: &Identity| identity.sequence == *from;
    let Some(old) = columns.clone().find(|column| column.identity.as_ref().is_some_and(of_sequence)).cloned()
    else {
        return Ok(());
    };
    let mut new = old.clone();
    if let Some(identity) = &mut new.identity {
        identity.sequence = to;
    }
    column::replace(replayer, table, old, new)
}

/// Moves the identity sequences of a table that has moved to this schema.
pub(super) fn move_sequences(replayer: &mut Replayer, table: &ObjectName, schema: &Option<Name>) -> Read<()> {
    let columns = replayer.known_table(table)?.columns.iter();
    let sequences: Vec<ObjectName> = columns
        .filter_map(|column| column.identity.as_ref().map(|identity| identity.sequence.clone()))
        .collect();
    for from in sequences {
        let to = ObjectName { schema: schema.clone(), name: from.name.clone() };
        rename(replayer, table, &from, to)?;
    }
    Ok(())
}
