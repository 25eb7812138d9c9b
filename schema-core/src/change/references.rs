//! Renames followed to every place that names the renamed thing. The databases keep references by identity and print
//! the new name; the catalog keeps names and text, so both are rewritten.

use std::collections::BTreeSet;

use schema_model::catalog::{
    Catalog, ColumnType, Constraint, ConstraintKind, Index, IndexTerm, OpaqueId, OpaqueKind, Table,
    TableOptions,
};
use schema_model::ident::{fold, quote};
use schema_model::{DialectKind, Expr, Name, ObjectName};

use super::apply::{ApplyError, exists, missing, remove};
use super::references_sqlite;
use super::rename::{
    rename_call_in_text, rename_column_in_expr, rename_object_in_expr, rename_object_in_routine,
    rename_object_in_text,
};
use super::view_query::rename_column_in_query;

pub(super) fn rename_table(
    catalog: &mut Catalog,
    from: &ObjectName,
    to: &ObjectName,
    dialect: DialectKind,
) -> Result<(), ApplyError> {
    if catalog.tables.contains_key(to) {
        return Err(exists("table", to));
    }
    let mut table = remove(&mut catalog.tables, "table", from)?;
    table.name = to.clone();
    catalog.tables.insert(to.clone(), table);
    if dialect == DialectKind::Sqlite {
        references_sqlite::follow_table(catalog, from, to);
        return Ok(());
    }
    for table in catalog.tables.values_mut() {
        table.options.inherits.iter_mut().for_each(|parent| rename_name(parent, from, to));
        if let Some((parent, _)) = &mut table.options.partition_of {
            rename_name(parent, from, to);
        }
        for constraint in &mut table.constraints {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind {
                rename_name(&mut key.table, from, to);
            }
        }
    }
    let own = catalog.tables.get_mut(to).into_iter();
    own.for_each(|table| each_expr(table, |expr| *expr = rename_object_in_expr(expr, from, to, dialect)));
    for sequence in catalog.sequences.values_mut() {
        if let Some((table, _)) = &mut sequence.owned_by {
            rename_name(table, from, to);
        }
    }
    rename_types_in_columns(catalog, from, to);
    rename_in_bodies(catalog, from, to, dialect);
    Ok(())
}

pub(super) fn rename_view(
    catalog: &mut Catalog,
    from: &ObjectName,
    to: &ObjectName,
    dialect: DialectKind,
) -> Result<(), ApplyError> {
    if catalog.views.contains_key(to) {
        return Err(exists("view", to));
    }
    let mut view = remove(&mut catalog.views, "view", from)?;
    view.name = to.clone();
    catalog.views.insert(to.clone(), view);
    rename_in_bodies(catalog, from, to, dialect);
    Ok(())
}

pub(super) fn rename_column(
    catalog: &mut Catalog,
    table: &ObjectName,
    from: &Name,
    to: &Name,
    dialect: DialectKind,
) {
    if dialect == DialectKind::Sqlite {
        return references_sqlite::rename_column(catalog, table, from, to);
    }
    let rename = |name: &mut Name| {
        if name == from {
            *name = to.clone();
        }
    };
    for (name, other) in &mut catalog.tables {
        for constraint in &mut other.constraints {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
                && key.table == *table
            {
                key.referenced.iter_mut().for_each(rename);
            }
            if name == table {
                constraint_columns(constraint, rename);
            }
        }
    }
    if let Some(own) = catalog.tables.get_mut(table) {
        own.columns.iter_mut().for_each(|column| rename(&mut column.name));
        own.indexes.iter_mut().for_each(|index| index_columns(index, rename));
        each_expr(own, |expr| *expr = rename_column_in_expr(expr, &table.name, from, to, dialect));
        partition_key(own, &table.name, from, to, dialect);
    }
    for sequence in catalog.sequences.values_mut() {
        if let Some((owner, column)) = &mut sequence.owned_by
            && owner == table
        {
            rename(column);
        }
    }
    for view in catalog.views.values_mut().filter(|view| view.touches.contains(table)) {
        if let Some(query) = rename_column_in_query(&view.query, table, from, to, dialect) {
            view.query = query;
        }
    }
    super::column_in_bodies::rename(catalog, table, from, to, dialect);
}

