//! `DROP …`: indexes and triggers go with their table; views and foreign keys that name it stay.

use schema_model::catalog::{OpaqueKind, TableKind};

use super::create::triggers_on;
use super::cursor::Cursor;
use super::in_session;
use crate::change::Change;
use crate::sql::cursor::{Read, Spelled};
use crate::sql::relations::{Relation, RelationKind};
use crate::sql::replay::Replayer;

/// Drops what is spelled; nothing when it is not there.
type Drop = fn(&mut Replayer, &Spelled) -> Read<Option<()>>;

pub(super) fn statement(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let kinds: [(&str, Drop); 4] = [("TABLE", table), ("VIEW", view), ("INDEX", index), ("TRIGGER", trigger)];
    for (word, drop) in kinds {
        if cursor.take(&[word]) {
            let if_exists = cursor.take(&["IF", "EXISTS"]);
            let spelled = cursor.object()?;
            let spelled = in_session(cursor, spelled)?;
            if !cursor.at_end() {
                return Err(cursor.unknown("expected the end of the statement"));
            }
            let dropped = drop(replayer, &spelled)?;
            if dropped.is_none() && !if_exists {
                return Err(replayer.no_such(&spelled, &word.to_ascii_lowercase()));
            }
            return Ok(());
        }
    }
    Err(cursor.unknown(format!("SQLite has no DROP {}", cursor.ahead(0))))
}

fn table(replayer: &mut Replayer, spelled: &Spelled) -> Read<Option<()>> {
    let name = match replayer.find_relation(spelled) {
        Some(Relation { kind: RelationKind::Table, name, .. }) => name.clone(),
        Some(Relation { kind: RelationKind::View, .. }) => {
            let message = format!("`{}` is a view: use DROP VIEW to delete it", spelled.name);
            return Err(replayer.refused_at(spelled, message));
        }
        _ => return Ok(None),
    };
    let Some(table) = replayer.catalog().tables.get(&name).cloned() else { return Ok(None) };
    if matches!(table.options.kind, TableKind::Shadow(_)) {
        return Err(replayer.refused_at(spelled, format!("table `{}` may not be dropped", spelled.name)));
    }
    for change in triggers_on(replayer, &name) {
        replayer.emit(change)?;
    }
    for index in &table.indexes {
        replayer.emit(Change::DropIndex { table: name.clone(), index: Box::new(index.clone()) })?;
    }
    if matches!(table.options.kind, TableKind::Virtual(_)) {
        let shadows = replayer.catalog().tables.values();
        let own = |kind: &TableKind| matches!(kind, TableKind::Shadow(of) if super::same(of, &name.name));
        let shadows: Vec<_> = shadows.filter(|table| own(&table.options.kind)).cloned().collect();
        for shadow in shadows {
            replayer.emit(Change::DropTable(Box::new(shadow)))?;
        }
    }
    let Some(table) = replayer.catalog().tables.get(&name).cloned() else { return Ok(None) };
    replayer.emit(Change::DropTable(Box::new(table))).map(Some)
}

fn view(replayer: &mut Replayer, spelled: &Spelled) -> Read<Option<()>> {
    let name = match replayer.find_relation(spelled) {
        Some(Relation { kind: RelationKind::View, name, .. }) => name.clone(),
        Some(Relation { kind: RelationKind::Table, .. }) => {
            let message = format!("`{}` is a table: use DROP TABLE to delete it", spelled.name);
            return Err(replayer.refused_at(spelled, message));
        }
        _ => return Ok(None),
    };
    for change in triggers_on(replayer, &name) {
        replayer.emit(change)?;
    }
    let Some(view) = replayer.catalog().views.get(&name).cloned() else { return Ok(None) };
    replayer.emit(Change::DropView(Box::new(view))).map(Some)
}

fn index(replayer: &mut Replayer, spelled: &Spelled) -> Read<Option<()>> {
    if spelled.name.as_str().to_ascii_lowercase().starts_with("sqlite_autoindex_") {
        let message = "an index that belongs to a UNIQUE or PRIMARY KEY constraint cannot be dropped";
        return Err(replayer.refused_at(spelled, message.to_owned()));
    }
    let (name, table) = match replayer.find_relation(spelled) {
        Some(Relation { kind: RelationKind::Index, name, table: Some(table) }) => {
            (name.clone(), table.clone())
        }
        _ => return Ok(None),
    };
    let known = replayer.catalog().tables.get(&table).and_then(|table| table.index(&name.name));
    let Some(index) = known.cloned() else { return Ok(None) };
    replayer.emit(Change::DropIndex { table, index: Box::new(index) }).map(Some)
}

fn trigger(replayer: &mut Replayer, spelled: &Spelled) -> Read<Option<()>> {
    let Some(object) = super::trigger(replayer, spelled).cloned() else { return Ok(None) };
    debug_assert_eq!(object.id.kind, OpaqueKind::Trigger);
    replayer.emit(Change::DropOpaque(Box::new(object))).map(Some)
}
