//! What depends on an object: what goes with it without being asked, and what holds it back.

use schema_model::catalog::{
    Catalog, Column, ColumnType, Constraint, ConstraintKind, IndexTerm, OpaqueKind, OpaqueObject, Table, View,
};
use schema_model::{DialectKind, Name, ObjectName};

use super::super::{figure, index, opclass, routine};
use super::Object;
use crate::sql::cursor::code_tokens;
use crate::sql::replay::Replayer;

/// A dependent, and whether it goes without `CASCADE`.
pub(super) struct Dependent {
    pub(super) object: Object,
    pub(super) automatic: bool,
}

fn automatic(object: Object) -> Dependent {
    Dependent { object, automatic: true }
}

fn normal(object: Object) -> Dependent {
    Dependent { object, automatic: false }
}

pub(super) fn dependents(replayer: &Replayer, object: &Object) -> Vec<Dependent> {
    let catalog = replayer.catalog();
    match object {
        Object::Table(name) => of_table(catalog, name),
        Object::View(name) => of_relation(catalog, name),
        Object::Sequence(name) => of_sequence(catalog, name),
        Object::Type(name) => of_type(catalog, name),
        Object::Column(table, name) => of_column(catalog, table, name),
        Object::Constraint(table, name) => of_constraint(catalog, table, name),
        Object::Opaque(id) => match id.kind {
            OpaqueKind::Function | OpaqueKind::Procedure | OpaqueKind::Aggregate => {
                // Of several with one name it is not known which one is meant.
                let alone = routine::overloads(catalog, id.kind, &id.name).count() <= 1;
                if alone { of_routine(catalog, &id.name) } else { Vec::new() }
            }
            OpaqueKind::Type => of_type(catalog, &id.name),
            _ => Vec::new(),
        },
        Object::Schema(name) => of_schema(catalog, name),
        Object::Extension(name) => of_extension(catalog, name),
        Object::Default(..) | Object::Index(..) => Vec::new(),
    }
}

fn of_table(catalog: &Catalog, name: &ObjectName) -> Vec<Dependent> {
    let mut found = of_relation(catalog, name);
    for table in catalog.tables.values() {
        if table.options.partition_of.as_ref().is_some_and(|(parent, _)| parent == name) {
            found.push(automatic(Object::Table(table.name.clone())));
        } else if table.options.inherits.contains(name) {
            found.push(normal(Object::Table(table.name.clone())));
        }
        if table.name != *name {
            found.extend(foreign_keys(table, name, None));
        }
    }
    let owned = catalog
        .sequences
        .values()
        .filter(|sequence| sequence.owned_by.as_ref().is_some_and(|(table, _)| table == name));
    found.extend(owned.map(|sequence| automatic(Object::Sequence(sequence.name.clone()))));
    found.extend(columns_of_type(catalog, name).map(|(table, column)| normal(Object::Column(table, column))));
    found
}

/// Views, routines, triggers, policies and rules of a table or view.
fn of_relation(catalog: &Catalog, name: &ObjectName) -> Vec<Dependent> {
    let views = catalog.views.values().filter(|view| view.name != *name && view.touches.contains(name));
    let mut found: Vec<Dependent> = views.map(|view| normal(Object::View(view.name.clone()))).collect();
    for object in catalog.opaque.values() {
        let own = object.id.on.as_ref() == Some(name);
        if own || object.id.kind == OpaqueKind::Statistics && object.touches.contains(name) {
            found.push(automatic(Object::Opaque(object.id.clone())));
        } else if object.touches.contains(name) && holds(object, name) {
            found.push(normal(Object::Opaque(object.id.clone())));
        }
    }
    found
}

