//! A virtual table whose arguments change: no statement alters them, so it is made anew. Rows that it keeps itself are copied
//! as in a table's rebuild, and an index over another table is filled from there.

use schema_model::DialectKind;
use schema_model::catalog::{Catalog, Column, Table, TableKind};
use schema_model::ident::{quote, quote_object};

use super::group::Group;
use super::{print, rebuild};
use crate::dialect::Transition;
use crate::plan::{Hazard, Step};
use crate::sql::read::sqlite::{VirtualRows, same, virtual_rows};

/// Whether the group is about a virtual table.
pub(super) fn is_virtual(group: &Group<'_>) -> bool {
    module(group.before).is_some() || module(group.after).is_some()
}

fn module(table: &Table) -> Option<&str> {
    match &table.options.kind {
        TableKind::Virtual(module) => Some(module),
        _ => None,
    }
}

fn rows(table: &Table) -> VirtualRows {
    module(table).map_or(VirtualRows::Unknown, virtual_rows)
}

/// The table made anew, its own rows with it.
pub(super) fn remake(
    group: &Group<'_>,
    transition: &Transition<'_>,
    renamed: &Catalog,
    steps: &mut Vec<Step>,
) {
    let (before, after) = (group.before, group.after);
    let drop = Step::new(print::drop_object("TABLE", &before.name));
    let shared = shared_columns(before, after);
    if matches!(rows(after), VirtualRows::Of(_)) {
        let kept = matches!(rows(before), VirtualRows::Of(_)) && is_refilled(after, transition.new);
        steps.push(if kept { drop } else { loses_rows(drop, before) });
        steps.push(Step::new(print::create_table(after)));
    } else if shared.is_empty() || !can_copy(before, after) {
        steps.push(loses_rows(drop, before));
        steps.push(Step::new(print::create_table(after)));
    } else {
        let beside = rebuild::free_name(after, renamed, transition.new);
        let create = print::create_table(&Table { name: beside.clone(), ..after.clone() });
        steps.push(Step::new(create).comment(rebuild::reasons(group)));
        let quoted = |name| quote_object(name, DialectKind::Sqlite);
        let list = shared.join(", ");
        let (into, from) = (quoted(&beside), quoted(&before.name));
        let mut copy = Step::new(format!("INSERT INTO {into} ({list})\nSELECT {list}\nFROM {from}"));
        copy.hazards.push(Hazard::TableRewrite);
        steps.push(copy);
        steps.push(rebuild::losing(group, drop));
        let name = quote(&after.name.name, DialectKind::Sqlite);
        steps.push(Step::new(format!("ALTER TABLE {into} RENAME TO {name}")));
    }
}

fn loses_rows(drop: Step, table: &Table) -> Step {
    let mut drop = drop.loses(format!("drops virtual table `{}` with all its rows", table.name));
    drop.hazards.push(Hazard::DataLoss);
    drop
}

/// Full-text tables of any version understand each other's columns, and so do R*Trees.
fn can_copy(before: &Table, after: &Table) -> bool {
    let family =
        |table: &Table| module(table).and_then(|module| module.get(..3)).map(str::to_ascii_lowercase);
    let readable = matches!(rows(before), VirtualRows::Own | VirtualRows::Of(_));
    let fillable = !matches!(rows(after), VirtualRows::Unknown);
    readable && fillable && family(before) == family(after)
}

/// The columns that both have, in SQL; the rowid first where it is no column.
fn shared_columns(before: &Table, after: &Table) -> Vec<String> {
    let both = |column: &&Column| before.columns.iter().any(|old| same(&old.name, &column.name));
    let names = after.columns.iter().filter(both).map(|column| quote(&column.name, DialectKind::Sqlite));
    let names: Vec<String> = names.collect();
    let full_text = module(after).is_some_and(|module| module.to_ascii_lowercase().starts_with("fts"));
    match full_text && !names.is_empty() {
        true => std::iter::once("rowid".to_owned()).chain(names).collect(),
        false => names,
    }
}

/// Whether the table that the index is over is there with all of its columns.
fn is_refilled(index: &Table, catalog: &Catalog) -> bool {
    let VirtualRows::Of(content) = rows(index) else { return false };
    let named = |name: &schema_model::ObjectName| name.name.as_str().eq_ignore_ascii_case(&content);
    let has = |table: &Table, column: &Column| table.columns.iter().any(|own| same(&own.name, &column.name));
    let table = catalog.tables.values().find(|table| named(&table.name));
    table.map_or_else(
        || catalog.views.keys().any(named),
        |table| index.columns.iter().all(|column| has(table, column)),
    )
}

/// Fills an index over another table, when all tables are there (FTS5, "The 'rebuild' Command").
pub(super) fn refill(group: &Group<'_>, transition: &Transition<'_>, steps: &mut Vec<Step>) {
    if is_virtual(group) && is_refilled(group.after, transition.new) {
        let name = quote(&group.after.name.name, DialectKind::Sqlite);
        steps.push(Step::new(format!("INSERT INTO {name} ({name}) VALUES ('rebuild')")));
    }
}
