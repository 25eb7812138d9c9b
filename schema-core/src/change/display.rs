//! A change as one sentence fragment, as reports and comments print it: ``add column `users.email` ``.

use std::fmt;

use schema_model::catalog::{Constraint, ConstraintKind, View};

use super::Change;

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Change::*;
        match self {
            CreateSchema(schema) => write!(f, "create schema `{}`", schema.name),
            DropSchema(schema) => write!(f, "drop schema `{}`", schema.name),
            AlterSchema { new, .. } => write!(f, "alter schema `{}`", new.name),
            RenameSchema { from, to } => write!(f, "rename schema `{from}` to `{to}`"),
            CreateExtension(extension) => write!(f, "create extension `{}`", extension.name),
            DropExtension(extension) => write!(f, "drop extension `{}`", extension.name),
            AlterExtension { new, .. } => write!(f, "alter extension `{}`", new.name),
            CreateTable(table) => write!(f, "create table `{}`", table.name),
            DropTable(table) => write!(f, "drop table `{}`", table.name),
            RenameTable { from, to } => write!(f, "rename table `{from}` to `{to}`"),
            AlterTable { table, .. } => write!(f, "alter table `{table}`"),
            AddColumn { table, column, .. } => write!(f, "add column `{table}.{}`", column.name),
            DropColumn { table, column } => write!(f, "drop column `{table}.{}`", column.name),
            AlterColumn { table, old, .. } => write!(f, "alter column `{table}.{}`", old.name),
            RenameColumn { table, from, to } => write!(f, "rename column `{table}.{from}` to `{to}`"),
            AddConstraint { table, constraint } => write!(f, "add {} to `{table}`", Described(constraint)),
            DropConstraint { table, constraint } => {
                write!(f, "drop {} from `{table}`", Described(constraint))
            }
            AlterConstraint { table, new, .. } => write!(f, "alter {} of `{table}`", Described(new)),
            RenameConstraint { table, from, to } => {
                write!(f, "rename constraint `{from}` of `{table}` to `{to}`")
            }
            CreateIndex { table, index } => write!(f, "create index `{}` on `{table}`", index.name),
            DropIndex { table, index } => write!(f, "drop index `{}` on `{table}`", index.name),
            AlterIndex { table, new, .. } => write!(f, "alter index `{}` on `{table}`", new.name),
            RenameIndex { table, from, to } => write!(f, "rename index `{from}` on `{table}` to `{to}`"),
            CreateEnum(ty) => write!(f, "create enum `{}`", ty.name),
            DropEnum(ty) => write!(f, "drop enum `{}`", ty.name),
            AddEnumValue { name, value, .. } => write!(f, "add value `{value}` to enum `{name}`"),
            RemoveEnumValue { name, value, .. } => write!(f, "remove value `{value}` from enum `{name}`"),
            RenameEnumValue { name, from, to } => {
                write!(f, "rename value `{from}` of enum `{name}` to `{to}`")
            }
            ReplaceEnum { new, .. } => write!(f, "replace enum `{}`", new.name),
            CreateDomain(domain) => write!(f, "create domain `{}`", domain.name),
            DropDomain(domain) => write!(f, "drop domain `{}`", domain.name),
            AlterDomain { new, .. } => write!(f, "alter domain `{}`", new.name),
            CreateComposite(ty) => write!(f, "create type `{}`", ty.name),
            DropComposite(ty) => write!(f, "drop type `{}`", ty.name),
            AlterComposite { new, .. } => write!(f, "alter type `{}`", new.name),
            RenameType { from, to } => write!(f, "rename type `{from}` to `{to}`"),
            CreateSequence(sequence) => write!(f, "create sequence `{}`", sequence.name),
            DropSequence(sequence) => write!(f, "drop sequence `{}`", sequence.name),
            AlterSequence { new, .. } => write!(f, "alter sequence `{}`", new.name),
            RenameSequence { from, to } => write!(f, "rename sequence `{from}` to `{to}`"),
            CreateView(view) => write!(f, "create {} `{}`", view_kind(view), view.name),
            DropView(view) => write!(f, "drop {} `{}`", view_kind(view), view.name),
            ReplaceView { new, .. } => write!(f, "replace {} `{}`", view_kind(new), new.name),
            RenameView { from, to } => write!(f, "rename view `{from}` to `{to}`"),
            CreateOpaque(object) => write!(f, "create {}", object.id),
            DropOpaque(object) => write!(f, "drop {}", object.id),
            ReplaceOpaque { old, .. } => write!(f, "replace {}", old.id),
        }
    }
}

fn view_kind(view: &View) -> &'static str {
    if view.materialized { "materialized view" } else { "view" }
}

/// ``foreign key `orders_user_id_fkey` ``, or ``foreign key (user_id)`` without a name.
struct Described<'a>(&'a Constraint);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &[schema_model::Name]| {
            names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let (kind, subject) = match &self.0.kind {
            ConstraintKind::PrimaryKey(key) => ("primary key", list(&key.columns)),
            ConstraintKind::Unique(key) => ("unique constraint", list(&key.columns)),
            ConstraintKind::ForeignKey(key) => ("foreign key", list(&key.columns)),
            ConstraintKind::Check(check) => ("check constraint", check.expr.to_string()),
            ConstraintKind::Exclude(exclude) => ("exclusion constraint", format!("using {}", exclude.method)),
        };
        match &self.0.name {
            Some(name) => write!(f, "{kind} `{name}`"),
            None => write!(f, "{kind} ({subject})"),
        }
    }
}
