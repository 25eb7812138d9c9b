//! Declared renames as changes, in an order in which they can be made: a chain from its free end, a swap through a third
//! name.

use schema_model::catalog::{Catalog, Table};
use schema_model::{DialectKind, Name, ObjectName};

use super::DiffOptions;
use crate::change::Change;

/// The renames that lead somewhere: the old name is there before, the new one after, and nothing else has it.
pub(super) fn changes(old: &Catalog, new: &Catalog, options: &DiffOptions) -> Made {
    let renames = &options.renames;
    let mut made = Made { base: old.clone(), changes: Vec::new(), dialect: options.dialect };
    types(&mut made, old, new, &renames.types);
    tables(&mut made, old, new, &renames.tables);
    for table in new.tables.values() {
        columns(&mut made, table, &renames.columns);
        members(&mut made, table, options);
    }
    for (ty, from, to) in &renames.values {
        let wanted = new.enums.get(ty).is_some_and(|ty| ty.values.contains(to));
        let known =
            made.base.enums.get(ty).is_some_and(|ty| ty.values.contains(from) && !ty.values.contains(to));
        if wanted && known {
            made.make(Change::RenameEnumValue { name: ty.clone(), from: from.clone(), to: to.clone() });
        }
    }
    made
}

/// The renames, and the old catalog after them.
pub(super) struct Made {
    pub(super) base: Catalog,
    pub(super) changes: Vec<Change>,
    dialect: DialectKind,
}

impl Made {
    fn make(&mut self, change: Change) {
        if change.apply(&mut self.base, self.dialect).is_ok() {
            self.changes.push(change);
        }
    }
}

fn types(made: &mut Made, old: &Catalog, new: &Catalog, renames: &[(ObjectName, ObjectName)]) {
    let has = |catalog: &Catalog, name: &ObjectName| {
        catalog.enums.contains_key(name)
            || catalog.domains.contains_key(name)
            || catalog.composites.contains_key(name)
    };
    let wanted = wanted(renames, |name| has(old, name), |name| has(new, name));
    for (from, to) in ordered(wanted, temporary) {
        made.make(Change::RenameType { from, to });
    }
}

fn tables(made: &mut Made, old: &Catalog, new: &Catalog, renames: &[(ObjectName, ObjectName)]) {
    let wanted = wanted(renames, |name| old.tables.contains_key(name), |name| new.tables.contains_key(name));
    for (from, to) in ordered(wanted, temporary) {
        made.make(Change::RenameTable { from, to });
    }
}

fn columns(made: &mut Made, table: &Table, renames: &[(ObjectName, Name, Name)]) {
    let own: Vec<_> = of_table(renames, &table.name);
    if own.is_empty() {
        return;
    }
    let Some(old) = made.base.tables.get(&table.name) else { return };
    let wanted = wanted(
        &own,
        |name| old.column(name.as_str()).is_some(),
        |name| table.column(name.as_str()).is_some(),
    );
    for (from, to) in ordered(wanted, |name| Name::new(format!("{name}__renamed"))) {
        made.make(Change::RenameColumn { table: table.name.clone(), from, to });
    }
}

fn members(made: &mut Made, table: &Table, options: &DiffOptions) {
    let name = &table.name;
    let Some(old) = made.base.tables.get(name) else { return };
    let constraints = wanted(
        &of_table(&options.renames.constraints, name),
        |name| old.constraint(name.as_str()).is_some(),
        |name| table.constraint(name.as_str()).is_some(),
    );
    let indexes = wanted(
        &of_table(&options.renames.indexes, name),
        |name| old.index(name).is_some(),
        |name| table.index(name).is_some(),
    );
    let spare = |name: &Name| Name::new(format!("{name}__renamed"));
    for (from, to) in ordered(constraints, spare) {
        made.make(Change::RenameConstraint { table: name.clone(), from, to });
    }
    for (from, to) in ordered(indexes, spare) {
        made.make(Change::RenameIndex { table: name.clone(), from, to });
    }
}

fn of_table(renames: &[(ObjectName, Name, Name)], table: &ObjectName) -> Vec<(Name, Name)> {
    let own = renames.iter().filter(|(of, ..)| of == table);
    own.map(|(_, from, to)| (from.clone(), to.clone())).collect()
}

fn temporary(name: &ObjectName) -> ObjectName {
    name.sibling(format!("{}__renamed", name.name))
}

/// The renames that are still to be made. One whose new name was there before is done already, unless that name itself
/// moves on.
fn wanted<N: Clone + PartialEq>(
    renames: &[(N, N)],
    before: impl Fn(&N) -> bool,
    after: impl Fn(&N) -> bool,
) -> Vec<(N, N)> {
    let leaves = |name: &N| renames.iter().any(|(from, to)| from == name && from != to && after(to));
    let arrives = |name: &N| renames.iter().any(|(from, to)| to == name && from != to && before(from));
    let fits = |(from, to): &&(N, N)| {
        from != to
            && before(from)
            && after(to)
            && (!before(to) || leaves(to))
            && (!after(from) || arrives(from) || !before(to))
    };
    let mut out: Vec<(N, N)> = Vec::new();
    for (from, to) in renames.iter().filter(fits) {
        if !out.iter().any(|(known, target)| known == from || target == to) {
            out.push((from.clone(), to.clone()));
        }
    }
    out
}

/// The renames in an order in which each finds its new name free.
fn ordered<N: Clone + PartialEq>(mut wanted: Vec<(N, N)>, spare: impl Fn(&N) -> N) -> Vec<(N, N)> {
    let mut out = Vec::new();
    while !wanted.is_empty() {
        let free = wanted.iter().position(|(_, to)| !wanted.iter().any(|(from, _)| from == to));
        match free {
            Some(at) => out.push(wanted.remove(at)),
            None => {
                // A ring: its first name steps aside.
                let aside = spare(&wanted[0].0);
                out.push((wanted[0].0.clone(), aside.clone()));
                wanted[0].0 = aside;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(Name, Name)> {
        list.iter().map(|(from, to)| (Name::new(from), Name::new(to))).collect()
    }

    #[test]
    fn chains_and_rings_find_their_order() {
        let spare = |name: &Name| Name::new(format!("{name}_"));
        assert_eq!(ordered(pairs(&[("a", "b"), ("b", "c")]), spare), pairs(&[("b", "c"), ("a", "b")]));
        assert_eq!(
            ordered(pairs(&[("a", "b"), ("b", "a")]), spare),
            pairs(&[("a", "a_"), ("b", "a"), ("a_", "b")])
        );
    }

    #[test]
    fn a_rename_that_was_made_long_ago_is_passed_over() {
        let there = |names: &'static [&'static str]| move |name: &Name| names.contains(&name.as_str());
        let list = pairs(&[("a", "b")]);
        assert!(wanted(&list, there(&["b"]), there(&["b"])).is_empty());
        assert_eq!(wanted(&list, there(&["a"]), there(&["b"])), list);
        assert!(wanted(&list, there(&["a", "b"]), there(&["b"])).is_empty());
    }
}
