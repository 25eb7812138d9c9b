//! One table's changes: by `ALTER TABLE` where it reaches, else by a rebuild.

use schema_model::DialectKind;
use schema_model::Name;
use schema_model::catalog::{Catalog, Column, Constraint, ConstraintKind, Index, IndexTerm, Table};
use schema_model::ident::{quote, quote_object};

use super::group::Group;
use super::virtual_table::{self, is_virtual};
use super::{print, rebuild};
use crate::change::Change;
use crate::dialect::Transition;
use crate::plan::{Hazard, Step};
use crate::sql::read::sqlite::{names_column, same};

/// The columns of one table, by `ALTER TABLE` or by a rebuild.
pub(super) fn alter(
    group: &Group<'_>,
    transition: &Transition<'_>,
    renamed: &Catalog,
    steps: &mut Vec<Step>,
) {
    if is_virtual(group) {
        return virtual_table::remake(group, transition, renamed, steps);
    }
    if group.rebuild {
        return rebuild::rebuild(group, transition, renamed, steps);
    }
    let table = quote_object(&group.after.name, DialectKind::Sqlite);
    for change in &group.changes {
        if let Change::DropColumn { column, .. } = change {
            let sql = format!("ALTER TABLE {table} DROP COLUMN {}", quote(&column.name, DialectKind::Sqlite));
            let mut step = Step::new(sql);
            if column.generated.is_none() {
                step = step.loses(format!("drops the values of `{}.{}`", group.after.name, column.name));
                step.hazards.push(Hazard::DataLoss);
            }
            steps.push(step);
        }
    }
    for column in added(group) {
        let definition = print::definition(column, own_constraints(group, column), false);
        steps.push(Step::new(format!("ALTER TABLE {table} ADD COLUMN {definition}")));
    }
}

/// The indexes that go; a rebuilt table's go with the table.
pub(super) fn drop_indexes(group: &Group<'_>, steps: &mut Vec<Step>) {
    if group.rebuild || is_virtual(group) {
        return;
    }
    for index in changed_indexes(group, &group.before.indexes, &group.after.indexes) {
        steps.push(Step::new(format!("DROP INDEX {}", quote(&index.name, DialectKind::Sqlite))));
    }
}

/// The indexes that come; a rebuilt table gets all of its own.
pub(super) fn create_indexes(group: &Group<'_>, steps: &mut Vec<Step>) {
    let indexes = match group.rebuild {
        true => group.after.indexes.iter().collect(),
        false => changed_indexes(group, &group.after.indexes, &group.before.indexes),
    };
    for index in indexes {
        let mut step = Step::new(print::create_index(&group.after.name, index));
        if index.unique && !group.before.indexes.iter().any(|known| known.name == index.name) {
            step.hazards.push(Hazard::MayFail);
        }
        steps.push(step);
    }
}

/// The indexes of one side that the changes name and that the other side has not got as they are.
fn changed_indexes<'i>(group: &Group<'_>, here: &'i [Index], there: &[Index]) -> Vec<&'i Index> {
    let named = |index: &Index| {
        group.changes.iter().any(|change| match change {
            Change::CreateIndex { index: own, .. } | Change::DropIndex { index: own, .. } => {
                own.name == index.name
            }
            Change::AlterIndex { old, new, .. } => {
                (old.name == index.name || new.name == index.name) && differ(old, new)
            }
            Change::RenameIndex { from, to, .. } => *from == index.name || *to == index.name,
            _ => false,
        })
    };
    let same = |index: &Index| there.iter().any(|other| !differ(index, other));
    here.iter().filter(|index| named(index) && !same(index)).collect()
}

fn differ(one: &Index, other: &Index) -> bool {
    let plain = |index: &Index| Index { comment: None, ..index.clone() };
    plain(one) != plain(other)
}

fn added<'g>(group: &'g Group<'_>) -> impl Iterator<Item = &'g Column> {
    group.after.columns.iter().filter(|column| {
        group.changes.iter().any(|change| match change {
            Change::AddColumn { column: new, .. } => same(&new.name, &column.name),
            _ => false,
        })
    })
}

/// The constraints that can be written with the added column, as the new table spells them.
fn own_constraints<'g>(group: &'g Group<'_>, column: &'g Column) -> impl Iterator<Item = &'g Constraint> {
    let constraints = group.after.constraints.iter();
    constraints.filter(move |constraint| goes_with(group, constraint) == Some(&column.name))
}

