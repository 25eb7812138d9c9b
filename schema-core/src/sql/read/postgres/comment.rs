//! `COMMENT ON`.

use schema_model::catalog::{Column, Constraint, Schema};
use schema_model::{Name, ObjectName};

use super::{inherit, opaque};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read, ReadError, Spelled};
use crate::sql::relations::RelationKind;
use crate::sql::replay::Replayer;

/// From after `COMMENT ON` on.
pub(super) fn comment(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let start = *cursor;
    let kinds = [
        "table",
        "foreign table",
        "view",
        "materialized view",
        "column",
        "index",
        "sequence",
        "type",
        "domain",
        "schema",
        "extension",
        "constraint",
    ];
    match cursor.accept_any(&kinds) {
        Some("table" | "foreign table" | "view" | "materialized view" | "index" | "sequence") => {
            relation(replayer, cursor)
        }
        Some("column") => column(replayer, cursor),
        Some("type" | "domain") => of_type(replayer, cursor),
        Some("schema") => schema(replayer, cursor),
        Some("extension") => extension(replayer, cursor),
        Some(_) => constraint(replayer, cursor),
        None => {
            *cursor = start;
            opaque::comment(replayer, cursor)
        }
    }
}

/// `IS 'text'` or `IS NULL`; an empty text takes a comment away too.
pub(super) fn text(cursor: &mut Cursor<'_>) -> Read<Option<String>> {
    cursor.expect("is")?;
    let text = if cursor.accept("null") { None } else { Some(cursor.string()?) };
    cursor.expect_done()?;
    Ok(text.filter(|text| !text.is_empty()))
}

fn relation(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let spelled = cursor.object()?;
    let text = text(cursor)?;
    let Some(relation) = replayer.find_relation(&spelled).cloned() else {
        return Err(replayer.no_such(&spelled, "relation"));
    };
    let name = &relation.name;
    let catalog = replayer.catalog();
    match (relation.kind, &relation.table) {
        (RelationKind::Table, _) => inherit::set_options(replayer, name, |options| options.comment = text),
        (RelationKind::View | RelationKind::MaterializedView, _) => {
            let Some(old) = catalog.views.get(name).cloned() else { return Ok(()) };
            let mut new = old.clone();
            new.comment = text;
            emit_if(replayer, new != old, Change::ReplaceView { old: Box::new(old), new: Box::new(new) })
        }
        (RelationKind::Sequence, _) => {
            let Some(old) = catalog.sequences.get(name).cloned() else { return Ok(()) };
            let mut new = old.clone();
            new.comment = text;
            emit_if(replayer, new != old, Change::AlterSequence { old: Box::new(old), new: Box::new(new) })
        }
        (RelationKind::Index, Some(table)) => {
            let indexes = match catalog.tables.get(table) {
                Some(table) => &table.indexes,
                None => match catalog.views.get(table) {
                    Some(view) => &view.indexes,
                    None => return Ok(()),
                },
            };
            let Some(old) = indexes.iter().find(|index| index.name == name.name).cloned() else {
                return Ok(());
            };
            let mut new = old.clone();
            new.comment = text;
            let (table, changed) = (table.clone(), new != old);
            emit_if(replayer, changed, Change::AlterIndex { table, old: Box::new(old), new: Box::new(new) })
        }
        _ => Ok(()),
    }
}

fn emit_if(replayer: &mut Replayer, changed: bool, change: Change) -> Read<()> {
    if changed { replayer.emit(change) } else { Ok(()) }
}

/// `[schema.]relation.column`.
fn column(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let start = cursor.position();
    let mut parts = vec![cursor.name()?];
    while cursor.accept_punct(".") {
        parts.push(cursor.name()?);
    }
    let span = cursor.span_since(start);
    let (Some(column), Some(name)) = (parts.pop(), parts.pop()) else {
        return Err(cursor.unknown("expected `table.column`"));
    };
    let text = text(cursor)?;
    let spelled = Spelled { schema: parts.pop(), name, span };
    let Some(relation) = replayer.find_relation(&spelled).cloned() else {
        return Err(replayer.no_such(&spelled, "relation"));
    };
    match relation.kind {
        RelationKind::View | RelationKind::MaterializedView => {
            return view_column(replayer, &relation.name, &column, text);
        }
        RelationKind::Composite => return attribute(replayer, &relation.name, &column, text),
        _ => {}
    }
    let known = replayer.known_table(&relation.name)?.column(column.as_str()).cloned();
    let Some(old) = known else {
        return Err(replayer.refused(format!("column `{}.{column}` does not exist", relation.name)));
    };
    let new = Column { comment: text, ..old.clone() };
    let changed = new != old;
    let (old, new) = (Box::new(old), Box::new(new));
    emit_if(replayer, changed, Change::AlterColumn { table: relation.name, old, new })
}

