//! The `DROP` statements.

use super::super::opaque;
use super::{Object, objects};
use crate::sql::cursor::{Cursor, Read, Spelled};
use crate::sql::relations::RelationKind;
use crate::sql::replay::Replayer;

/// What the statement drops.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Table,
    View,
    MaterializedView,
    Index,
    Sequence,
    Type,
    Domain,
    Schema,
    Extension,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Table => "table",
            Kind::View => "view",
            Kind::MaterializedView => "materialized view",
            Kind::Index => "index",
            Kind::Sequence => "sequence",
            Kind::Type => "type",
            Kind::Domain => "domain",
            Kind::Schema => "schema",
            Kind::Extension => "extension",
        }
    }
}

/// From `DROP` on.
pub(in super::super) fn drop_statement(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let start = *cursor;
    cursor.expect("drop")?;
    if super::super::server_object(cursor) || cursor.is("owned") {
        cursor.finish();
        return Ok(());
    }
    if cursor.are("foreign table") {
        cursor.bump();
    }
    let words = [
        ("table", Kind::Table),
        ("materialized view", Kind::MaterializedView),
        ("view", Kind::View),
        ("index", Kind::Index),
        ("sequence", Kind::Sequence),
        ("type", Kind::Type),
        ("domain", Kind::Domain),
        ("schema", Kind::Schema),
        ("extension", Kind::Extension),
    ];
    let Some((_, kind)) = words.into_iter().find(|(word, _)| cursor.accept(word)) else {
        *cursor = start;
        return opaque::drop_object(replayer, cursor);
    };
    let concurrently = cursor.accept("concurrently");
    let if_exists = cursor.accept("if exists");
    let mut targets = Vec::new();
    loop {
        let spelled = cursor.object()?;
        match find(replayer, kind, &spelled)? {
            Some(object) => targets.push(object),
            None if if_exists => {}
            None => return Err(replayer.no_such(&spelled, kind.word())),
        }
        if !cursor.accept_punct(",") {
            break;
        }
        if concurrently {
            return Err(replayer.refused("DROP INDEX CONCURRENTLY takes one index"));
        }
    }
    let cascade = cursor.accept("cascade");
    cursor.accept("restrict");
    cursor.expect_done()?;
    objects(replayer, targets, cascade)
}

fn find(replayer: &Replayer, kind: Kind, spelled: &Spelled) -> Read<Option<Object>> {
    let catalog = replayer.catalog();
    match kind {
        Kind::Schema => {
            let known =
                replayer.schema_of(&spelled.name).is_none_or(|name| catalog.schemas.contains_key(&name));
            return Ok(known.then(|| Object::Schema(spelled.name.clone())));
        }
        Kind::Extension => {
            let known = catalog.extensions.contains_key(&spelled.name);
            return Ok(known.then(|| Object::Extension(spelled.name.clone())));
        }
        Kind::Type | Kind::Domain => {
            let types = replayer.candidates(spelled).into_iter().find(|name| {
                catalog.enums.contains_key(name)
                    || catalog.domains.contains_key(name)
                    || catalog.composites.contains_key(name)
                    || catalog.opaque.contains_key(&crate::sql::read::opaque_type(name))
            });
            return Ok(types.map(Object::Type));
        }
        Kind::Table | Kind::View | Kind::MaterializedView | Kind::Index | Kind::Sequence => {}
    }
    let Some(relation) = replayer.find_relation(spelled) else { return Ok(None) };
    let name = relation.name.clone();
    let object = match (kind, relation.kind, &relation.table) {
        (Kind::Table, RelationKind::Table, _) => Object::Table(name),
        (Kind::View, RelationKind::View, _) => Object::View(name),
        (Kind::MaterializedView, RelationKind::MaterializedView, _) => Object::View(name),
        (Kind::Sequence, RelationKind::Sequence, _) => Object::Sequence(name),
        (Kind::Index, RelationKind::Index, Some(table)) => Object::Index(table.clone(), name.name),
        (Kind::Index, RelationKind::ConstraintIndex, _) => {
            let message = format!("index `{name}` belongs to a constraint of its name: drop that");
            return Err(replayer.refused_at(spelled, message));
        }
        _ => return Err(replayer.refused_at(spelled, format!("`{name}` is not a {}", kind.word()))),
    };
    Ok(Some(object))
}
