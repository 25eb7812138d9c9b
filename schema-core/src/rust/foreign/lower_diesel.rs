//! `table!` to tables.

use std::collections::HashMap;

use schema_model::catalog::{
    Column, ColumnType, ForeignKey, ReferentialAction, Sequence, SequenceOptions, TableOptions,
};
use schema_model::item::generated_name;
use schema_model::{DialectKind, Expr, Name, ObjectName, Origin, ident};

use super::super::files::NodeKind;
use super::super::resolve::Found;
use super::diesel_types::column_type;
use super::lower::{Made, Scope, unknown_column};
use super::{DieselColumn, DieselTable, Foreign, Joinable, KeySaid};
use crate::diagnostic::Diagnostic;

pub(super) fn tables(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) -> Vec<Made> {
    let mut made: Vec<Made> = Vec::new();
    for (node, item) in scope.items() {
        match item {
            Foreign::DieselTable(item) => made.push(table(scope, node, item, found)),
            Foreign::Broken(broken) => found.push(
                Diagnostic::error("model/syntax", format!("diesel will not read this: {}", broken.message))
                    .at(scope.span(node, broken.at), "here"),
            ),
            _ => {}
        }
    }
    let by_node: HashMap<usize, usize> = made.iter().enumerate().map(|(at, made)| (made.node, at)).collect();
    for (node, item) in scope.items() {
        if let Foreign::Joinable(item) = item {
            join(scope, node, item, &mut made, &by_node, found);
        }
    }
    made
}

fn table(scope: &Scope<'_>, node: usize, item: &DieselTable, found: &mut Vec<Diagnostic>) -> Made {
    let name = item.sql_name.as_deref().unwrap_or(&item.ident);
    let name = scope.table_name(item.schema.as_deref(), name);
    let mut made = Made::new(scope, node, &item.ident, item.at, name);
    for own in &item.columns {
        column(scope, node, item, own, &mut made);
    }
    let sql_name = |ident: &str| {
        item.columns.iter().find(|column| column.ident == ident).map(|column| Name::new(column_name(column)))
    };
    let mut key = Vec::new();
    // Without a list it is `id` (diesel's documentation, `table!`).
    let said: Vec<_> = match item.key.is_empty() {
        true => vec![("id", item.at)],
        false => item.key.iter().map(|word| (word.key.as_str(), word.at)).collect(),
    };
    for (ident, at) in said {
        match sql_name(ident) {
            Some(name) => key.push(name),
            None => found.push(unknown_column(&item.ident, ident, scope.span(node, at))),
        }
    }
    if !key.is_empty() {
        made.primary_key(key, scope.span(node, item.key.first().map_or(item.at, |word| word.at)));
    }
    made
}

fn column_name(column: &DieselColumn) -> &str {
    column.sql_name.as_deref().unwrap_or(&column.ident)
}

fn column(scope: &Scope<'_>, node: usize, item: &DieselTable, own: &DieselColumn, made: &mut Made) {
    let custom = |path: &[String]| custom_type(scope, node, item, path);
    let typed = column_type(&own.ty, scope.dialect, &custom);
    let name = Name::new(column_name(own));
    let mut column = Column::new(name.clone(), typed.ty);
    column.nullable = typed.nullable;
    if typed.open {
        made.partial.open.insert(name.clone());
    }
    if let (Some(length), true) = (own.max_length, made.postgres()) {
        column.ty = sized(column.ty, length);
        made.partial.exact.insert(name.clone());
    }
    if let Some(bits) = typed.serial {
        serial(&mut column, bits, made);
    }
    let span = scope.span(node, own.at);
    column.origin = Origin(Some(span));
    made.column_at(&name, &own.ident, span);
    made.table.columns.push(column);
}

/// `#[max_length = 20]` is `varchar(20)`, or a shorter `char`.
fn sized(ty: ColumnType, length: u32) -> ColumnType {
    match ty {
        ColumnType::Char { .. } => ColumnType::Char { length: Some(length) },
        ColumnType::Text | ColumnType::Varchar { .. } => ColumnType::Varchar { length: Some(length) },
        ColumnType::Array(inner) => ColumnType::Array(Box::new(sized(*inner, length))),
        other => other,
    }
}