fn view_column(replayer: &mut Replayer, view: &ObjectName, column: &Name, text: Option<String>) -> Read<()> {
    let Some(old) = replayer.catalog().views.get(view).cloned() else { return Ok(()) };
    if !old.columns.is_empty() && !old.columns.iter().any(|(known, _)| known == column) {
        return Err(replayer.refused(format!("column `{view}.{column}` does not exist")));
    }
    let mut new = old.clone();
    match text {
        Some(text) => new.column_comments.insert(column.clone(), text),
        None => new.column_comments.remove(column),
    };
    emit_if(replayer, new != old, Change::ReplaceView { old: Box::new(old), new: Box::new(new) })
}

fn attribute(replayer: &mut Replayer, ty: &ObjectName, name: &Name, text: Option<String>) -> Read<()> {
    let Some(old) = replayer.catalog().composites.get(ty).cloned() else { return Ok(()) };
    let mut new = old.clone();
    let Some(part) = new.attributes.iter_mut().find(|part| part.name == *name) else {
        return Err(replayer.refused(format!("attribute `{name}` of `{ty}` does not exist")));
    };
    part.comment = text;
    emit_if(replayer, new != old, Change::AlterComposite { old, new })
}

fn of_type(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let spelled = cursor.object()?;
    let text = text(cursor)?;
    let Some(name) = replayer.find_type(&spelled) else {
        let message = format!("type `{}` is not made here: it may be the server's", spelled.shown());
        return Err(ReadError::Unknown { message, span: spelled.span });
    };
    let catalog = replayer.catalog();
    let change = if let Some(old) = catalog.enums.get(&name).cloned() {
        let mut new = old.clone();
        new.comment = text;
        Change::ReplaceEnum { old, new }
    } else if let Some(old) = catalog.domains.get(&name).cloned() {
        let mut new = old.clone();
        new.comment = text;
        Change::AlterDomain { old: Box::new(old), new: Box::new(new) }
    } else if let Some(old) = catalog.composites.get(&name).cloned() {
        let mut new = old.clone();
        new.comment = text;
        Change::AlterComposite { old, new }
    } else if let Some(old) = catalog.opaque.get(&crate::sql::read::opaque_type(&name)).cloned() {
        let mut new = old.clone();
        new.comment = text;
        Change::ReplaceOpaque { old: Box::new(old), new: Box::new(new) }
    } else {
        return Ok(());
    };
    replayer.emit(change)
}

fn schema(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let spelled = cursor.object()?;
    let text = text(cursor)?;
    let Some(name) = replayer.schema_of(&spelled.name) else {
        let old = replayer.catalog().schemas.get(&spelled.name).cloned();
        let old = old.unwrap_or_else(|| Schema::default_without_comment(spelled.name));
        let comment = text.filter(|text| text != Schema::DEFAULT_COMMENT);
        let new = Schema { comment, ..old.clone() };
        return emit_if(replayer, new != old, Change::AlterSchema { old, new });
    };
    let Some(old) = replayer.catalog().schemas.get(&name).cloned() else {
        return Err(replayer.no_such(&spelled, "schema"));
    };
    let mut new = old.clone();
    new.comment = text;
    emit_if(replayer, new != old, Change::AlterSchema { old, new })
}

fn extension(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let spelled = cursor.object()?;
    let text = text(cursor)?;
    let Some(old) = replayer.catalog().extensions.get(&spelled.name).cloned() else { return Ok(()) };
    let mut new = old.clone();
    new.comment = text;
    emit_if(replayer, new != old, Change::AlterExtension { old, new })
}

/// `name ON [DOMAIN] table`.
fn constraint(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let name = cursor.name()?;
    cursor.expect("on")?;
    if cursor.accept("domain") {
        let spelled = cursor.object()?;
        let text = text(cursor)?;
        return domain_constraint(replayer, &spelled, &name, text);
    }
    let table: ObjectName = replayer.table(&cursor.object()?)?;
    let text = text(cursor)?;
    let known = replayer.known_table(&table)?.constraint(name.as_str()).cloned();
    let Some(old) = known else {
        return Err(replayer.refused(format!("constraint `{name}` of `{table}` does not exist")));
    };
    let new = Constraint { comment: text, ..old.clone() };
    let changed = new != old;
    emit_if(replayer, changed, Change::AlterConstraint { table, old: Box::new(old), new: Box::new(new) })
}

fn domain_constraint(
    replayer: &mut Replayer,
    spelled: &Spelled,
    name: &Name,
    text: Option<String>,
) -> Read<()> {
    let Some(domain) = replayer.find_type(spelled) else { return Err(replayer.no_such(spelled, "domain")) };
    let Some(old) = replayer.catalog().domains.get(&domain).cloned() else { return Ok(()) };
    let mut new = old.clone();
    if let Some(check) = new.checks.iter_mut().find(|check| check.name.as_ref() == Some(name)) {
        check.comment = text;
    }
    emit_if(replayer, new != old, Change::AlterDomain { old: Box::new(old), new: Box::new(new) })
}
