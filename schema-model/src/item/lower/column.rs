//! A field to a column.

use super::super::ast::{ColumnWord, FieldItem, IdentityWord, pick};
use super::super::naming::generated_name;
use super::{Lower, LoweredColumn};
use crate::catalog::{Column, ColumnType, Generated, Identity, Sequence, SequenceOptions};
use crate::type_text::read_type;
use crate::{DialectKind, Expr, Name, ObjectName, ident};

impl Lower<'_> {
    pub(super) fn column(&mut self, index: usize) {
        let source = self.source;
        let field = source.fields[index].item;
        let name = Name::new(field.column(self.dialect));
        if self.out.table.column(name.as_str()).is_some() {
            self.problem(Some(index), field.at, format!("two fields are the column `{name}`"));
            return;
        }
        let Some((ty, serial)) = self.column_type(index) else { return };
        let mut column = Column::new(name, ty);
        column.nullable = self.nullable(index);
        self.fill(&mut column, field);
        if column.default.is_none() {
            let ty = source.fields[index].ty.as_ref();
            column.default = ty.and_then(|ty| ty.domain_default(self.dialect));
        }
        if let Some(bits) = serial {
            self.serial(&mut column, bits);
        }
        let text = |wanted: fn(&ColumnWord) -> Option<&String>| {
            pick(&field.words, source.dialect, wanted).map(|(text, _)| text.clone())
        };
        self.out.columns.push(LoweredColumn {
            field: index,
            renamed_from: text(|word| match word {
                ColumnWord::RenamedFrom(text) => Some(text),
                _ => None,
            }),
            backfill: text(|word| match word {
                ColumnWord::Backfill(text) => Some(text),
                _ => None,
            }),
            using: text(|word| match word {
                ColumnWord::Using(text) => Some(text),
                _ => None,
            }),
        });
        self.out.table.columns.push(column);
    }

    /// The type, and a serial's width.
    fn column_type(&mut self, index: usize) -> Option<(ColumnType, Option<u8>)> {
        let source = &self.source.fields[index];
        let given = pick(&source.item.words, self.dialect, |word| match word {
            ColumnWord::Type(text) => Some(text.as_str()),
            _ => None,
        });
        if let Some((text, _)) = given {
            return Some(match (serial_bits(text), self.dialect) {
                (Some(bits), DialectKind::Postgres) => (ColumnType::Integer { bits }, Some(bits)),
                (Some(_), DialectKind::Sqlite) => (ColumnType::Other("INTEGER".to_owned()), None),
                _ => (read_type(text, self.dialect), None),
            });
        }
        let ty = source.ty.as_ref()?;
        if self.dialect == DialectKind::Sqlite && ty.is_array() {
            let message = "SQLite has no arrays; say how it is stored: `#[column(sqlite(type = \"TEXT\"))]`";
            self.problem(Some(index), source.item.ty_at, message);
        }
        Some((ty.column_type(self.dialect, self.out.table.options.strict), None))
    }

    fn nullable(&self, index: usize) -> bool {
        let source = &self.source.fields[index];
        let said = pick(&source.item.words, self.dialect, |word| match word {
            ColumnWord::Nullable(nullable) => Some(*nullable),
            _ => None,
        });
        match said {
            Some((nullable, _)) => nullable,
            None => source.ty.as_ref().is_some_and(|ty| ty.nullable()),
        }
    }

    fn fill(&mut self, column: &mut Column, field: &FieldItem) {
        let dialect = self.dialect;
        let default = pick(&field.words, dialect, |word| match word {
            ColumnWord::Default(text) => Some(text.as_str()),
            _ => None,
        });
        column.default = default.map(|(text, _)| default_expr(text, dialect));
        let generated = pick(&field.words, dialect, |word| match word {
            ColumnWord::Generated(generated) => Some(generated),
            _ => None,
        });
        column.generated = generated.map(|(generated, _)| Generated {
            expr: Expr::new(&generated.expr),
            stored: !generated.is_virtual,
        });
        let collation = pick(&field.words, dialect, |word| match word {
            ColumnWord::Collation(text) => Some(text.as_str()),
            _ => None,
        });
        column.collation = collation.and_then(|(text, _)| super::terms::object_name(text));
        if !self.postgres() {
            let autoincrement = field.words.iter().any(|said| said.word == ColumnWord::Autoincrement);
            self.out.table.options.autoincrement |= autoincrement;
            return;
        }
        let comment = pick(&field.words, dialect, |word| match word {
            ColumnWord::Comment(text) => Some(text),
            _ => None,
        });
        column.comment = comment.map(|(text, _)| text.clone()).filter(|text| !text.is_empty());
        let identity = pick(&field.words, dialect, |word| match word {
            ColumnWord::Identity(identity) => Some(identity),
            _ => None,
        });
        column.identity = identity.map(|(identity, _)| self.identity(column, identity));
    }

    fn sequence_name(&self, column: &Name) -> ObjectName {
        let table = &self.out.table.name;
        table.sibling(generated_name(table.name.as_str(), column.as_str(), "seq"))
    }

    fn identity(&self, column: &Column, word: &IdentityWord) -> Identity {
        let bits = match column.ty {
            ColumnType::Integer { bits } => bits,
            _ => 64,
        };
        let descending = word.increment.is_some_and(|increment| increment < 0);
        let mut options = match descending {
            true => SequenceOptions::descending(bits),
            false => SequenceOptions::ascending(bits),
        };
        options.increment = word.increment.unwrap_or(options.increment);
        options.min = word.min.unwrap_or(options.min);
        options.max = word.max.unwrap_or(options.max);
        options.start = word.start.unwrap_or(if descending { options.max } else { options.min });
        options.cache = word.cache.unwrap_or(options.cache);
        options.cycle = word.cycle;
        let given = word.sequence.as_deref().and_then(super::terms::object_name);
        let sequence = given.unwrap_or_else(|| self.sequence_name(&column.name));
        Identity { always: word.always, sequence, options }
    }

    /// `serial` is an integer column with a sequence of its own (PostgreSQL manual, 8.1.4).
    fn serial(&mut self, column: &mut Column, bits: u8) {
        let name = self.sequence_name(&column.name);
        let spelled = ident::quote_object(&name, DialectKind::Postgres);
        column.nullable = false;
        column.default = Some(Expr::new(format!(
            "nextval({}::regclass)",
            ident::quote_string(&spelled, DialectKind::Postgres)
        )));
        self.out.sequences.push(Sequence {
            name,
            options: SequenceOptions::ascending(bits),
            owned_by: Some((self.out.table.name.clone(), column.name.clone())),
            unlogged: self.out.table.options.unlogged,
            comment: None,
            origin: Default::default(),
        });
    }
}

fn serial_bits(text: &str) -> Option<u8> {
    match text.trim().to_ascii_lowercase().as_str() {
        "smallserial" | "serial2" => Some(16),
        "serial" | "serial4" => Some(32),
        "bigserial" | "serial8" => Some(64),
        _ => None,
    }
}

/// SQLite has no `now()`; a default said for all dialects means its own word for it.
fn default_expr(text: &str, dialect: DialectKind) -> Expr {
    let now = text.trim().eq_ignore_ascii_case("now()");
    match dialect {
        DialectKind::Sqlite if now => Expr::new("CURRENT_TIMESTAMP"),
        _ => Expr::new(text),
    }
}
