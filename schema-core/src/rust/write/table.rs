//! A table to a struct.

use schema_model::Name;
use schema_model::catalog::{Table, TableKind};
use schema_model::item::{plural_snake_case, rename_field, snake_case};

use super::attribute::attribute;
use super::column::Field;
use super::{Writer, WrittenItem, literal, names};

/// A struct in the making.
pub(super) struct Pieces {
    pub words: Vec<String>,
    fields: Vec<(Name, Field)>,
}

impl Pieces {
    /// Says something at a column's field; `false` when there is no such field.
    pub(super) fn at_field(&mut self, column: &Name, word: String) -> bool {
        match self.fields.iter_mut().find(|(name, _)| name == column) {
            Some((_, field)) => {
                field.words.push(word);
                true
            }
            None => false,
        }
    }

    /// Whether a column has a field.
    pub(super) fn knows(&self, column: &Name) -> bool {
        self.fields.iter().any(|(name, _)| name == column)
    }

    /// A column in a list: a bare word where it is one.
    pub(super) fn column(&self, column: &Name) -> String {
        let text = column.as_str();
        let plain = syn::parse_str::<syn::Ident>(text).is_ok() || names::is_keyword(text);
        if plain { text.to_owned() } else { literal(text) }
    }
}

impl Writer<'_> {
    pub(super) fn table(&mut self, table: &Table) -> WrittenItem {
        let name = table.name.name.as_str();
        let ident = self.ident(names::struct_name(name));
        let mut pieces = Pieces { words: Vec::new(), fields: Vec::new() };
        if plural_snake_case(&ident) != name {
            pieces.words.push(format!("name = {}", literal(name)));
        }
        if let Some(schema) = &table.name.schema {
            pieces.words.push(format!("schema = {}", literal(schema.as_str())));
        }
        let mut taken = Vec::new();
        let mut columns = Vec::new();
        for column in table.columns.iter().filter(|column| !column.inherited) {
            let field = names::field_name(column.name.as_str(), &taken);
            taken.push(field.clone());
            columns.push((column, field));
        }
        let rule =
            names::renaming(columns.iter().map(|(column, field)| (column.name.as_str(), field.as_str())));
        if !rule.is_empty() {
            pieces.words.push(format!("rename_all = \"{rule}\""));
        }
        self.options(table, &mut pieces);
        for (column, field) in columns {
            let said = rename_field(rule, field.trim_start_matches("r#")) != column.name.as_str();
            let field = self.column(table, column, field, said);
            pieces.fields.push((column.name.clone(), field));
        }
        for constraint in table.constraints.iter().filter(|constraint| !constraint.inherited) {
            self.constraint(table, constraint, &mut pieces);
        }
        for index in &table.indexes {
            self.index(table, index, &mut pieces);
        }
        if table.options.autoincrement {
            let key = table.primary_key().and_then(|key| key.columns.first().cloned());
            if let Some(key) = key {
                pieces.at_field(&key, "autoincrement".to_owned());
            }
        }
        let mut text = String::from("#[derive(Debug, Clone, Table)]\n");
        text.push_str(&attribute("table", &pieces.words, ""));
        text.push_str(&format!("pub struct {ident} {{\n"));
        for (_, field) in &pieces.fields {
            text.push_str(&attribute("column", &field.words, "    "));
            text.push_str(&format!("    pub {}: {},\n", field.ident, field.rust));
        }
        text.push_str("}\n");
        WrittenItem { module: snake_case(&ident), ident, text }
    }

    fn options(&self, table: &Table, pieces: &mut Pieces) {
        let options = &table.options;
        if let TableKind::Partitioned(key) = &options.kind {
            pieces.words.push(format!("partition_by = {}", literal(key)));
        }
        for (said, word) in [
            (options.unlogged, "unlogged"),
            (options.strict, "strict"),
            (options.without_rowid, "without_rowid"),
        ] {
            if said {
                pieces.words.push(word.to_owned());
            }
        }
        let plain = options.with.keys().all(|name| syn::parse_str::<syn::Ident>(name).is_ok());
        if !options.with.is_empty() && plain {
            let all = options.with.iter().map(|(name, value)| format!("{name} = {}", literal(value)));
            pieces.words.push(format!("with({})", all.collect::<Vec<_>>().join(", ")));
        }
        if let Some(tablespace) = &options.tablespace {
            pieces.words.push(format!("tablespace = {}", literal(tablespace.as_str())));
        }
        if let Some(comment) = &options.comment {
            pieces.words.push(format!("comment = {}", literal(comment)));
        }
    }
}
