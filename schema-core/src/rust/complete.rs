//! What models cannot say, taken over from the recorded schema, so that it is neither drift nor dropped.

use std::collections::BTreeSet;

use schema_model::ObjectName;
use schema_model::catalog::{Catalog, ColumnType, Table, TableKind};

use super::Unmanaged;

/// The declared catalog with everything of the recorded one that models do not speak of: views, functions, extensions,
/// sequences of their own, partitions, storage, validity, and what is `unmanaged`. Renames are to be applied to the
/// recorded catalog before.
pub fn complete(declared: &Catalog, recorded: &Catalog, unmanaged: &Unmanaged) -> Catalog {
    let mut out = declared.clone();
    for (name, table) in &recorded.tables {
        match out.tables.get_mut(name) {
            Some(own) => complete_table(own, table, unmanaged),
            None if unmanaged.object(name) || beyond_models(table, declared) => {
                out.tables.insert(name.clone(), table.clone());
            }
            None => {}
        }
    }
    for (name, schema) in &recorded.schemas {
        out.schemas.insert(name.clone(), schema.clone());
    }
    out.extensions.clone_from(&recorded.extensions);
    out.composites.clone_from(&recorded.composites);
    out.views.clone_from(&recorded.views);
    out.gaps.clone_from(&recorded.gaps);
    let orphan = |on: &ObjectName| !out.tables.contains_key(on) && !out.views.contains_key(on);
    let kept = recorded.opaque.iter().filter(|(id, _)| !id.on.as_ref().is_some_and(orphan));
    out.opaque = kept.map(|(id, object)| (id.clone(), object.clone())).collect();
    types(&mut out, recorded, unmanaged);
    sequences(&mut out, recorded);
    out
}

/// Partitions, virtual and foreign tables: made by migrations alone.
fn beyond_models(table: &Table, declared: &Catalog) -> bool {
    let options = &table.options;
    let of_declared = |parent: &ObjectName| declared.tables.contains_key(parent);
    let partition = options.partition_of.as_ref().is_some_and(|(parent, _)| of_declared(parent));
    partition
        || options.inherits.iter().any(of_declared)
        || options.temporary
        || matches!(options.kind, TableKind::Foreign(_) | TableKind::Virtual(_) | TableKind::Shadow(_))
}

fn complete_table(own: &mut Table, recorded: &Table, unmanaged: &Unmanaged) {
    let (options, old) = (&mut own.options, &recorded.options);
    if options.kind == TableKind::Plain {
        options.kind.clone_from(&old.kind);
    }
    options.inherits.clone_from(&old.inherits);
    options.partition_of.clone_from(&old.partition_of);
    options.temporary = old.temporary;
    options.row_security = old.row_security;
    options.force_row_security = old.force_row_security;
    options.replica_identity.clone_from(&old.replica_identity);
    options.clustered.clone_from(&old.clustered);
    if options.with.is_empty() {
        options.with.clone_from(&old.with);
    }
    if options.tablespace.is_none() {
        options.tablespace.clone_from(&old.tablespace);
    }
    for column in &recorded.columns {
        match own.column_mut(column.name.as_str()) {
            Some(same) => {
                same.inherited = column.inherited;
                same.storage.clone_from(&column.storage);
            }
            None if column.inherited || unmanaged.part(&recorded.name, &column.name) => {
                own.columns.push(column.clone())
            }
            None => {}
        }
    }
    constraints(own, recorded, unmanaged);
    for index in &recorded.indexes {
        match own.index_mut(&index.name) {
            Some(same) => {
                same.valid = index.valid;
                same.parent.clone_from(&index.parent);
                same.statistics.clone_from(&index.statistics);
                if same.options.is_empty() {
                    same.options.clone_from(&index.options);
                }
                if same.tablespace.is_none() {
                    same.tablespace.clone_from(&index.tablespace);
                }
            }
            None if unmanaged.index(&recorded.name, &index.name) || index.parent.is_some() => {
                own.indexes.push(index.clone())
            }
            None => {}
        }
    }
}

fn constraints(own: &mut Table, recorded: &Table, unmanaged: &Unmanaged) {
    for constraint in &recorded.constraints {
        let Some(name) = &constraint.name else { continue };
        match own.constraint_mut(name.as_str()) {
            Some(same) => {
                same.validated = constraint.validated;
                same.inherited = constraint.inherited;
                same.attached.clone_from(&constraint.attached);
            }
            None if constraint.inherited || unmanaged.part(&recorded.name, name) => {
                own.constraints.push(constraint.clone())
            }
            None => {}
        }
    }
}

/// A type that no model declares stays unless its last column has gone: then it goes too.
fn types(out: &mut Catalog, recorded: &Catalog, unmanaged: &Unmanaged) {
    let used_now = used_types(out);
    let used_before = used_types(recorded);
    let stays =
        |name: &ObjectName| unmanaged.object(name) || used_now.contains(name) || !used_before.contains(name);
    for (name, enumeration) in &recorded.enums {
        if !out.enums.contains_key(name) && stays(name) {
            out.enums.insert(name.clone(), enumeration.clone());
        }
    }
    for (name, domain) in &recorded.domains {
        if !out.domains.contains_key(name) && stays(name) {
            out.domains.insert(name.clone(), domain.clone());
        }
    }
}

fn used_types(catalog: &Catalog) -> BTreeSet<ObjectName> {
    let columns = catalog.tables.values().flat_map(|table| &table.columns).map(|column| &column.ty);
    let domains = catalog.domains.values().map(|domain| &domain.base);
    let attributes = catalog.composites.values().flat_map(|composite| &composite.attributes);
    let all = columns.chain(domains).chain(attributes.map(|attribute| &attribute.ty));
    all.filter_map(ColumnType::user_type).cloned().collect()
}

fn sequences(out: &mut Catalog, recorded: &Catalog) {
    for (name, sequence) in &recorded.sequences {
        if let Some(own) = out.sequences.get_mut(name) {
            // `serial` says no more than the width.
            if own.options.bits == sequence.options.bits && own.owned_by == sequence.owned_by {
                *own = sequence.clone();
            }
            continue;
        }
        let stays = match &sequence.owned_by {
            None => true,
            Some((table, column)) => {
                let column = out.tables.get(table).and_then(|table| table.column(column.as_str()));
                let default = column.and_then(|column| column.default.as_ref());
                default.is_some_and(|default| default.as_str().contains(name.name.as_str()))
                    || column.is_some_and(|column| column.inherited)
            }
        };
        if stays {
            out.sequences.insert(name.clone(), sequence.clone());
        }
    }
}
