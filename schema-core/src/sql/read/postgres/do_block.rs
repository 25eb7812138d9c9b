//! `DO` blocks.

use super::plpgsql::{self, Variables};
use crate::sql::cursor::{Cursor, Read, Source};
use crate::sql::replay::Replayer;

/// `DO $$ … $$`: a block in PL/pgSQL is run against the catalog.
pub(super) fn read(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let begin = *cursor;
    cursor.expect("do")?;
    let Some((text, start, plain, language)) = plpgsql::do_body(cursor) else {
        return Err(begin.unknown("expected a block in quotes"));
    };
    if language != "plpgsql" {
        return Err(begin.unknown(format!("a block in {language} is not read")));
    }
    let source = match plain {
        true => begin.source().part(start),
        false => Source::Whole(begin.source().span(start, cursor.source_text().len())),
    };
    plpgsql::run_block(replayer, &text, source, Variables::new())
}
