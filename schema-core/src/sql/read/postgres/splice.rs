//! A statement's own text with parts of it put in other words: `OR REPLACE` left out, names qualified.

use std::ops::Range;

use schema_model::ObjectName;
use schema_model::ident::quote_object;

use crate::sql::cursor::{Cursor, Read, Spelled};

/// Replacements in a text, in any order, none over another.
#[derive(Debug, Default)]
pub(super) struct Splices(Vec<(Range<usize>, String)>);

impl Splices {
    /// Puts `text` in place of these bytes.
    pub(super) fn put(&mut self, range: Range<usize>, text: impl Into<String>) {
        self.0.push((range, text.into()));
    }

    /// Spells a name so that it is found whatever the search path is.
    pub(super) fn name(&mut self, range: Range<usize>, name: &ObjectName, cursor: &Cursor<'_>) {
        self.put(range, quote_object(name, cursor.dialect()));
    }

    /// The bytes `whole` of the text, with the replacements that lie in them.
    pub(super) fn apply(mut self, text: &str, whole: Range<usize>) -> String {
        self.0.sort_by_key(|(range, _)| range.start);
        let (mut out, mut last) = (String::with_capacity(whole.len()), whole.start);
        for (range, new) in &self.0 {
            if range.start >= last && range.end <= whole.end {
                out.push_str(text.get(last..range.start).unwrap_or_default());
                out.push_str(new);
                last = range.end;
            }
        }
        out.push_str(text.get(last..whole.end).unwrap_or_default());
        out.trim().to_owned()
    }
}

/// First byte of the next token.
pub(super) fn offset(cursor: &Cursor<'_>) -> usize {
    cursor.token(0).map_or(cursor.source_text().len(), |token| token.start as usize)
}

/// A name and the bytes it stands in.
pub(super) fn object(cursor: &mut Cursor<'_>) -> Read<(Spelled, Range<usize>)> {
    let start = offset(cursor);
    let mut end = start;
    let mut ahead = *cursor;
    let spelled = cursor.object()?;
    while ahead.position() < cursor.position() {
        end = ahead.bump().map_or(end, |token| token.end as usize);
    }
    Ok((spelled, start..end))
}

/// `OR REPLACE` after `CREATE`, passed over and left out of the text.
pub(super) fn or_replace(cursor: &mut Cursor<'_>, splices: &mut Splices) -> bool {
    let start = offset(cursor);
    let found = cursor.accept("or replace");
    if found {
        splices.put(start..offset(cursor), "");
    }
    found
}