fn partition_key(own: &mut Table, table: &Name, from: &Name, to: &Name, dialect: DialectKind) {
    use schema_model::catalog::TableKind;
    if let TableKind::Partitioned(key) = &mut own.options.kind {
        *key = rename_column_in_expr(&Expr::new(&*key), table, from, to, dialect).to_string();
    }
}

/// A view's column: its own name for it, its indexes, and what reads the view.
pub(super) fn rename_view_column(
    catalog: &mut Catalog,
    view: &ObjectName,
    from: &Name,
    to: &Name,
    dialect: DialectKind,
) -> Result<(), ApplyError> {
    let column = |name: &Name| format!("{view}.{name}");
    let own = catalog.views.get_mut(view).ok_or_else(|| missing("view", view))?;
    if own.columns.iter().any(|(name, _)| name == to) {
        return Err(exists("column", column(to)));
    }
    let known = own.columns.iter_mut().find(|(name, _)| name == from);
    known.ok_or_else(|| missing("column", column(from)))?.0 = to.clone();
    own.explicit_columns = true;
    if let Some(text) = own.column_comments.remove(from) {
        own.column_comments.insert(to.clone(), text);
    }
    if let Some(value) = own.column_defaults.remove(from) {
        own.column_defaults.insert(to.clone(), value);
    }
    for index in &mut own.indexes {
        index_columns(index, |name| {
            if name == from {
                *name = to.clone();
            }
        });
        each_index_expr(index, |expr| *expr = rename_column_in_expr(expr, &view.name, from, to, dialect));
    }
    for reader in catalog.views.values_mut().filter(|reader| reader.touches.contains(view)) {
        if let Some(query) = rename_column_in_query(&reader.query, view, from, to, dialect) {
            reader.query = query;
        }
    }
    super::column_in_bodies::rename(catalog, view, from, to, dialect);
    Ok(())
}

pub(super) fn rename_type(
    catalog: &mut Catalog,
    from: &ObjectName,
    to: &ObjectName,
    dialect: DialectKind,
) -> Result<(), ApplyError> {
    let taken = catalog.enums.contains_key(to)
        || catalog.domains.contains_key(to)
        || catalog.composites.contains_key(to);
    if taken {
        return Err(exists("type", to));
    }
    if let Some(mut ty) = catalog.enums.remove(from) {
        ty.name = to.clone();
        catalog.enums.insert(to.clone(), ty);
    } else if let Some(mut domain) = catalog.domains.remove(from) {
        domain.name = to.clone();
        catalog.domains.insert(to.clone(), domain);
    } else {
        let mut ty = remove(&mut catalog.composites, "type", from)?;
        ty.name = to.clone();
        catalog.composites.insert(to.clone(), ty);
    }
    rename_types_in_columns(catalog, from, to);
    for table in catalog.tables.values_mut() {
        each_expr(table, |expr| *expr = rename_object_in_expr(expr, from, to, dialect));
    }
    rename_in_bodies(catalog, from, to, dialect);
    Ok(())
}

/// Columns, domains and composites of the type.
fn rename_types_in_columns(catalog: &mut Catalog, from: &ObjectName, to: &ObjectName) {
    let rename = |ty: &mut ColumnType| {
        if let Some(name) = ty.user_type_mut() {
            rename_name(name, from, to);
        }
    };
    catalog
        .tables
        .values_mut()
        .flat_map(|table| &mut table.columns)
        .for_each(|column| rename(&mut column.ty));
    catalog.domains.values_mut().for_each(|domain| rename(&mut domain.base));
    catalog
        .composites
        .values_mut()
        .flat_map(|ty| &mut ty.attributes)
        .for_each(|attribute| rename(&mut attribute.ty));
}

pub(super) fn rename_sequence(
    catalog: &mut Catalog,
    from: &ObjectName,
    to: &ObjectName,
    dialect: DialectKind,
) -> Result<(), ApplyError> {
    if catalog.sequences.contains_key(to) {
        return Err(exists("sequence", to));
    }
    let mut sequence = remove(&mut catalog.sequences, "sequence", from)?;
    sequence.name = to.clone();
    catalog.sequences.insert(to.clone(), sequence);
    for table in catalog.tables.values_mut() {
        each_expr(table, |expr| *expr = rename_object_in_expr(expr, from, to, dialect));
    }
    Ok(())
}

