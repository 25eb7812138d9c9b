//! Everything that is no table: schemas, extensions and types before them, sequences, views and the rest after.

use super::table::{comment, constraint_line, index_line, sequence};
use super::{Line, key_name, key_part};
use crate::DialectKind;
use crate::catalog::{
    Attribute, Catalog, CompositeType, Domain, EnumType, Extension, OpaqueObject, Schema, Sequence, View,
};
use crate::ident::quote_string;
use crate::type_text::write_type;

pub(super) fn before(catalog: &Catalog, dialect: DialectKind, out: &mut Vec<Line>) {
    out.extend(catalog.schemas.values().map(schema));
    out.extend(catalog.extensions.values().map(extension));
    out.extend(catalog.enums.values().map(enum_type));
    for domain in catalog.domains.values() {
        domain_lines(domain, dialect, out);
    }
    out.extend(catalog.composites.values().map(|composite| composite_type(composite, dialect)));
    out.extend(catalog.sequences.values().map(sequence_line));
}

pub(super) fn after(catalog: &Catalog, dialect: DialectKind, out: &mut Vec<Line>) {
    for view in catalog.views.values() {
        view_lines(view, dialect, out);
    }
    out.extend(catalog.opaque.values().map(opaque));
    out.extend(catalog.gaps.iter().map(|gap| Line {
        key: "not-understood".to_owned(),
        facts: vec![fold_space(&gap.statement), gap.reason.clone()],
    }));
}

fn schema(schema: &Schema) -> Line {
    Line {
        key: format!("schema {}", key_part(&schema.name)),
        facts: comment(&schema.comment).into_iter().collect(),
    }
}

fn extension(extension: &Extension) -> Line {
    let mut facts = Vec::new();
    facts.extend(extension.schema.as_ref().map(|schema| format!("schema {}", key_part(schema))));
    facts.extend(extension.version.as_ref().map(|version| format!("version {version}")));
    facts.extend(comment(&extension.comment));
    Line { key: format!("extension {}", key_part(&extension.name)), facts }
}

fn enum_type(enumeration: &EnumType) -> Line {
    let values: Vec<String> =
        enumeration.values.iter().map(|value| quote_string(value, DialectKind::Sqlite)).collect();
    let mut facts = vec![format!("values {}", values.join(", "))];
    facts.extend(comment(&enumeration.comment));
    Line { key: format!("enum {}", key_name(&enumeration.name)), facts }
}

fn domain_lines(domain: &Domain, dialect: DialectKind, out: &mut Vec<Line>) {
    let mut facts = vec![format!("type {}", write_type(&domain.base, dialect))];
    facts.extend((!domain.nullable).then(|| "not null".to_owned()));
    facts.extend(domain.default.as_ref().map(|default| format!("default {default}")));
    facts.extend(domain.collation.as_ref().map(|collation| format!("collate {}", key_name(collation))));
    facts.extend(comment(&domain.comment));
    let name = key_name(&domain.name);
    out.push(Line { key: format!("domain {name}"), facts });
    out.extend(domain.checks.iter().map(|check| constraint_line(&name, check, dialect)));
}

fn composite_type(composite: &CompositeType, dialect: DialectKind) -> Line {
    let mut facts: Vec<String> = composite
        .attributes
        .iter()
        .map(|attribute| {
            let collation = attribute.collation.as_ref();
            let collation = collation.map_or(String::new(), |name| format!(" collate {}", key_name(name)));
            format!(
                "attribute {} {}{collation}",
                key_part(&attribute.name),
                write_type(&attribute.ty, dialect)
            )
        })
        .collect();
    let noted = |attribute: &Attribute| {
        let text = attribute.comment.as_ref()?;
        Some(format!("comment {} {text}", key_part(&attribute.name)))
    };
    facts.extend(composite.attributes.iter().filter_map(noted));
    facts.extend(comment(&composite.comment));
    Line { key: format!("composite {}", key_name(&composite.name)), facts }
}

fn sequence_line(own: &Sequence) -> Line {
    let mut facts = vec![sequence(&own.options)];
    facts.extend(
        own.owned_by
            .as_ref()
            .map(|(table, column)| format!("owned by {}.{}", key_name(table), key_part(column))),
    );
    facts.extend(own.unlogged.then(|| "unlogged".to_owned()));
    facts.extend(comment(&own.comment));
    Line { key: format!("sequence {}", key_name(&own.name)), facts }
}

fn view_lines(view: &View, dialect: DialectKind, out: &mut Vec<Line>) {
    let mut facts = vec![format!("as {}", fold_space(&view.query))];
    if view.explicit_columns {
        let columns: Vec<String> = view.columns.iter().map(|(name, _)| key_part(name)).collect();
        facts.push(format!("columns {}", columns.join(", ")));
    }
    if !view.options.is_empty() {
        let all: Vec<String> =
            view.options.sorted().iter().map(|(name, value)| format!("{name}={value}")).collect();
        facts.push(format!("with {}", all.join(", ")));
    }
    facts.extend(view.check_option.as_ref().map(|option| format!("check option {option}")));
    let defaults = view.column_defaults.iter();
    facts.extend(defaults.map(|(name, value)| format!("default {} {value}", key_part(name))));
    let comments = view.column_comments.iter();
    facts.extend(comments.map(|(name, text)| format!("comment {} {text}", key_part(name))));
    facts.extend(comment(&view.comment));
    let kind = if view.materialized { "materialized-view" } else { "view" };
    let name = key_name(&view.name);
    out.push(Line { key: format!("{kind} {name}"), facts });
    out.extend(view.indexes.iter().map(|index| index_line(&name, index, dialect)));
}

fn opaque(object: &OpaqueObject) -> Line {
    let mut facts = vec![fold_space(&object.definition)];
    facts.extend(object.amendments.iter().map(|amendment| fold_space(amendment)));
    facts.extend(comment(&object.comment));
    let kind = object.id.kind.as_str().replace(' ', "-");
    let mut key = format!("{kind} {}", key_name(&object.id.name));
    if !object.id.arguments.is_empty() {
        key.push_str(&format!(".{}", key_part(&crate::Name::new(&object.id.arguments))));
    }
    if let Some(table) = &object.id.on {
        key.push_str(&format!(" on {}", key_name(table)));
    }
    Line { key, facts }
}

/// Line ends and indentation of a statement kept as text are no news.
fn fold_space(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}
