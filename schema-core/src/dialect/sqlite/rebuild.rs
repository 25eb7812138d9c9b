//! The table rebuild (ALTER TABLE, "Making Other Kinds Of Table Schema Changes"): make the new table beside the old one,
//! copy the rows, drop the old one, rename. Rows keep their rowid, and AUTOINCREMENT its counter.

use schema_model::catalog::{Catalog, Column, ConstraintKind, Table};
use schema_model::ident::{quote, quote_object, quote_string};
use schema_model::{DialectKind, Expr, Name, ObjectName};

use super::group::Group;
use super::print;
use crate::change::{Change, requalify};
use crate::dialect::Transition;
use crate::plan::{Hazard, Step};
use crate::sql::read::sqlite::{is_rowid_alias, same};

pub(super) fn rebuild(
    group: &Group<'_>,
    transition: &Transition<'_>,
    renamed: &Catalog,
    steps: &mut Vec<Step>,
) {
    let (before, after) = (group.before, group.after);
    let beside = free_name(after, renamed, transition.new);
    let quoted = |name: &ObjectName| quote_object(name, DialectKind::Sqlite);
    steps.push(Step::new(print::create_table(&requalified(after, &beside))).comment(reasons(group)));
    steps.push(copy(group, transition, &beside));
    if before.options.autoincrement && after.options.autoincrement {
        keep_counter(&before.name, &beside, steps);
    }
    steps.push(losing(group, Step::new(print::drop_object("TABLE", &before.name))));
    let name = quote(&after.name.name, DialectKind::Sqlite);
    steps.push(Step::new(format!("ALTER TABLE {} RENAME TO {name}", quoted(&beside))));
}

/// What the rebuild is for: the changes, as sentences.
pub(super) fn reasons(group: &Group<'_>) -> String {
    let is_reason = |change: &&&Change| {
        !matches!(change, Change::CreateIndex { .. } | Change::DropIndex { .. } | Change::AlterIndex { .. })
    };
    let said: Vec<String> = group.changes.iter().filter(is_reason).map(|change| change.to_string()).collect();
    format!("rebuild table `{}`: {}", group.after.name, said.join(", "))
}

/// The step that drops the old table, losing the values of the columns that are gone.
pub(super) fn losing(group: &Group<'_>, mut drop: Step) -> Step {
    if let Some(loss) = losses(group) {
        drop = drop.loses(loss);
        drop.hazards.push(Hazard::DataLoss);
    }
    drop
}

fn losses(group: &Group<'_>) -> Option<String> {
    let gone = group.changes.iter().filter_map(|change| match change {
        Change::DropColumn { column, .. } if column.generated.is_none() => {
            Some(format!("`{}.{}`", group.after.name, column.name))
        }
        _ => None,
    });
    let gone: Vec<String> = gone.collect();
    (!gone.is_empty()).then(|| format!("drops the values of {}", gone.join(", ")))
}

/// A name that no table, view or index has on either side.
pub(super) fn free_name(table: &Table, old: &Catalog, new: &Catalog) -> ObjectName {
    let taken = |name: &str| {
        [old, new].iter().any(|catalog| {
            let relations = catalog.tables.keys().chain(catalog.views.keys()).map(|known| &known.name);
            let indexes = catalog.tables.values().flat_map(|table| &table.indexes).map(|index| &index.name);
            relations.chain(indexes).any(|known| known.as_str().eq_ignore_ascii_case(name))
        })
    };
    let base = format!("_new_{}", table.name.name);
    let mut name = base.clone();
    let mut count = 1;
    while taken(&name) {
        count += 1;
        name = format!("{base}_{count}");
    }
    table.name.sibling(name)
}

/// The table under its passing name; `table.column` in its expressions follows, and comes back with the last rename.
fn requalified(table: &Table, name: &ObjectName) -> Table {
    let mut copy = table.clone();
    let follow = |expr: &mut Expr| *expr = requalify(expr, &table.name.name, &name.name);
    for column in &mut copy.columns {
        column.generated.iter_mut().for_each(|generated| follow(&mut generated.expr));
    }
    for constraint in &mut copy.constraints {
        if let ConstraintKind::Check(check) = &mut constraint.kind {
            follow(&mut check.expr);
        }
    }
    copy.name = name.clone();
    copy
}

