//! Columns over a type or collation that is made anew: no statement changes what a range, a base type or a collation is,
//! so the column is text while the one goes and the other comes.

use std::collections::BTreeSet;

use schema_model::ObjectName;
use schema_model::catalog::{Catalog, Column, ColumnType, OpaqueKind};

use super::expand::{Disturbed, Work};
use crate::change::Change;

/// Takes the columns off what goes and puts them on what comes.
pub(super) fn columns(old: &Catalog, new: &Catalog, work: &mut Work, disturbed: &mut Disturbed) {
    let anew = made_anew(work);
    if anew.is_empty() {
        return;
    }
    for after in new.tables.values() {
        let Some(before) = old.tables.get(&after.name) else { continue };
        for column in &after.columns {
            let Some(known) = before.column(column.name.as_str()) else { continue };
            if !(stands_on(known, &anew) && stands_on(column, &anew)) || column.inherited {
                continue;
            }
            work.changes.retain(|change| {
                !matches!(change, Change::AlterColumn { table, new, .. }
                    if *table == after.name && new.name == column.name)
            });
            let plain = interim(known);
            let alter = |old: &Column, new: &Column| Change::AlterColumn {
                table: after.name.clone(),
                old: Box::new(old.clone()),
                new: Box::new(new.clone()),
            };
            work.changes.extend([alter(known, &plain), alter(&plain, column)]);
            disturbed.retype(&after.name, &column.name);
        }
    }
}

/// Types and collations that are dropped and made again under the same name.
fn made_anew(work: &Work) -> BTreeSet<ObjectName> {
    let named = |change: &Change, dropped: bool| match change {
        Change::DropOpaque(object) if dropped => Some(object.id.clone()),
        Change::CreateOpaque(object) if !dropped => Some(object.id.clone()),
        _ => None,
    };
    let all = |dropped: bool| -> BTreeSet<_> {
        work.changes.iter().filter_map(|change| named(change, dropped)).collect()
    };
    let kinds = [OpaqueKind::Type, OpaqueKind::Collation];
    let (gone, come) = (all(true), all(false));
    gone.into_iter().filter(|id| kinds.contains(&id.kind) && come.contains(id)).map(|id| id.name).collect()
}

fn stands_on(column: &Column, anew: &BTreeSet<ObjectName>) -> bool {
    let ty = column.ty.user_type().is_some_and(|name| anew.contains(name));
    ty || column.collation.as_ref().is_some_and(|name| anew.contains(name))
}

/// The column without what goes: a collation lets its column stay of its type.
fn interim(column: &Column) -> Column {
    let ty = match &column.ty {
        ty if ty.user_type().is_none() => ty.clone(),
        ColumnType::Array(_) => ColumnType::Array(Box::new(ColumnType::Text)),
        _ => ColumnType::Text,
    };
    Column { ty, collation: None, default: None, ..column.clone() }
}
