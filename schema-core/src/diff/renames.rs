//! Renames that somebody declared.

use schema_model::{Name, ObjectName};

/// Declared renames, each from the name before to the name after. Columns, constraints, values are given with the
/// table's or type's name after its own rename.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames {
    /// Tables.
    pub tables: Vec<(ObjectName, ObjectName)>,
    /// Columns: the table's new name, the column's old name, its new name.
    pub columns: Vec<(ObjectName, Name, Name)>,
    /// Enum types, domains and composite types.
    pub types: Vec<(ObjectName, ObjectName)>,
    /// Enum values: the type's new name, the old value, the new value.
    pub values: Vec<(ObjectName, String, String)>,
    /// Constraints: the table's new name, the old name, the new name.
    pub constraints: Vec<(ObjectName, Name, Name)>,
    /// Indexes: the table's new name, the old name, the new name.
    pub indexes: Vec<(ObjectName, Name, Name)>,
}

impl Renames {
    /// Whether nothing is renamed.
    pub fn is_empty(&self) -> bool {
        *self == Renames::default()
    }

    /// Adds others.
    pub fn extend(&mut self, other: Renames) {
        self.tables.extend(other.tables);
        self.columns.extend(other.columns);
        self.types.extend(other.types);
        self.values.extend(other.values);
        self.constraints.extend(other.constraints);
        self.indexes.extend(other.indexes);
    }

    /// The same for the way back.
    pub fn reversed(&self) -> Renames {
        let objects = |list: &[(ObjectName, ObjectName)]| {
            list.iter().map(|(from, to)| (to.clone(), from.clone())).collect::<Vec<_>>()
        };
        let before = |renamed: &[(ObjectName, ObjectName)], name: &ObjectName| {
            let found = renamed.iter().find(|(_, to)| to == name);
            found.map_or_else(|| name.clone(), |(from, _)| from.clone())
        };
        let members = |list: &[(ObjectName, Name, Name)]| {
            let member = |(table, from, to): &(ObjectName, Name, Name)| {
                (before(&self.tables, table), to.clone(), from.clone())
            };
            list.iter().map(member).collect::<Vec<_>>()
        };
        Renames {
            tables: objects(&self.tables),
            columns: members(&self.columns),
            types: objects(&self.types),
            values: self
                .values
                .iter()
                .map(|(ty, from, to)| (before(&self.types, ty), to.clone(), from.clone()))
                .collect(),
            constraints: members(&self.constraints),
            indexes: members(&self.indexes),
        }
    }
}
