//! `PRAGMA`: two of them change what later statements do.

use super::cursor::Cursor;
use crate::sql::cursor::Read;
use crate::sql::replay::Replayer;

pub(super) fn statement(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let pragma = cursor.object()?.name;
    let value = cursor.ahead(1).trim_matches(['\'', '"']).to_ascii_lowercase();
    let sets = matches!(cursor.ahead(0), "=" | "(");
    let on = match value.as_str() {
        "on" | "yes" | "true" => Some(true),
        "off" | "no" | "false" => Some(false),
        number => number.parse::<i64>().ok().map(|number| number != 0),
    };
    let session = &mut replayer.session;
    match (pragma.as_str().to_ascii_lowercase().as_str(), on.filter(|_| sets)) {
        ("legacy_alter_table", Some(on)) => session.legacy_alter_table = on,
        // Inside a transaction this one is a no-op (Pragma Statements).
        ("foreign_keys", Some(on)) if session.transaction.is_none() => session.foreign_keys = on,
        _ => {}
    }
    Ok(())
}
