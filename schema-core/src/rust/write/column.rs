//! A column to a field.

use schema_model::catalog::{Column, ColumnType, Identity, SequenceOptions, Table};
use schema_model::item::generated_name;

use super::{Writer, literal};

/// A field in the making.
pub(super) struct Field {
    pub ident: String,
    pub rust: String,
    pub words: Vec<String>,
}

impl Writer<'_> {
    pub(super) fn column(&mut self, table: &Table, column: &Column, ident: String, said_name: bool) -> Field {
        let serial = self.serial(table, column);
        let ty = self.field_type(&column.ty, table.options.strict);
        let mut words = Vec::new();
        if said_name {
            words.push(format!("name = {}", literal(column.name.as_str())));
        }
        match serial {
            Some(serial) => words.push(format!("type = \"{serial}\"")),
            None => words.extend(ty.said.map(|said| format!("type = {}", literal(&said)))),
        }
        if let Some(identity) = &column.identity {
            words.push(self.identity(table, column, identity));
        }
        if let Some(generated) = &column.generated {
            let expr = literal(generated.expr.as_str());
            words.push(match generated.stored {
                true => format!("generated = {expr}"),
                false => format!("generated(virtual, {expr})"),
            });
        }
        if let Some(default) = column.default.as_ref().filter(|_| serial.is_none()) {
            words.push(format!("default = {}", literal(default.as_str())));
        }
        words.extend(
            column
                .collation
                .as_ref()
                .map(|collation| format!("collation = {}", literal(&collation.to_string()))),
        );
        words.extend(column.comment.as_ref().map(|comment| format!("comment = {}", literal(comment))));
        let key = table.primary_key().is_some_and(|key| key.columns.contains(&column.name));
        let rust = match (column.nullable, key) {
            // SQLite lets a key's column hold NULL, which no program wants to see.
            (true, true) if !self.postgres() => {
                words.push("nullable".to_owned());
                ty.rust
            }
            (true, _) => format!("Option<{}>", ty.rust),
            (false, _) => ty.rust,
        };
        Field { ident, rust, words }
    }

    /// Which serial a column is: an integer with a sequence of its own, named as the server names it.
    fn serial(&self, table: &Table, column: &Column) -> Option<&'static str> {
        let ColumnType::Integer { bits } = column.ty else { return None };
        let default = column.default.as_ref().filter(|_| !column.nullable && self.postgres())?;
        let own = generated_name(table.name.name.as_str(), column.name.as_str(), "seq");
        let sequence = self.catalog.sequences.get(&table.name.sibling(own))?;
        let owner = (table.name.clone(), column.name.clone());
        let usual = sequence.owned_by.as_ref() == Some(&owner)
            && sequence.options.bits == bits
            && default.as_str().starts_with("nextval(")
            && default.as_str().contains(sequence.name.name.as_str());
        usual.then_some(match bits {
            16 => "smallserial",
            32 => "serial",
            _ => "bigserial",
        })
    }

    fn identity(&self, table: &Table, column: &Column, identity: &Identity) -> String {
        let bits = match column.ty {
            ColumnType::Integer { bits } => bits,
            _ => 64,
        };
        let options = &identity.options;
        let mut usual = match options.increment < 0 {
            true => SequenceOptions::descending(bits),
            false => SequenceOptions::ascending(bits),
        };
        let always = if identity.always { "always" } else { "by_default" };
        let mut words = vec![always.to_owned()];
        let mut number = |word: &str, value: i64, usual: &mut i64| {
            if value != *usual {
                words.push(format!("{word} = {value}"));
                *usual = value;
            }
        };
        number("increment", options.increment, &mut usual.increment);
        number("min", options.min, &mut usual.min);
        number("max", options.max, &mut usual.max);
        let mut start = if options.increment < 0 { usual.max } else { usual.min };
        number("start", options.start, &mut start);
        number("cache", options.cache, &mut usual.cache);
        if options.cycle {
            words.push("cycle".to_owned());
        }
        let own = generated_name(table.name.name.as_str(), column.name.as_str(), "seq");
        if identity.sequence != table.name.sibling(own) {
            words.push(format!("sequence = {}", literal(&identity.sequence.to_string())));
        }
        match words.as_slice() {
            [only] => format!("identity = {only}"),
            many => format!("identity({})", many.join(", ")),
        }
    }
}
