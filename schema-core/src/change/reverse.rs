//! The change that undoes a change. What data was lost stays lost: this is about the catalog.

use super::Change;

impl Change {
    /// The change back. `reverse` of a dropped column adds it at the end, where databases add columns.
    pub fn reverse(&self) -> Change {
        use Change::*;
        match self.clone() {
            CreateSchema(schema) => DropSchema(schema),
            DropSchema(schema) => CreateSchema(schema),
            AlterSchema { old, new } => AlterSchema { old: new, new: old },
            RenameSchema { from, to } => RenameSchema { from: to, to: from },
            CreateExtension(extension) => DropExtension(extension),
            DropExtension(extension) => CreateExtension(extension),
            AlterExtension { old, new } => AlterExtension { old: new, new: old },
            CreateTable(table) => DropTable(table),
            DropTable(table) => CreateTable(table),
            RenameTable { from, to } => RenameTable { from: to, to: from },
            AlterTable { table, old, new } => AlterTable { table, old: new, new: old },
            AddColumn { table, column, .. } => DropColumn { table, column },
            DropColumn { table, column } => AddColumn { table, column, position: None },
            AlterColumn { table, old, new } => AlterColumn { table, old: new, new: old },
            RenameColumn { table, from, to } => RenameColumn { table, from: to, to: from },
            AddConstraint { table, constraint } => DropConstraint { table, constraint },
            DropConstraint { table, constraint } => AddConstraint { table, constraint },
            AlterConstraint { table, old, new } => AlterConstraint { table, old: new, new: old },
            RenameConstraint { table, from, to } => RenameConstraint { table, from: to, to: from },
            CreateIndex { table, index } => DropIndex { table, index },
            DropIndex { table, index } => CreateIndex { table, index },
            AlterIndex { table, old, new } => AlterIndex { table, old: new, new: old },
            RenameIndex { table, from, to } => RenameIndex { table, from: to, to: from },
            CreateEnum(ty) => DropEnum(ty),
            DropEnum(ty) => CreateEnum(ty),
            AddEnumValue { name, value, before } => RemoveEnumValue { name, value, before },
            RemoveEnumValue { name, value, before } => AddEnumValue { name, value, before },
            RenameEnumValue { name, from, to } => RenameEnumValue { name, from: to, to: from },
            ReplaceEnum { old, new } => ReplaceEnum { old: new, new: old },
            CreateDomain(domain) => DropDomain(domain),
            DropDomain(domain) => CreateDomain(domain),
            AlterDomain { old, new } => AlterDomain { old: new, new: old },
            CreateComposite(ty) => DropComposite(ty),
            DropComposite(ty) => CreateComposite(ty),
            AlterComposite { old, new } => AlterComposite { old: new, new: old },
            RenameType { from, to } => RenameType { from: to, to: from },
            CreateSequence(sequence) => DropSequence(sequence),
            DropSequence(sequence) => CreateSequence(sequence),
            AlterSequence { old, new } => AlterSequence { old: new, new: old },
            RenameSequence { from, to } => RenameSequence { from: to, to: from },
            CreateView(view) => DropView(view),
            DropView(view) => CreateView(view),
            ReplaceView { old, new } => ReplaceView { old: new, new: old },
            RenameView { from, to } => RenameView { from: to, to: from },
            CreateOpaque(object) => DropOpaque(object),
            DropOpaque(object) => CreateOpaque(object),
            ReplaceOpaque { old, new } => ReplaceOpaque { old: new, new: old },
        }
    }
}
