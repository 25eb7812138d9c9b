//! A change between migrations and models as a finding: one sentence, the field, and the SQL that last shaped it.

use schema_core::change::Change;
use schema_core::diagnostic::Diagnostic;
use schema_core::dialect::canonical;
use schema_model::catalog::{Catalog, Column, ConstraintKind};
use schema_model::type_text::write_type;
use schema_model::{DialectKind, Name, ObjectName, Span};

/// What a finding is told in terms of.
pub struct Drift<'a> {
    /// The catalog that the migrations lead to.
    pub recorded: &'a Catalog,
    /// The catalog that the models ask for.
    pub declared: &'a Catalog,
    /// The newest version; `None` while there are no migrations.
    pub head: Option<String>,
    /// The database.
    pub dialect: DialectKind,
}

impl Drift<'_> {
    /// The finding for one change.
    pub fn diagnostic(&self, change: &Change) -> Diagnostic {
        let up_to = match &self.head {
            Some(head) => format!("no migration up to {head}"),
            None => "there is no migration that".to_owned(),
        };
        match change {
            Change::CreateTable(table) => {
                let message = format!("table `{}` is declared but {up_to} creates it", table.name);
                Diagnostic::error("drift/table-added", message)
                    .at(table.origin.0, "declared here")
                    .help(revision_help(&format!("add {}", table.name)))
            }
            Change::DropTable(table) => {
                let message =
                    format!("table `{}` is created by migrations but no model declares it", table.name);
                Diagnostic::error("drift/table-dropped", message).at(table.origin.0, "last shaped here").help(format!(
                    "declare it, list it under `unmanaged`, or drop it: `cargo schema revision -m \"drop {}\" --allow-data-loss \"…\"`",
                    table.name
                ))
            }
            Change::AddColumn { table, column, .. } => {
                let message = format!("column `{table}.{}` is declared but {up_to} adds it", column.name);
                Diagnostic::error("drift/column-added", message)
                    .at(column.origin.0, "declared here")
                    .see(self.recorded_table(table), "table last shaped here")
                    .help(revision_help(&format!("add {table}.{}", column.name)))
            }
            Change::DropColumn { table, column } => {
                let message =
                    format!("column `{table}.{}` is made by migrations but not declared", column.name);
                Diagnostic::error("drift/column-dropped", message)
                    .at(self.declared_table(table), "not declared here")
                    .see(column.origin.0, "column last shaped here")
                    .help(format!(
                        "declare it, list it under `unmanaged`, or drop it: `cargo schema revision -m \"drop {table}.{}\" --allow-data-loss \"…\"`",
                        column.name
                    ))
            }
            Change::AlterColumn { table, old, new } => {
                let message =
                    format!("column `{table}.{}` differs: {}", new.name, self.differences(old, new));
                Diagnostic::error("drift/column-changed", message)
                    .at(new.origin.0.or_else(|| self.declared_table(table)), "declared here")
                    .see(old.origin.0, "column last shaped here")
                    .help(revision_help(&format!("change {table}.{}", new.name)))
            }
            Change::RenameColumn { table, from, to } => {
                let message = format!(
                    "column `{table}.{from}` is renamed to `{to}` by the model, but {up_to} renames it"
                );
                Diagnostic::error("drift/column-renamed", message)
                    .at(self.declared_column(table, to), "declared here")
                    .see(self.recorded_column(table, from), "column last shaped here")
                    .help(revision_help(&format!("rename {table}.{from} to {to}")))
            }
            Change::RenameTable { from, to } => {
                let message =
                    format!("table `{from}` is renamed to `{to}` by the model, but {up_to} renames it");
                Diagnostic::error("drift/table-renamed", message)
                    .at(self.declared_table(to), "declared here")
                    .see(self.recorded_table(from), "table last shaped here")
                    .help(revision_help(&format!("rename {from} to {to}")))
            }
            Change::AddConstraint { table, constraint } => {
                self.missing(change, constraint.origin.0, table, &up_to)
            }
            Change::CreateIndex { table, index } => self.missing(change, index.origin.0, table, &up_to),
            Change::DropConstraint { table, constraint } => {
                let span = constraint_column(&constraint.kind);
                let at = span
                    .and_then(|column| self.declared_column(table, column))
                    .or_else(|| self.declared_table(table));
                self.extra(change, at, constraint.origin.0)
            }
            Change::DropIndex { table, index } => {
                self.extra(change, self.declared_table(table), index.origin.0)
            }
            Change::RenameConstraint { table, from, to } => self.named("constraint", table, from, to),
            Change::RenameIndex { table, from, to } => self.named("index", table, from, to),
            other => {
                let message = format!("models and migrations differ: the models ask to {other}");
                let (declared, recorded) = self.places(other);
                Diagnostic::error("drift/changed", message)
                    .at(declared, "declared here")
                    .see(recorded, "last shaped here")
                    .help(revision_help("describe the change"))
            }
        }
    }

    /// The same constraint or index under another name; a code of its own, since no row is treated otherwise.
    fn named(&self, what: &str, table: &ObjectName, from: &Name, to: &Name) -> Diagnostic {
        let place = |catalog: &Catalog, name: &Name| {
            let table = catalog.tables.get(table)?;
            let constraint = table.constraint(name.as_str()).map(|found| found.origin);
            constraint.or(table.index(name).map(|found| found.origin)).unwrap_or(table.origin).0
        };
        Diagnostic::error("drift/name", format!("{what} `{from}` of `{table}` is named `{to}` by the model"))
            .at(place(self.declared, to), "declared here")
            .see(place(self.recorded, from), "made here")
            .help(revision_help(&format!("rename {from} to {to}")))
    }

    /// Something of a table that is declared and that no migration makes.
    fn missing(
        &self,
        change: &Change,
        declared: Option<Span>,
        table: &ObjectName,
        up_to: &str,
    ) -> Diagnostic {
        let said = change.to_string();
        let what =
            said.trim_start_matches("add ").trim_start_matches("create ").replacen(" to `", " of `", 1);
        Diagnostic::error("drift/object-added", format!("{what} is declared but {up_to} makes it"))
            .at(declared.or_else(|| self.declared_table(table)), "declared here")
            .see(self.recorded_table(table), "table last shaped here")
            .help(revision_help(&said.replace('`', "")))
    }

    /// Something of a table that migrations make and that is not declared.
    fn extra(&self, change: &Change, declared: Option<Span>, recorded: Option<Span>) -> Diagnostic {
        let said = change.to_string();
        let what = said.trim_start_matches("drop ").replacen(" from `", " of `", 1);
        Diagnostic::error("drift/object-dropped", format!("{what} is made by migrations but not declared"))
            .at(declared, "not declared here")
            .see(recorded, "made here")
            .help(format!(
                "declare it, list it under `unmanaged`, or {}",
                revision_help(&said.replace('`', ""))
            ))
    }

    /// What differs between two states of a column, in words.
    fn differences(&self, old: &Column, new: &Column) -> String {
        let mut parts = Vec::new();
        let mut differ = |what: &str, old: String, new: String| {
            if old != new {
                parts.push(format!("{what} is {old} in migrations and {new} in the model"));
            }
        };
        let quoted =
            |text: Option<String>| text.map_or_else(|| "not set".to_owned(), |text| format!("`{text}`"));
        let canonical = |column: &Column| canonical::type_(&column.ty, self.dialect);
        if canonical(old) != canonical(new) {
            let spelled = |column: &Column| quoted(Some(write_type(&column.ty, self.dialect)));
            differ("type", spelled(old), spelled(new));
        }
        let null = |nullable: bool| if nullable { "nullable" } else { "NOT NULL" }.to_owned();
        differ("the column", null(old.nullable), null(new.nullable));
        let default = |column: &Column| quoted(column.default.as_ref().map(ToString::to_string));
        differ("default", default(old), default(new));
        let generated =
            |column: &Column| quoted(column.generated.as_ref().map(|generated| generated.expr.to_string()));
        differ("generation", generated(old), generated(new));
        let identity = |column: &Column| match &column.identity {
            Some(identity) if identity.always => "`always`".to_owned(),
            Some(_) => "`by default`".to_owned(),
            None => "not set".to_owned(),
        };
        differ("identity", identity(old), identity(new));
        differ(
            "collation",
            quoted(old.collation.as_ref().map(ToString::to_string)),
            quoted(new.collation.as_ref().map(ToString::to_string)),
        );
        differ("comment", quoted(old.comment.clone()), quoted(new.comment.clone()));
        if parts.is_empty() {
            return "in its options".to_owned();
        }
        parts.join("; ")
    }

    fn places(&self, change: &Change) -> (Option<Span>, Option<Span>) {
        match change {
            Change::CreateEnum(ty) => (ty.origin.0, None),
            Change::DropEnum(ty) => (None, ty.origin.0),
            Change::ReplaceEnum { old, new } => (new.origin.0, old.origin.0),
            Change::AddEnumValue { name, .. }
            | Change::RemoveEnumValue { name, .. }
            | Change::RenameEnumValue { name, .. } => {
                let origin = |catalog: &Catalog| catalog.enums.get(name).and_then(|ty| ty.origin.0);
                (origin(self.declared), origin(self.recorded))
            }
            Change::CreateDomain(domain) => (domain.origin.0, None),
            Change::DropDomain(domain) => (None, domain.origin.0),
            Change::AlterDomain { old, new } => (new.origin.0, old.origin.0),
            other => match other.table() {
                Some(table) => (self.declared_table(table), self.recorded_table(table)),
                None => (None, None),
            },
        }
    }

    fn declared_table(&self, name: &ObjectName) -> Option<Span> {
        self.declared.tables.get(name)?.origin.0
    }

    fn recorded_table(&self, name: &ObjectName) -> Option<Span> {
        self.recorded.tables.get(name)?.origin.0
    }

    fn declared_column(&self, table: &ObjectName, column: &Name) -> Option<Span> {
        self.declared.tables.get(table)?.column(column.as_str())?.origin.0
    }

    fn recorded_column(&self, table: &ObjectName, column: &Name) -> Option<Span> {
        self.recorded.tables.get(table)?.column(column.as_str())?.origin.0
    }
}

fn revision_help(message: &str) -> String {
    format!("run `cargo schema revision -m \"{}\"`", message.replace('"', "'"))
}

fn constraint_column(kind: &ConstraintKind) -> Option<&Name> {
    match kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => key.columns.first(),
        ConstraintKind::ForeignKey(key) => key.columns.first(),
        ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => None,
    }
}
