//! Enums, domains and composite types; range types, which are followed by name and text.

use std::collections::{BTreeSet, HashMap};

use schema_model::catalog::{
    Attribute, Catalog, Check, CompositeType, Constraint, ConstraintKind, Domain, EnumType, OpaqueId,
    OpaqueKind, OpaqueObject,
};
use schema_model::{Name, Origin};

use super::names::quoted;
use super::query::{Reader, USER_SCHEMA, comment, no_extension};
use super::text;
use crate::introspect::IntrospectError;

pub(super) fn read(reader: &mut Reader<'_, '_>, catalog: &mut Catalog) -> Result<(), IntrospectError> {
    enums(reader, catalog)?;
    domains(reader, catalog)?;
    composites(reader, catalog)?;
    ranges(reader, catalog)
}

fn enums(reader: &mut Reader<'_, '_>, catalog: &mut Catalog) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT n.nspname, t.typname, comment.description,
                ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace {comment}
         WHERE t.typtype = 'e' AND {USER_SCHEMA} AND {own}",
        comment = comment("pg_type", "t.oid", "0"),
        own = no_extension("pg_type", "t.oid"),
    );
    for row in reader.rows("enum types", &sql)? {
        let name = reader.names.object(&row.text("nspname")?, &row.text("typname")?);
        let ty = EnumType {
            name: name.clone(),
            values: row.at("labels")?,
            comment: row.maybe("description")?,
            origin: Origin::NONE,
        };
        catalog.enums.insert(name, ty);
    }
    Ok(())
}

fn domains(reader: &mut Reader<'_, '_>, catalog: &mut Catalog) -> Result<(), IntrospectError> {
    let mut checks = domain_checks(reader)?;
    let sql = format!(
        "SELECT t.oid, n.nspname, t.typname, comment.description, t.typnotnull,
                format_type(t.typbasetype, t.typtypmod) AS base, bn.nspname AS base_schema,
                coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault) AS default_value,
                col.collname, cn.nspname AS coll_schema
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
         JOIN pg_type b ON b.oid = t.typbasetype
         LEFT JOIN pg_type be ON be.oid = b.typelem AND b.typcategory = 'A'
         JOIN pg_namespace bn ON bn.oid = coalesce(be.typnamespace, b.typnamespace)
         LEFT JOIN pg_collation col ON col.oid = t.typcollation AND t.typcollation <> b.typcollation
         LEFT JOIN pg_namespace cn ON cn.oid = col.collnamespace {comment}
         WHERE t.typtype = 'd' AND {USER_SCHEMA} AND {own}",
        comment = comment("pg_type", "t.oid", "0"),
        own = no_extension("pg_type", "t.oid"),
    );
    for row in reader.rows("domains", &sql)? {
        let name = reader.names.object(&row.text("nspname")?, &row.text("typname")?);
        let base = reader.names.column_type(&row.text("base")?, row.maybe("base_schema")?.as_deref());
        let domain = Domain {
            name: name.clone(),
            base,
            nullable: !row.flag("typnotnull")?,
            default: row.maybe("default_value")?.map(|default| text::expr(&default)),
            collation: reader.names.collation(row.maybe("coll_schema")?, row.maybe("collname")?),
            checks: checks.remove(&row.oid("oid")?).unwrap_or_default(),
            comment: row.maybe("description")?,
            origin: Origin::NONE,
        };
        catalog.domains.insert(name, domain);
    }
    Ok(())
}

fn domain_checks(reader: &mut Reader<'_, '_>) -> Result<HashMap<u32, Vec<Constraint>>, IntrospectError> {
    let sql = format!(
        "SELECT c.contypid, c.conname, c.convalidated, comment.description, pg_get_expr(c.conbin, 0) AS condition
         FROM pg_constraint c {} WHERE c.contypid <> 0 AND c.contype = 'c' ORDER BY c.oid",
        comment("pg_constraint", "c.oid", "0"),
    );
    let mut checks: HashMap<u32, Vec<Constraint>> = HashMap::new();
    for row in reader.rows("domain constraints", &sql)? {
        let check = Check { expr: text::expr(&row.text("condition")?), no_inherit: false };
        let name = Some(Name::new(row.text("conname")?));
        let mut constraint = Constraint::new(name, ConstraintKind::Check(check));
        constraint.validated = row.flag("convalidated")?;
        constraint.comment = row.maybe("description")?;
        checks.entry(row.oid("contypid")?).or_default().push(constraint);
    }
    Ok(checks)
}

