//! Drops and adds that could be renames: data, of which `revision` makes an error and `diff` a note.

use std::collections::BTreeSet;
use std::fmt;

use schema_model::catalog::{Column, Table, TableKind};
use schema_model::{Name, ObjectName};

use crate::change::Change;

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

impl Ambiguity {
    /// What goes, as `--rename` takes it: `table`, `table.column`, `type.value`.
    pub fn from(&self) -> String {
        match self {
            Ambiguity::Table { from, .. } => from.to_string(),
            Ambiguity::Column { table, from, .. } => format!("{table}.{from}"),
            Ambiguity::Value { ty, from, .. } => format!("{ty}.{from}"),
        }
    }

    /// What comes, as `--rename` takes it: the bare new name.
    pub fn to(&self) -> String {
        match self {
            Ambiguity::Table { to, .. } => to.to_string(),
            Ambiguity::Column { to, .. } => to.to_string(),
            Ambiguity::Value { to, .. } => to.clone(),
        }
    }
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

/// The pairs of a drop and an add among these changes that could be one rename: columns of one table and one type,
/// tables of nearly the same columns, enum values where as many go as come.
pub fn ambiguities(changes: &[Change]) -> Vec<Ambiguity> {
    let mut found = tables(changes);
    found.extend(columns(changes));
    found.extend(changes.iter().flat_map(values));
    found
}

fn tables(changes: &[Change]) -> Vec<Ambiguity> {
    let gone = changes.iter().filter_map(|change| match change {
        Change::DropTable(table) => Some(table),
        _ => None,
    });
    let mut found = Vec::new();
    for from in gone {
        for change in changes {
            if let Change::CreateTable(to) = change
                && alike(from, to)
                && from.name != to.name
                && !matches!(to.options.kind, TableKind::Shadow(_))
            {
                found.push(Ambiguity::Table { from: from.name.clone(), to: to.name.clone() });
            }
        }
    }
    found
}

/// Whether two tables share most of their columns.
fn alike(one: &Table, other: &Table) -> bool {
    fn columns(table: &Table) -> BTreeSet<(&Name, &schema_model::catalog::ColumnType)> {
        table.columns.iter().map(|column| (&column.name, &column.ty)).collect()
    }
    let (one, other) = (columns(one), columns(other));
    let common = one.intersection(&other).count();
    common > 0 && common * 3 >= one.len().max(other.len()) * 2
}

fn columns(changes: &[Change]) -> Vec<Ambiguity> {
    let mut found = Vec::new();
    for change in changes {
        let Change::DropColumn { table, column: from } = change else { continue };
        for other in changes {
            if let Change::AddColumn { table: same, column: to, .. } = other
                && same == table
                && could_be(from, to)
            {
                found.push(Ambiguity::Column {
                    table: table.clone(),
                    from: from.name.clone(),
                    to: to.name.clone(),
                });
            }
        }
    }
    found
}

/// Whether the columns hold the same things.
fn could_be(from: &Column, to: &Column) -> bool {
    from.ty == to.ty && from.generated.is_some() == to.generated.is_some()
}

fn values(change: &Change) -> Vec<Ambiguity> {
    let Change::ReplaceEnum { old, new } = change else { return Vec::new() };
    let only = |one: &[String], other: &[String]| {
        one.iter().filter(|value| !other.contains(value)).cloned().collect::<Vec<_>>()
    };
    let (gone, come) = (only(&old.values, &new.values), only(&new.values, &old.values));
    let mut found = Vec::new();
    for from in &gone {
        for to in &come {
            found.push(Ambiguity::Value { ty: new.name.clone(), from: from.clone(), to: to.clone() });
        }
    }
    found
}
