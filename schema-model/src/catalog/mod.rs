//! The catalog: what a database's schema is, whoever says so (structs, migrations, a live server).
//!
//! One file per kind of object. Everything is a plain value: `Clone + Debug + PartialEq + Eq`, and an
//! [`Origin`](crate::Origin) never takes part in equality.

mod column;
mod column_type;
mod constraint;
mod index;
mod namespace;
mod opaque;
mod sequence;
mod settings;
mod table;
mod types;
mod view;

use std::collections::BTreeMap;

pub use column::{Column, Generated, Identity, Storage};
pub use column_type::ColumnType;
pub use constraint::{
    Check, Constraint, ConstraintKind, Deferrable, Exclude, ExcludePart, ForeignKey, Key, ReferentialAction,
};
pub use index::{Index, IndexPart, IndexTerm};
pub use namespace::{Extension, Schema};
pub use opaque::{Gap, OpaqueId, OpaqueKind, OpaqueObject};
pub use sequence::{Sequence, SequenceOptions};
pub use settings::Settings;
pub use table::{Table, TableKind, TableOptions};
pub use types::{Attribute, CompositeType, Domain, EnumType};
pub use view::View;

use crate::expr::Expr;
use crate::name::{Name, ObjectName};

/// Everything a schema holds, each kind in its own map, keyed by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Namespaces other than the default one.
    pub schemas: BTreeMap<Name, Schema>,
    /// PostgreSQL extensions.
    pub extensions: BTreeMap<Name, Extension>,
    /// Enum types.
    pub enums: BTreeMap<ObjectName, EnumType>,
    /// Domains.
    pub domains: BTreeMap<ObjectName, Domain>,
    /// Composite types.
    pub composites: BTreeMap<ObjectName, CompositeType>,
    /// Sequences, those owned by a serial column included; an identity column's own sequence is in the column.
    pub sequences: BTreeMap<ObjectName, Sequence>,
    /// Tables, partitioned ones, partitions, and SQLite's virtual tables.
    pub tables: BTreeMap<ObjectName, Table>,
    /// Views and materialized views.
    pub views: BTreeMap<ObjectName, View>,
    /// What is followed by name and text only: functions, triggers, policies and the like.
    pub opaque: BTreeMap<OpaqueId, OpaqueObject>,
    /// Statements whose effect is not known.
    pub gaps: Vec<Gap>,
}

impl Catalog {
    /// Nothing in it and nothing unknown about it.
    pub fn is_empty(&self) -> bool {
        *self == Catalog::default()
    }

    /// The table that has an index of this name, in the index's schema.
    pub fn table_of_index(&self, index: &ObjectName) -> Option<&Table> {
        let same_schema = self.tables.values().filter(|table| table.name.schema == index.schema);
        same_schema.into_iter().find(|table| table.index(&index.name).is_some())
    }

    /// Whether a default says no more than none at all does: `NULL`, except where the type is a domain, whose own default
    /// it overrides (PostgreSQL: `AddRelationNewConstraints` keeps it there).
    pub fn is_no_default(&self, value: &Expr, ty: &ColumnType) -> bool {
        let domain = matches!(ty, ColumnType::Named { name, .. } if self.domains.contains_key(name));
        value.as_str().eq_ignore_ascii_case("null") && !domain
    }

    /// Whether the object is touched by a gap, so that nothing can be claimed about it.
    pub fn is_doubtful(&self, name: &ObjectName) -> bool {
        self.gaps.iter().any(|gap| gap.touches.contains(name))
    }
}
