//! What an object asks for before it can be made, as keys.

use schema_model::catalog::{
    Column, ColumnType, Constraint, ConstraintKind, Domain, Index, IndexPart, IndexTerm, OpaqueKind,
    OpaqueObject, Table, View,
};
use schema_model::token::{TokenKind, tokens};
use schema_model::{Expr, ObjectName};

use super::PG;
use super::expr::Mentions;
use crate::plan::Key;
use crate::sql::read::postgres::opclass;

/// Keys under which an object of any kind may be known.
pub(super) fn any(name: &ObjectName) -> [Key; 4] {
    [
        Key::Relation(name.clone()),
        Key::Type(name.clone()),
        Key::Routine(name.clone()),
        Key::Columns(name.clone()),
    ]
}

/// A column type's own type.
pub(super) fn of_type(ty: &ColumnType) -> Option<Key> {
    ty.user_type().cloned().map(Key::Type)
}

/// A domain's base type, and what its default and checks name.
pub(super) fn of_domain(domain: &Domain) -> Vec<Key> {
    let mut keys: Vec<Key> = of_type(&domain.base).into_iter().collect();
    keys.extend(domain.default.iter().flat_map(of_expr));
    for check in &domain.checks {
        if let ConstraintKind::Check(check) = &check.kind {
            keys.extend(of_expr(&check.expr));
        }
    }
    keys.retain(|key| *key != Key::Type(domain.name.clone()));
    keys
}

/// What an expression calls, casts to, and reads from.
pub(super) fn of_expr(expr: &Expr) -> Vec<Key> {
    let found = Mentions::of(expr.as_str());
    let calls = found.calls.into_iter().map(Key::Routine);
    let types = found.names.into_iter().map(Key::Type);
    let operators = found.operators.into_iter().map(Key::Operator);
    calls.chain(types).chain(operators).chain(found.quoted.into_iter().map(Key::Relation)).collect()
}

/// A column's type, default and expression; the columns that it is computed from.
pub(super) fn of_column(table: &Table, column: &Column) -> Vec<Key> {
    let mut keys: Vec<Key> = of_type(&column.ty).into_iter().collect();
    keys.extend(column.default.iter().flat_map(of_expr));
    if let Some(generated) = &column.generated {
        keys.extend(of_expr(&generated.expr));
        keys.extend(named_columns(table, &generated.expr));
    }
    keys.extend(column.collation.iter().cloned().map(Key::Type));
    keys
}

/// The columns of the table that the expression names.
pub(super) fn named_columns(table: &Table, expr: &Expr) -> Vec<Key> {
    let found = Mentions::of(expr.as_str());
    let named = table.columns.iter().filter(|column| found.word(&column.name));
    named.map(|column| Key::Column(table.name.clone(), column.name.clone())).collect()
}

/// What a constraint of the table asks for, its own columns included.
pub(super) fn of_constraint(table: &Table, constraint: &Constraint) -> Vec<Key> {
    let column = |name: &schema_model::Name| Key::Column(table.name.clone(), name.clone());
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            key.columns.iter().chain(&key.include).map(column).collect()
        }
        ConstraintKind::ForeignKey(key) => {
            let mut keys: Vec<Key> = key.columns.iter().map(column).collect();
            keys.push(Key::Relation(key.table.clone()));
            if key.table != table.name {
                keys.push(Key::Members(key.table.clone()));
            }
            keys.extend(key.referenced.iter().map(|name| Key::Column(key.table.clone(), name.clone())));
            keys
        }
        ConstraintKind::Check(check) => {
            let mut keys = of_expr(&check.expr);
            keys.extend(named_columns(table, &check.expr));
            keys
        }
        ConstraintKind::Exclude(exclude) => {
            let mut keys: Vec<Key> = exclude.include.iter().map(column).collect();
            keys.extend(exclude.parts.iter().flat_map(|part| of_part(table, &part.part)));
            keys.extend(exclude.predicate.iter().flat_map(of_expr));
            keys.extend(exclude.predicate.iter().flat_map(|expr| named_columns(table, expr)));
            keys
        }
    }
}

fn of_part(table: &Table, part: &IndexPart) -> Vec<Key> {
    let mut keys = of_term(table, &part.term);
    keys.extend(part.collation.iter().cloned().map(Key::Type));
    keys.extend(of_class(part));
    keys
}

/// The operator class of an index part.
pub(super) fn of_class(part: &IndexPart) -> Option<Key> {
    let name = opclass::name(part.opclass.as_deref()?)?;
    Some(Key::Opaque(opclass::id(&name)))
}

fn of_term(table: &Table, term: &IndexTerm) -> Vec<Key> {
    match term {
        IndexTerm::Column(name) => vec![Key::Column(table.name.clone(), name.clone())],
        IndexTerm::Expr(expr) => {
            let mut keys = of_expr(expr);
            keys.extend(named_columns(table, expr));
            keys
        }
    }
}

/// What an index asks for.
pub(super) fn of_index(table: &Table, index: &Index) -> Vec<Key> {
    let mut keys: Vec<Key> = index.parts.iter().flat_map(|part| of_part(table, part)).collect();
    keys.extend(index.include.iter().map(|name| Key::Column(table.name.clone(), name.clone())));
    keys.extend(index.predicate.iter().flat_map(of_expr));
    keys.extend(index.predicate.iter().flat_map(|expr| named_columns(table, expr)));
    keys
}

