//! `CREATE INDEX`.

use schema_model::catalog::{Constraint, ConstraintKind, Index, IndexTerm, Table, TableKind};
use schema_model::{Name, ObjectName, Origin};

use super::super::names::Taken;
use super::super::{inherit, table};
use super::{generated_name, part, settle_part};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::relations::RelationKind;
use crate::sql::replay::Replayer;

/// From after `INDEX` on.
pub(in super::super) fn create(replayer: &mut Replayer, cursor: &mut Cursor<'_>, unique: bool) -> Read<()> {
    cursor.accept("concurrently");
    let if_not_exists = cursor.accept("if not exists");
    let given = if cursor.is("on") { None } else { Some(cursor.object()?) };
    cursor.expect("on")?;
    let only = cursor.accept("only");
    let spelled = cursor.object()?;
    cursor.accept_punct("*");
    let Some(relation) = replayer.find_relation(&spelled).cloned() else {
        return Err(replayer.no_such(&spelled, "table"));
    };
    if !matches!(relation.kind, RelationKind::Table | RelationKind::MaterializedView) {
        return Err(replayer.refused_at(&spelled, format!("`{}` cannot have an index", spelled.shown())));
    }
    let owner = relation.name;
    let name = given.as_ref().map(|spelled| owner.sibling(spelled.name.clone()));
    if let (Some(spelled), Some(name)) = (&given, &name)
        && !replayer.relations().is_free(name)
    {
        cursor.finish();
        return replayer.exists_already(spelled, name, if_not_exists);
    }
    let mut index = definition(cursor, unique)?;
    index.origin = Origin::from(replayer.here());
    let table = replayer.catalog().tables.get(&owner);
    let kind = table.map(|table| table.options.kind.clone()).unwrap_or_default();
    if let Some(table) = table {
        settle(replayer, &mut index, table)?;
    }
    index.name = match name {
        Some(name) => name.name,
        None => generated_name(replayer.relations(), &Taken::default(), &owner, &index),
    };
    // With no partitions yet, none lacks the index.
    let lacking = only && matches!(kind, TableKind::Partitioned(_));
    index.valid = !lacking || inherit::partitions(replayer, &owner).is_empty();
    replayer.emit(Change::CreateIndex { table: owner.clone(), index: Box::new(index.clone()) })?;
    if !only {
        for child in inherit::partitions(replayer, &owner) {
            attach_to_partitions(replayer, &owner, &index, &child)?;
        }
    }
    Ok(())
}

/// Checks the columns, and makes the parts what PostgreSQL stores.
fn settle(replayer: &Replayer, index: &mut Index, table: &Table) -> Read<()> {
    let method = index.method.clone();
    index.parts.iter_mut().for_each(|part| settle_part(replayer, part, table, &method));
    let columns = index.parts.iter().filter_map(|part| match &part.term {
        IndexTerm::Column(name) => Some(name),
        IndexTerm::Expr(_) => None,
    });
    match columns.chain(&index.include).find(|name| table.column(name.as_str()).is_none()) {
        Some(name) => Err(replayer.refused(format!("column `{}.{name}` does not exist", table.name))),
        None => Ok(()),
    }
}

fn definition(cursor: &mut Cursor<'_>, unique: bool) -> Read<Index> {
    let mut index = Index::over("", []);
    index.unique = unique;
    if cursor.accept("using") {
        // `rtree` is an old name of `gist`.
        let method = cursor.name()?;
        index.method = if method.as_str() == "rtree" { Name::new("gist") } else { method };
    }
    for mut item in cursor.group()?.items() {
        index.parts.push(part(&mut item)?);
        item.expect_done()?;
    }
    if cursor.accept("include") {
        index.include = cursor.names()?;
    }
    index.nulls_not_distinct = cursor.accept("nulls not distinct");
    cursor.accept("nulls distinct");
    if cursor.accept("with") {
        for mut item in cursor.group()?.items() {
            let (name, value) = table::storage_parameter(&mut item)?;
            index.options.insert(name, value);
        }
    }
    if cursor.accept("tablespace") {
        index.tablespace = Some(cursor.name()?);
    }
    if cursor.accept("where") {
        index.predicate = Some(cursor.expr_rest()?);
    }
    cursor.expect_done()?;
    Ok(index)
}

/// An index of a partitioned table on one of its partitions: one that is there already is attached, else it is made.
pub(in super::super) fn attach_to_partitions(
    replayer: &mut Replayer,
    parent: &ObjectName,
    source: &Index,
    child: &ObjectName,
) -> Read<()> {
    let table = replayer.known_table(child)?;
    let key = table.constraints.iter().find(|own| {
        own.attached.is_none() && !own.inherited && key_index(own).is_some_and(|own| is_same(&own, source))
    });
    if let Some(old) = key.cloned() {
        let new = Constraint { attached: Some(parent.sibling(source.name.clone())), ..old.clone() };
        let (table, old, new) = (child.clone(), Box::new(old), Box::new(new));
        return replayer.emit(Change::AlterConstraint { table, old, new });
    }
    let known = table.indexes.iter();
    let same = known.clone().find(|own| own.parent.is_none() && is_same(own, source)).cloned();
    let Some(old) = same else { return on_partition(replayer, parent, source, child) };
    let new = Index { parent: Some(parent.sibling(source.name.clone())), ..old.clone() };
    replayer.emit(Change::AlterIndex { table: child.clone(), old: Box::new(old), new: Box::new(new) })
}

/// The index that PostgreSQL keeps for a key.
fn key_index(constraint: &Constraint) -> Option<Index> {
    let (ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key)) = &constraint.kind else {
        return None;
    };
    let index = Index::over(constraint.name.clone()?, key.columns.iter().cloned());
    let include = key.include.clone();
    Some(Index { unique: true, include, nulls_not_distinct: key.nulls_not_distinct, ..index })
}

fn is_same(one: &Index, other: &Index) -> bool {
    one.unique == other.unique
        && one.method == other.method
        && one.parts == other.parts
        && one.include == other.include
        && one.predicate == other.predicate
        && one.nulls_not_distinct == other.nulls_not_distinct
}

/// An index of a partitioned table, made on one of its partitions under a generated name.
fn on_partition(
    replayer: &mut Replayer,
    parent: &ObjectName,
    source: &Index,
    child: &ObjectName,
) -> Read<()> {
    let mut index = Index {
        parent: Some(parent.sibling(source.name.clone())),
        comment: None,
        valid: true,
        ..source.clone()
    };
    index.name = generated_name(replayer.relations(), &Taken::default(), child, &index);
    replayer.emit(Change::CreateIndex { table: child.clone(), index: Box::new(index.clone()) })?;
    for grandchild in inherit::partitions(replayer, child) {
        attach_to_partitions(replayer, child, &index, &grandchild)?;
    }
    Ok(())
}
