//! Column types as Rust types; enums and domains as items.

use schema_model::DialectKind;
use schema_model::catalog::{ColumnType, ConstraintKind, Domain, EnumType};
use schema_model::item::{Scalar, generated_name, rename_all, snake_case};
use schema_model::type_text::write_type;

use super::attribute::attribute;
use super::{Writer, WrittenItem, literal, names};

/// A field's type: in Rust, and as SQL when Rust does not say it.
pub(super) struct FieldType {
    pub rust: String,
    pub said: Option<String>,
}

/// The spelling that people write.
fn short(ty: &str) -> String {
    let rest = ty.strip_prefix("character varying").map(|rest| format!("varchar{rest}"));
    rest.or_else(|| ty.strip_prefix("character").map(|rest| format!("char{rest}")))
        .unwrap_or_else(|| ty.to_owned())
}

impl Writer<'_> {
    pub(super) fn name_types(&mut self) {
        let enums = self.catalog.enums.keys();
        for name in enums.chain(self.catalog.domains.keys()) {
            let ident = self.ident(names::pascal_case(name.name.as_str()));
            self.idents.insert(name.clone(), ident);
        }
    }

    fn using(&mut self, name: &'static str) -> String {
        self.uses.insert(name);
        name.to_owned()
    }

    pub(super) fn field_type(&mut self, ty: &ColumnType, strict: bool) -> FieldType {
        match self.dialect {
            DialectKind::Postgres => self.postgres_type(ty),
            DialectKind::Sqlite => self.sqlite_type(ty, strict),
        }
    }

    fn postgres_type(&mut self, ty: &ColumnType) -> FieldType {
        let said = Some(short(&write_type(ty, DialectKind::Postgres)));
        let plain = |rust: &str| FieldType { rust: rust.to_owned(), said: None };
        match ty {
            ColumnType::Boolean => plain("bool"),
            ColumnType::Integer { bits: 16 } => plain("i16"),
            ColumnType::Integer { bits: 32 } => plain("i32"),
            ColumnType::Integer { .. } => plain("i64"),
            ColumnType::Float { bits: 32 } => plain("f32"),
            ColumnType::Float { .. } => plain("f64"),
            ColumnType::Decimal { precision } => {
                FieldType { rust: self.using("Decimal"), said: said.filter(|_| precision.is_some()) }
            }
            ColumnType::Text => plain("String"),
            ColumnType::Varchar { .. } | ColumnType::Char { .. } => {
                FieldType { rust: "String".to_owned(), said }
            }
            ColumnType::Bytes => plain("Vec<u8>"),
            ColumnType::Date => FieldType { rust: self.using("NaiveDate"), said: None },
            ColumnType::Time { zoned: true, .. } => FieldType { rust: "String".to_owned(), said },
            ColumnType::Time { precision, .. } => {
                FieldType { rust: self.using("NaiveTime"), said: said.filter(|_| precision.is_some()) }
            }
            ColumnType::Timestamp { zoned: true, precision } => {
                let rust = format!("{}<{}>", self.using("DateTime"), self.using("Utc"));
                FieldType { rust, said: said.filter(|_| precision.is_some()) }
            }
            ColumnType::Timestamp { zoned: false, precision } => {
                FieldType { rust: self.using("NaiveDateTime"), said: said.filter(|_| precision.is_some()) }
            }
            ColumnType::Interval => FieldType { rust: self.using("TimeDelta"), said: None },
            ColumnType::Uuid => FieldType { rust: self.using("Uuid"), said: None },
            ColumnType::Json { binary } => {
                FieldType { rust: "serde_json::Value".to_owned(), said: said.filter(|_| !binary) }
            }
            ColumnType::Array(element) => {
                let element = self.postgres_type(element);
                FieldType {
                    rust: format!("Vec<{}>", element.rust),
                    said: said.filter(|_| element.said.is_some()),
                }
            }
            ColumnType::Named { name, modifier: None } if self.idents.contains_key(name) => {
                plain(self.idents.get(name).map_or("String", String::as_str))
            }
            ColumnType::Other(text) if text == "inet" => FieldType { rust: self.using("IpAddr"), said: None },
            ColumnType::Named { .. } | ColumnType::Other(_) => FieldType { rust: "String".to_owned(), said },
        }
    }

    /// By the declared word, else by affinity (SQLite documentation, "Datatypes", 3.1).
    fn sqlite_type(&mut self, ty: &ColumnType, strict: bool) -> FieldType {
        let declared = write_type(ty, DialectKind::Sqlite);
        let upper = declared.to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
        let (rust, scalar) = match upper.as_str() {
            "BOOLEAN" | "BOOL" => ("bool".to_owned(), Scalar::Bool),
            _ if has(&["INT"]) => ("i64".to_owned(), Scalar::Int { bits: 64 }),
            _ if has(&["CHAR", "CLOB", "TEXT"]) => ("String".to_owned(), Scalar::Text),
            _ if has(&["BLOB"]) || upper.is_empty() => ("Vec<u8>".to_owned(), Scalar::Bytes),
            _ if has(&["REAL", "FLOA", "DOUB"]) => ("f64".to_owned(), Scalar::Float { bits: 64 }),
            _ if has(&["TIMESTAMP", "DATETIME"]) => {
                (self.using("NaiveDateTime"), Scalar::Timestamp { zoned: false })
            }
            "DATE" => (self.using("NaiveDate"), Scalar::Date),
            "NUMERIC" => (self.using("Decimal"), Scalar::Decimal),
            _ if has(&["DECIMAL", "NUMERIC"]) => (self.using("Decimal"), Scalar::Decimal),
            _ => ("String".to_owned(), Scalar::Text),
        };
        let implied = scalar.column_type(DialectKind::Sqlite, strict);
        FieldType { rust, said: Some(declared).filter(|_| implied != *ty) }
    }

    pub(super) fn enumeration(&mut self, enumeration: &EnumType) -> WrittenItem {
        let name = &enumeration.name;
        let ident = self.idents.get(name).cloned().unwrap_or_default();
        let mut variants: Vec<String> = Vec::new();
        for value in &enumeration.values {
            let mut variant = names::pascal_case(value);
            while variants.contains(&variant) {
                variant.push('_');
            }
            variants.push(variant);
        }
        let pairs = || variants.iter().zip(&enumeration.values);
        let rules =
            ["", "snake_case", "lowercase", "UPPERCASE", "SCREAMING_SNAKE_CASE", "kebab-case", "camelCase"];
        let fits =
            |rule: &&str| pairs().filter(|(variant, value)| rename_all(rule, variant) == **value).count();
        let rule = rules.into_iter().rev().max_by_key(fits).unwrap_or("");
        let mut words = Vec::new();
        if snake_case(&ident) != name.name.as_str() {
            words.push(format!("name = {}", literal(name.name.as_str())));
        }
        words.extend(name.schema.as_ref().map(|schema| format!("schema = {}", literal(schema.as_str()))));
        if !rule.is_empty() {
            words.push(format!("rename_all = \"{rule}\""));
        }
        words.extend(enumeration.comment.as_ref().map(|comment| format!("comment = {}", literal(comment))));
        let mut text = String::from("#[derive(Debug, Clone, Copy, PartialEq, Eq, SqlEnum)]\n");
        text.push_str(&attribute("sql_enum", &words, ""));
        text.push_str(&format!("pub enum {ident} {{\n"));
        for (variant, value) in pairs() {
            if rename_all(rule, variant) != *value {
                text.push_str(&format!("    #[sql_enum(rename = {})]\n", literal(value)));
            }
            text.push_str(&format!("    {variant},\n"));
        }
        text.push_str("}\n");
        WrittenItem { module: snake_case(&ident), ident, text }
    }

    pub(super) fn domain(&mut self, domain: &Domain) -> WrittenItem {
        let name = &domain.name;
        let ident = self.idents.get(name).cloned().unwrap_or_default();
        let base = self.field_type(&domain.base, false);
        let mut words = vec![format!("domain = {}", literal(name.name.as_str()))];
        words.extend(name.schema.as_ref().map(|schema| format!("schema = {}", literal(schema.as_str()))));
        words.extend(base.said.map(|said| format!("type = {}", literal(&said))));
        words.extend((!domain.nullable).then(|| "not_null".to_owned()));
        words.extend(
            domain.default.as_ref().map(|default| format!("default = {}", literal(default.as_str()))),
        );
        words.extend(
            domain
                .collation
                .as_ref()
                .map(|collation| format!("collation = {}", literal(&collation.to_string()))),
        );
        for check in &domain.checks {
            let ConstraintKind::Check(condition) = &check.kind else { continue };
            let usual = generated_name(name.name.as_str(), "", "check");
            let own = check.name.as_ref().filter(|own| own.as_str() != usual);
            let own = own.map_or(String::new(), |own| format!("name = {}, ", literal(own.as_str())));
            words.push(format!("check({own}{})", literal(condition.expr.as_str())));
        }
        words.extend(domain.comment.as_ref().map(|comment| format!("comment = {}", literal(comment))));
        let mut text = String::from("#[derive(Debug, Clone, PartialEq, SqlType)]\n");
        text.push_str(&attribute("sql_type", &words, ""));
        text.push_str(&format!("pub struct {ident}(pub {});\n", base.rust));
        WrittenItem { module: snake_case(&ident), ident, text }
    }
}
