//! `DO` blocks.

use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// `DO $$ … $$`.
pub(super) fn read(_: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    Err(cursor.unknown("DO blocks are not read"))
}
