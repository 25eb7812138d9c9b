//! Enums, domains, composite types, as text.

use schema_model::ObjectName;
use schema_model::catalog::{Attribute, CompositeType, Constraint, Domain, EnumType};
use schema_model::ident::{quote_object, quote_string};
use schema_model::type_text::write_type;

use super::expr::default_text;
use super::{PG, comment, constraint};
use crate::dialect::SqlWriter;

/// `CREATE TYPE … AS ENUM`.
pub(super) fn create_enum(ty: &EnumType) -> String {
    SqlWriter::start(PG, "CREATE TYPE")
        .object(&ty.name)
        .sql("AS ENUM")
        .list(ty.values.iter().map(|value| quote_string(value, PG)))
        .finish()
}

/// `ALTER TYPE … ADD VALUE`.
pub(super) fn add_value(name: &ObjectName, value: &str, before: Option<&str>) -> String {
    SqlWriter::start(PG, "ALTER TYPE")
        .object(name)
        .sql("ADD VALUE")
        .string(value)
        .maybe("BEFORE", before.map(|before| quote_string(before, PG)))
        .finish()
}

/// `ALTER TYPE … RENAME VALUE`.
pub(super) fn rename_value(name: &ObjectName, from: &str, to: &str) -> String {
    SqlWriter::start(PG, "ALTER TYPE")
        .object(name)
        .sql("RENAME VALUE")
        .string(from)
        .sql("TO")
        .string(to)
        .finish()
}

/// A new domain with everything said about it.
pub(super) fn created_domain(domain: &Domain) -> Vec<String> {
    let mut steps = vec![create_domain(domain)];
    steps.extend(domain.checks.iter().filter(|check| !check.validated).map(|check| add_check(domain, check)));
    steps.extend(comment::changed(&comment::object("DOMAIN", &domain.name), None, domain.comment.as_ref()));
    steps.extend(domain.checks.iter().filter_map(|check| check_comment(domain, check, None)));
    steps
}

/// `CREATE DOMAIN`; constraints not validated yet are left out.
fn create_domain(domain: &Domain) -> String {
    let writer = SqlWriter::start(PG, "CREATE DOMAIN")
        .object(&domain.name)
        .sql("AS")
        .sql(write_type(&domain.base, PG))
        .maybe("COLLATE", domain.collation.as_ref().map(|name| quote_object(name, PG)))
        .maybe("DEFAULT", domain.default.as_ref().map(default_text))
        .when(!domain.nullable, "NOT NULL");
    let checks = domain.checks.iter().filter(|check| check.validated);
    checks.fold(writer, |writer, check| writer.sql(constraint::definition(check))).finish()
}

/// What goes from the old domain to the new one, base type and collation being equal.
pub(super) fn alter_domain(old: &Domain, new: &Domain) -> Vec<String> {
    let alter = || SqlWriter::start(PG, "ALTER DOMAIN").object(&new.name);
    let mut out = Vec::new();
    for gone in old.checks.iter().filter(|check| !kept(check, &new.checks)) {
        if let Some(name) = &gone.name {
            out.push(alter().sql("DROP CONSTRAINT").name(name).finish());
        }
    }
    if old.default != new.default {
        out.push(match &new.default {
            Some(expr) => alter().sql("SET DEFAULT").sql(default_text(expr)).finish(),
            None => alter().sql("DROP DEFAULT").finish(),
        });
    }
    if old.nullable != new.nullable {
        out.push(alter().sql(if new.nullable { "DROP NOT NULL" } else { "SET NOT NULL" }).finish());
    }
    for check in &new.checks {
        let known = old.checks.iter().find(|old| old.name == check.name && old.kind == check.kind);
        match (known, &check.name) {
            (Some(known), Some(name)) if !known.validated && check.validated => {
                out.push(alter().sql("VALIDATE CONSTRAINT").name(name).finish());
            }
            (Some(known), _) if known.validated == check.validated => {}
            _ => out.push(add_check(new, check)),
        }
        let before = known.filter(|known| kept(known, &new.checks)).and_then(|known| known.comment.as_ref());
        out.extend(check_comment(new, check, before));
    }
    out
}

/// The comment of a domain's check, where it is another than before.
fn check_comment(domain: &Domain, check: &Constraint, before: Option<&String>) -> Option<String> {
    let name = schema_model::ident::quote(check.name.as_ref()?, PG);
    let what = format!("CONSTRAINT {name} ON DOMAIN {}", quote_object(&domain.name, PG));
    comment::changed(&what, before, check.comment.as_ref())
}

fn kept(check: &Constraint, new: &[Constraint]) -> bool {
    new.iter().any(|other| {
        other.name == check.name && other.kind == check.kind && (other.validated || !check.validated)
    })
}

/// `ALTER DOMAIN … ADD CONSTRAINT`.
fn add_check(domain: &Domain, check: &Constraint) -> String {
    SqlWriter::start(PG, "ALTER DOMAIN")
        .object(&domain.name)
        .sql("ADD")
        .sql(constraint::definition(check))
        .when(!check.validated, "NOT VALID")
        .finish()
}

/// `CREATE TYPE … AS (…)`.
pub(super) fn create_composite(ty: &CompositeType) -> String {
    SqlWriter::start(PG, "CREATE TYPE")
        .object(&ty.name)
        .sql("AS")
        .list(ty.attributes.iter().map(attribute))
        .finish()
}

fn attribute(attribute: &Attribute) -> String {
    SqlWriter::new(PG)
        .name(&attribute.name)
        .sql(write_type(&attribute.ty, PG))
        .maybe("COLLATE", attribute.collation.as_ref().map(|name| quote_object(name, PG)))
        .finish()
}

/// What `ALTER TYPE` can do to get to the new attributes; `None` when their order is in the way.
pub(super) fn alter_composite(old: &CompositeType, new: &CompositeType) -> Option<Vec<String>> {
    let alter = || SqlWriter::start(PG, "ALTER TYPE").object(&new.name);
    let find = |list: &[Attribute], wanted: &Attribute| {
        list.iter().position(|attribute| attribute.name == wanted.name)
    };
    let stays: Vec<_> =
        old.attributes.iter().filter_map(|attribute| find(&new.attributes, attribute)).collect();
    if stays.iter().enumerate().any(|(at, position)| at != *position) {
        return None;
    }
    let mut out = Vec::new();
    for gone in old.attributes.iter().filter(|attribute| find(&new.attributes, attribute).is_none()) {
        out.push(alter().sql("DROP ATTRIBUTE").name(&gone.name).finish());
    }
    for wanted in &new.attributes {
        match find(&old.attributes, wanted).map(|at| &old.attributes[at]) {
            None => out.push(alter().sql("ADD ATTRIBUTE").sql(attribute(wanted)).finish()),
            Some(known) if known.holds_like(wanted) => {}
            Some(_) => out.push(
                alter()
                    .sql("ALTER ATTRIBUTE")
                    .name(&wanted.name)
                    .sql("TYPE")
                    .sql(write_type(&wanted.ty, PG))
                    .maybe("COLLATE", wanted.collation.as_ref().map(|name| quote_object(name, PG)))
                    .finish(),
            ),
        }
    }
    Some(out)
}
