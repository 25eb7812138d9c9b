//! Renames in SQLite, which follows them through foreign keys, checks, index terms, views and triggers (ALTER TABLE,
//! since 3.26), and matches names without case.

use schema_model::catalog::{Catalog, ConstraintKind, OpaqueKind, Table};
use schema_model::token::{TokenKind, tokens};
use schema_model::{DialectKind, Expr, Name, ObjectName};

use super::query::Body;
use super::references::{constraint_columns, each_expr, index_columns};
use super::rename::rename_column_in_expr;

fn same(one: &Name, other: &Name) -> bool {
    one.as_str().eq_ignore_ascii_case(other.as_str())
}

/// Everything that names the table `from`, which is called `to` by now.
pub(super) fn follow_table(catalog: &mut Catalog, from: &ObjectName, to: &ObjectName) {
    for (name, table) in &mut catalog.tables {
        for constraint in &mut table.constraints {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
                && same(&key.table.name, &from.name)
            {
                key.table = ObjectName::bare(to.name.clone());
            }
        }
        if name == to {
            each_expr(table, |expr| *expr = requalify(expr, &from.name, &to.name));
        }
    }
    for view in catalog.views.values_mut() {
        if let Some(query) = Body::new(&view.query).rename_table(from.name.as_str(), &to.name) {
            view.query = query;
        }
        rename_in_set(&mut view.touches, from, to);
    }
    for (_, mut trigger) in std::mem::take(&mut catalog.opaque) {
        if trigger.id.kind == OpaqueKind::Trigger {
            if let Some(text) = Body::new(&trigger.definition).rename_table(from.name.as_str(), &to.name) {
                trigger.definition = text;
            }
            if trigger.id.on.as_ref() == Some(from) {
                trigger.id.on = Some(to.clone());
            }
            rename_in_set(&mut trigger.touches, from, to);
        }
        catalog.opaque.insert(trigger.id.clone(), trigger);
    }
}

/// Everything that names the column `from` of `table`. Called while the table still has the column under that name.
pub(super) fn rename_column(catalog: &mut Catalog, table: &ObjectName, from: &Name, to: &Name) {
    follow_in_bodies(catalog, table, from, to);
    let rename = |name: &mut Name| {
        if same(name, from) {
            *name = to.clone();
        }
    };
    for (name, other) in &mut catalog.tables {
        for constraint in &mut other.constraints {
            if let ConstraintKind::ForeignKey(key) = &mut constraint.kind
                && same(&key.table.name, &table.name)
            {
                key.referenced.iter_mut().for_each(rename);
            }
            if name == table {
                constraint_columns(constraint, rename);
            }
        }
    }
    if let Some(own) = catalog.tables.get_mut(table) {
        own.columns.iter_mut().for_each(|column| rename(&mut column.name));
        own.indexes.iter_mut().for_each(|index| index_columns(index, rename));
        // A default names no column; what looks like one is a string.
        let defaults: Vec<_> = own.columns.iter().map(|column| column.default.clone()).collect();
        each_expr(own, |expr| {
            *expr = rename_column_in_expr(expr, &table.name, from, to, DialectKind::Sqlite);
        });
        own.columns.iter_mut().zip(defaults).for_each(|(column, default)| column.default = default);
    }
}

/// The columns of a table or view of this name, whatever its case; a view's are told from its query.
pub(crate) fn columns_of(catalog: &Catalog, name: &Name) -> Option<Vec<Name>> {
    columns_within(catalog, name, 6)
}

fn columns_within(catalog: &Catalog, name: &Name, depth: usize) -> Option<Vec<Name>> {
    let bare = ObjectName::bare(name.clone());
    let exact = catalog.tables.get(&bare);
    let table = exact.or_else(|| catalog.tables.values().find(|table| same(&table.name.name, name)));
    if let Some(table) = table {
        return Some(table.columns.iter().map(|column| column.name.clone()).collect());
    }
    let view = catalog.views.values().find(|view| same(&view.name.name, name))?;
    if view.explicit_columns {
        return Some(view.columns.iter().map(|(name, _)| name.clone()).collect());
    }
    let deeper = depth.checked_sub(1)?;
    let all = Body::new(&view.query).result_columns(&|name| columns_within(catalog, name, deeper))?;
    Some(all.into_iter().map(|column| column.name).collect())
}

fn follow_in_bodies(catalog: &mut Catalog, table: &ObjectName, from: &Name, to: &Name) {
    let known = table_columns(catalog);
    let columns = |name: &Name| known.iter().find(|(known, _)| same(known, name)).map(|(_, all)| all.clone());
    let rename = |text: &str| Body::new(text).rename_column(table.name.as_str(), from.as_str(), to, &columns);
    for view in catalog.views.values_mut() {
        if let Some(query) = rename(&view.query) {
            view.query = query;
        }
    }
    for trigger in catalog.opaque.values_mut().filter(|object| object.id.kind == OpaqueKind::Trigger) {
        if let Some(text) = rename(&trigger.definition) {
            trigger.definition = text;
        }
    }
}

/// The tables' columns, when there is a body that may need them.
fn table_columns(catalog: &Catalog) -> Vec<(Name, Vec<Name>)> {
    if catalog.views.is_empty() && catalog.opaque.is_empty() {
        return Vec::new();
    }
    let names = |table: &Table| table.columns.iter().map(|column| column.name.clone()).collect();
    catalog.tables.iter().map(|(name, table)| (name.name.clone(), names(table))).collect()
}

/// `from.column` as `to.column`.
pub(crate) fn requalify(expr: &Expr, from: &Name, to: &Name) -> Expr {
    let text = expr.as_str();
    let all = tokens(text, DialectKind::Sqlite);
    let mut out = String::new();
    let mut last = 0;
    for pair in all.windows(2) {
        let [token, after] = pair else { continue };
        let identifier = matches!(token.kind, TokenKind::Word | TokenKind::Quoted);
        let name = schema_model::ident::fold(token.text(text), DialectKind::Sqlite);
        if identifier && after.text(text) == "." && name.eq_ignore_ascii_case(from.as_str()) {
            out.push_str(&text[last..token.start as usize]);
            out.push_str(&schema_model::ident::quote(to, DialectKind::Sqlite));
            last = token.end as usize;
        }
    }
    out.push_str(&text[last..]);
    Expr::new(out)
}

fn rename_in_set(set: &mut std::collections::BTreeSet<ObjectName>, from: &ObjectName, to: &ObjectName) {
    if set.remove(from) {
        set.insert(to.clone());
    }
}