/// `'from'::type` and bare `'from'` defaults of columns of the enum.
pub(super) fn rename_enum_value(
    catalog: &mut Catalog,
    name: &ObjectName,
    from: &str,
    to: &str,
    dialect: DialectKind,
) {
    let quoted = |value: &str| schema_model::ident::quote_string(value, dialect);
    let (from, to) = (quoted(from), quoted(to));
    for table in catalog.tables.values_mut() {
        let uses = table.columns.iter().any(|column| column.ty.user_type() == Some(name));
        if uses {
            each_expr(table, |expr| {
                if expr.as_str().contains(&from) {
                    *expr = Expr::new(expr.as_str().replace(&from, &to));
                }
            });
        }
    }
}

/// A table's options that name one of its indexes.
pub(super) fn rename_index_in_options(
    options: &mut TableOptions,
    from: &Name,
    to: &Name,
    dialect: DialectKind,
) {
    if options.clustered.as_ref() == Some(from) {
        options.clustered = Some(to.clone());
    }
    if let Some(identity) = options.replica_identity.as_mut().filter(|text| names_index(text, from, dialect))
    {
        *identity = format!("USING INDEX {}", quote(to, dialect));
    }
}

/// Whether a replica identity is `USING INDEX` this one.
pub(crate) fn names_index(identity: &str, index: &Name, dialect: DialectKind) -> bool {
    identity.strip_prefix("USING INDEX ").is_some_and(|name| fold(name, dialect) == index.as_str())
}

pub(super) fn rename_parent_index(catalog: &mut Catalog, from: &ObjectName, to: &ObjectName) {
    for table in catalog.tables.values_mut() {
        let indexes = table.indexes.iter_mut().filter_map(|index| index.parent.as_mut());
        let keys = table.constraints.iter_mut().filter_map(|constraint| constraint.attached.as_mut());
        indexes.chain(keys).for_each(|parent| rename_name(parent, from, to));
    }
}

/// A schema's rename is the rename of everything in it.
pub(super) fn rename_schema(
    catalog: &mut Catalog,
    from: &Name,
    to: &Name,
    dialect: DialectKind,
) -> Result<(), ApplyError> {
    if catalog.schemas.contains_key(to) {
        return Err(exists("schema", to));
    }
    let mut schema = remove(&mut catalog.schemas, "schema", from)?;
    schema.name = to.clone();
    catalog.schemas.insert(to.clone(), schema);
    let inside = |name: &&ObjectName| name.schema.as_ref() == Some(from);
    // Identity sequences move with their tables; indexes of partitions name their parent's.
    for table in catalog.tables.values_mut() {
        let sequences = table.columns.iter_mut().filter_map(|column| column.identity.as_mut());
        let parents = table.indexes.iter_mut().filter_map(|index| index.parent.as_mut());
        for name in sequences.map(|identity| &mut identity.sequence).chain(parents) {
            if name.schema.as_ref() == Some(from) {
                name.schema = Some(to.clone());
            }
        }
    }
    let moved = |name: &ObjectName| ObjectName { schema: Some(to.clone()), name: name.name.clone() };
    for name in catalog.tables.keys().filter(inside).cloned().collect::<Vec<_>>() {
        rename_table(catalog, &name, &moved(&name), dialect)?;
    }
    for name in catalog.views.keys().filter(inside).cloned().collect::<Vec<_>>() {
        rename_view(catalog, &name, &moved(&name), dialect)?;
    }
    for name in catalog.sequences.keys().filter(inside).cloned().collect::<Vec<_>>() {
        rename_sequence(catalog, &name, &moved(&name), dialect)?;
    }
    let types = catalog.enums.keys().chain(catalog.domains.keys()).chain(catalog.composites.keys());
    for name in types.filter(inside).cloned().collect::<Vec<_>>() {
        rename_type(catalog, &name, &moved(&name), dialect)?;
    }
    let rest: Vec<_> =
        catalog.opaque.keys().filter(|id| id.name.schema.as_ref() == Some(from)).cloned().collect();
    for id in rest {
        if let Some(mut object) = catalog.opaque.remove(&id) {
            let target = moved(&id.name);
            object.definition = rename_object_in_text(&object.definition, &id.name, &target, dialect)
                .unwrap_or(object.definition);
            object.id.name.clone_from(&target);
            catalog.opaque.insert(object.id.clone(), object);
            rename_opaque(catalog, &id, &target, dialect);
        }
    }
    for extension in catalog.extensions.values_mut() {
        if extension.schema.as_ref() == Some(from) {
            extension.schema = Some(to.clone());
        }
    }
    Ok(())
}

