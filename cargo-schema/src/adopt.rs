//! What models do not speak about is taken from the migrations: views, functions, triggers, sequences of their own,
//! partitions, storage options, and whatever the configuration calls unmanaged. A struct that says nothing of a trigger
//! does not ask for its removal.

use std::collections::BTreeSet;

use schema_model::catalog::{Catalog, Index, IndexTerm, Table, TableKind};
use schema_model::{Name, ObjectName};

/// The catalog that the models ask for: what they declare, on top of what of the recorded catalog they cannot say.
pub fn adopt(declared: &Catalog, recorded: &Catalog, unmanaged: &Unmanaged) -> Catalog {
    let mut wanted = declared.clone();
    wanted.schemas.extend(recorded.schemas.clone());
    wanted.extensions.clone_from(&recorded.extensions);
    wanted.composites.clone_from(&recorded.composites);
    wanted.views.clone_from(&recorded.views);
    wanted.gaps.clone_from(&recorded.gaps);
    for (name, table) in &recorded.tables {
        match wanted.tables.get_mut(name) {
            Some(own) => adopt_into_table(own, table, unmanaged),
            None if unmanaged.table(name) || implied_table(table) => {
                wanted.tables.insert(name.clone(), table.clone());
            }
            None => {}
        }
    }
    adopt_types(&mut wanted, recorded, unmanaged);
    adopt_sequences(&mut wanted, recorded);
    // A trigger or policy stays as long as its table does.
    let kept = recorded.opaque.iter().filter(|(id, _)| match &id.on {
        Some(table) => wanted.tables.contains_key(table) || wanted.views.contains_key(table),
        None => true,
    });
    let kept: Vec<_> = kept.map(|(id, object)| (id.clone(), object.clone())).collect();
    wanted.opaque.extend(kept);
    wanted
}

/// Partitions, foreign tables and virtual tables are made by hand: a struct stands for the parent.
fn implied_table(table: &Table) -> bool {
    table.options.partition_of.is_some()
        || matches!(table.options.kind, TableKind::Foreign(_) | TableKind::Virtual(_) | TableKind::Shadow(_))
        || table.options.temporary
}

fn adopt_into_table(own: &mut Table, recorded: &Table, unmanaged: &Unmanaged) {
    let said = &recorded.options;
    let options = &mut own.options;
    options.kind.clone_from(&said.kind);
    options.inherits.clone_from(&said.inherits);
    options.partition_of.clone_from(&said.partition_of);
    options.unlogged |= said.unlogged;
    options.with.clone_from(&said.with);
    options.tablespace.clone_from(&said.tablespace);
    options.row_security |= said.row_security;
    options.force_row_security |= said.force_row_security;
    options.replica_identity.clone_from(&said.replica_identity);
    for (position, column) in recorded.columns.iter().enumerate() {
        let absent = own.column(column.name.as_str()).is_none();
        if absent && unmanaged.member(&recorded.name, &column.name) {
            own.columns.insert(position.min(own.columns.len()), column.clone());
        }
    }
    for index in &recorded.indexes {
        let kept =
            unmanaged.member(&recorded.name, &index.name) || over_unmanaged(index, recorded, unmanaged);
        if kept && own.index(&index.name).is_none() {
            own.indexes.push(index.clone());
        }
    }
    for constraint in &recorded.constraints {
        let Some(name) = &constraint.name else { continue };
        if unmanaged.member(&recorded.name, name) && own.constraint(name.as_str()).is_none() {
            own.constraints.push(constraint.clone());
        }
    }
}

/// An index that covers an unmanaged column goes with it.
fn over_unmanaged(index: &Index, table: &Table, unmanaged: &Unmanaged) -> bool {
    index.parts.iter().any(|part| match &part.term {
        IndexTerm::Column(name) => unmanaged.member(&table.name, name),
        IndexTerm::Expr(_) => false,
    })
}

/// Enums and domains that no model names but something kept does, or that the configuration leaves alone.
fn adopt_types(wanted: &mut Catalog, recorded: &Catalog, unmanaged: &Unmanaged) {
    let mut used: BTreeSet<ObjectName> = BTreeSet::new();
    used.extend(
        wanted
            .tables
            .values()
            .flat_map(|table| &table.columns)
            .filter_map(|column| column.ty.user_type().cloned()),
    );
    used.extend(
        recorded.composites.values().flat_map(|ty| &ty.attributes).filter_map(|a| a.ty.user_type().cloned()),
    );
    used.extend(recorded.views.values().flat_map(|view| view.touches.iter().cloned()));
    used.extend(recorded.opaque.values().flat_map(|object| object.touches.iter().cloned()));
    for (name, domain) in &recorded.domains {
        if !wanted.domains.contains_key(name) && (used.contains(name) || unmanaged.table(name)) {
            used.extend(domain.base.user_type().cloned());
            wanted.domains.insert(name.clone(), domain.clone());
        }
    }
    for (name, ty) in &recorded.enums {
        if !wanted.enums.contains_key(name) && (used.contains(name) || unmanaged.table(name)) {
            wanted.enums.insert(name.clone(), ty.clone());
        }
    }
}

/// A sequence of its own stays; one that a column owns goes and stays with the column.
fn adopt_sequences(wanted: &mut Catalog, recorded: &Catalog) {
    for (name, sequence) in &recorded.sequences {
        let owner_stays = sequence.owned_by.as_ref().is_none_or(|(table, column)| {
            wanted
                .tables
                .get(table)
                .and_then(|table| table.column(column.as_str()))
                .is_some_and(|column| column.identity.is_none())
        });
        if owner_stays && !wanted.sequences.contains_key(name) {
            wanted.sequences.insert(name.clone(), sequence.clone());
        }
    }
}

/// Patterns of what no model owns: `table`, `schema.table`, `table.column`, `table.index`, `index`; `*` stands for any
/// characters.
#[derive(Clone, Debug, Default)]
pub struct Unmanaged {
    patterns: Vec<String>,
}

impl Unmanaged {
    /// From the configuration.
    pub fn new(patterns: &[String]) -> Self {
        Unmanaged { patterns: patterns.to_vec() }
    }

    /// Whether the table, type or view is left alone.
    pub fn table(&self, name: &ObjectName) -> bool {
        let full = name.to_string();
        self.patterns.iter().any(|pattern| matches(pattern, &full) || matches(pattern, name.name.as_str()))
    }

    /// Whether the column, index or constraint of the table is left alone.
    pub fn member(&self, table: &ObjectName, member: &Name) -> bool {
        let (full, short) = (format!("{table}.{member}"), format!("{}.{member}", table.name));
        let own = |pattern: &String| matches(pattern, &full) || matches(pattern, &short);
        self.patterns
            .iter()
            .any(|pattern| own(pattern) || (!pattern.contains('.') && matches(pattern, member.as_str())))
    }
}

/// Whether the text fits the pattern, in which `*` stands for any characters.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text, expected) in [
            ("*_backup_*", "users_backup_2024", true),
            ("spatial_ref_sys", "spatial_ref_sys", true),
            ("spatial", "spatial_ref_sys", false),
            ("a*a", "a", false),
            ("posts.*", "posts.search_vector", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_member_pattern_does_not_take_the_table() {
        let unmanaged = Unmanaged::new(&["posts.search_vector".into()]);
        assert!(!unmanaged.table(&ObjectName::bare("posts")));
        assert!(unmanaged.member(&ObjectName::bare("posts"), &Name::new("search_vector")));
    }
}