/// Whether the database keeps a reference from the object: a routine's body is only text, its signature is not.
fn holds(object: &OpaqueObject, name: &ObjectName) -> bool {
    match object.id.kind {
        OpaqueKind::Function | OpaqueKind::Procedure | OpaqueKind::Aggregate => {
            figure::names_word(signature(&object.definition), name.name.as_str())
        }
        // A publication loses the table without being asked.
        OpaqueKind::Trigger | OpaqueKind::Publication | OpaqueKind::EventTrigger => false,
        OpaqueKind::Collation
        | OpaqueKind::Type
        | OpaqueKind::Operator
        | OpaqueKind::OperatorClass
        | OpaqueKind::Cast
        | OpaqueKind::Statistics
        | OpaqueKind::Rule
        | OpaqueKind::Policy
        | OpaqueKind::TextSearch
        | OpaqueKind::Foreign => true,
    }
}

/// A routine's definition up to its body.
fn signature(definition: &str) -> &str {
    let tokens = code_tokens(definition, DialectKind::Postgres);
    let body = tokens.iter().find(|token| {
        ["as", "begin", "language"].iter().any(|word| token.text(definition).eq_ignore_ascii_case(word))
    });
    body.map_or(definition, |token| &definition[..token.start as usize])
}

fn foreign_keys<'t>(
    table: &'t Table,
    referenced: &'t ObjectName,
    column: Option<&'t Name>,
) -> impl Iterator<Item = Dependent> + 't {
    table.constraints.iter().filter_map(move |constraint| {
        let ConstraintKind::ForeignKey(key) = &constraint.kind else { return None };
        let hit = key.table == *referenced && column.is_none_or(|column| key.referenced.contains(column));
        let name = constraint.name.clone().filter(|_| hit)?;
        Some(normal(Object::Constraint(table.name.clone(), name)))
    })
}

/// Defaults that take their value from the sequence. A child's column goes with its parent's.
fn of_sequence(catalog: &Catalog, name: &ObjectName) -> Vec<Dependent> {
    let mut found = Vec::new();
    let owner = catalog.sequences.get(name).and_then(|sequence| sequence.owned_by.as_ref());
    let follows = |column: &Column| column.inherited && owner.is_some_and(|(_, own)| *own == column.name);
    for table in catalog.tables.values() {
        for column in table.columns.iter().filter(|column| !follows(column)) {
            if column.default.as_ref().is_some_and(|value| names_sequence(value.as_str(), name)) {
                found.push(normal(Object::Default(table.name.clone(), column.name.clone())));
            }
        }
    }
    found
}

fn names_sequence(default: &str, sequence: &ObjectName) -> bool {
    let probe = ObjectName::in_schema("\u{1}", "\u{1}");
    let expr = schema_model::Expr::new(default);
    crate::change::rename_object_in_expr(&expr, sequence, &probe, DialectKind::Postgres) != expr
}

fn columns_of_type<'c>(
    catalog: &'c Catalog,
    ty: &'c ObjectName,
) -> impl Iterator<Item = (ObjectName, Name)> + 'c {
    let is_of = |column: &&Column, ty: &ObjectName| column.ty.user_type() == Some(ty);
    catalog.tables.values().flat_map(move |table| {
        let columns = table.columns.iter().filter(move |column| is_of(column, ty));
        columns.map(|column| (table.name.clone(), column.name.clone()))
    })
}