/// Views, and the opaque objects whose text the database keeps by reference: not routines, whose bodies are plain text.
fn rename_in_bodies(catalog: &mut Catalog, from: &ObjectName, to: &ObjectName, dialect: DialectKind) {
    for view in catalog.views.values_mut() {
        if rename_in_set(&mut view.touches, from, to)
            && let Some(query) = rename_object_in_text(&view.query, from, to, dialect)
        {
            view.query = query;
        }
    }
    let concerned = |object: &schema_model::catalog::OpaqueObject| {
        object.id.on.as_ref() == Some(from) || object.touches.contains(from)
    };
    let ids: Vec<_> =
        catalog.opaque.iter().filter(|(_, object)| concerned(object)).map(|(id, _)| id.clone()).collect();
    for id in ids {
        let Some(mut object) = catalog.opaque.remove(&id) else { continue };
        rename_in_set(&mut object.touches, from, to);
        let routine = is_routine(id.kind);
        let rename = if routine { rename_object_in_routine } else { rename_object_in_text };
        for text in std::iter::once(&mut object.definition).chain(&mut object.amendments) {
            if let Some(new) = rename(text, from, to, dialect) {
                *text = new;
            }
        }
        if let Some(arguments) = rename_object_in_text(&object.id.arguments, from, to, dialect) {
            object.id.arguments = arguments;
        }
        if object.id.on.as_ref() == Some(from) {
            object.id.on = Some(to.clone());
            object.id.name.schema.clone_from(&to.schema);
        }
        catalog.opaque.insert(object.id.clone(), object);
    }
}

fn is_routine(kind: OpaqueKind) -> bool {
    matches!(kind, OpaqueKind::Function | OpaqueKind::Procedure | OpaqueKind::Aggregate)
}

/// A routine, type or collation under another name: what uses it follows. Of routines, what calls one of several of a
/// name is not told apart, and stays with the others.
pub(super) fn rename_opaque(catalog: &mut Catalog, old: &OpaqueId, to: &ObjectName, dialect: DialectKind) {
    let from = &old.name;
    if from == to {
        return;
    }
    let others = || catalog.opaque.keys().any(|id| is_routine(id.kind) && id.name == *from);
    match old.kind {
        kind if is_routine(kind) && others() => {}
        kind if is_routine(kind) => rename_calls(catalog, from, to, dialect),
        OpaqueKind::Type => {
            rename_types_in_columns(catalog, from, to);
            for table in catalog.tables.values_mut() {
                each_expr(table, |expr| *expr = rename_object_in_expr(expr, from, to, dialect));
            }
            rename_in_bodies(catalog, from, to, dialect);
        }
        OpaqueKind::Collation => rename_collation(catalog, from, to),
        _ => {}
    }
}

/// Calls of a routine in expressions, queries and what refers to it.
fn rename_calls(catalog: &mut Catalog, from: &ObjectName, to: &ObjectName, dialect: DialectKind) {
    for table in catalog.tables.values_mut() {
        each_expr(table, |expr| {
            if let Some(text) = rename_call_in_text(expr.as_str(), from, to, dialect) {
                *expr = Expr::new(text);
            }
        });
    }
    for view in catalog.views.values_mut().filter(|view| view.touches.contains(from)) {
        rename_in_set(&mut view.touches, from, to);
        if let Some(query) = rename_call_in_text(&view.query, from, to, dialect) {
            view.query = query;
        }
    }
    for object in catalog.opaque.values_mut().filter(|object| object.touches.contains(from)) {
        rename_in_set(&mut object.touches, from, to);
        let rename = match object.id.kind {
            OpaqueKind::Function | OpaqueKind::Procedure => rename_object_in_routine,
            OpaqueKind::Trigger | OpaqueKind::Policy | OpaqueKind::Rule => rename_call_in_text,
            _ => rename_object_in_text,
        };
        if let Some(text) = rename(&object.definition, from, to, dialect) {
            object.definition = text;
        }
    }
}

