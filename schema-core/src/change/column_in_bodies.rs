//! A column renamed under triggers, rules, policies and statistics: the database keeps references, so the new name
//! stands in their text.

use schema_model::catalog::{Catalog, OpaqueKind, OpaqueObject};
use schema_model::ident::{fold, quote};
use schema_model::token::{Token, TokenKind, tokens};
use schema_model::{DialectKind, Name, ObjectName};

use super::view_query::rename_column_in_query;

pub(super) fn rename(
    catalog: &mut Catalog,
    table: &ObjectName,
    from: &Name,
    to: &Name,
    dialect: DialectKind,
) {
    let tables = &catalog.tables;
    for object in catalog.opaque.values_mut() {
        let followed = matches!(
            object.id.kind,
            OpaqueKind::Trigger | OpaqueKind::Rule | OpaqueKind::Policy | OpaqueKind::Statistics
        );
        if !followed {
            continue;
        }
        let OpaqueObject { id, definition, amendments, touches, .. } = object;
        let own =
            id.on.as_ref() == Some(table) || id.kind == OpaqueKind::Statistics && touches.contains(table);
        if !own && !touches.contains(table) {
            continue;
        }
        for text in std::iter::once(definition).chain(amendments) {
            if let Some(new) = rename_column_in_query(text, table, from, to, dialect) {
                *text = new;
            }
            if own {
                let elsewhere = touches
                    .iter()
                    .filter(|name| *name != table)
                    .any(|name| tables.get(name).is_some_and(|other| other.column(from.as_str()).is_some()));
                *text = rename_in_own(text, &table.name, (from, to), elsewhere, dialect);
            }
        }
    }
}

/// The text of an object of the table itself: an unqualified name is the table's column, in a query only when no table
/// that it names has one so called (`elsewhere`), and so is one after the table's name, `NEW` or `OLD`.
fn rename_in_own(
    text: &str,
    table: &Name,
    (from, to): (&Name, &Name),
    elsewhere: bool,
    dialect: DialectKind,
) -> String {
    let mut all = tokens(text, dialect);
    all.retain(|token| !token.is_comment());
    let word = |at: usize| all.get(at).map_or("", |token: &Token| token.text(text));
    let mut out = String::with_capacity(text.len() + 16);
    let (mut last, mut depth, mut queries) = (0, 0usize, Vec::new());
    for (at, token) in all.iter().enumerate() {
        match word(at) {
            "(" => {
                depth += 1;
                if word(at + 1).eq_ignore_ascii_case("select") {
                    queries.push(depth);
                }
            }
            ")" => {
                queries.pop_if(|opened| *opened == depth);
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        let name = matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
        if !name || fold(word(at), dialect) != from.as_str() || matches!(word(at + 1), "(" | ".") {
            continue;
        }
        let before = at.checked_sub(1).map_or("", word);
        let renamed = if before == "." {
            let qualifier = at.checked_sub(2).map_or_else(String::new, |at| fold(word(at), dialect));
            qualifier == table.as_str() || qualifier == "new" || qualifier == "old"
        } else {
            before != "::" && (queries.is_empty() || !elsewhere) && (depth > 0 || listed(text, &all, at))
        };
        if renamed {
            out.push_str(&text[last..token.start as usize]);
            out.push_str(&quote(to, dialect));
            last = token.end as usize;
        }
    }
    out + &text[last..]
}

/// Whether the name stands in `UPDATE OF a, b` or in statistics' `ON a, b`: before the table is named.
fn listed(text: &str, all: &[Token], at: usize) -> bool {
    let word = |at: usize| all.get(at).map_or("", |token| token.text(text));
    let Some(before) = at.checked_sub(1).map(word) else { return false };
    let statistics = word(1).eq_ignore_ascii_case("statistics");
    let opens = before == "," || before.eq_ignore_ascii_case(if statistics { "on" } else { "of" });
    let goes_on = word(at + 1) == ","
        || ["on", "or", "from"].iter().any(|next| word(at + 1).eq_ignore_ascii_case(next));
    opens && goes_on
}
