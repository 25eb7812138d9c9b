//! `PRAGMA`: one of them changes what later statements do.

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
    if let Some(on) = on.filter(|_| sets)
        && pragma.as_str().eq_ignore_ascii_case("legacy_alter_table")
    {
        replayer.session.legacy_alter_table = on;
    }
    Ok(())
}
