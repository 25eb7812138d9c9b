//! Objects followed by name and text: functions, triggers, policies, rules and the like.

use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// `CREATE …` of any kind that no other reader knows, from `CREATE` on.
pub(super) fn create(_: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    Err(cursor.unknown("not a statement that is known"))
}

/// `ALTER …` of any kind that no other reader knows, from `ALTER` on.
pub(super) fn alter(_: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    Err(cursor.unknown("not a statement that is known"))
}

/// `DROP …` of any kind that no other reader knows, from `DROP` on.
pub(super) fn drop_object(_: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    Err(cursor.unknown("not a statement that is known"))
}

/// `COMMENT ON …` of any kind that no other reader knows: from the kind's word on, up to `IS …`.
pub(super) fn comment(_: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    Err(cursor.unknown("not a kind of object that is known"))
}
