//! What the catalog tells about a query's text: its columns, and the names in an expression.

use schema_model::catalog::{Catalog, Column, ColumnType, Table};
use schema_model::token::{TokenKind, tokens};
use schema_model::{DialectKind, Expr, Name, ObjectName};

use super::create::column;
use super::same;
use crate::change::columns_of;
use crate::change::query::{Body, ResultColumn};

/// The columns of a table made `AS` the query: typed by affinity, nothing else kept (CREATE TABLE, "CREATE TABLE … AS
/// SELECT Statements").
pub(super) fn table_columns(catalog: &Catalog, query: &str) -> Option<Vec<Column>> {
    let body = Body::new(query);
    // What several queries say of a column's affinity is another thing from version to version of SQLite.
    if !body.is_simple() {
        return None;
    }
    let all = body.result_columns(&|name| columns_of(catalog, name))?;
    let typed = |result: ResultColumn| {
        let ty = result_type(catalog, &result, 6)?;
        Some(column(result.name, ty))
    };
    all.into_iter().map(typed).collect()
}

/// The type that stands for a result's affinity; a view's column has that of its query.
fn result_type(catalog: &Catalog, result: &ResultColumn, depth: usize) -> Option<&'static str> {
    let Some((relation, name)) = &result.source else {
        return match &result.cast {
            Some(ty) => Some(affinity(ty)),
            None => result.plain.then_some(""),
        };
    };
    if let Some(table) = find(catalog, relation) {
        return match &table.columns.iter().find(|known| same(&known.name, name))?.ty {
            ColumnType::Other(text) => Some(affinity(text)),
            _ => None,
        };
    }
    let view = catalog.views.values().find(|view| same(&view.name.name, relation))?;
    let all = Body::new(&view.query).result_columns(&|name| columns_of(catalog, name))?;
    let at = columns_of(catalog, relation)?.iter().position(|known| same(known, name))?;
    result_type(catalog, all.get(at)?, depth.checked_sub(1)?)
}

fn find<'c>(catalog: &'c Catalog, name: &Name) -> Option<&'c Table> {
    let exact = catalog.tables.get(&ObjectName::bare(name.clone()));
    exact.or_else(|| catalog.tables.values().find(|table| same(&table.name.name, name)))
}

/// The type that stands for a declared type's affinity (Datatypes, 3.1) in a table made by a query.
fn affinity(declared: &str) -> &'static str {
    let upper = declared.to_ascii_uppercase();
    let has = |part: &str| upper.contains(part);
    if has("INT") {
        "INT"
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        "TEXT"
    } else if has("BLOB") || upper.is_empty() {
        ""
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        "REAL"
    } else {
        "NUM"
    }
}

/// The name as the catalog spells it.
pub(super) fn spelled(catalog: &Catalog, name: &Name) -> ObjectName {
    let bare = ObjectName::bare(name.clone());
    if catalog.tables.contains_key(&bare) || catalog.views.contains_key(&bare) {
        return bare;
    }
    let known = catalog.tables.keys().chain(catalog.views.keys()).find(|known| same(&known.name, name));
    known.cloned().unwrap_or(bare)
}

/// Whether the expression names the column.
pub(crate) fn names_column(expr: &Expr, column: &Name) -> bool {
    let text = expr.as_str();
    let all = tokens(text, DialectKind::Sqlite);
    all.iter().enumerate().any(|(index, token)| {
        let identifier = matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
        let call =
            all.get(index + 1).is_some_and(|next| next.text(text) == "(" && token.kind == TokenKind::Word);
        let name = schema_model::ident::fold(token.text(text), DialectKind::Sqlite);
        identifier && !call && name.eq_ignore_ascii_case(column.as_str())
    })
}
