//! Objects followed by name and text: functions, triggers, policies, rules and the like. Here they are made; what
//! changes and drops them is in `opaque_change`.

use std::collections::BTreeSet;

use schema_model::catalog::{ColumnType, OpaqueId, OpaqueKind, OpaqueObject};
use schema_model::type_text::write_type;
use schema_model::{ObjectName, Origin};

use super::splice::{Splices, object, offset, or_replace};
use super::{names_in, routine};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

pub(super) use super::opaque_change::{alter, comment, drop_object, name_multirange};

/// Kinds of which the catalog holds nothing.
pub(super) const ELSEWHERE: [&str; 16] = [
    "role",
    "user",
    "group",
    "database",
    "tablespace",
    "language",
    "trusted language",
    "procedural language",
    "trusted procedural language",
    "system",
    "default privileges",
    "large object",
    "access method",
    "transform",
    "owned",
    "conversion",
];

/// `CREATE …` of any kind that no other reader knows, from `CREATE` on.
pub(super) fn create(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let start = offset(cursor);
    cursor.expect("create")?;
    let mut splices = Splices::default();
    let replace = or_replace(cursor, &mut splices);
    if !cursor.are("user mapping") && cursor.accept_any(&ELSEWHERE).is_some() {
        cursor.finish();
        return Ok(());
    }
    let Some(made) = made(replayer, cursor, &mut splices)? else { return Ok(()) };
    let text = cursor.source_text();
    let end = text.trim_end().trim_end_matches(';').len();
    cursor.finish();
    let object = OpaqueObject {
        id: made.id,
        definition: splices.apply(text, start..end.max(start)),
        amendments: Vec::new(),
        touches: made.touches,
        comment: None,
        origin: Origin::from(replayer.here()),
    };
    put(replayer, object, replace, made.if_not_exists)
}

/// What a `CREATE` makes, before its text is known.
struct Made {
    id: OpaqueId,
    touches: BTreeSet<ObjectName>,
    if_not_exists: bool,
}

fn put(replayer: &mut Replayer, mut object: OpaqueObject, replace: bool, quiet: bool) -> Read<()> {
    match replayer.catalog().opaque.get(&object.id).cloned() {
        None => replayer.emit(Change::CreateOpaque(Box::new(object))),
        Some(_) if quiet => Ok(()),
        Some(old) if replace => {
            object.comment.clone_from(&old.comment);
            replayer.emit(Change::ReplaceOpaque { old: Box::new(old), new: Box::new(object) })
        }
        Some(_) => Err(replayer.refused(format!("{} already exists", object.id))),
    }
}

/// Reads up to where the object's identity is known; `None` when the catalog holds nothing of it.
fn made(replayer: &mut Replayer, cursor: &mut Cursor<'_>, splices: &mut Splices) -> Read<Option<Made>> {
    let constraint = cursor.accept("constraint");
    if constraint || cursor.is("trigger") {
        cursor.expect("trigger")?;
        return trigger(replayer, cursor, splices).map(Some);
    }
    let simple = |replayer: &Replayer, cursor: &mut Cursor<'_>, splices: &mut Splices, kind| {
        let if_not_exists = cursor.accept("if not exists");
        named(replayer, cursor, splices, kind).map(|made| Some(Made { if_not_exists, ..made }))
    };
    match () {
        () if cursor.accept("function") => {
            function(replayer, cursor, splices, OpaqueKind::Function).map(Some)
        }
        () if cursor.accept("procedure") => {
            function(replayer, cursor, splices, OpaqueKind::Procedure).map(Some)
        }
        () if cursor.accept("aggregate") => aggregate(replayer, cursor, splices).map(Some),
        () if cursor.accept("event trigger") => {
            unqualified(replayer, cursor, OpaqueKind::EventTrigger).map(Some)
        }
        () if cursor.accept("policy") => on_table(replayer, cursor, splices, OpaqueKind::Policy).map(Some),
        () if cursor.accept("rule") => rule(replayer, cursor, splices).map(Some),
        () if cursor.accept("operator class") || cursor.accept("operator family") => {
            simple(replayer, cursor, splices, OpaqueKind::OperatorClass)
        }
        () if cursor.accept("operator") => operator(replayer, cursor).map(Some),
        () if cursor.accept("cast") => cast(replayer, cursor).map(Some),
        () if cursor.accept("statistics") => statistics(replayer, cursor, splices),
        () if cursor.accept("collation") => simple(replayer, cursor, splices, OpaqueKind::Collation),
        () if cursor.accept("text search") => {
            cursor.bump();
            simple(replayer, cursor, splices, OpaqueKind::TextSearch)
        }
        () if cursor.accept_any(&["foreign data wrapper", "server"]).is_some() => {
            let quiet = cursor.accept("if not exists");
            unqualified(replayer, cursor, OpaqueKind::Foreign)
                .map(|made| Some(Made { if_not_exists: quiet, ..made }))
        }
        () if cursor.accept("user mapping") => user_mapping(cursor).map(Some),
        () if cursor.accept_any(&["publication", "subscription"]).is_some() => {
            unqualified(replayer, cursor, OpaqueKind::Publication).map(Some)
        }
        () if cursor.accept("type") => simple(replayer, cursor, splices, OpaqueKind::Type),
        () => Err(cursor.unknown("not a statement that is known")),
    }
}

