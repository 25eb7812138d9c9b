//! Operator classes as index parts have them: the schema in front, parameters behind.

use schema_model::catalog::{IndexPart, OpaqueId, OpaqueKind};
use schema_model::ident::quote_object;
use schema_model::token::TokenKind;
use schema_model::{DialectKind, FileId, Name, ObjectName, Span};

use super::table::storage_parameter;
use crate::sql::cursor::{Cursor, Read, Spelled, code_tokens};
use crate::sql::replay::Replayer;

/// `name`, `schema.name`, `name (parameter = value)`; a schema that everyone finds is left out.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Read<String> {
    let spelled = cursor.object()?;
    let everywhere =
        spelled.schema.as_ref().is_some_and(|schema| matches!(schema.as_str(), "pg_catalog" | "public"));
    let name = ObjectName { schema: spelled.schema.filter(|_| !everywhere), name: spelled.name };
    let name = quote_object(&name, DialectKind::Postgres);
    if !cursor.is_punct("(") {
        return Ok(name);
    }
    let mut parameters = Vec::new();
    for mut item in cursor.group()?.items() {
        let (parameter, value) = storage_parameter(&mut item)?;
        parameters.push(format!("{parameter}='{value}'"));
    }
    Ok(format!("{name}({})", parameters.join(", ")))
}

/// Puts the schema in front that the search path finds the class in.
pub(super) fn settle(replayer: &Replayer, part: &mut IndexPart) {
    let Some(text) = &part.opclass else { return };
    let Some(name) = name(text).filter(|name| name.schema.is_none()) else { return };
    let span = Span::new(FileId(0), 0, 0);
    let spelled = Spelled { schema: None, name: name.name.clone(), span };
    let own = |name: &ObjectName| replayer.catalog().opaque.contains_key(&id(name));
    let found = replayer.candidates(&spelled).into_iter().find(own).or_else(|| {
        let extension = replayer.catalog().extensions.get(&Name::new(extension(name.name.as_str())?))?;
        Some(ObjectName { schema: extension.schema.clone(), name: name.name.clone() })
    });
    if let Some(schema) = found.and_then(|found| found.schema).filter(|schema| *schema != "public") {
        let schema = schema_model::ident::quote(&schema, DialectKind::Postgres);
        part.opclass = Some(format!("{schema}.{text}"));
    }
}

/// What an index part's operator class is called, its parameters left out.
pub(crate) fn name(opclass: &str) -> Option<ObjectName> {
    let tokens = code_tokens(opclass, DialectKind::Postgres);
    let word = |at: usize| {
        let token = tokens.get(at)?;
        let name = matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
        name.then(|| Name::new(schema_model::ident::fold(token.text(opclass), DialectKind::Postgres)))
    };
    let first = word(0)?;
    let dotted = tokens.get(1).is_some_and(|token| token.text(opclass) == ".");
    match word(2).filter(|_| dotted) {
        Some(name) => Some(ObjectName { schema: Some(first), name }),
        None => Some(ObjectName { schema: None, name: first }),
    }
}

/// The identity of an operator class that the schema defines.
pub(crate) fn id(name: &ObjectName) -> OpaqueId {
    OpaqueId { kind: OpaqueKind::OperatorClass, name: name.clone(), arguments: String::new(), on: None }
}

/// The extension that an operator class comes with, as far as names tell (PostgreSQL manual, appendix F; the manuals of
/// pgvector and PostGIS). Classes that are the default of their type are never written.
pub(super) fn extension(class: &str) -> Option<&'static str> {
    const VECTOR: [&str; 4] = ["vector_", "halfvec_", "sparsevec_", "bit_"];
    Some(match class {
        "gin_trgm_ops" | "gist_trgm_ops" => "pg_trgm",
        "gist__int_ops" | "gist__intbig_ops" | "gin__int_ops" => "intarray",
        "citext_pattern_ops" => "citext",
        "gin_bigm_ops" => "pg_bigm",
        _ if class.contains("_geometry_") || class.contains("_geography_") => "postgis",
        _ if class.ends_with("_ops") && VECTOR.iter().any(|start| class.starts_with(start)) => match class {
            "bit_ops" => return None,
            _ => "vector",
        },
        _ => return None,
    })
}
