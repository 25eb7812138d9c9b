//! One action of `ALTER TABLE`.

use schema_model::catalog::{Sequence, TableKind};

use super::super::{inherit, partition, table};
use super::switch;
use super::{Target, column, constraint, identity};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// PostgreSQL does what drops first, then type changes, then what adds (its `AT_PASS_…`).
pub(super) fn pass(item: &Cursor<'_>) -> u8 {
    let mut cursor = *item;
    if cursor.accept("drop") {
        return 0;
    }
    if cursor.accept("add") {
        return match () {
            _ if cursor.is("constraint") || is_constraint(&cursor) => match foreign_key(&cursor) {
                true => 8,
                false => 7,
            },
            _ => 3,
        };
    }
    if cursor.accept("alter") && !cursor.is("constraint") {
        cursor.accept("column");
        let _ = cursor.name();
        return match () {
            _ if cursor.is("drop") => 0,
            _ if cursor.is("type") || cursor.are("set data") => 1,
            _ if cursor.are("set not") => 5,
            _ => 6,
        };
    }
    9
}

fn is_constraint(cursor: &Cursor<'_>) -> bool {
    super::super::constraint::is_table_constraint(cursor)
}

fn foreign_key(cursor: &Cursor<'_>) -> bool {
    cursor.are("foreign key") || cursor.is("constraint") && cursor.is_at(2, "foreign")
}

/// Reads and applies one action.
pub(super) fn apply(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    let first = cursor.word(0).to_ascii_lowercase();
    match first.as_str() {
        "add" => add(replayer, cursor, target),
        "drop" => drop_part(replayer, cursor, target),
        "alter" => alter(replayer, cursor, target),
        "validate" => {
            cursor.expect("validate constraint")?;
            let name = cursor.name()?;
            constraint::validate(replayer, target, &name)
        }
        "attach" => {
            cursor.expect("attach partition")?;
            partition::attach(replayer, cursor, &target.table)
        }
        "detach" => {
            cursor.expect("detach partition")?;
            partition::detach(replayer, cursor, &target.table)
        }
        "inherit" => {
            cursor.bump();
            inherit::inherit(replayer, cursor, &target.table)
        }
        "no" if cursor.accept("no force row level security") => {
            inherit::set_options(replayer, &target.table, |options| options.force_row_security = false)
        }
        "no" => {
            cursor.expect("no inherit")?;
            inherit::no_inherit(replayer, cursor, &target.table)
        }
        "enable" | "disable" => switch::apply(replayer, cursor, target),
        "force" => {
            cursor.expect("force row level security")?;
            inherit::set_options(replayer, &target.table, |options| options.force_row_security = true)
        }
        "set" | "reset" => set(replayer, cursor, target),
        "replica" => replica_identity(replayer, cursor, target),
        "cluster" => {
            cursor.expect("cluster on")?;
            let index = cursor.name()?;
            cursor.expect_done()?;
            inherit::set_options(replayer, &target.table, |options| options.clustered = Some(index))
        }
        "owner" | "options" => {
            cursor.finish();
            Ok(())
        }
        _ => Err(cursor.unknown("not an action of ALTER TABLE that is known")),
    }
}

fn add(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    cursor.expect("add")?;
    if is_constraint(cursor) {
        return constraint::add(replayer, cursor, target);
    }
    cursor.accept("column");
    column::add(replayer, cursor, target)
}

fn drop_part(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    cursor.expect("drop")?;
    if cursor.accept("constraint") {
        return constraint::drop_constraint(replayer, cursor, target);
    }
    cursor.accept("column");
    column::drop_column(replayer, cursor, target)
}

fn alter(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    cursor.expect("alter")?;
    if cursor.accept("constraint") {
        return constraint::alter(replayer, cursor, target);
    }
    cursor.accept("column");
    let name = cursor.name()?;
    if identity::is_identity(cursor) {
        return identity::alter(replayer, cursor, target, &name);
    }
    column::alter(replayer, cursor, target, &name)
}

fn set(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    if cursor.accept("reset") {
        let mut names = Vec::new();
        for mut item in cursor.group()?.items() {
            names.push(table::storage_parameter(&mut item)?.0);
        }
        return inherit::set_options(replayer, &target.table, |options| {
            names.iter().for_each(|name| drop(options.with.remove(name.as_str())));
        });
    }
    cursor.expect("set")?;
    if let Some(word) = cursor.accept_any(&["logged", "unlogged"]) {
        return set_logged(replayer, target, word == "unlogged");
    }
    if cursor.accept("tablespace") {
        let name = cursor.name()?;
        return inherit::set_options(replayer, &target.table, |options| options.tablespace = Some(name));
    }
    if cursor.accept("without cluster") {
        return inherit::set_options(replayer, &target.table, |options| options.clustered = None);
    }
    if cursor.accept_any(&["without oids", "access method"]).is_some() {
        cursor.finish();
        return Ok(());
    }
    let mut options = replayer.known_table(&target.table)?.options.clone();
    table::storage_parameters(&mut cursor.group()?, &mut options)?;
    inherit::set_options(replayer, &target.table, |own| *own = options)
}

fn replica_identity(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    cursor.expect("replica identity")?;
    let identity = match cursor.accept_any(&["default", "full", "nothing", "using index"]) {
        Some("default") => None,
        Some("using index") => Some(format!("USING INDEX {}", cursor.take_rest())),
        Some(word) => Some(word.to_ascii_uppercase()),
        None => return Err(cursor.unknown("expected a replica identity")),
    };
    inherit::set_options(replayer, &target.table, |options| options.replica_identity = identity)
}

/// `SET LOGGED | UNLOGGED`: sequences that the table's columns own follow.
fn set_logged(replayer: &mut Replayer, target: &Target, unlogged: bool) -> Read<()> {
    // A partitioned table holds no rows; the server takes the words and does nothing.
    if matches!(replayer.known_table(&target.table)?.options.kind, TableKind::Partitioned(_)) {
        return Ok(());
    }
    inherit::set_options(replayer, &target.table, |options| options.unlogged = unlogged)?;
    let owned = replayer.catalog().sequences.values().filter(|sequence| {
        sequence.unlogged != unlogged
            && sequence.owned_by.as_ref().is_some_and(|(table, _)| *table == target.table)
    });
    let owned: Vec<Sequence> = owned.cloned().collect();
    for old in owned {
        let new = Sequence { unlogged, ..old.clone() };
        replayer.emit(Change::AlterSequence { old: Box::new(old), new: Box::new(new) })?;
    }
    Ok(())
}
