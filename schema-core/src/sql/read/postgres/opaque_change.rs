//! `ALTER`, `DROP` and `COMMENT ON` for the objects that are followed by name and text.

use schema_model::catalog::{OpaqueId, OpaqueKind, OpaqueObject, View};
use schema_model::ident::{quote_object, truncate};
use schema_model::{DialectKind, Name, ObjectName};

use super::opaque::{self, ELSEWHERE};
use super::splice::offset;
use super::{drop, routine};
use crate::change::{Change, rename_object_in_text};
use crate::sql::cursor::{Cursor, Read, ReadError};
use crate::sql::relations::RelationKind;
use crate::sql::replay::Replayer;

/// An object as `ALTER`, `DROP` and `COMMENT` name it.
enum Target {
    /// It is in the catalog.
    Known(OpaqueId),
    /// It is not; how a message names it.
    Missing(String),
    /// The catalog holds nothing of the kind.
    Elsewhere,
}

/// `ALTER …` of any kind that no other reader knows, from `ALTER` on.
pub(super) fn alter(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let start = offset(cursor);
    cursor.expect("alter")?;
    let Some(kind) = Kind::read(cursor) else {
        return Err(cursor.unknown("not a statement that is known"));
    };
    let if_exists = cursor.accept("if exists");
    let id = match kind.target(replayer, cursor)? {
        Target::Known(id) => id,
        Target::Elsewhere => {
            cursor.finish();
            return Ok(());
        }
        Target::Missing(_) if if_exists || cursor.is("owner") => {
            cursor.finish();
            return Ok(());
        }
        Target::Missing(name) => return Err(kind.not_made_here(replayer, cursor, &name)),
    };
    let Some(old) = replayer.catalog().opaque.get(&id).cloned() else { return Ok(()) };
    if cursor.accept("rename to") {
        let name = cursor.name()?;
        return rename(replayer, old, |id| id.name.name = name.clone());
    }
    if cursor.accept("set schema") {
        let schema = cursor.name()?;
        let schema = replayer.schema_of(&schema);
        return rename(replayer, old, |id| id.name.schema.clone_from(&schema));
    }
    if cursor.accept("owner to") || cursor.accept("depends on") || cursor.accept("no depends on") {
        cursor.finish();
        return Ok(());
    }
    let text = cursor.source_text();
    let mut new = old.clone();
    new.amendments.push(text.get(start..).unwrap_or_default().trim().trim_end_matches(';').to_owned());
    cursor.finish();
    replayer.emit(Change::ReplaceOpaque { old: Box::new(old), new: Box::new(new) })
}

/// The object under a new name; what runs it by reference follows.
fn rename(replayer: &mut Replayer, old: OpaqueObject, change: impl Fn(&mut OpaqueId)) -> Read<()> {
    let dialect = replayer.dialect();
    let mut new = old.clone();
    change(&mut new.id);
    if replayer.catalog().opaque.contains_key(&new.id) {
        return Err(replayer.refused(format!("{} already exists", new.id)));
    }
    let (from, to) = (old.id.name.clone(), new.id.name.clone());
    for text in std::iter::once(&mut new.definition).chain(&mut new.amendments) {
        if let Some(renamed) = rename_object_in_text(text, &from, &to, dialect) {
            *text = renamed;
        }
    }
    replayer.emit(Change::ReplaceOpaque { old: Box::new(old), new: Box::new(new) })
}

/// A range type's multirange keeps the name that it got from the range's first one (manual, CREATE TYPE).
pub(super) fn name_multirange(definition: &mut String, range: &ObjectName, dialect: DialectKind) {
    let lower = definition.to_ascii_lowercase();
    let Some(end) = definition.rfind(')').filter(|_| lower.contains("subtype")) else { return };
    if !lower.contains("multirange_type_name") {
        let name = range.name.as_str();
        let name = match name.find("range") {
            Some(_) => name.replacen("range", "multirange", 1),
            None => format!("{name}_multirange"),
        };
        let name = range.sibling(truncate(&name, dialect));
        definition.insert_str(end, &format!(", multirange_type_name = {}", quote_object(&name, dialect)));
    }
}

/// `DROP …` of any kind that no other reader knows, from `DROP` on.
pub(super) fn drop_object(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    cursor.expect("drop")?;
    let Some(kind) = Kind::read(cursor) else {
        return Err(cursor.unknown("not a statement that is known"));
    };
    let if_exists = cursor.accept("if exists");
    let mut targets = Vec::new();
    loop {
        match kind.target(replayer, cursor)? {
            Target::Known(id) => targets.push(id),
            Target::Elsewhere => {
                cursor.finish();
                return Ok(());
            }
            Target::Missing(_) if if_exists => {}
            Target::Missing(name) => return Err(replayer.refused(format!("{name} does not exist"))),
        }
        if !cursor.accept_punct(",") {
            break;
        }
    }
    let cascade = cursor.accept("cascade");
    cursor.accept("restrict");
    cursor.expect_done()?;
    // What calls one of several routines of a name is not told apart: it stays with the others.
    let shared = |id: &OpaqueId| routine::overloads(replayer.catalog(), id.kind, &id.name).count() > 1;
    let (alone, whole): (Vec<OpaqueId>, Vec<OpaqueId>) = targets.into_iter().partition(shared);
    for id in alone {
        if let Some(object) = replayer.catalog().opaque.get(&id).cloned() {
            replayer.emit(Change::DropOpaque(Box::new(object)))?;
        }
    }
    drop::objects(replayer, whole.into_iter().map(drop::Object::Opaque).collect(), cascade)
}

