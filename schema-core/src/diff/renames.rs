//! Renames: those that somebody declared, and those that could be meant.

use std::fmt;

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

/// A drop and an add that could be one rename, about which nothing was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ambiguity {
    /// A table.
    Table {
        /// The name that goes.
        from: ObjectName,
        /// The name that comes.
        to: ObjectName,
    },
    /// A column.
    Column {
        /// Its table.
        table: ObjectName,
        /// The name that goes.
        from: Name,
        /// The name that comes.
        to: Name,
    },
    /// An enum value.
    Value {
        /// Its type.
        ty: ObjectName,
        /// The value that goes.
        from: String,
        /// The value that comes.
        to: String,
    },
}

impl fmt::Display for Ambiguity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ambiguity::Table { from, to } => write!(f, "table `{from}` goes and table `{to}` comes"),
            Ambiguity::Column { table, from, to } => {
                write!(f, "column `{table}.{from}` goes and column `{table}.{to}` comes")
            }
            Ambiguity::Value { ty, from, to } => {
                write!(f, "value `{from}` of enum `{ty}` goes and value `{to}` comes")
            }
        }
    }
}
