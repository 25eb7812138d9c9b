//! Schemas and extensions.

use schema_model::Name;
use schema_model::Origin;
use schema_model::catalog::{Catalog, Extension, Schema};

use super::query::{Reader, USER_SCHEMA, comment, no_extension};
use crate::introspect::IntrospectError;

pub(super) fn read(reader: &mut Reader<'_, '_>, catalog: &mut Catalog) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT n.nspname, comment.description FROM pg_namespace n {comment}
         WHERE {USER_SCHEMA} AND (n.nspname <> 'public' OR comment.description <> '{default}') AND {own}",
        default = Schema::DEFAULT_COMMENT,
        comment = comment("pg_namespace", "n.oid", "0"),
        own = no_extension("pg_namespace", "n.oid"),
    );
    for row in reader.rows("schemas", &sql)? {
        let name = row.text("nspname")?;
        if let Some(name) = reader.names.schema(&name).or_else(|| (name == "public").then(|| Name::new(name)))
        {
            let schema =
                Schema { name: name.clone(), comment: row.maybe("description")?, origin: Origin::NONE };
            catalog.schemas.insert(name, schema);
        }
    }
    extensions(reader, catalog)
}

fn extensions(reader: &mut Reader<'_, '_>, catalog: &mut Catalog) -> Result<(), IntrospectError> {
    // An extension's control file gives it a comment, which is not the schema author's.
    let sql = format!(
        "SELECT e.extname, n.nspname, nullif(comment.description, a.comment) AS description
         FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
         LEFT JOIN pg_available_extensions() a ON a.name = e.extname {}
         WHERE e.extname <> 'plpgsql'",
        comment("pg_extension", "e.oid", "0"),
    );
    for row in reader.rows("extensions", &sql)? {
        let name = Name::new(row.text("extname")?);
        let extension = Extension {
            name: name.clone(),
            schema: reader.names.schema(&row.text("nspname")?),
            version: None,
            comment: row.maybe("description")?,
            origin: Origin::NONE,
        };
        catalog.extensions.insert(name, extension);
    }
    Ok(())
}