fn of_type(catalog: &Catalog, name: &ObjectName) -> Vec<Dependent> {
    let columns = columns_of_type(catalog, name);
    let mut found: Vec<Dependent> =
        columns.map(|(table, column)| normal(Object::Column(table, column))).collect();
    // Defaults of other types that cast to it: `'a'::status` for a text column.
    for table in catalog.tables.values() {
        let typed = |column: &&Column| column.ty.user_type() != Some(name);
        for column in table.columns.iter().filter(typed) {
            if column.default.as_ref().is_some_and(|value| casts_to(value.as_str(), name)) {
                found.push(normal(Object::Default(table.name.clone(), column.name.clone())));
            }
        }
    }
    let domains = catalog.domains.values().filter(|domain| domain.base.user_type() == Some(name));
    found.extend(domains.map(|domain| normal(Object::Type(domain.name.clone()))));
    let composites = catalog.composites.values();
    let uses = |ty: &ColumnType| ty.user_type() == Some(name);
    let with_attribute = composites.filter(|ty| ty.attributes.iter().any(|attribute| uses(&attribute.ty)));
    found.extend(with_attribute.map(|ty| normal(Object::Type(ty.name.clone()))));
    let views = catalog.views.values().filter(|view| view.touches.contains(name));
    found.extend(views.map(|view| normal(Object::View(view.name.clone()))));
    for object in catalog.opaque.values() {
        let named =
            object.touches.contains(name) || figure::names_word(&object.id.arguments, name.name.as_str());
        let own = object.id.kind == OpaqueKind::Type && object.id.name == *name;
        if named && !own && holds(object, name) {
            found.push(normal(Object::Opaque(object.id.clone())));
        }
    }
    found
}

fn casts_to(expr: &str, ty: &ObjectName) -> bool {
    let tokens = code_tokens(expr, DialectKind::Postgres);
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text(expr));
    (0..tokens.len()).filter(|at| word(*at) == "::").any(|at| {
        let last = if word(at + 2) == "." { at + 3 } else { at + 1 };
        schema_model::ident::fold(word(last), DialectKind::Postgres) == ty.name.as_str()
    })
}

fn of_column(catalog: &Catalog, owner: &ObjectName, name: &Name) -> Vec<Dependent> {
    let Some(table) = catalog.tables.get(owner) else { return Vec::new() };
    let mut found = Vec::new();
    let (bare, column) = (owner.name.as_str(), name.as_str());
    for own in table.indexes.iter().filter(|own| index::uses_column(own, bare, name)) {
        found.push(automatic(Object::Index(owner.clone(), own.name.clone())));
    }
    for constraint in &table.constraints {
        if let Some(own) = constraint.name.clone().filter(|_| constraint_uses(constraint, bare, name)) {
            found.push(automatic(Object::Constraint(owner.clone(), own)));
        }
    }
    for other in &table.columns {
        let computed = other.generated.as_ref();
        if computed.is_some_and(|generated| figure::uses_column(generated.expr.as_str(), bare, column)) {
            found.push(normal(Object::Column(owner.clone(), other.name.clone())));
        }
    }
    for other in catalog.tables.values() {
        found.extend(foreign_keys(other, owner, Some(name)));
    }
    let owned = catalog.sequences.values().filter(|sequence| {
        sequence.owned_by.as_ref().is_some_and(|(table, own)| table == owner && own == name)
    });
    found.extend(owned.map(|sequence| automatic(Object::Sequence(sequence.name.clone()))));
    let views = catalog.views.values().filter(|view| view_uses(view, owner, column));
    found.extend(views.map(|view| normal(Object::View(view.name.clone()))));
    for object in catalog.opaque.values() {
        if object.id.on.as_ref() == Some(owner) && object_uses(object, column) {
            found.push(normal(Object::Opaque(object.id.clone())));
        }
        if object.id.kind == OpaqueKind::Statistics
            && object.touches.contains(owner)
            && figure::names_word(&object.definition, column)
        {
            found.push(automatic(Object::Opaque(object.id.clone())));
        }
    }
    found
}

/// What of a trigger, policy or rule refers to a column by itself.
fn object_uses(object: &OpaqueObject, column: &str) -> bool {
    match object.id.kind {
        OpaqueKind::Policy | OpaqueKind::Rule => figure::names_word(&object.definition, column),
        OpaqueKind::Trigger => {
            // `UPDATE OF columns`, and `WHEN (…)`: not the function's arguments.
            let lower = object.definition.to_ascii_lowercase();
            let head = lower.find("execute").and_then(|at| object.definition.get(..at)).unwrap_or("");
            let after_of = head.to_ascii_lowercase().find(" of ").and_then(|at| head.get(at..)).unwrap_or("");
            let when = head.to_ascii_lowercase().find(" when").and_then(|at| head.get(at..)).unwrap_or("");
            let list = after_of
                .split_once(" on ")
                .or_else(|| after_of.split_once(" ON "))
                .map_or("", |(list, _)| list);
            figure::names_word(list, column) || figure::names_word(when, column)
        }
        _ => false,
    }
}

