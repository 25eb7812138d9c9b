//! What cannot stay when a view, routine or other opaque object goes (PostgreSQL manual, 5.14).

use std::collections::BTreeSet;

use schema_model::catalog::{Catalog, ConstraintKind, IndexTerm, OpaqueId, OpaqueKind, OpaqueObject};
use schema_model::token::TokenKind;
use schema_model::{Expr, Name, ObjectName, ident};

use crate::change::Change;
use crate::sql::cursor::{Read, code_tokens};
use crate::sql::replay::Replayer;

/// An object that a statement drops.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Root {
    /// A view.
    View(ObjectName),
    /// An opaque object.
    Opaque(OpaqueId),
    /// A column's default.
    Default(ObjectName, Name),
    /// A check constraint.
    Check(ObjectName, Name),
    /// An index over an expression.
    Index(ObjectName, Name),
}

/// Whether the object's text is kept as text by the database, so that what it names may go.
pub(super) fn is_text(object: &OpaqueObject) -> bool {
    matches!(object.id.kind, OpaqueKind::Function | OpaqueKind::Procedure)
}

/// Drops these objects, what is theirs, and with CASCADE what depends on them; without it, dependents forbid it.
pub(super) fn drop_roots(replayer: &mut Replayer, roots: Vec<Root>, cascade: bool) -> Read<()> {
    let mut order: Vec<Root> = Vec::new();
    let mut seen: BTreeSet<Root> = roots.iter().cloned().collect();
    let given = seen.clone();
    let mut queue: std::collections::VecDeque<Root> = roots.into();
    while let Some(root) = queue.pop_front() {
        let (owned, dependent) = below(replayer.catalog(), &root, replayer);
        if !cascade && let Some(other) = dependent.iter().find(|other| !given.contains(other)) {
            let message =
                format!("{} is used by {}; drop that first, or use CASCADE", shown(&root), shown(other));
            return Err(replayer.refused(message));
        }
        for next in owned.into_iter().chain(dependent) {
            if seen.insert(next.clone()) {
                queue.push_back(next);
            }
        }
        order.push(root);
    }
    for root in order.into_iter().rev() {
        emit_drop(replayer, root)?;
    }
    Ok(())
}

fn shown(root: &Root) -> String {
    match root {
        Root::View(name) => format!("view `{name}`"),
        Root::Opaque(id) => format!("{} `{}`", id.kind, id.name),
        Root::Default(table, column) => format!("the default of `{table}.{column}`"),
        Root::Check(table, name) => format!("constraint `{name}` of `{table}`"),
        Root::Index(table, name) => format!("index `{name}` of `{table}`"),
    }
}

/// What belongs to the object, and what depends on it.
fn below(catalog: &Catalog, root: &Root, replayer: &Replayer) -> (Vec<Root>, Vec<Root>) {
    match root {
        Root::View(name) => (owned_by_relation(catalog, name), on_name(catalog, name)),
        Root::Opaque(id) => match id.kind {
            OpaqueKind::Function | OpaqueKind::Procedure | OpaqueKind::Aggregate => {
                let others = overloads(catalog, id) > 1;
                if others {
                    return (Vec::new(), Vec::new());
                }
                let mut dependent = on_name(catalog, &id.name);
                dependent.extend(expressions(catalog, &id.name, replayer));
                (Vec::new(), dependent)
            }
            OpaqueKind::Type | OpaqueKind::Collation | OpaqueKind::Foreign => {
                (Vec::new(), on_name(catalog, &id.name))
            }
            _ => (Vec::new(), Vec::new()),
        },
        Root::Default(..) | Root::Check(..) | Root::Index(..) => (Vec::new(), Vec::new()),
    }
}

fn overloads(catalog: &Catalog, id: &OpaqueId) -> usize {
    super::routine::overloads(catalog, id.kind, &id.name).count()
}

/// Triggers, rules and policies of a relation.
fn owned_by_relation(catalog: &Catalog, name: &ObjectName) -> Vec<Root> {
    let own = catalog.opaque.keys().filter(|id| id.on.as_ref() == Some(name));
    own.map(|id| Root::Opaque(id.clone())).collect()
}

/// Views and opaque objects that refer to an object of this name.
pub(super) fn on_name(catalog: &Catalog, name: &ObjectName) -> Vec<Root> {
    let views = catalog.views.values().filter(|view| view.name != *name && view.touches.contains(name));
    let opaque =
        catalog.opaque.values().filter(|object| object.touches.contains(name) && object.id.name != *name);
    let views = views.map(|view| Root::View(view.name.clone()));
    views.chain(opaque.map(|object| Root::Opaque(object.id.clone()))).collect()
}

/// Defaults, checks and indexes that call a function.
fn expressions(catalog: &Catalog, name: &ObjectName, replayer: &Replayer) -> Vec<Root> {
    let calls = |expr: &Expr| calls(expr, name, replayer);
    let mut found = Vec::new();
    for table in catalog.tables.values() {
        for column in table.columns.iter().filter(|column| column.default.as_ref().is_some_and(calls)) {
            found.push(Root::Default(table.name.clone(), column.name.clone()));
        }
        for constraint in &table.constraints {
            if let (Some(own), ConstraintKind::Check(check)) = (&constraint.name, &constraint.kind)
                && calls(&check.expr)
            {
                found.push(Root::Check(table.name.clone(), own.clone()));
            }
        }
        for index in &table.indexes {
            let term = |term: &IndexTerm| matches!(term, IndexTerm::Expr(expr) if calls(expr));
            if index.parts.iter().any(|part| term(&part.term)) || index.predicate.as_ref().is_some_and(calls)
            {
                found.push(Root::Index(table.name.clone(), index.name.clone()));
            }
        }
    }
    found
}

fn calls(expr: &Expr, name: &ObjectName, replayer: &Replayer) -> bool {
    let text = expr.as_str();
    if !text.to_ascii_lowercase().contains(&name.name.as_str().to_ascii_lowercase()) {
        return false;
    }
    let tokens = code_tokens(text, replayer.dialect());
    tokens.windows(2).any(|pair| {
        matches!(pair[0].kind, TokenKind::Word | TokenKind::Quoted)
            && pair[1].text(text) == "("
            && ident::fold(pair[0].text(text), replayer.dialect()) == name.name.as_str()
    })
}

fn emit_drop(replayer: &mut Replayer, root: Root) -> Read<()> {
    let catalog = replayer.catalog();
    let change = match &root {
        Root::View(name) => catalog.views.get(name).map(|view| Change::DropView(Box::new(view.clone()))),
        Root::Opaque(id) => catalog.opaque.get(id).map(|object| Change::DropOpaque(Box::new(object.clone()))),
        Root::Default(table, column) => {
            let old = catalog.tables.get(table).and_then(|table| table.column(column.as_str()));
            old.map(|old| {
                let mut new = old.clone();
                new.default = None;
                Change::AlterColumn { table: table.clone(), old: Box::new(old.clone()), new: Box::new(new) }
            })
        }
        Root::Check(table, name) => {
            let old = catalog.tables.get(table).and_then(|table| table.constraint(name.as_str()));
            old.map(|old| Change::DropConstraint { table: table.clone(), constraint: Box::new(old.clone()) })
        }
        Root::Index(table, name) => {
            let old = catalog.tables.get(table).and_then(|table| table.index(name));
            old.map(|old| Change::DropIndex { table: table.clone(), index: Box::new(old.clone()) })
        }
    };
    change.map_or(Ok(()), |change| replayer.emit(change))
}
