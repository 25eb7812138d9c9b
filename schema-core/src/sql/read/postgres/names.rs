//! The names that PostgreSQL generates (its `makeObjectName`, `ChooseRelationName`, `ChooseConstraintName`,
//! `ChooseIndexName`): parts cut so that the whole has 63 bytes, numbered until free.

use std::collections::HashSet;

use schema_model::{Name, ObjectName};

use crate::sql::relations::Relations;

/// The most bytes of a name: `NAMEDATALEN - 1`.
const LIMIT: usize = 63;

/// Names that the statement being read has chosen or given already, and that are not in the catalog yet.
#[derive(Default)]
pub(super) struct Taken {
    relations: HashSet<ObjectName>,
    constraints: HashSet<ObjectName>,
}

impl Taken {
    pub(super) fn relation(&mut self, name: ObjectName) {
        self.relations.insert(name);
    }

    pub(super) fn constraint(&mut self, name: ObjectName) {
        self.constraints.insert(name);
    }
}

/// `name1_name2_label`, the longer part cut first.
pub(super) fn make_object_name(name1: &str, name2: Option<&str>, label: &str) -> String {
    let overhead = label.len() + 1 + usize::from(name2.is_some());
    let available = LIMIT.saturating_sub(overhead);
    let (mut first, mut second) = (name1.len(), name2.map_or(0, str::len));
    while first + second > available {
        if first > second {
            first -= 1;
        } else {
            second -= 1;
        }
    }
    let first = cut(name1, first);
    match name2 {
        Some(name2) => format!("{first}_{}_{label}", cut(name2, second)),
        None => format!("{first}_{label}"),
    }
}

/// The first bytes of a name, never a part of a character.
fn cut(name: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(name.len())).rev().find(|at| name.is_char_boundary(*at));
    &name[..end.unwrap_or(0)]
}

/// A free name for a sequence or index beside `table`. The index of a constraint avoids constraints' names too.
pub(super) fn relation_name(
    all: &Relations,
    taken: &Taken,
    table: &ObjectName,
    name2: Option<&str>,
    label: &str,
    of_constraint: bool,
) -> Name {
    numbered(table, name2, label, |name| {
        all.is_free(name)
            && !taken.relations.contains(name)
            && !(of_constraint && (all.has_constraint(name) || taken.constraints.contains(name)))
    })
}

/// A free name for a constraint: no constraint of any table in the schema has it.
pub(super) fn constraint_name(
    all: &Relations,
    taken: &Taken,
    table: &ObjectName,
    name2: Option<&str>,
    label: &str,
) -> Name {
    numbered(table, name2, label, |name| !all.has_constraint(name) && !taken.constraints.contains(name))
}

fn numbered(
    table: &ObjectName,
    name2: Option<&str>,
    label: &str,
    is_free: impl Fn(&ObjectName) -> bool,
) -> Name {
    let mut pass = 0u32;
    loop {
        let suffix = if pass == 0 { String::new() } else { pass.to_string() };
        let text = make_object_name(table.name.as_str(), name2, &format!("{label}{suffix}"));
        let name = table.sibling(text);
        if is_free(&name) || pass == u32::MAX {
            return name.name;
        }
        pass += 1;
    }
}

/// The columns' part of a generated name: joined with `_`, no longer than it takes to fill a name.
pub(super) fn addition<'n>(columns: impl IntoIterator<Item = &'n str>) -> String {
    let mut text = String::new();
    for column in columns {
        if !text.is_empty() {
            text.push('_');
        }
        text.push_str(column);
        if text.len() > LIMIT {
            break;
        }
    }
    text
}

/// The names of an index's columns: repeated ones are numbered, expressions without a name of their own are `expr`.
pub(super) fn index_columns(names: impl IntoIterator<Item = Option<String>>) -> Vec<String> {
    let mut chosen: Vec<String> = Vec::new();
    for name in names {
        let original = name.unwrap_or_else(|| "expr".to_owned());
        let mut current = original.clone();
        let mut number = 0u32;
        while chosen.contains(&current) {
            number += 1;
            let digits = number.to_string();
            current = format!("{}{digits}", cut(&original, LIMIT - digits.len()));
        }
        chosen.push(current);
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_part_is_cut_first() {
        let table = "a".repeat(40);
        let column = "b".repeat(30);
        let name = make_object_name(&table, Some(&column), "fkey");
        assert_eq!(name, format!("{}_{}_fkey", "a".repeat(29), "b".repeat(28)));
        assert_eq!(make_object_name("t", None, "pkey"), "t_pkey");
        assert_eq!(make_object_name(&"é".repeat(40), None, "pkey").len(), 5 + 58);
    }

    #[test]
    fn repeated_columns_are_numbered() {
        let names = index_columns([None, None, Some("a".to_owned()), Some("a".to_owned())]);
        assert_eq!(names, ["expr", "expr1", "a", "a1"]);
    }
}
