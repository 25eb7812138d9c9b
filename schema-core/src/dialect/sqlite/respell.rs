//! SQLite matches names without case, and has no statement that changes a name's case alone.

use std::collections::{BTreeMap, HashMap};

use schema_model::ObjectName;
use schema_model::catalog::Catalog;

/// The new catalog with each table, view and trigger spelled as the old one spells it; nothing when all are.
pub(crate) fn respell(old: &Catalog, new: &Catalog) -> Option<Catalog> {
    let names = Names::of(old);
    let other = |name: &ObjectName| names.spelled(name) != *name;
    let differs = new.tables.keys().chain(new.views.keys()).any(other)
        || new.opaque.keys().any(|id| other(&id.name) || id.on.as_ref().is_some_and(other));
    if !differs {
        return None;
    }
    let mut out = new.clone();
    out.tables = respelled(&out.tables, &names, |table, name| table.name = name);
    out.views = respelled(&out.views, &names, |view, name| view.name = name);
    for (_, mut object) in std::mem::take(&mut out.opaque) {
        object.id.name = names.spelled(&object.id.name);
        object.id.on = object.id.on.map(|on| names.spelled(&on));
        out.opaque.insert(object.id.clone(), object);
    }
    Some(out)
}

fn respelled<V: Clone>(
    map: &BTreeMap<ObjectName, V>,
    names: &Names<'_>,
    set: impl Fn(&mut V, ObjectName),
) -> BTreeMap<ObjectName, V> {
    let respell = |(name, value): (&ObjectName, &V)| {
        let name = names.spelled(name);
        let mut value = value.clone();
        set(&mut value, name.clone());
        (name, value)
    };
    map.iter().map(respell).collect()
}

struct Names<'a>(HashMap<String, &'a ObjectName>);

impl<'a> Names<'a> {
    fn of(catalog: &'a Catalog) -> Self {
        let triggers = catalog.opaque.keys().map(|id| &id.name);
        let all = triggers.chain(catalog.views.keys()).chain(catalog.tables.keys());
        Names(all.map(|name| (name.to_string().to_ascii_lowercase(), name)).collect())
    }

    fn spelled(&self, name: &ObjectName) -> ObjectName {
        let known = self.0.get(&name.to_string().to_ascii_lowercase());
        known.map_or_else(|| name.clone(), |known| (*known).clone())
    }
}
