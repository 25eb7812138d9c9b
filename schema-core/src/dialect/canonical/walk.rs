//! The canonical form of a whole catalog: every type and expression in it.

use schema_model::catalog::{
    Catalog, Column, ColumnType, Constraint, ConstraintKind, Domain, Index, IndexTerm, Table, TableKind,
};
use schema_model::{DialectKind, Expr};

use super::{Scope, bodies, default, expr_in, type_};

/// The catalog with its types and expressions in canonical form, ready to be compared with `==`.
pub fn catalog(catalog: &Catalog, dialect: DialectKind) -> Catalog {
    let mut out = catalog.clone();
    match dialect {
        DialectKind::Sqlite => super::sqlite_catalog::settle(&mut out),
        DialectKind::Postgres => out.opaque.values_mut().for_each(|object| bodies::settle(object, catalog)),
    }
    for table in out.tables.values_mut() {
        types(table, dialect);
        let known = table.clone();
        expressions(table, Scope::table(&known).in_catalog(catalog), catalog, dialect);
    }
    for domain in out.domains.values_mut() {
        domain.base = type_(&domain.base, dialect);
        let base = domain.base.clone();
        domain_expressions(domain, &base, catalog, dialect);
    }
    for composite in out.composites.values_mut() {
        composite.attributes.iter_mut().for_each(|attribute| attribute.ty = type_(&attribute.ty, dialect));
    }
    for view in out.views.values_mut() {
        view.indexes.iter_mut().for_each(|each| index(each, Scope::default(), dialect));
        for (name, value) in &mut view.column_defaults {
            let ty = view.columns.iter().find(|(own, _)| own == name).and_then(|(_, ty)| ty.as_ref());
            if let Some(ty) = ty {
                *value = default(value, ty, &Scope::default(), dialect);
            }
        }
    }
    if dialect == DialectKind::Postgres {
        queries(&mut out);
    }
    out
}

/// PostgreSQL keeps a query's meaning, not how it is laid out.
fn queries(catalog: &mut Catalog) {
    for view in catalog.views.values_mut() {
        view.query = super::tokens_text::folded_text(&view.query, DialectKind::Postgres);
    }
}

fn types(table: &mut Table, dialect: DialectKind) {
    table.columns.iter_mut().for_each(|column| column.ty = type_(&column.ty, dialect));
}

fn expressions(table: &mut Table, scope: Scope<'_>, catalog: &Catalog, dialect: DialectKind) {
    for each in &mut table.columns {
        column(each, scope, catalog, dialect);
    }
    table.constraints.iter_mut().for_each(|each| constraint(each, scope, dialect));
    table.indexes.iter_mut().for_each(|each| index(each, scope, dialect));
    if let TableKind::Partitioned(key) = &mut table.options.kind {
        *key = super::tokens_text::folded_text(key, dialect);
    }
    if let Some((_, bound)) = &mut table.options.partition_of {
        *bound = plain_numbers(&super::tokens_text::folded_text(bound, dialect));
    }
}

/// The server prints a bound of a big integer as a string.
fn plain_numbers(bound: &str) -> String {
    let mut out = String::with_capacity(bound.len());
    for (at, part) in bound.split('\'').enumerate() {
        let inside = at % 2 == 1;
        let number = inside && part.parse::<i128>().is_ok();
        let quote = if inside && !number { "'" } else { "" };
        out.push_str(&format!("{quote}{part}{quote}"));
    }
    out
}

fn column(column: &mut Column, scope: Scope<'_>, catalog: &Catalog, dialect: DialectKind) {
    let ty = &column.ty;
    column.default = column.default.take().map(|each| default(&each, ty, &scope, dialect));
    column.default.take_if(|each| catalog.is_no_default(each, ty));
    if let Some(generated) = &mut column.generated {
        generated.expr = default(&generated.expr, ty, &scope, dialect);
    }
}

fn constraint(constraint: &mut Constraint, scope: Scope<'_>, dialect: DialectKind) {
    match &mut constraint.kind {
        ConstraintKind::Check(check) => replace(&mut check.expr, scope, dialect),
        ConstraintKind::Exclude(exclude) => {
            exclude.parts.iter_mut().for_each(|part| term(&mut part.part.term, scope, dialect));
            exclude.predicate.iter_mut().for_each(|each| replace(each, scope, dialect));
        }
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
            let folded = |suffix: String| super::tokens_text::folded_text(&suffix, dialect);
            key.suffix = key.suffix.take().map(folded);
        }
        ConstraintKind::ForeignKey(_) => {}
    }
}

fn index(index: &mut Index, scope: Scope<'_>, dialect: DialectKind) {
    index.parts.iter_mut().for_each(|part| term(&mut part.term, scope, dialect));
    index.predicate.iter_mut().for_each(|each| replace(each, scope, dialect));
}

fn term(term: &mut IndexTerm, scope: Scope<'_>, dialect: DialectKind) {
    if let IndexTerm::Expr(each) = term {
        replace(each, scope, dialect);
    }
}

fn replace(each: &mut Expr, scope: Scope<'_>, dialect: DialectKind) {
    *each = expr_in(each, &scope, dialect);
}

fn domain_expressions(domain: &mut Domain, base: &ColumnType, catalog: &Catalog, dialect: DialectKind) {
    let scope = Scope::value(base).in_catalog(catalog);
    domain.default = domain.default.take().map(|each| default(&each, base, &scope, dialect));
    domain.default.take_if(|each| catalog.is_no_default(each, base));
    domain.checks.iter_mut().for_each(|each| constraint(each, scope, dialect));
}