/// The added column that an added constraint is written with.
fn goes_with<'g>(group: &'g Group<'_>, constraint: &Constraint) -> Option<&'g Name> {
    let mut columns = added(group);
    match &constraint.kind {
        ConstraintKind::ForeignKey(key) => {
            let [only] = key.columns.as_slice() else { return None };
            columns.find(|column| same(&column.name, only)).map(|column| &column.name)
        }
        // A check is written with the last of the new columns that it names.
        ConstraintKind::Check(check) => {
            columns.filter(|column| names_column(&check.expr, &column.name)).last().map(|column| &column.name)
        }
        ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::Exclude(_) => None,
    }
}

/// Whether `ALTER TABLE` can make all of the group's changes (its page: ADD COLUMN, DROP COLUMN), rows or no rows.
pub(super) fn fits_alter(group: &Group<'_>, transition: &Transition<'_>) -> bool {
    let kept: Vec<&Name> = group.before.columns.iter().map(|column| &column.name).collect();
    let dropped = |name: &Name| {
        group
            .changes
            .iter()
            .any(|change| matches!(change, Change::DropColumn { column, .. } if same(&column.name, name)))
    };
    let order: Vec<&Name> = kept
        .into_iter()
        .filter(|name| !dropped(name))
        .chain(added(group).map(|column| &column.name))
        .collect();
    let in_order = order.into_iter().map(|name| name.as_str().to_ascii_lowercase()).eq(group
        .after
        .columns
        .iter()
        .map(|column| column.name.as_str().to_ascii_lowercase()));
    // SQLite keeps at least one column that is not generated, at every moment.
    let stays = |column: &Column| column.generated.is_none() && !dropped(&column.name);
    let one_stays = group.before.columns.iter().any(stays);
    in_order && one_stays && group.changes.iter().all(|change| fits(change, group, transition))
}

fn fits(change: &Change, group: &Group<'_>, transition: &Transition<'_>) -> bool {
    match change {
        Change::CreateIndex { .. }
        | Change::DropIndex { .. }
        | Change::AlterIndex { .. }
        | Change::RenameIndex { .. } => true,
        Change::AddColumn { column, .. } => can_add(column, group, transition),
        Change::DropColumn { column, .. } => can_drop(&column.name, group),
        Change::AddConstraint { constraint, .. } => goes_with(group, constraint).is_some(),
        _ => false,
    }
}

/// ALTER TABLE, "ALTER TABLE ADD COLUMN": what holds for a table with rows.
fn can_add(column: &Column, group: &Group<'_>, transition: &Transition<'_>) -> bool {
    let key = (group.after.name.clone(), column.name.clone());
    let backfilled = transition.options.backfills.contains_key(&key);
    let value = column.default.as_ref().map(|default| default.as_str());
    let null = value.is_none_or(|value| value.eq_ignore_ascii_case("null"));
    let refers = own_constraints(group, column)
        .any(|constraint| matches!(constraint.kind, ConstraintKind::ForeignKey(_)));
    let generated = column.generated.as_ref();
    !backfilled
        && value.is_none_or(print::is_literal)
        && generated.is_none_or(|generated| !generated.stored && column.nullable)
        && (column.nullable || !null)
        && (!refers || null)
        // A STRICT table looks at the default's type when the column is added, not when the table is made.
        && (!group.after.options.strict || null)
}

/// ALTER TABLE, "ALTER TABLE DROP COLUMN". Whether a check or a foreign key is written with its column is not known here.
fn can_drop(name: &Name, group: &Group<'_>) -> bool {
    let table: &Table = group.before;
    let has = |columns: &[Name]| columns.iter().any(|column| same(column, name));
    let in_constraint = table.constraints.iter().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => has(&key.columns),
        ConstraintKind::ForeignKey(key) => has(&key.columns),
        ConstraintKind::Check(check) => names_column(&check.expr, name),
        ConstraintKind::Exclude(_) => true,
    });
    let staying = |index: &&Index| group.after.indexes.iter().any(|other| other.name == index.name);
    let in_index = table.indexes.iter().filter(staying).any(|index| {
        let dropped = group.changes.iter().any(|change| match change {
            Change::DropIndex { index: own, .. } => own.name == index.name,
            Change::AlterIndex { old, .. } => old.name == index.name,
            _ => false,
        });
        !dropped && names(index, name)
    });
    let in_generated = table
        .columns
        .iter()
        .any(|column| column.generated.as_ref().is_some_and(|generated| names_column(&generated.expr, name)));
    !in_constraint && !in_index && !in_generated && table.columns.len() > 1
}

fn names(index: &Index, column: &Name) -> bool {
    let in_terms = index.parts.iter().any(|part| match &part.term {
        IndexTerm::Column(name) => same(name, column),
        IndexTerm::Expr(expr) => names_column(expr, column),
    });
    in_terms || index.predicate.as_ref().is_some_and(|predicate| names_column(predicate, column))
}
