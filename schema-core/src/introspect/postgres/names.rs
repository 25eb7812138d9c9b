//! Names of the server as the catalog's names.

use schema_model::catalog::ColumnType;
use schema_model::type_text::{argument_type, read_type, write_type};
use schema_model::{DialectKind, Name, ObjectName, ident};

/// The connection's default schema and the server's version.
pub(super) struct Names {
    pub(super) default: String,
    /// `server_version_num`.
    pub(super) version: i32,
}

impl Names {
    pub(super) fn schema(&self, schema: &str) -> Option<Name> {
        (schema != self.default).then(|| Name::new(schema))
    }

    pub(super) fn object(&self, schema: &str, name: &str) -> ObjectName {
        ObjectName { schema: self.schema(schema), name: Name::new(name) }
    }

    /// The collation of a column or index part; those of the system are known without their schema.
    pub(super) fn collation(&self, schema: Option<String>, name: Option<String>) -> Option<ObjectName> {
        let (schema, name) = (schema?, name?);
        Some(if schema == "pg_catalog" { ObjectName::bare(name) } else { self.object(&schema, &name) })
    }

    /// A type as `format_type` prints it; `schema` is where it, or its element type, lives.
    pub(super) fn column_type(&self, text: &str, schema: Option<&str>) -> ColumnType {
        let mut ty = read_type(text, DialectKind::Postgres);
        if let (Some(name), Some(schema)) = (ty.user_type_mut(), schema) {
            name.schema = self.schema(schema);
        }
        ty
    }

    /// A list of types, as a routine's identity has it.
    pub(super) fn arguments(&self, types: &[String]) -> String {
        let canonical = types.iter().map(|text| {
            write_type(&argument_type(&read_type(text, DialectKind::Postgres)), DialectKind::Postgres)
        });
        canonical.collect::<Vec<_>>().join(", ")
    }
}

/// The name as SQL spells it.
pub(super) fn quoted(name: &ObjectName) -> String {
    ident::quote_object(name, DialectKind::Postgres)
}

/// One identifier as SQL spells it.
pub(super) fn quoted_name(name: &str) -> String {
    ident::quote(&Name::new(name), DialectKind::Postgres)
}