/// `COMMENT ON …` of any kind that no other reader knows: from the kind's word on, up to `IS …`.
pub(super) fn comment(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    if cursor.is("view") || cursor.are("materialized view") {
        return comment_on_view(replayer, cursor);
    }
    let Some(kind) = Kind::read(cursor) else {
        return Err(cursor.unknown("not a kind of object that is known"));
    };
    let target = kind.target(replayer, cursor)?;
    let id = match target {
        Target::Known(id) => id,
        Target::Elsewhere => {
            cursor.finish();
            return Ok(());
        }
        Target::Missing(name) => return Err(kind.not_made_here(replayer, cursor, &name)),
    };
    let text = comment_text(cursor)?;
    let Some(old) = replayer.catalog().opaque.get(&id).cloned() else { return Ok(()) };
    let new = OpaqueObject { comment: text, ..old.clone() };
    replayer.emit(Change::ReplaceOpaque { old: Box::new(old), new: Box::new(new) })
}

fn comment_on_view(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let _ = cursor.accept("materialized view") || cursor.accept("view");
    let spelled = cursor.object()?;
    let text = comment_text(cursor)?;
    let relation = replayer.find_relation(&spelled);
    let wanted = |kind| matches!(kind, RelationKind::View | RelationKind::MaterializedView);
    let name = relation.filter(|relation| wanted(relation.kind)).map(|relation| relation.name.clone());
    let old = name.and_then(|name| replayer.catalog().views.get(&name)).cloned();
    let Some(old) = old else { return Err(replayer.no_such(&spelled, "view")) };
    let new = View { comment: text, ..old.clone() };
    replayer.emit(Change::ReplaceView { old: Box::new(old), new: Box::new(new) })
}

/// `IS 'text'` or `IS NULL`; the empty comment is none.
fn comment_text(cursor: &mut Cursor<'_>) -> Read<Option<String>> {
    cursor.expect("is")?;
    let text = if cursor.accept("null") { None } else { Some(cursor.string()?) };
    Ok(text.filter(|text| !text.is_empty()))
}

/// How objects of a kind are named.
enum Kind {
    Routine(&'static [OpaqueKind]),
    Aggregate,
    OnTable(OpaqueKind),
    Operator,
    OperatorClass,
    Cast,
    InSchema(OpaqueKind),
    Bare(OpaqueKind),
    UserMapping,
    Elsewhere,
}

impl Kind {
    /// The kind's words, passed over.
    fn read(cursor: &mut Cursor<'_>) -> Option<Kind> {
        const ANY: &[OpaqueKind] = &[OpaqueKind::Function, OpaqueKind::Procedure, OpaqueKind::Aggregate];
        let known: [(&str, Kind); 24] = [
            ("function", Kind::Routine(&[OpaqueKind::Function])),
            ("procedure", Kind::Routine(&[OpaqueKind::Procedure])),
            ("routine", Kind::Routine(ANY)),
            ("aggregate", Kind::Aggregate),
            ("event trigger", Kind::Bare(OpaqueKind::EventTrigger)),
            ("trigger", Kind::OnTable(OpaqueKind::Trigger)),
            ("policy", Kind::OnTable(OpaqueKind::Policy)),
            ("rule", Kind::OnTable(OpaqueKind::Rule)),
            ("operator class", Kind::OperatorClass),
            ("operator family", Kind::OperatorClass),
            ("operator", Kind::Operator),
            ("cast", Kind::Cast),
            ("statistics", Kind::InSchema(OpaqueKind::Statistics)),
            ("collation", Kind::InSchema(OpaqueKind::Collation)),
            ("text search configuration", Kind::InSchema(OpaqueKind::TextSearch)),
            ("text search dictionary", Kind::InSchema(OpaqueKind::TextSearch)),
            ("text search parser", Kind::InSchema(OpaqueKind::TextSearch)),
            ("text search template", Kind::InSchema(OpaqueKind::TextSearch)),
            ("type", Kind::InSchema(OpaqueKind::Type)),
            ("foreign data wrapper", Kind::Bare(OpaqueKind::Foreign)),
            ("server", Kind::Bare(OpaqueKind::Foreign)),
            ("user mapping", Kind::UserMapping),
            ("publication", Kind::Bare(OpaqueKind::Publication)),
            ("subscription", Kind::Bare(OpaqueKind::Publication)),
        ];
        let found = known.into_iter().find(|(words, _)| cursor.accept(words));
        match found {
            Some((_, kind)) => Some(kind),
            None => cursor.accept_any(&ELSEWHERE).map(|_| Kind::Elsewhere),
        }
    }

