//! The models as a list: where each struct stands, and the table with its columns.

use schema_core::rust::Declaration;
use schema_model::SourceMap;

/// A line for each table, in the order of files: `src/models.rs:9  User  users (id, email)`.
pub fn list(declared: &Declaration, sources: &SourceMap) -> String {
    let mut lines: Vec<((String, usize), [String; 3])> = Vec::new();
    for (name, place) in &declared.tables {
        let Some(table) = declared.catalog.tables.get(name) else { continue };
        let at = sources.place(place.span);
        let file = sources.path(place.span.file).display().to_string();
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let texts = [
            format!("{file}:{}", at.line),
            place.struct_name.clone(),
            format!("{name} ({})", columns.join(", ")),
        ];
        lines.push(((file, at.line as usize), texts));
    }
    lines.sort();
    let wide = |at: usize| lines.iter().map(|(_, texts)| texts[at].chars().count()).max().unwrap_or(0);
    let (places, structs) = (wide(0), wide(1));
    let line = |[place, name, table]: &[String; 3]| format!("{place:places$}  {name:structs$}  {table}\n");
    lines.iter().map(|(_, texts)| line(texts)).collect()
}