/// What a table's columns ask for, and its parents.
pub(super) fn of_table(table: &Table) -> Vec<Key> {
    let mut keys: Vec<Key> = table.columns.iter().flat_map(|column| of_column(table, column)).collect();
    keys.extend(table.options.inherits.iter().flat_map(any));
    if let Some((parent, _)) = &table.options.partition_of {
        keys.push(Key::Relation(parent.clone()));
    }
    if let schema_model::catalog::TableKind::Partitioned(key) = &table.options.kind {
        keys.extend(of_expr(&Expr::new(key)));
    }
    keys.retain(|key| !is_own(key, &table.name));
    keys
}

/// Whether the key is a part of the table itself.
pub(super) fn is_own(key: &Key, table: &ObjectName) -> bool {
    match key {
        Key::Relation(name)
        | Key::Column(name, _)
        | Key::Columns(name)
        | Key::Members(name)
        | Key::ForeignKeys(name)
        | Key::Constraint(name, _)
        | Key::Bounds(name)
        | Key::Persistence(name) => name == table,
        Key::Schema(_)
        | Key::Extension(_)
        | Key::Type(_)
        | Key::Routine(_)
        | Key::Operator(_)
        | Key::Opaque(_) => false,
    }
}

/// What a view reads.
pub(super) fn of_view(view: &View) -> Vec<Key> {
    let mut keys: Vec<Key> = view.touches.iter().flat_map(any).collect();
    let found = Mentions::of(&view.query);
    keys.extend(found.calls.into_iter().map(Key::Routine));
    keys.extend(found.operators.into_iter().map(Key::Operator));
    keys.retain(|key| !is_own(key, &view.name) && *key != Key::Type(view.name.clone()));
    keys
}

/// What an opaque object asks for firmly, and what only its body in quotes names.
pub(super) fn of_opaque(object: &OpaqueObject) -> (Vec<Key>, Vec<Key>) {
    let found = Mentions::of(&object.definition);
    let routine = is_routine(object);
    let firm = |name: &&ObjectName| !routine || found.object(name);
    let mut needs: Vec<Key> = object.touches.iter().filter(firm).flat_map(any).collect();
    let mut likes: Vec<Key> = object.touches.iter().filter(|name| !firm(name)).flat_map(any).collect();
    if routine {
        likes.extend(body_names(&object.definition).iter().flat_map(any));
    }
    needs.extend(found.calls.iter().cloned().map(Key::Routine));
    if let Some(on) = &object.id.on {
        needs.extend([Key::Relation(on.clone()), Key::Columns(on.clone())]);
    }
    if object.id.kind == OpaqueKind::OperatorClass {
        // `CREATE OPERATOR CLASS … FAMILY name`: which of the names is the family is all the same here.
        needs.extend(found.names.iter().map(|name| Key::Opaque(opclass::id(name))));
    }
    if routine && !is_atomic(object) {
        // A signature names a table for its row type, whatever its columns.
        needs.retain(|key| !matches!(key, Key::Columns(_)));
    }
    // Itself, under its own name.
    let own = &object.id.name;
    needs.retain(|key| {
        *key != Key::Routine(own.clone())
            && *key != Key::Type(own.clone())
            && *key != Key::Opaque(object.id.clone())
    });
    (needs, likes)
}

/// The names in a routine's body in quotes, its own language's words among them.
fn body_names(definition: &str) -> Vec<ObjectName> {
    let all = tokens(definition, PG);
    let strings = all.iter().filter(|token| token.kind == TokenKind::Str).map(|token| token.text(definition));
    let mut names = Vec::new();
    for text in strings {
        let inner = match text.find('$').filter(|at| *at == 0).and_then(|_| text[1..].find('$')) {
            Some(end) => text.get(end + 2..text.len().saturating_sub(end + 2)).unwrap_or_default(),
            None => text.trim_matches('\''),
        };
        let found = Mentions::of(inner);
        names.extend(found.names);
        names.extend(found.calls);
    }
    names
}

/// Function or procedure.
pub(super) fn is_routine(object: &OpaqueObject) -> bool {
    matches!(object.id.kind, OpaqueKind::Function | OpaqueKind::Procedure)
}

/// Whether a routine's body is SQL that the database resolved when it was made (`BEGIN ATOMIC`, `RETURN`).
pub(super) fn is_atomic(object: &OpaqueObject) -> bool {
    let text = &object.definition;
    let all = tokens(text, PG);
    let word = |wanted: &str| {
        all.iter().any(|token| token.kind == TokenKind::Word && token.text(text).eq_ignore_ascii_case(wanted))
    };
    is_routine(object) && (word("atomic") || word("return"))
}

/// The keys under which an opaque object is known.
pub(super) fn own_keys(object: &OpaqueObject) -> Vec<Key> {
    let name = object.id.name.clone();
    let mut keys = vec![Key::Opaque(object.id.clone())];
    match object.id.kind {
        OpaqueKind::Function | OpaqueKind::Procedure | OpaqueKind::Aggregate => keys.push(Key::Routine(name)),
        OpaqueKind::Type => {
            keys.push(Key::Type(super::opaque::multirange(object)));
            keys.push(Key::Type(name));
        }
        OpaqueKind::Collation => keys.push(Key::Type(name)),
        OpaqueKind::Operator => keys.push(Key::Operator(name.name.to_string())),
        OpaqueKind::OperatorClass
        | OpaqueKind::Cast
        | OpaqueKind::Statistics
        | OpaqueKind::Rule
        | OpaqueKind::Trigger
        | OpaqueKind::EventTrigger
        | OpaqueKind::Policy
        | OpaqueKind::TextSearch
        | OpaqueKind::Foreign
        | OpaqueKind::Publication => {}
    }
    keys
}
