//! `CREATE TRIGGER`: name, table and text.

use schema_model::ObjectName;
use schema_model::catalog::{Catalog, OpaqueId, OpaqueKind, OpaqueObject};

use super::create::touched;
use super::cursor::Cursor;
use super::stored_text;
use crate::sql::cursor::{Read, Spelled};

pub(super) struct CreateTrigger {
    pub name: Spelled,
    pub if_not_exists: bool,
    pub table: Spelled,
    pub definition: String,
}

/// What follows `CREATE [TEMP] TRIGGER`.
pub(super) fn create_trigger(cursor: &mut Cursor<'_>) -> Read<CreateTrigger> {
    let if_not_exists = cursor.take(&["IF", "NOT", "EXISTS"]);
    let start = cursor.position();
    let name = cursor.object()?;
    // `sqlite_schema` keeps the text from the bare name on.
    let bare = if name.schema.is_some() { start + 2 } else { start };
    let definition = stored_text("CREATE TRIGGER", cursor, bare);
    while !cursor.at_end() && !cursor.is_word(0, "ON") {
        cursor.advance();
    }
    cursor.expect(&["ON"])?;
    Ok(CreateTrigger { name, if_not_exists, table: cursor.object()?, definition })
}

/// The trigger as the catalog keeps it.
pub(super) fn settle(
    catalog: &Catalog,
    definition: String,
    name: ObjectName,
    table: ObjectName,
    cursor: &Cursor<'_>,
) -> OpaqueObject {
    OpaqueObject {
        id: OpaqueId { kind: OpaqueKind::Trigger, name, arguments: String::new(), on: Some(table) },
        touches: touched(catalog, &definition),
        definition,
        amendments: Vec::new(),
        comment: None,
        origin: cursor.origin(0, cursor.len()),
    }
}

/// The trigger that a stored `CREATE TRIGGER` text stands for.
#[cfg(feature = "sqlite")]
pub(crate) fn trigger_from_text(catalog: &Catalog, text: &str) -> Read<OpaqueObject> {
    let mut cursor = Cursor::new(text, super::NOWHERE);
    cursor.expect(&["CREATE"])?;
    let _ = cursor.take(&["TEMP"]) || cursor.take(&["TEMPORARY"]);
    cursor.expect(&["TRIGGER"])?;
    let read = create_trigger(&mut cursor)?;
    let name = ObjectName::bare(read.name.name);
    let table = super::query::spelled(catalog, &read.table.name);
    let mut object = settle(catalog, read.definition, name, table, &cursor);
    object.origin = schema_model::Origin::NONE;
    Ok(object)
}