    /// The error about an object that no script made. Routines, operators and the like may be the server's own or an
    /// extension's; anything else would be refused.
    fn not_made_here(&self, replayer: &Replayer, cursor: &Cursor<'_>, name: &str) -> ReadError {
        match self {
            Kind::Routine(_) | Kind::Aggregate | Kind::Operator | Kind::OperatorClass | Kind::Cast => {
                let message = format!("{name} is not made here: it may be the server's or an extension's");
                ReadError::Unknown { message, span: cursor.span() }
            }
            Kind::OnTable(_) | Kind::InSchema(_) | Kind::Bare(_) | Kind::UserMapping | Kind::Elsewhere => {
                replayer.refused(format!("{name} does not exist"))
            }
        }
    }

    fn target(&self, replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<Target> {
        let id = |kind, name, arguments: String, on| OpaqueId { kind, name, arguments, on };
        Ok(match self {
            Kind::Elsewhere => Target::Elsewhere,
            Kind::Routine(kinds) => {
                let spelled = cursor.object()?;
                let arguments = match cursor.is_punct("(") {
                    true => Some(routine::identity(replayer, &routine::arguments(replayer, cursor)?)),
                    false => None,
                };
                let found = routine::find(replayer, kinds, &spelled, arguments.as_deref());
                found
                    .map_or_else(|| Target::Missing(format!("function `{}`", spelled.shown())), Target::Known)
            }
            Kind::Aggregate => {
                let spelled = cursor.object()?;
                let arguments = opaque::aggregate_arguments(replayer, cursor)?;
                let found = routine::find(replayer, &[OpaqueKind::Aggregate], &spelled, arguments.as_deref());
                found.map_or_else(
                    || Target::Missing(format!("aggregate `{}`", spelled.shown())),
                    Target::Known,
                )
            }
            Kind::OnTable(kind) => on_table(replayer, cursor, *kind)?,
            Kind::Operator => {
                let name = opaque::operator_name(replayer, cursor)?;
                let mut group = cursor.group()?;
                let side = |item: &Cursor<'_>| match item.is("none") {
                    true => "NONE".to_owned(),
                    false => {
                        let ty = routine::type_of(replayer, &item.rest_text());
                        schema_model::type_text::write_type(&ty, replayer.dialect())
                    }
                };
                let sides: Vec<String> = group.items().iter().map(side).collect();
                known(replayer, id(OpaqueKind::Operator, name, sides.join(", "), None))
            }
            Kind::OperatorClass => {
                let spelled = cursor.object()?;
                if cursor.accept("using") {
                    cursor.name()?;
                }
                in_schema(replayer, OpaqueKind::OperatorClass, &spelled)
            }
            Kind::Cast => {
                let (name, _) = opaque::cast_name(replayer, cursor)?;
                known(replayer, id(OpaqueKind::Cast, name, String::new(), None))
            }
            Kind::InSchema(kind) => {
                let spelled = cursor.object()?;
                in_schema(replayer, *kind, &spelled)
            }
            Kind::Bare(kind) => {
                let name = ObjectName::bare(cursor.name()?);
                known(replayer, id(*kind, name, String::new(), None))
            }
            Kind::UserMapping => {
                let name = opaque::user_mapping_name(cursor)?;
                known(replayer, id(OpaqueKind::Foreign, name, String::new(), None))
            }
        })
    }
}

fn known(replayer: &Replayer, id: OpaqueId) -> Target {
    if replayer.catalog().opaque.contains_key(&id) {
        Target::Known(id)
    } else {
        Target::Missing(id.to_string())
    }
}

fn in_schema(replayer: &Replayer, kind: OpaqueKind, spelled: &crate::sql::cursor::Spelled) -> Target {
    let ids = replayer.candidates(spelled).into_iter();
    let mut ids = ids.map(|name| OpaqueId { kind, name, arguments: String::new(), on: None });
    match ids.find(|id| replayer.catalog().opaque.contains_key(id)) {
        Some(id) => Target::Known(id),
        None => Target::Missing(format!("{kind} `{}`", spelled.shown())),
    }
}

/// `name ON table`.
fn on_table(replayer: &Replayer, cursor: &mut Cursor<'_>, kind: OpaqueKind) -> Read<Target> {
    let name: Name = cursor.name()?;
    cursor.expect("on")?;
    let spelled = cursor.object()?;
    let Some(relation) = replayer.find_relation(&spelled) else {
        return Ok(Target::Missing(format!("relation `{}`", spelled.shown())));
    };
    let on = relation.name.clone();
    Ok(known(replayer, OpaqueId { kind, name: on.sibling(name), arguments: String::new(), on: Some(on) }))
}
