//! The change: the hinge between scripts and catalogs. The SQL reader turns a statement into changes, replay applies
//! them, the differ finds them, the planner writes them as SQL, the rules judge them.
//!
//! Flat, and each variant holds whole values, so that `reverse` is total.

mod apply;
mod column_in_bodies;
mod display;
pub(crate) mod query;
mod references;
mod references_sqlite;
mod rename;
mod reverse;
mod view_query;

pub(crate) use references::{each_expr, each_index_expr, names_index};

use schema_model::catalog::{
    Column, CompositeType, Constraint, Domain, EnumType, Extension, Index, OpaqueObject, Schema, Sequence,
    Table, TableOptions, View,
};
use schema_model::{Name, ObjectName};

pub use apply::ApplyError;
pub(crate) use references_sqlite::{columns_of, requalify};
pub use rename::{rename_column_in_expr, rename_object_in_expr, rename_object_in_text};

/// One step from a catalog to another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "a variant's sentence names what its fields hold")]
pub enum Change {
    /// `CREATE SCHEMA`.
    CreateSchema(Schema),
    /// `DROP SCHEMA`, of an empty one: what is in it goes by changes of its own.
    DropSchema(Schema),
    /// A schema's comment.
    AlterSchema { old: Schema, new: Schema },
    /// `ALTER SCHEMA … RENAME TO`; every object in it follows.
    RenameSchema { from: Name, to: Name },

    /// `CREATE EXTENSION`.
    CreateExtension(Extension),
    /// `DROP EXTENSION`.
    DropExtension(Extension),
    /// An extension's version, schema or comment.
    AlterExtension { old: Extension, new: Extension },

    /// `CREATE TABLE`, with its columns, constraints and indexes.
    CreateTable(Box<Table>),
    /// `DROP TABLE`, with everything that is the table's own.
    DropTable(Box<Table>),
    /// `ALTER TABLE … RENAME TO` or `SET SCHEMA`; references follow.
    RenameTable { from: ObjectName, to: ObjectName },
    /// Anything about a table that is no column, constraint or index.
    AlterTable { table: ObjectName, old: Box<TableOptions>, new: Box<TableOptions> },

    /// `ADD COLUMN`, at the end unless `position` says where (a SQLite rebuild can; counted from 0).
    AddColumn { table: ObjectName, column: Box<Column>, position: Option<usize> },
    /// `DROP COLUMN`; indexes and constraints over it go by changes of their own, before.
    DropColumn { table: ObjectName, column: Box<Column> },
    /// Type, nullability, default, identity, generation, collation or comment.
    AlterColumn { table: ObjectName, old: Box<Column>, new: Box<Column> },
    /// `RENAME COLUMN`; constraints, indexes and expressions follow.
    RenameColumn { table: ObjectName, from: Name, to: Name },

    /// `ADD CONSTRAINT`.
    AddConstraint { table: ObjectName, constraint: Box<Constraint> },
    /// `DROP CONSTRAINT`.
    DropConstraint { table: ObjectName, constraint: Box<Constraint> },
    /// What can change in place: validity, deferrability, comment, being inherited.
    AlterConstraint { table: ObjectName, old: Box<Constraint>, new: Box<Constraint> },
    /// `RENAME CONSTRAINT`.
    RenameConstraint { table: ObjectName, from: Name, to: Name },

    /// `CREATE INDEX`, on a table or materialized view.
    CreateIndex { table: ObjectName, index: Box<Index> },
    /// `DROP INDEX`.
    DropIndex { table: ObjectName, index: Box<Index> },
    /// What can change in place: options, tablespace, validity, attachment, comment.
    AlterIndex { table: ObjectName, old: Box<Index>, new: Box<Index> },
    /// `ALTER INDEX … RENAME TO`.
    RenameIndex { table: ObjectName, from: Name, to: Name },

    /// `CREATE TYPE … AS ENUM`.
    CreateEnum(EnumType),
    /// `DROP TYPE` of an enum.
    DropEnum(EnumType),
    /// `ALTER TYPE … ADD VALUE`; before the value named, or at the end.
    AddEnumValue { name: ObjectName, value: String, before: Option<String> },
    /// The value taken away again, which no statement can do: the planner makes the type anew. It stood before the
    /// value named, or at the end.
    RemoveEnumValue { name: ObjectName, value: String, before: Option<String> },
    /// `ALTER TYPE … RENAME VALUE`.
    RenameEnumValue { name: ObjectName, from: String, to: String },
    /// Values removed or reordered (the type has to be made anew), or the comment changed.
    ReplaceEnum { old: EnumType, new: EnumType },

