//! A constraint's text.

use schema_model::catalog::{
    Check, Constraint, ConstraintKind, Deferrable, Exclude, ForeignKey, Key, ReferentialAction,
};
use schema_model::{Name, ObjectName};

use super::{PG, index};
use crate::dialect::SqlWriter;

/// `CONSTRAINT name …`, as it stands in `CREATE TABLE` and after `ADD`.
pub(super) fn definition(constraint: &Constraint) -> String {
    let writer = match &constraint.name {
        Some(name) => SqlWriter::start(PG, "CONSTRAINT").name(name),
        None => SqlWriter::new(PG),
    };
    let writer = match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => self::key(writer.sql("PRIMARY KEY"), key),
        ConstraintKind::Unique(key) => {
            self::key(writer.sql("UNIQUE").when(key.nulls_not_distinct, "NULLS NOT DISTINCT"), key)
        }
        ConstraintKind::ForeignKey(key) => foreign_key(writer, key),
        ConstraintKind::Check(check) => self::check(writer, check),
        ConstraintKind::Exclude(exclude) => self::exclude(writer, exclude),
    };
    writer.maybe("", deferrable(constraint.deferrable)).finish()
}

/// The same, `NOT VALID` added where rows are not to be looked at.
pub(super) fn added(table: &ObjectName, constraint: &Constraint) -> String {
    SqlWriter::start(PG, "ALTER TABLE")
        .object(table)
        .sql("ADD")
        .sql(definition(constraint))
        .when(!constraint.validated, "NOT VALID")
        .finish()
}

/// `ALTER TABLE … DROP CONSTRAINT`.
pub(super) fn dropped(table: &ObjectName, name: &Name) -> String {
    SqlWriter::start(PG, "ALTER TABLE").object(table).sql("DROP CONSTRAINT").name(name).finish()
}

fn key(writer: SqlWriter, key: &Key) -> SqlWriter {
    let writer = writer.names(&key.columns);
    let writer = if key.include.is_empty() { writer } else { writer.sql("INCLUDE").names(&key.include) };
    writer.maybe("", key.suffix.as_deref())
}

fn foreign_key(writer: SqlWriter, key: &ForeignKey) -> SqlWriter {
    let writer = writer.sql("FOREIGN KEY").names(&key.columns).sql("REFERENCES").object(&key.table);
    let writer = if key.referenced.is_empty() { writer } else { writer.names(&key.referenced) };
    let action = |action: ReferentialAction| (action != ReferentialAction::NoAction).then(|| action.as_sql());
    let writer = writer
        .when(key.match_full, "MATCH FULL")
        .maybe("ON UPDATE", action(key.on_update))
        .maybe("ON DELETE", action(key.on_delete));
    if key.on_delete_columns.is_empty() { writer } else { writer.names(&key.on_delete_columns) }
}

fn check(writer: SqlWriter, check: &Check) -> SqlWriter {
    writer.sql("CHECK").parens(&check.expr).when(check.no_inherit, "NO INHERIT")
}

fn exclude(writer: SqlWriter, exclude: &Exclude) -> SqlWriter {
    let part = |part: &schema_model::catalog::ExcludePart| {
        format!("{} WITH {}", index::part(&part.part), part.operator)
    };
    let writer = writer.sql("EXCLUDE USING").name(&exclude.method).list(exclude.parts.iter().map(part));
    let writer =
        if exclude.include.is_empty() { writer } else { writer.sql("INCLUDE").names(&exclude.include) };
    writer.maybe("WHERE", exclude.predicate.as_ref().map(|expr| format!("({expr})")))
}

pub(super) fn deferrable(deferrable: Deferrable) -> Option<&'static str> {
    match deferrable {
        Deferrable::No => None,
        Deferrable::Immediate => Some("DEFERRABLE"),
        Deferrable::Deferred => Some("DEFERRABLE INITIALLY DEFERRED"),
    }
}