fn copy(group: &Group<'_>, transition: &Transition<'_>, beside: &ObjectName) -> Step {
    let mut targets = Vec::new();
    let mut sources = Vec::new();
    let mut hazards = vec![Hazard::TableRewrite];
    if let Some(rowid) = kept_rowid(group.before, group.after) {
        targets.push(rowid.to_owned());
        sources.push(rowid.to_owned());
    }
    for column in group.after.columns.iter().filter(|column| column.generated.is_none()) {
        let Some(value) = value(group, transition, column, &mut hazards) else { continue };
        targets.push(quote(&column.name, DialectKind::Sqlite));
        sources.push(value);
    }
    let from = quote_object(&group.before.name, DialectKind::Sqlite);
    let into = quote_object(beside, DialectKind::Sqlite);
    if targets.is_empty()
        && let Some(column) = group.after.columns.iter().find(|column| column.generated.is_none())
    {
        // A row is a row, though nothing in it stays.
        targets.push(quote(&column.name, DialectKind::Sqlite));
        sources.push(column.default.as_ref().map_or_else(|| "NULL".to_owned(), |value| format!("({value})")));
    }
    let words = if resolves_conflicts(group.after) { "INSERT OR ABORT INTO" } else { "INSERT INTO" };
    let sql = format!("{words} {into} ({})\nSELECT {}\nFROM {from}", targets.join(", "), sources.join(", "));
    Step { hazards, ..Step::new(sql) }
}

/// Whether some constraint says `ON CONFLICT`: the copy must not lose rows by it.
fn resolves_conflicts(table: &Table) -> bool {
    let in_key = table.constraints.iter().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => key.suffix.is_some(),
        ConstraintKind::ForeignKey(_) | ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => false,
    });
    in_key || table.columns.iter().any(|column| column.on_conflict.is_some())
}

/// What the new table's column holds in a row that is there; nothing when its default shall.
fn value(
    group: &Group<'_>,
    transition: &Transition<'_>,
    column: &Column,
    hazards: &mut Vec<Hazard>,
) -> Option<String> {
    let key = (group.after.name.clone(), column.name.clone());
    let backfill = transition.options.backfills.get(&key).map(Expr::to_string);
    let Some(old) = group.before.columns.iter().find(|old| same(&old.name, &column.name)) else {
        if backfill.is_none() && !column.nullable && column.default.is_none() {
            hazards.push(Hazard::MayFail);
        }
        let rowid = rowid_word(group.before)
            .filter(|_| is_alias(group.after, column) && !group.before.options.without_rowid);
        return backfill.or_else(|| rowid.map(str::to_owned));
    };
    let name = quote(&old.name, DialectKind::Sqlite);
    let value = match transition.options.using.get(&key) {
        Some(using) => format!("({using})"),
        None => name,
    };
    if !old.nullable || column.nullable || is_alias(group.after, column) {
        return Some(value);
    }
    let constant = column.default.as_ref().map(|default| default.as_str());
    let constant = constant.filter(|text| !text.eq_ignore_ascii_case("null")).map(|text| format!("({text})"));
    match backfill.map(|text| format!("({text})")).or(constant) {
        Some(filler) => Some(format!("coalesce({value}, {filler})")),
        None => {
            hazards.push(Hazard::MayFail);
            Some(value)
        }
    }
}

fn is_alias(table: &Table, column: &Column) -> bool {
    is_rowid_alias(table) && table.primary_key().is_some_and(|key| key.columns.contains(&column.name))
}

/// The word for the rowid when it has to be copied by itself: the new table has one that no column stands for.
fn kept_rowid(before: &Table, after: &Table) -> Option<&'static str> {
    let hidden = !after.options.without_rowid && !is_rowid_alias(after) && !before.options.without_rowid;
    let word = rowid_word(before).filter(|word| !has_column(after, word));
    if hidden { word } else { None }
}

/// `rowid`, or another of its names when a column has taken that one.
fn rowid_word(table: &Table) -> Option<&'static str> {
    ["rowid", "_rowid_", "oid"].into_iter().find(|word| !has_column(table, word))
}

fn has_column(table: &Table, word: &str) -> bool {
    table.columns.iter().any(|column| column.name.as_str().eq_ignore_ascii_case(word))
}

/// The counter may be ahead of the highest rowid there is.
fn keep_counter(table: &ObjectName, beside: &ObjectName, steps: &mut Vec<Step>) {
    let text = |name: &Name| quote_string(name.as_str(), DialectKind::Sqlite);
    let (old, new) = (text(&table.name), text(&beside.name));
    steps.push(Step::new(format!("DELETE FROM sqlite_sequence WHERE name = {new}")));
    steps.push(Step::new(format!(
        "INSERT INTO sqlite_sequence (name, seq) SELECT {new}, seq FROM sqlite_sequence WHERE name = {old}"
    )));
}