    /// `CREATE DOMAIN`.
    CreateDomain(Box<Domain>),
    /// `DROP DOMAIN`.
    DropDomain(Box<Domain>),
    /// `ALTER DOMAIN`.
    AlterDomain { old: Box<Domain>, new: Box<Domain> },

    /// `CREATE TYPE … AS (…)`.
    CreateComposite(CompositeType),
    /// `DROP TYPE` of a composite.
    DropComposite(CompositeType),
    /// `ALTER TYPE … ADD|DROP|ALTER|RENAME ATTRIBUTE`.
    AlterComposite { old: CompositeType, new: CompositeType },

    /// `ALTER TYPE|DOMAIN … RENAME TO` or `SET SCHEMA`, of an enum, domain or composite; columns follow.
    RenameType { from: ObjectName, to: ObjectName },

    /// `CREATE SEQUENCE`.
    CreateSequence(Box<Sequence>),
    /// `DROP SEQUENCE`.
    DropSequence(Box<Sequence>),
    /// `ALTER SEQUENCE`.
    AlterSequence { old: Box<Sequence>, new: Box<Sequence> },
    /// `ALTER SEQUENCE … RENAME TO` or `SET SCHEMA`; defaults follow.
    RenameSequence { from: ObjectName, to: ObjectName },

    /// `CREATE VIEW` or `CREATE MATERIALIZED VIEW`, with a materialized view's indexes.
    CreateView(Box<View>),
    /// `DROP VIEW`.
    DropView(Box<View>),
    /// `CREATE OR REPLACE VIEW`, options, comment.
    ReplaceView { old: Box<View>, new: Box<View> },
    /// `ALTER VIEW … RENAME TO` or `SET SCHEMA`.
    RenameView { from: ObjectName, to: ObjectName },

    /// `CREATE FUNCTION`, `CREATE TRIGGER` and the like.
    CreateOpaque(Box<OpaqueObject>),
    /// `DROP FUNCTION`, `DROP TRIGGER` and the like.
    DropOpaque(Box<OpaqueObject>),
    /// Another definition, name, amendment or comment.
    ReplaceOpaque { old: Box<OpaqueObject>, new: Box<OpaqueObject> },
}

impl Change {
    /// The table or view the change is about, under the name that it has before the change.
    pub fn table(&self) -> Option<&ObjectName> {
        match self {
            Change::CreateTable(table) | Change::DropTable(table) => Some(&table.name),
            Change::RenameTable { from, .. } => Some(from),
            Change::AlterTable { table, .. }
            | Change::AddColumn { table, .. }
            | Change::DropColumn { table, .. }
            | Change::AlterColumn { table, .. }
            | Change::RenameColumn { table, .. }
            | Change::AddConstraint { table, .. }
            | Change::DropConstraint { table, .. }
            | Change::AlterConstraint { table, .. }
            | Change::RenameConstraint { table, .. }
            | Change::CreateIndex { table, .. }
            | Change::DropIndex { table, .. }
            | Change::AlterIndex { table, .. }
            | Change::RenameIndex { table, .. } => Some(table),
            Change::CreateView(view) | Change::DropView(view) => Some(&view.name),
            Change::ReplaceView { old, .. } => Some(&old.name),
            Change::RenameView { from, .. } => Some(from),
            Change::CreateOpaque(object) | Change::DropOpaque(object) => object.id.on.as_ref(),
            Change::ReplaceOpaque { old, .. } => old.id.on.as_ref(),
            Change::CreateSchema(_)
            | Change::DropSchema(_)
            | Change::AlterSchema { .. }
            | Change::RenameSchema { .. }
            | Change::CreateExtension(_)
            | Change::DropExtension(_)
            | Change::AlterExtension { .. }
            | Change::CreateEnum(_)
            | Change::DropEnum(_)
            | Change::AddEnumValue { .. }
            | Change::RemoveEnumValue { .. }
            | Change::RenameEnumValue { .. }
            | Change::ReplaceEnum { .. }
            | Change::CreateDomain(_)
            | Change::DropDomain(_)
            | Change::AlterDomain { .. }
            | Change::CreateComposite(_)
            | Change::DropComposite(_)
            | Change::AlterComposite { .. }
            | Change::RenameType { .. }
            | Change::CreateSequence(_)
            | Change::DropSequence(_)
            | Change::AlterSequence { .. }
            | Change::RenameSequence { .. } => None,
        }
    }
}
