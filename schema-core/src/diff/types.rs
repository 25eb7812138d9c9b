//! Enums, domains, composite types.

use schema_model::catalog::{Catalog, Domain, EnumType};

use super::named::sorted;
use crate::change::Change;

pub(super) fn enums(old: &Catalog, new: &Catalog, out: &mut Vec<Change>) {
    let sorted = sorted(&old.enums, &new.enums);
    out.extend(sorted.gone.into_iter().cloned().map(Change::DropEnum));
    out.extend(sorted.come.into_iter().cloned().map(Change::CreateEnum));
    for (_, old, new) in sorted.both {
        enum_type(old, new, out);
    }
}

/// Values are added where the old ones keep their order; otherwise the type is replaced.
fn enum_type(old: &EnumType, new: &EnumType, out: &mut Vec<Change>) {
    let mut reached = old.clone();
    let stays: Vec<_> = new.values.iter().filter(|value| old.values.contains(value)).collect();
    if stays.into_iter().eq(&old.values) {
        for (at, value) in new.values.iter().enumerate().filter(|(_, value)| !old.values.contains(value)) {
            let before = new.values[at..].iter().find(|later| old.values.contains(later)).cloned();
            out.push(Change::AddEnumValue { name: new.name.clone(), value: value.clone(), before });
        }
        reached.values.clone_from(&new.values);
    }
    if reached != *new {
        out.push(Change::ReplaceEnum { old: reached, new: new.clone() });
    }
}

pub(super) fn domains(old: &Catalog, new: &Catalog, out: &mut Vec<Change>) {
    let boxed = |domain: &Domain| Box::new(domain.clone());
    let sorted = sorted(&old.domains, &new.domains);
    out.extend(sorted.gone.into_iter().map(|gone| Change::DropDomain(boxed(gone))));
    out.extend(sorted.come.into_iter().map(|come| Change::CreateDomain(boxed(come))));
    for (_, old, new) in sorted.both.into_iter().filter(|(_, old, new)| !same_domain(old, new)) {
        out.push(Change::AlterDomain { old: boxed(old), new: boxed(new) });
    }
}

/// The order of a domain's checks means nothing.
fn same_domain(old: &Domain, new: &Domain) -> bool {
    let ordered = |domain: &Domain| {
        let mut domain = domain.clone();
        domain.checks.sort_by(|one, other| one.name.cmp(&other.name));
        domain
    };
    ordered(old) == ordered(new)
}

pub(super) fn composites(old: &Catalog, new: &Catalog, out: &mut Vec<Change>) {
    let sorted = sorted(&old.composites, &new.composites);
    out.extend(sorted.gone.into_iter().cloned().map(Change::DropComposite));
    out.extend(sorted.come.into_iter().cloned().map(Change::CreateComposite));
    for (_, old, new) in sorted.both.into_iter().filter(|(_, old, new)| old != new) {
        out.push(Change::AlterComposite { old: old.clone(), new: new.clone() });
    }
}
