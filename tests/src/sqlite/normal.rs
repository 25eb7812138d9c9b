//! A SQLite catalog with everything taken out that says nothing: order of constraints and indexes, quotes around plain
//! names, white space in bodies. Independent of the engine's own canonical form, which it tests.

use std::collections::BTreeMap;

use schema_core::model::catalog::{Catalog, ColumnType, ConstraintKind, IndexTerm, Table};
use schema_core::model::ident::{fold, quote};
use schema_core::model::token::{TokenKind, tokens};
use schema_core::model::{DialectKind, Expr, Name};

/// The catalog's essence.
pub fn normal(mut catalog: Catalog) -> Catalog {
    let keys: BTreeMap<String, Vec<Name>> = catalog
        .tables
        .values()
        .filter_map(|table| {
            Some((table.name.name.as_str().to_lowercase(), table.primary_key()?.columns.clone()))
        })
        .collect();
    for constraint in catalog.tables.values_mut().flat_map(|table| &mut table.constraints) {
        // A foreign key without columns means the primary key.
        if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
            && let Some(columns) = keys.get(&key.table.name.as_str().to_lowercase())
            && key.referenced.is_empty()
            && columns.len() == key.columns.len()
        {
            key.referenced.clone_from(columns);
        }
    }
    catalog.tables.values_mut().for_each(normal_table);
    for view in catalog.views.values_mut() {
        view.query = text(&view.query);
        view.touches.clear();
    }
    for object in catalog.opaque.values_mut() {
        object.definition = text(&object.definition);
        object.touches.clear();
    }
    catalog
}

fn normal_table(table: &mut Table) {
    if let Some([key]) = table.primary_key().map(|key| key.columns.clone()).as_deref()
        && let Some(column) = table.column_mut(key.as_str())
        && column.ty == ColumnType::Other("INTEGER".to_owned())
    {
        // The rowid is never NULL, whatever is said.
        column.nullable = false;
        column.on_conflict = None;
    }
    let expr = |expr: &mut Expr| *expr = Expr::new(text(expr.as_str()));
    for column in &mut table.columns {
        column.default.iter_mut().for_each(expr);
        column.generated.iter_mut().for_each(|generated| expr(&mut generated.expr));
    }
    for constraint in &mut table.constraints {
        if let ConstraintKind::Check(check) = &mut constraint.kind {
            expr(&mut check.expr);
        }
    }
    for index in &mut table.indexes {
        index.predicate.iter_mut().for_each(expr);
        for part in &mut index.parts {
            if let IndexTerm::Expr(term) = &mut part.term {
                expr(term);
            }
        }
    }
    table.constraints.sort_by_key(|constraint| format!("{constraint:?}"));
    table.indexes.sort_by_key(|index| index.name.clone());
}

/// The tokens of a text, one space between them, plain names without quotes.
pub fn text(source: &str) -> String {
    let all = tokens(source, DialectKind::Sqlite);
    let code = all.iter().filter(|token| !token.is_comment());
    let spelled = code.map(|token| match token.kind {
        TokenKind::Quoted => {
            quote(&Name::new(fold(token.text(source), DialectKind::Sqlite)), DialectKind::Sqlite)
        }
        _ => token.text(source).to_owned(),
    });
    spelled.collect::<Vec<_>>().join(" ")
}