/// Whether a view uses the column. The query is text: with several relations a word may be another's column, so only a
/// view over this table alone counts.
fn view_uses(view: &View, table: &ObjectName, column: &str) -> bool {
    view.touches.contains(table)
        && (figure::names_word(&view.query, column)
            || view.columns.iter().any(|(name, _)| name.as_str() == column))
}

fn constraint_uses(constraint: &Constraint, table: &str, column: &Name) -> bool {
    let expr = |text: &str| figure::uses_column(text, table, column.as_str());
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            key.columns.contains(column) || key.include.contains(column)
        }
        ConstraintKind::ForeignKey(key) => key.columns.contains(column),
        ConstraintKind::Check(check) => expr(check.expr.as_str()),
        ConstraintKind::Exclude(exclude) => {
            exclude.include.contains(column)
                || exclude.predicate.as_ref().is_some_and(|predicate| expr(predicate.as_str()))
                || exclude.parts.iter().any(|part| match &part.part.term {
                    IndexTerm::Column(name) => name == column,
                    IndexTerm::Expr(text) => expr(text.as_str()),
                })
        }
    }
}

/// Foreign keys that rest on a key of the table.
fn of_constraint(catalog: &Catalog, owner: &ObjectName, name: &Name) -> Vec<Dependent> {
    let Some(table) = catalog.tables.get(owner) else { return Vec::new() };
    let Some(constraint) = table.constraint(name.as_str()) else { return Vec::new() };
    let (ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key)) = &constraint.kind else {
        return Vec::new();
    };
    // Another key or unique index over the same columns may be what the foreign key rests on: the first one made.
    let same = |columns: &[Name]| {
        columns.len() == key.columns.len() && columns.iter().all(|column| key.columns.contains(column))
    };
    let earlier = table.constraints.iter().take_while(|other| other.name.as_ref() != Some(name));
    let mut rivals = earlier.filter_map(|other| match &other.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => Some(&key.columns),
        _ => None,
    });
    if rivals.any(|columns| same(columns)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for other in catalog.tables.values() {
        for constraint in &other.constraints {
            if let (ConstraintKind::ForeignKey(foreign), Some(own)) = (&constraint.kind, &constraint.name)
                && foreign.table == *owner
                && same(&foreign.referenced)
            {
                found.push(normal(Object::Constraint(other.name.clone(), own.clone())));
            }
        }
    }
    found
}

/// Triggers that call the routine, and defaults, checks, indexes and views that use it.
fn of_routine(catalog: &Catalog, name: &ObjectName) -> Vec<Dependent> {
    let bare = name.name.as_str();
    let uses = |text: &str| figure::names_word(text, bare);
    let mut found = Vec::new();
    for object in catalog.opaque.values() {
        let calls = match object.id.kind {
            OpaqueKind::Trigger | OpaqueKind::EventTrigger => {
                let lower = object.definition.to_ascii_lowercase();
                let call = lower.rfind("execute").and_then(|at| object.definition.get(at..));
                call.is_some_and(uses)
            }
            OpaqueKind::Policy
            | OpaqueKind::Rule
            | OpaqueKind::Operator
            | OpaqueKind::Cast
            | OpaqueKind::Aggregate => object.id.name != *name && uses(&object.definition),
            _ => false,
        };
        if calls {
            found.push(normal(Object::Opaque(object.id.clone())));
        }
    }
    for table in catalog.tables.values() {
        for column in &table.columns {
            if column.default.as_ref().is_some_and(|value| uses(value.as_str())) {
                found.push(normal(Object::Default(table.name.clone(), column.name.clone())));
            }
            if column.generated.as_ref().is_some_and(|generated| uses(generated.expr.as_str())) {
                found.push(normal(Object::Column(table.name.clone(), column.name.clone())));
            }
        }
        for constraint in &table.constraints {
            if let (ConstraintKind::Check(check), Some(own)) = (&constraint.kind, &constraint.name)
                && calls_function(check.expr.as_str(), bare)
            {
                found.push(normal(Object::Constraint(table.name.clone(), own.clone())));
            }
        }
        for own in &table.indexes {
            let in_terms = own.parts.iter().any(|part| match &part.term {
                IndexTerm::Expr(expr) => calls_function(expr.as_str(), bare),
                IndexTerm::Column(_) => false,
            });
            if in_terms || own.predicate.as_ref().is_some_and(|expr| calls_function(expr.as_str(), bare)) {
                found.push(normal(Object::Index(table.name.clone(), own.name.clone())));
            }
        }
    }
    let views = catalog.views.values().filter(|view| calls_function(&view.query, bare));
    found.extend(views.map(|view| normal(Object::View(view.name.clone()))));
    found
}

