//! `ENABLE` and `DISABLE`: row level security, triggers, rules.

use schema_model::catalog::{OpaqueKind, OpaqueObject};
use schema_model::{DialectKind, ident};

use super::super::inherit;
use super::Target;
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// From the word itself on.
pub(super) fn apply(replayer: &mut Replayer, cursor: &mut Cursor<'_>, target: &Target) -> Read<()> {
    let enable = cursor.is("enable");
    cursor.bump();
    if cursor.accept("row level security") {
        cursor.expect_done()?;
        return inherit::set_options(replayer, &target.table, |options| options.row_security = enable);
    }
    let mode = cursor.accept_any(&["replica", "always"]);
    let kind = match cursor.accept_any(&["trigger", "rule"]) {
        Some("trigger") => OpaqueKind::Trigger,
        Some(_) => OpaqueKind::Rule,
        None => return Err(cursor.unknown("expected `TRIGGER` or `RULE`")),
    };
    let every = cursor.is("all") || cursor.is("user");
    let name = cursor.name()?;
    cursor.expect_done()?;
    let of_table = |object: &&OpaqueObject| {
        object.id.kind == kind
            && object.id.on.as_ref() == Some(&target.table)
            && (every || object.id.name.name == name)
    };
    let known: Vec<OpaqueObject> = replayer.catalog().opaque.values().filter(of_table).cloned().collect();
    if known.is_empty() && !every {
        return Err(replayer.refused(format!("{kind} `{name}` of `{}` does not exist", target.table)));
    }
    let word = if enable { "ENABLE" } else { "DISABLE" };
    let mode = mode.map(|mode| format!(" {}", mode.to_ascii_uppercase())).unwrap_or_default();
    for old in known {
        let table = ident::quote_object(&target.table, DialectKind::Postgres);
        let own = ident::quote(&old.id.name.name, DialectKind::Postgres);
        let kind_word = kind.as_str().to_ascii_uppercase();
        let tail = format!(" {kind_word} {own}");
        let mut new = old.clone();
        // The last word counts; plain ENABLE is how a trigger starts.
        new.amendments.retain(|known| !known.ends_with(&tail));
        if !enable || !mode.is_empty() {
            new.amendments.push(format!("ALTER TABLE {table} {word}{mode}{tail}"));
        }
        if new != old {
            replayer.emit(Change::ReplaceOpaque { old: Box::new(old), new: Box::new(new) })?;
        }
    }
    Ok(())
}