fn composites(reader: &mut Reader<'_, '_>, catalog: &mut Catalog) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT n.nspname, c.relname, comment.description, a.attname, noted.description AS attribute_comment,
                format_type(a.atttypid, a.atttypmod) AS type, tn.nspname AS type_schema,
                col.collname, cn.nspname AS coll_schema, col_description(c.oid, a.attnum) AS attribute_comment
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type own ON own.oid = c.reltype
         LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         LEFT JOIN pg_type t ON t.oid = a.atttypid
         LEFT JOIN pg_type te ON te.oid = t.typelem AND t.typcategory = 'A'
         LEFT JOIN pg_namespace tn ON tn.oid = coalesce(te.typnamespace, t.typnamespace)
         LEFT JOIN pg_collation col ON col.oid = a.attcollation AND a.attcollation <> t.typcollation
         LEFT JOIN pg_namespace cn ON cn.oid = col.collnamespace
         LEFT JOIN pg_description noted ON noted.classoid = 'pg_class'::regclass AND noted.objoid = c.oid
              AND noted.objsubid = a.attnum {comment}
         WHERE c.relkind = 'c' AND {USER_SCHEMA} AND {own}
         ORDER BY c.oid, a.attnum",
        comment = comment("pg_type", "own.oid", "0"),
        own = no_extension("pg_type", "own.oid"),
    );
    for row in reader.rows("composite types", &sql)? {
        let name = reader.names.object(&row.text("nspname")?, &row.text("relname")?);
        let comment = row.maybe("description")?;
        let ty = catalog.composites.entry(name.clone()).or_insert_with(|| CompositeType {
            name,
            attributes: Vec::new(),
            comment,
            origin: Origin::NONE,
        });
        if let Some(attribute) = row.maybe("attname")? {
            ty.attributes.push(Attribute {
                name: Name::new(attribute),
                ty: reader.names.column_type(&row.text("type")?, row.maybe("type_schema")?.as_deref()),
                collation: reader.names.collation(row.maybe("coll_schema")?, row.maybe("collname")?),
                comment: row.maybe("attribute_comment")?,
            });
        }
    }
    Ok(())
}

fn ranges(reader: &mut Reader<'_, '_>, catalog: &mut Catalog) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT n.nspname, t.typname, comment.description,
                concat_ws(', ', 'subtype = ' || format_type(r.rngsubtype, NULL),
                    CASE WHEN NOT o.opcdefault THEN 'subtype_opclass = ' || quote_ident(o.opcname) END,
                    CASE WHEN r.rngcollation <> s.typcollation THEN 'collation = ' || r.rngcollation::regcollation END,
                    CASE WHEN r.rngcanonical <> 0 THEN 'canonical = ' || r.rngcanonical::regproc END,
                    CASE WHEN r.rngsubdiff <> 0 THEN 'subtype_diff = ' || r.rngsubdiff::regproc END,
                    'multirange_type_name = ' || r.rngmultitypid::regtype) AS definition
         FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace
         JOIN pg_type s ON s.oid = r.rngsubtype JOIN pg_opclass o ON o.oid = r.rngsubopc {comment}
         WHERE {USER_SCHEMA} AND {own}",
        comment = comment("pg_type", "t.oid", "0"),
        own = no_extension("pg_type", "t.oid"),
    );
    for row in reader.rows("range types", &sql)? {
        let name = reader.names.object(&row.text("nspname")?, &row.text("typname")?);
        let id = OpaqueId { kind: OpaqueKind::Type, name: name.clone(), arguments: String::new(), on: None };
        let object = OpaqueObject {
            id: id.clone(),
            definition: format!("CREATE TYPE {} AS RANGE ({})", quoted(&name), row.text("definition")?),
            amendments: Vec::new(),
            touches: BTreeSet::new(),
            comment: row.maybe("description")?,
            origin: Origin::NONE,
        };
        catalog.opaque.insert(id, object);
    }
    Ok(())
}