fn rename_collation(catalog: &mut Catalog, from: &ObjectName, to: &ObjectName) {
    let rename = |name: &mut Option<ObjectName>| {
        if let Some(name) = name {
            rename_name(name, from, to);
        }
    };
    catalog.domains.values_mut().for_each(|domain| rename(&mut domain.collation));
    let attributes = catalog.composites.values_mut().flat_map(|ty| &mut ty.attributes);
    attributes.for_each(|attribute| rename(&mut attribute.collation));
    for table in catalog.tables.values_mut() {
        table.columns.iter_mut().for_each(|column| rename(&mut column.collation));
        let parts = table.indexes.iter_mut().flat_map(|index| &mut index.parts);
        parts.for_each(|part| rename(&mut part.collation));
    }
}

fn rename_in_set(set: &mut BTreeSet<ObjectName>, from: &ObjectName, to: &ObjectName) -> bool {
    set.remove(from) && set.insert(to.clone())
}

fn rename_name(name: &mut ObjectName, from: &ObjectName, to: &ObjectName) {
    if name == from {
        name.clone_from(to);
    }
}

/// The columns of its own table that a constraint names.
pub(super) fn constraint_columns(constraint: &mut Constraint, rename: impl Fn(&mut Name) + Copy) {
    match &mut constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            key.columns.iter_mut().chain(&mut key.include).for_each(rename);
        }
        ConstraintKind::ForeignKey(key) => {
            key.columns.iter_mut().chain(&mut key.on_delete_columns).for_each(rename);
        }
        ConstraintKind::Check(_) => {}
        ConstraintKind::Exclude(exclude) => {
            exclude.parts.iter_mut().for_each(|part| term_column(&mut part.part.term, rename));
            exclude.include.iter_mut().for_each(rename);
        }
    }
}

pub(super) fn index_columns(index: &mut Index, rename: impl Fn(&mut Name) + Copy) {
    index.parts.iter_mut().for_each(|part| term_column(&mut part.term, rename));
    index.include.iter_mut().for_each(rename);
}

fn term_column(term: &mut IndexTerm, rename: impl Fn(&mut Name)) {
    if let IndexTerm::Column(name) = term {
        rename(name);
    }
}

/// Every expression of a table: defaults, generation, checks, index terms and predicates.
pub(crate) fn each_expr(table: &mut Table, mut visit: impl FnMut(&mut Expr)) {
    for column in &mut table.columns {
        column.default.iter_mut().for_each(&mut visit);
        column.generated.iter_mut().for_each(|generated| visit(&mut generated.expr));
    }
    for constraint in &mut table.constraints {
        match &mut constraint.kind {
            ConstraintKind::Check(check) => visit(&mut check.expr),
            ConstraintKind::Exclude(exclude) => {
                exclude.parts.iter_mut().for_each(|part| term_expr(&mut part.part.term, &mut visit));
                exclude.predicate.iter_mut().for_each(&mut visit);
            }
            ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) | ConstraintKind::ForeignKey(_) => {}
        }
    }
    for index in &mut table.indexes {
        each_index_expr(index, &mut visit);
    }
}

/// An index's terms and predicate.
pub(crate) fn each_index_expr(index: &mut Index, mut visit: impl FnMut(&mut Expr)) {
    index.parts.iter_mut().for_each(|part| term_expr(&mut part.term, &mut visit));
    index.predicate.iter_mut().for_each(&mut visit);
}

fn term_expr(term: &mut IndexTerm, visit: &mut impl FnMut(&mut Expr)) {
    if let IndexTerm::Expr(expr) = term {
        visit(expr);
    }
}
