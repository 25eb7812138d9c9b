//! Whether two catalogs say the same, and where they do not. Unlike the engine's differ, this looks at every field, and knows
//! nothing of how one catalog becomes the other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use schema_core::dialect::canonical;
use schema_core::model::DialectKind;
use schema_core::model::catalog::{Catalog, Table};

/// What differs, a line each; types and expressions are compared in canonical form. Bodies that are kept as text (views,
/// functions, triggers) are compared by name and comment alone.
pub fn differences(ours: &Catalog, theirs: &Catalog, dialect: DialectKind) -> Vec<String> {
    let (ours, theirs) = (normal(ours, dialect), normal(theirs, dialect));
    let mut out = Vec::new();
    maps("schema", &ours.schemas, &theirs.schemas, &mut out);
    maps("extension", &ours.extensions, &theirs.extensions, &mut out);
    maps("enum", &ours.enums, &theirs.enums, &mut out);
    maps("domain", &ours.domains, &theirs.domains, &mut out);
    maps("composite type", &ours.composites, &theirs.composites, &mut out);
    maps("sequence", &ours.sequences, &theirs.sequences, &mut out);
    maps("view", &ours.views, &theirs.views, &mut out);
    maps("opaque", &ours.opaque, &theirs.opaque, &mut out);
    let names: BTreeSet<_> = ours.tables.keys().chain(theirs.tables.keys()).collect();
    for name in names {
        match (ours.tables.get(name), theirs.tables.get(name)) {
            (Some(ours), Some(theirs)) => tables(ours, theirs, &mut out),
            (ours, _) => {
                out.push(format!("table {name}: {}", if ours.is_some() { "ours alone" } else { "missing" }))
            }
        }
    }
    out
}

fn normal(catalog: &Catalog, dialect: DialectKind) -> Catalog {
    let mut catalog = canonical::catalog(catalog, dialect);
    for extension in catalog.extensions.values_mut() {
        extension.version = None;
    }
    for view in catalog.views.values_mut() {
        view.query.clear();
        view.touches.clear();
        view.explicit_columns = false;
        view.columns.iter_mut().for_each(|(_, ty)| *ty = None);
        view.indexes.sort_by(|a, b| a.name.cmp(&b.name));
    }
    for object in catalog.opaque.values_mut() {
        object.definition.clear();
        object.touches.clear();
        object.amendments.clear();
    }
    catalog
}

fn maps<K: Ord + Debug, V: PartialEq + Debug>(
    kind: &str,
    ours: &BTreeMap<K, V>,
    theirs: &BTreeMap<K, V>,
    out: &mut Vec<String>,
) {
    let names: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    for name in names {
        match (ours.get(name), theirs.get(name)) {
            (Some(ours), Some(theirs)) if ours == theirs => {}
            (Some(ours), Some(theirs)) => {
                out.push(format!("{kind} {name:?}:\n  ours   {ours:?}\n  theirs {theirs:?}"));
            }
            (ours, _) => out
                .push(format!("{kind} {name:?}: {}", if ours.is_some() { "ours alone" } else { "missing" })),
        }
    }
}

fn tables(ours: &Table, theirs: &Table, out: &mut Vec<String>) {
    let name = &ours.name;
    let by_name = |table: &Table| -> BTreeMap<String, _> {
        let columns = table.columns.iter().map(|column| (column.name.to_string(), column.clone()));
        columns.collect()
    };
    maps(&format!("{name} column"), &by_name(ours), &by_name(theirs), out);
    let order = |table: &Table| table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
    let (our_order, their_order) = (order(ours), order(theirs));
    if our_order != their_order && our_order.len() == their_order.len() {
        out.push(format!("{name}: column order {our_order:?} against {their_order:?}"));
    }
    let constraints = |table: &Table| -> BTreeMap<String, _> {
        let unnamed = |at: usize| format!("unnamed {at}");
        let all = table.constraints.iter().enumerate().map(|(at, constraint)| {
            (constraint.name.as_ref().map_or_else(|| unnamed(at), ToString::to_string), constraint.clone())
        });
        all.collect()
    };
    maps(&format!("{name} constraint"), &constraints(ours), &constraints(theirs), out);
    let indexes = |table: &Table| -> BTreeMap<String, _> {
        table.indexes.iter().map(|index| (index.name.to_string(), index.clone())).collect()
    };
    maps(&format!("{name} index"), &indexes(ours), &indexes(theirs), out);
    if ours.options != theirs.options {
        out.push(format!("{name} options:\n  ours   {:?}\n  theirs {:?}", ours.options, theirs.options));
    }
}