fn calls_function(expr: &str, name: &str) -> bool {
    let tokens = code_tokens(expr, DialectKind::Postgres);
    tokens.windows(2).any(|pair| {
        pair[1].text(expr) == "("
            && schema_model::ident::fold(pair[0].text(expr), DialectKind::Postgres) == name
    })
}

/// Everything in the schema.
fn of_schema(catalog: &Catalog, name: &Name) -> Vec<Dependent> {
    let schema = (name.as_str() != "public").then_some(name);
    let inside = |object: &&ObjectName| object.schema.as_ref() == schema;
    let mut found = Vec::new();
    found.extend(catalog.tables.keys().filter(inside).map(|name| normal(Object::Table(name.clone()))));
    found.extend(catalog.views.keys().filter(inside).map(|name| normal(Object::View(name.clone()))));
    found.extend(catalog.sequences.keys().filter(inside).map(|name| normal(Object::Sequence(name.clone()))));
    let types = catalog.enums.keys().chain(catalog.domains.keys()).chain(catalog.composites.keys());
    found.extend(types.filter(inside).map(|name| normal(Object::Type(name.clone()))));
    let anywhere = [OpaqueKind::EventTrigger, OpaqueKind::Foreign, OpaqueKind::Publication, OpaqueKind::Cast];
    let opaque = catalog.opaque.keys().filter(|id| inside(&&id.name) && !anywhere.contains(&id.kind));
    found.extend(opaque.map(|id| normal(Object::Opaque(id.clone()))));
    let extensions = catalog.extensions.values().filter(|extension| extension.schema.as_ref() == schema);
    found.extend(extensions.map(|extension| normal(Object::Extension(extension.name.clone()))));
    found
}

/// Columns of the extension's types, and indexes by its operator classes, as far as their names tell.
fn of_extension(catalog: &Catalog, name: &Name) -> Vec<Dependent> {
    let types: &[&str] = match name.as_str() {
        "postgis" => &["geometry", "geography", "raster", "box2d", "box3d"],
        "vector" => &["vector", "halfvec", "sparsevec"],
        "ltree" => &["ltree", "lquery", "ltxtquery"],
        own => &[own],
    };
    let mut found = Vec::new();
    for table in catalog.tables.values() {
        for column in &table.columns {
            if column.ty.user_type().is_some_and(|ty| types.contains(&ty.name.as_str())) {
                found.push(normal(Object::Column(table.name.clone(), column.name.clone())));
            }
        }
        for own in &table.indexes {
            let by_class = |class: &str| {
                let class = opclass::name(class);
                class.and_then(|class| opclass::extension(class.name.as_str())).is_some_and(|own| name == own)
            };
            if own.parts.iter().any(|part| part.opclass.as_deref().is_some_and(by_class)) {
                found.push(normal(Object::Index(table.name.clone(), own.name.clone())));
            }
        }
    }
    found
}
