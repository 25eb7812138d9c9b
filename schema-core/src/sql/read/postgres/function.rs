//! Functions that are called for what they do to the schema.

use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// `SELECT …`, `WITH …`.
pub(super) fn select(_: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    cursor.finish();
    Ok(())
}

/// `CALL procedure(…)`.
pub(super) fn call(_: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    Err(cursor.unknown("a procedure is called"))
}
