//! Tables.

use super::{Column, Constraint, ConstraintKind, Index, Key, Settings};
use crate::name::{Name, ObjectName};
use crate::span::Origin;

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: ObjectName,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its constraints, in the order in which they were added.
    pub constraints: Vec<Constraint>,
    /// Its indexes, those of constraints left out.
    pub indexes: Vec<Index>,
    /// Everything else about it.
    pub options: TableOptions,
    /// Where it is said.
    pub origin: Origin,
}

impl Table {
    /// A table without columns.
    pub fn new(name: ObjectName) -> Self {
        Table {
            name,
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            options: TableOptions::default(),
            origin: Origin::NONE,
        }
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == *name)
    }

    /// The same, to change it.
    pub fn column_mut(&mut self, name: &str) -> Option<&mut Column> {
        self.columns.iter_mut().find(|column| column.name == *name)
    }

    /// The constraint of this name.
    pub fn constraint(&self, name: &str) -> Option<&Constraint> {
        self.constraints.iter().find(|constraint| constraint.name.as_ref().is_some_and(|own| own == name))
    }

    /// The same, to change it.
    pub fn constraint_mut(&mut self, name: &str) -> Option<&mut Constraint> {
        self.constraints.iter_mut().find(|constraint| constraint.name.as_ref().is_some_and(|own| own == name))
    }

    /// The index of this name.
    pub fn index(&self, name: &Name) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name == *name)
    }

    /// The same, to change it.
    pub fn index_mut(&mut self, name: &Name) -> Option<&mut Index> {
        self.indexes.iter_mut().find(|index| index.name == *name)
    }

    /// The primary key.
    pub fn primary_key(&self) -> Option<&Key> {
        self.constraints.iter().find_map(|constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => Some(key),
            _ => None,
        })
    }
}

/// What a table is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TableKind {
    /// An ordinary table.
    #[default]
    Plain,
    /// PostgreSQL: `PARTITION BY …`; the key as written, such as `RANGE (created_at)`.
    Partitioned(String),
    /// PostgreSQL: `CREATE FOREIGN TABLE`; server and options as written.
    Foreign(String),
    /// SQLite: `CREATE VIRTUAL TABLE … USING`; module and arguments as written.
    Virtual(String),
    /// SQLite: a table in which the virtual table of this name keeps its rows; made and dropped with it, never alone.
    Shadow(Name),
}

/// Everything about a table that is no column, constraint or index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableOptions {
    /// What it is.
    pub kind: TableKind,
    /// The parents it inherits from.
    pub inherits: Vec<ObjectName>,
    /// The table it is a partition of, with its bound as written: `FOR VALUES FROM (…) TO (…)`, `DEFAULT`.
    pub partition_of: Option<(ObjectName, String)>,
    /// `UNLOGGED`.
    pub unlogged: bool,
    /// `TEMPORARY`: gone when the session ends.
    pub temporary: bool,
    /// `WITH (…)`: storage parameters, names in lower case.
    pub with: Settings,
    /// `TABLESPACE`.
    pub tablespace: Option<Name>,
    /// `ENABLE ROW LEVEL SECURITY`.
    pub row_security: bool,
    /// `FORCE ROW LEVEL SECURITY`.
    pub force_row_security: bool,
    /// `REPLICA IDENTITY`, when not the default: `FULL`, `NOTHING`, `USING INDEX name`.
    pub replica_identity: Option<String>,
    /// `CLUSTER ON`: the index in whose order the table was last rewritten.
    pub clustered: Option<Name>,
    /// SQLite: `STRICT`.
    pub strict: bool,
    /// SQLite: `WITHOUT ROWID`.
    pub without_rowid: bool,
    /// SQLite: the integer primary key is `AUTOINCREMENT`.
    pub autoincrement: bool,
    /// `COMMENT ON TABLE`.
    pub comment: Option<String>,
}
