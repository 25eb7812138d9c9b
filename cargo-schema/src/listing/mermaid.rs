//! A catalog as an entity-relationship diagram in Mermaid's text.

use std::fmt::Write;

use schema_model::DialectKind;
use schema_model::catalog::{Catalog, ConstraintKind, Table};
use schema_model::type_text::write_type;

/// The diagram: an entity per table, a line per foreign key.
pub fn catalog(catalog: &Catalog, dialect: DialectKind) -> String {
    let mut out = String::from("erDiagram\n");
    for table in catalog.tables.values() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "    {} {{", word(&table.name.to_string()));
        for column in &table.columns {
            let ty = word(&write_type(&column.ty, dialect));
            let _ = writeln!(
                out,
                "        {ty} {}{}",
                word(column.name.as_str()),
                keys(table, column.name.as_str())
            );
        }
        out.push_str("    }\n");
    }
    for table in catalog.tables.values() {
        for constraint in &table.constraints {
            let ConstraintKind::ForeignKey(key) = &constraint.kind else { continue };
            let nullable = key
                .columns
                .iter()
                .all(|name| table.column(name.as_str()).is_some_and(|column| column.nullable));
            let parent = if nullable { "|o" } else { "||" };
            let (target, own) = (word(&key.table.to_string()), word(&table.name.to_string()));
            let label = key.columns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let _ = writeln!(out, "    {target} {parent}--o{{ {own} : \"{label}\"");
        }
    }
    out
}

fn keys(table: &Table, column: &str) -> String {
    let mut marks = Vec::new();
    for constraint in &table.constraints {
        let mark = match &constraint.kind {
            ConstraintKind::PrimaryKey(key) if key.columns.iter().any(|name| *name == *column) => "PK",
            ConstraintKind::ForeignKey(key) if key.columns.iter().any(|name| *name == *column) => "FK",
            ConstraintKind::Unique(key) if key.columns.len() == 1 && key.columns[0] == *column => "UK",
            _ => continue,
        };
        if !marks.contains(&mark) {
            marks.push(mark);
        }
    }
    if marks.is_empty() { String::new() } else { format!(" {}", marks.join(", ")) }
}

/// Mermaid's words have no spaces, quotes or parentheses.
fn word(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_alphanumeric() || c == '_' || c == '-' { c } else { '_' });
    let word: String = plain.collect();
    if word.is_empty() { "_".to_owned() } else { word }
}