fn id(kind: OpaqueKind, name: ObjectName) -> OpaqueId {
    OpaqueId { kind, name, arguments: String::new(), on: None }
}

/// An object in a schema, of which only the name is read.
fn named(
    replayer: &Replayer,
    cursor: &mut Cursor<'_>,
    splices: &mut Splices,
    kind: OpaqueKind,
) -> Read<Made> {
    let (spelled, range) = object(cursor)?;
    let name = replayer.for_new(&spelled);
    splices.name(range, &name, cursor);
    let touches = names_in::anything(replayer, cursor);
    Ok(Made { id: id(kind, name), touches, if_not_exists: false })
}

/// An object in no schema.
fn unqualified(replayer: &Replayer, cursor: &mut Cursor<'_>, kind: OpaqueKind) -> Read<Made> {
    let name = ObjectName::bare(cursor.name()?);
    Ok(Made { id: id(kind, name), touches: names_in::anything(replayer, cursor), if_not_exists: false })
}

fn function(
    replayer: &Replayer,
    cursor: &mut Cursor<'_>,
    splices: &mut Splices,
    kind: OpaqueKind,
) -> Read<Made> {
    let (spelled, range) = object(cursor)?;
    let name = replayer.for_new(&spelled);
    splices.name(range, &name, cursor);
    let arguments = routine::arguments(replayer, cursor)?;
    let mut results = Vec::new();
    if cursor.accept("returns") {
        if cursor.accept("table") {
            results = routine::arguments(replayer, cursor)?;
        } else {
            cursor.accept("setof");
            results.push(routine::result(replayer, cursor)?);
        }
    }
    let mut touches: BTreeSet<ObjectName> =
        arguments.iter().chain(&results).filter_map(|argument| argument.ty.user_type().cloned()).collect();
    for (range, text) in arguments.iter().chain(&results).filter_map(|argument| argument.respelled.clone()) {
        splices.put(range, text);
    }
    touches.retain(|name| replayer.has_type(name));
    // A body in SQL's own grammar holds references; one in a string is only text (manual, CREATE FUNCTION).
    let mut ahead = *cursor;
    while !ahead.is_done() && !ahead.are("begin atomic") && !ahead.is("return") {
        ahead.skip_item();
    }
    touches.extend(names_in::query(replayer, &ahead));
    let id = OpaqueId { kind, name, arguments: routine::identity(replayer, &arguments), on: None };
    Ok(Made { id, touches, if_not_exists: false })
}

/// `AGGREGATE name (arguments) (…)`, or the old `AGGREGATE name (BASETYPE = …)`.
fn aggregate(replayer: &Replayer, cursor: &mut Cursor<'_>, splices: &mut Splices) -> Read<Made> {
    let (spelled, range) = object(cursor)?;
    let name = replayer.for_new(&spelled);
    splices.name(range, &name, cursor);
    let mut options = *cursor;
    let arguments = match aggregate_arguments(replayer, cursor)? {
        Some(arguments) => {
            options = *cursor;
            arguments
        }
        None => basetype(replayer, cursor)?,
    };
    let id = OpaqueId { kind: OpaqueKind::Aggregate, name, arguments, on: None };
    Ok(Made { id, touches: names_in::anything(replayer, &options), if_not_exists: false })
}

