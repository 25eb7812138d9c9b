//! What a statement's text refers to: relations in its FROM clauses, routines it calls, types it casts to.

use std::collections::BTreeSet;
use std::ops::Range;

use schema_model::token::TokenKind;
use schema_model::{Name, ObjectName};

use super::splice::offset;
use crate::sql::cursor::Cursor;
use crate::sql::replay::Replayer;

/// Whether the catalog has a routine of this name.
pub(super) fn is_routine(replayer: &Replayer, name: &ObjectName) -> bool {
    crate::sql::read::has_routine(replayer.catalog(), name)
}

/// Every routine, type and relation that a name in the tokens could be.
pub(super) fn anything(replayer: &Replayer, cursor: &Cursor<'_>) -> BTreeSet<ObjectName> {
    cursor.mentioned().iter().filter_map(|name| replayer.find_any(name)).collect()
}

/// What a query (or any text with queries in it) refers to.
pub(super) fn query(replayer: &Replayer, cursor: &Cursor<'_>) -> BTreeSet<ObjectName> {
    references(replayer, cursor).into_iter().map(|reference| reference.name).collect()
}

/// A name in a query and what it stands for.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    /// The object.
    pub(super) name: ObjectName,
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
}

/// One level of parentheses.
#[derive(Clone, Copy, Default)]
struct Level {
    /// In a FROM clause.
    from: bool,
    /// A relation is expected next.
    expected: bool,
    /// The parentheses are those of a function with FROM in its grammar.
    call: bool,
}

/// The references of a query, in order.
pub(super) fn references(replayer: &Replayer, cursor: &Cursor<'_>) -> Vec<Reference> {
    let named_queries = common_tables(cursor);
    let mut found = Vec::new();
    let mut levels = vec![Level::default()];
    let mut walk = *cursor;
    let mut before = String::new();
    while let Some(token) = walk.token(0) {
        let word = walk.word(0).to_ascii_lowercase();
        let start = offset(&walk);
        let last = levels.len() - 1;
        let level = &mut levels[last];
        match token.kind {
            TokenKind::Punct if word == "(" => {
                let call =
                    matches!(before.as_str(), "extract" | "substring" | "trim" | "overlay" | "position");
                // `FROM (a JOIN b …)`: a relation can follow the parenthesis.
                let nested = level.from && level.expected;
                level.expected = false;
                levels.push(Level { from: nested, expected: nested, call });
                walk.bump();
            }
            TokenKind::Punct if word == ")" => {
                if levels.len() > 1 {
                    levels.pop();
                }
                walk.bump();
            }
            TokenKind::Punct if word == "," => {
                level.expected = level.from;
                walk.bump();
            }
            TokenKind::Word if word == "from" && !level.call && before != "distinct" => {
                (level.from, level.expected) = (true, true);
                walk.bump();
            }
            TokenKind::Word if word == "from" && before == "distinct" => {
                let _ = walk.bump();
            }
            TokenKind::Word if matches!(word.as_str(), "join" | "into" | "update") => {
                level.expected = true;
                level.from |= word == "join";
                walk.bump();
            }
            TokenKind::Word if level.expected && matches!(word.as_str(), "only" | "lateral") => {
                let _ = walk.bump();
            }
            TokenKind::Word if word == "on" => {
                level.expected = false;
                walk.bump();
            }
            TokenKind::Word if ENDS.contains(&word.as_str()) => {
                (level.from, level.expected) = (false, false);
                walk.bump();
            }
            TokenKind::Word | TokenKind::Quoted => {
                let expected = std::mem::take(&mut level.expected);
                let position = walk.position();
                let Ok(spelled) = walk.object() else {
                    walk.bump();
                    continue;
                };
                let end = end_of(cursor, position, walk.position()).unwrap_or(start);
                let called = walk.is_punct("(");
                let cast = before == "::" || before == "as";
                let common = spelled.schema.is_none() && named_queries.contains(&spelled.name);
                let name = if called && before != "as" {
                    let candidates = replayer.candidates(&spelled);
                    candidates.into_iter().find(|name| is_routine(replayer, name))
                } else if expected && !common {
                    replayer.find_relation(&spelled).map(|relation| relation.name.clone())
                } else if cast {
                    replayer.find_type(&spelled)
                } else {
                    None
                };
                found.extend(name.map(|name| Reference { name, range: start..end }));
            }
            _ => {
                let _ = walk.bump();
            }
        }
        before = word;
    }
    found
}

/// Words that end a FROM clause.
const ENDS: [&str; 15] = [
    "where",
    "group",
    "order",
    "having",
    "limit",
    "offset",
    "fetch",
    "union",
    "intersect",
    "except",
    "window",
    "select",
    "returning",
    "set",
    "values",
];

fn end_of(cursor: &Cursor<'_>, from: usize, to: usize) -> Option<usize> {
    let mut walk = *cursor;
    let mut end = None;
    while walk.position() < to {
        let position = walk.position();
        let token = walk.bump()?;
        if position >= from {
            end = Some(token.end as usize);
        }
    }
    end
}

/// The names that WITH gives to queries.
fn common_tables(cursor: &Cursor<'_>) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    let mut walk = *cursor;
    while !walk.is_done() && !walk.is("with") {
        walk.bump();
    }
    while !walk.is_done() {
        let mut ahead = walk;
        if ahead.is_name()
            && let Ok(name) = ahead.name()
        {
            if ahead.is_punct("(") {
                let _ = ahead.group();
            }
            if ahead.accept("as") {
                let _ = ahead.accept("not materialized") || ahead.accept("materialized");
                if ahead.is_punct("(") {
                    names.insert(name);
                }
            }
        }
        walk.bump();
    }
    names
}
