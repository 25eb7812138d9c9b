//! Views and materialized views, and the columns of a query.

use schema_model::catalog::Column;

use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// Whether, after `CREATE [OR REPLACE]`, a view follows.
pub(super) fn is_view(cursor: &Cursor<'_>) -> bool {
    (0..4).any(|ahead| cursor.is_at(ahead, "view"))
        && ["temp", "temporary", "local", "global", "recursive", "materialized", "view"]
            .iter()
            .any(|word| cursor.is(word))
}

/// `CREATE [OR REPLACE] … VIEW`, from after those words on.
pub(super) fn create(_: &mut Replayer, cursor: &mut Cursor<'_>, _replace: bool) -> Read<()> {
    Err(cursor.unknown("views are not read"))
}

/// `ALTER [MATERIALIZED] VIEW`, from after `ALTER` on.
pub(super) fn alter(_: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    Err(cursor.unknown("views are not read"))
}

/// The columns that a query gives (`CREATE TABLE AS`), where they can be known.
#[allow(dead_code)]
pub(super) fn query_columns(_: &Replayer, _query: &str) -> Option<Vec<Column>> {
    None
}