/// `Serial` in a `table!`: an integer with a sequence of its own.
fn serial(column: &mut Column, bits: u8, made: &mut Made) {
    let table = &made.table.name;
    let name = table.sibling(generated_name(table.name.as_str(), column.name.as_str(), "seq"));
    let spelled = ident::quote_object(&name, DialectKind::Postgres);
    let text = ident::quote_string(&spelled, DialectKind::Postgres);
    column.default = Some(Expr::new(format!("nextval({text}::regclass)")));
    made.sequences.push(Sequence {
        name,
        options: SequenceOptions::ascending(bits),
        owned_by: Some((table.clone(), column.name.clone())),
        unlogged: TableOptions::default().unlogged,
        comment: None,
        origin: Origin::NONE,
    });
}

/// A custom type: through the macro's own `use`, else by its name among the file's types.
fn custom_type(scope: &Scope<'_>, node: usize, item: &DieselTable, path: &[String]) -> Option<ColumnType> {
    let module = scope.tree.items[node].module;
    let last = path.last()?;
    // The macro's body is a module of its own: `super` is where the macro stands.
    let imported = item.uses.iter().find(|used| used.last() == Some(last) && path.len() == 1);
    let path = imported.map_or(path, Vec::as_slice);
    let inner = match path.first().map(String::as_str) {
        Some("super") => &path[1..],
        _ => path,
    };
    let resolved = match scope.tree.resolve(module, false, inner) {
        Some(Found::Item(item)) => Some(item),
        _ => None,
    };
    let is_type = |index: usize| match &scope.tree.items[index].kind {
        NodeKind::Foreign(Foreign::DieselType(ty)) => Some(ty),
        _ => None,
    };
    let named = || {
        let mut all = scope.items().filter_map(|(_, item)| match item {
            Foreign::DieselType(ty) if ty.ident == *last => Some(ty),
            _ => None,
        });
        all.next().filter(|_| all.next().is_none())
    };
    let ty = resolved.and_then(is_type).or_else(named)?;
    if scope.dialect == DialectKind::Sqlite {
        return None;
    }
    let schema = ty.schema.as_deref().filter(|schema| *schema != "public");
    Some(ColumnType::named(ObjectName { schema: schema.map(Name::new), name: Name::new(ty.name.as_ref()?) }))
}

fn join(
    scope: &Scope<'_>,
    node: usize,
    item: &Joinable,
    made: &mut [Made],
    by_node: &HashMap<usize, usize>,
    found: &mut Vec<Diagnostic>,
) {
    let find = |path: &[String]| table_of(scope, node, path).and_then(|node| by_node.get(&node).copied());
    // A table of another file is that file's to join.
    let (Some(child), Some(parent)) = (find(&item.child), find(&item.parent)) else { return };
    let span = scope.span(node, item.column_at);
    let target = made[parent].table.name.clone();
    let referenced = made[parent].table.primary_key().map(|key| key.columns.clone()).unwrap_or_default();
    let NodeKind::Foreign(Foreign::DieselTable(own)) = &scope.tree.items[made[child].node].kind else {
        return;
    };
    let Some(column) = own.columns.iter().find(|column| column.ident == item.column) else {
        return found.push(unknown_column(&own.ident, &item.column, span));
    };
    let columns = vec![Name::new(column_name(column))];
    let key = ForeignKey {
        columns: columns.clone(),
        table: target.clone(),
        referenced,
        on_delete: ReferentialAction::NoAction,
        on_update: ReferentialAction::NoAction,
        on_delete_columns: Vec::new(),
        match_full: false,
    };
    if key.referenced.len() == 1 {
        let said =
            KeySaid { columns, table: target, name: false, on_delete: false, on_update: false, join: true };
        let field = column.ident.clone();
        made[child].foreign_key(None, key, said, Some(&field), span);
    }
}

/// The table that a path means, from the module where it is written, else by its last word.
fn table_of(scope: &Scope<'_>, node: usize, path: &[String]) -> Option<usize> {
    let is_table =
        |index: &usize| matches!(scope.tree.items[*index].kind, NodeKind::Foreign(Foreign::DieselTable(_)));
    match scope.tree.resolve(scope.tree.items[node].module, false, path) {
        Some(Found::Item(index)) if is_table(&index) => Some(index),
        _ => {
            let mut all = scope.items().filter(|(_, item)| match item {
                Foreign::DieselTable(table) => Some(&table.ident) == path.last(),
                _ => false,
            });
            all.next().map(|(index, _)| index).filter(|_| all.next().is_none())
        }
    }
}
