//! Names in a table's expressions, spelled so that they are found whatever the search path is.

use schema_model::catalog::Table;
use schema_model::ident::quote_object;
use schema_model::token::TokenKind;
use schema_model::{DialectKind, Expr};

use super::names_in::references;
use super::splice::Splices;
use crate::change::{Change, each_expr, each_index_expr};
use crate::sql::cursor::{Cursor, Source, code_tokens};
use crate::sql::replay::Replayer;

/// The change with the names in its expressions looked up, where the search path is not the usual one.
pub(crate) fn change(replayer: &Replayer, mut change: Change) -> Change {
    let usual = replayer.session.search_path.first().is_none_or(Option::is_none);
    if usual || replayer.dialect() != DialectKind::Postgres {
        return change;
    }
    let visit = |expr: &mut Expr| {
        if let Some(new) = qualified(replayer, expr) {
            *expr = new;
        }
    };
    match &mut change {
        Change::CreateTable(table) => each_expr(table, visit),
        Change::AddColumn { table, column, .. } | Change::AlterColumn { table, new: column, .. } => {
            let mut alone = Table::new(table.clone());
            alone.columns.push((**column).clone());
            each_expr(&mut alone, visit);
            **column = alone.columns.swap_remove(0);
        }
        Change::AddConstraint { table, constraint } => {
            let mut alone = Table::new(table.clone());
            alone.constraints.push((**constraint).clone());
            each_expr(&mut alone, visit);
            **constraint = alone.constraints.swap_remove(0);
        }
        Change::CreateIndex { index, .. } => each_index_expr(index, visit),
        _ => {}
    }
    change
}

fn qualified(replayer: &Replayer, expr: &Expr) -> Option<Expr> {
    let text = expr.as_str();
    let tokens = code_tokens(text, DialectKind::Postgres);
    let cursor = Cursor::new(text, &tokens, DialectKind::Postgres, Source::Whole(replayer.here()));
    let mut splices = Splices::default();
    for reference in references(replayer, &cursor) {
        if reference.name.schema.is_some() {
            splices.name(reference.range, &reference.name, &cursor);
        }
    }
    sequences(replayer, &cursor, &mut splices);
    let new = splices.apply(text, 0..text.len());
    (new != text).then(|| Expr::new(new))
}

/// The names of sequences in `nextval('…')`.
pub(super) fn sequences(replayer: &Replayer, cursor: &Cursor<'_>, splices: &mut Splices) {
    let mut walk = *cursor;
    let mut before = [String::new(), String::new()];
    while let Some(token) = walk.bump() {
        let word = token.text(cursor.source_text());
        let called = before[1] == "(" && before[0].eq_ignore_ascii_case("nextval");
        if called && token.kind == TokenKind::Str {
            let inner = word.trim_matches('\'');
            let tokens = code_tokens(inner, DialectKind::Postgres);
            let mut name = Cursor::new(inner, &tokens, DialectKind::Postgres, Source::Whole(replayer.here()));
            let spelled = name.object().ok().filter(|spelled| spelled.schema.is_none());
            let known = spelled.and_then(|spelled| replayer.find_relation(&spelled).cloned());
            if let Some(relation) = known.filter(|relation| relation.name.schema.is_some()) {
                let quoted = quote_object(&relation.name, DialectKind::Postgres).replace('\'', "''");
                splices.put(token.start as usize..token.end as usize, format!("'{quoted}'"));
            }
        }
        before = [std::mem::take(&mut before[1]), word.to_owned()];
    }
}