/// The argument types of an aggregate; `None` when these parentheses hold its options.
pub(super) fn aggregate_arguments(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<Option<String>> {
    let mut ahead = *cursor;
    let inside = ahead.group()?;
    if inside.is_punct("*") {
        *cursor = ahead;
        return Ok(Some("*".into()));
    }
    if inside.is_punct_at(1, "=") {
        return Ok(None);
    }
    let arguments = routine::arguments(replayer, cursor)?;
    Ok(Some(routine::identity(replayer, &arguments)))
}

fn basetype(replayer: &Replayer, cursor: &Cursor<'_>) -> Read<String> {
    let mut group = { *cursor }.group()?;
    for mut item in group.items() {
        if item.accept("basetype") {
            item.expect_punct("=")?;
            let text = item.rest_text();
            if text.trim_matches(['"', '\'']).eq_ignore_ascii_case("any") {
                return Ok("*".into());
            }
            return Ok(write_type(&routine::type_of(replayer, text.trim_matches('\'')), replayer.dialect()));
        }
    }
    Err(cursor.unknown("expected the aggregate's arguments"))
}

fn trigger(replayer: &Replayer, cursor: &mut Cursor<'_>, splices: &mut Splices) -> Read<Made> {
    let name = cursor.name()?;
    while !cursor.is_done() && !cursor.is("on") {
        cursor.skip_item();
    }
    let on = owner(replayer, cursor, splices)?;
    let mut touches = spelled_out(replayer, cursor, splices);
    while !cursor.is_done() {
        if cursor.accept("execute") {
            cursor.accept_any(&["function", "procedure"]);
            let (spelled, range) = object(cursor)?;
            let known =
                replayer.candidates(&spelled).into_iter().find(|name| names_in::is_routine(replayer, name));
            if let Some(name) = known {
                splices.name(range, &name, cursor);
                touches.insert(name);
            }
            break;
        }
        cursor.skip_item();
    }
    let id = OpaqueId {
        kind: OpaqueKind::Trigger,
        name: on.sibling(name),
        arguments: String::new(),
        on: Some(on),
    };
    Ok(Made { id, touches, if_not_exists: false })
}

/// `ON [TABLE] relation`.
fn owner(replayer: &Replayer, cursor: &mut Cursor<'_>, splices: &mut Splices) -> Read<ObjectName> {
    cursor.expect("on")?;
    let (spelled, range) = object(cursor)?;
    match replayer.find_relation(&spelled) {
        Some(relation) => {
            splices.name(range, &relation.name, cursor);
            Ok(relation.name.clone())
        }
        None => Err(replayer.no_such(&spelled, "relation")),
    }
}

fn on_table(
    replayer: &Replayer,
    cursor: &mut Cursor<'_>,
    splices: &mut Splices,
    kind: OpaqueKind,
) -> Read<Made> {
    let name = cursor.name()?;
    let on = owner(replayer, cursor, splices)?;
    let touches = spelled_out(replayer, cursor, splices);
    let id = OpaqueId { kind, name: on.sibling(name), arguments: String::new(), on: Some(on) };
    Ok(Made { id, touches, if_not_exists: false })
}

/// What the rest of the statement refers to, spelled so that it is found whatever the search path is.
fn spelled_out(replayer: &Replayer, cursor: &Cursor<'_>, splices: &mut Splices) -> BTreeSet<ObjectName> {
    let mut touches = BTreeSet::new();
    for reference in names_in::references(replayer, cursor) {
        if reference.name.schema.is_some() {
            splices.name(reference.range, &reference.name, cursor);
        }
        touches.insert(reference.name);
    }
    touches
}

/// `RULE name AS ON event TO table DO …`.
fn rule(replayer: &Replayer, cursor: &mut Cursor<'_>, splices: &mut Splices) -> Read<Made> {
    let name = cursor.name()?;
    cursor.expect("as on")?;
    cursor.bump();
    cursor.expect("to")?;
    let (spelled, range) = object(cursor)?;
    let Some(relation) = replayer.find_relation(&spelled) else {
        return Err(replayer.no_such(&spelled, "relation"));
    };
    let on = relation.name.clone();
    splices.name(range, &on, cursor);
    let touches = spelled_out(replayer, cursor, splices);
    let id =
        OpaqueId { kind: OpaqueKind::Rule, name: on.sibling(name), arguments: String::new(), on: Some(on) };
    Ok(Made { id, touches, if_not_exists: false })
}

/// `OPERATOR schema.+ (FUNCTION = …, LEFTARG = …, RIGHTARG = …)`.
fn operator(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<Made> {
    let name = operator_name(replayer, cursor)?;
    let (mut left, mut right) = ("NONE".to_owned(), "NONE".to_owned());
    let mut group = cursor.group()?;
    let touches = names_in::anything(replayer, &group);
    for mut item in group.items() {
        let side = match item.accept_any(&["leftarg", "rightarg"]) {
            Some("leftarg") => &mut left,
            Some(_) => &mut right,
            None => continue,
        };
        item.expect_punct("=")?;
        *side = write_type(&routine::type_of(replayer, &item.rest_text()), replayer.dialect());
    }
    let id = OpaqueId { kind: OpaqueKind::Operator, name, arguments: format!("{left}, {right}"), on: None };
    Ok(Made { id, touches, if_not_exists: false })
}

/// An operator, perhaps in a schema.
pub(super) fn operator_name(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<ObjectName> {
    let start = cursor.span();
    let mut schema = None;
    while cursor.is_name() {
        schema = Some(cursor.name()?);
        cursor.expect_punct(".")?;
    }
    let mut name = String::new();
    while !cursor.is_done() && !cursor.is_punct("(") && !cursor.is("using") {
        name.push_str(cursor.word(0));
        cursor.bump();
    }
    let name = name.as_str().into();
    Ok(replayer.for_new(&crate::sql::cursor::Spelled { schema, name, span: start }))
}

/// `CAST (source AS target)`: the name is the pair.
fn cast(replayer: &Replayer, cursor: &mut Cursor<'_>) -> Read<Made> {
    let (name, mut touches) = cast_name(replayer, cursor)?;
    touches.extend(names_in::anything(replayer, cursor));
    Ok(Made { id: id(OpaqueKind::Cast, name), touches, if_not_exists: false })
}

/// The pair of types of a cast, as a name, and those of them that the schema defines.
pub(super) fn cast_name(
    replayer: &Replayer,
    cursor: &mut Cursor<'_>,
) -> Read<(ObjectName, BTreeSet<ObjectName>)> {
    let mut group = cursor.group()?;
    let source = routine::type_of(replayer, &group.type_text()?);
    group.expect("as")?;
    let target = routine::type_of(replayer, &group.rest_text());
    let text = |ty: &ColumnType| write_type(ty, replayer.dialect());
    let name = ObjectName::bare(format!("{} AS {}", text(&source), text(&target)));
    Ok((name, [source, target].iter().filter_map(|ty| ty.user_type().cloned()).collect()))
}

/// `STATISTICS [IF NOT EXISTS] [name] (…) ON … FROM table`.
fn statistics(replayer: &Replayer, cursor: &mut Cursor<'_>, splices: &mut Splices) -> Read<Option<Made>> {
    let if_not_exists = cursor.accept("if not exists");
    if !cursor.is_name() || cursor.is("on") {
        return Err(cursor.unknown("expected the statistics' name"));
    }
    named(replayer, cursor, splices, OpaqueKind::Statistics).map(|made| Some(Made { if_not_exists, ..made }))
}

fn user_mapping(cursor: &mut Cursor<'_>) -> Read<Made> {
    let if_not_exists = cursor.accept("if not exists");
    let name = user_mapping_name(cursor)?;
    Ok(Made { id: id(OpaqueKind::Foreign, name), touches: BTreeSet::new(), if_not_exists })
}

/// `FOR user SERVER server`, as a name.
pub(super) fn user_mapping_name(cursor: &mut Cursor<'_>) -> Read<ObjectName> {
    cursor.expect("for")?;
    let user = cursor.name()?;
    cursor.expect("server")?;
    let server = cursor.name()?;
    Ok(ObjectName::bare(format!("{user} on {server}")))
}
