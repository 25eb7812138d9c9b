//! What a field's type is, once aliases and imports are resolved.

use std::sync::Arc;

use super::super::ast::{CheckWord, EnumItem, EnumWord, TypeItem, TypeWord, Variant, pick, said};
use super::super::naming::{Names, rename_all, snake_case};
use super::super::rust_type::Scalar;
use crate::catalog::{self, Check, ColumnType, Constraint, ConstraintKind, EnumType};
use crate::token::{TokenKind, tokens};
use crate::type_text::read_type;
use crate::{DialectKind, Expr, Name, ObjectName, ident};

/// A field's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// A known type.
    Scalar(Scalar),
    /// `Option<T>`.
    Optional(Box<FieldType>),
    /// `Vec<T>`.
    Array(Box<FieldType>),
    /// An enum with `SqlEnum`.
    Enum(Arc<EnumItem>),
    /// A newtype with `SqlType`, and what it wraps when that is known.
    Newtype(Arc<TypeItem>, Option<Box<FieldType>>),
}

impl FieldType {
    /// Whether NULL may be stored.
    pub fn nullable(&self) -> bool {
        match self {
            FieldType::Optional(_) => true,
            FieldType::Newtype(item, Some(inner)) => item.words.is_empty() && inner.nullable(),
            _ => false,
        }
    }

    /// Whether it is, or holds, an array: SQLite has none.
    pub fn is_array(&self) -> bool {
        match self {
            FieldType::Array(_) => true,
            FieldType::Optional(inner) => inner.is_array(),
            FieldType::Newtype(item, Some(inner)) => {
                !item.words.iter().any(|said| matches!(said.word, TypeWord::Type(_))) && inner.is_array()
            }
            _ => false,
        }
    }

    /// The type in a dialect.
    pub fn column_type(&self, dialect: DialectKind, strict: bool) -> ColumnType {
        match self {
            FieldType::Scalar(scalar) => scalar.column_type(dialect, strict),
            FieldType::Optional(inner) => inner.column_type(dialect, strict),
            FieldType::Array(inner) => match dialect {
                DialectKind::Postgres => ColumnType::Array(Box::new(inner.column_type(dialect, strict))),
                DialectKind::Sqlite => ColumnType::Other("TEXT".to_owned()),
            },
            FieldType::Enum(item) => match (enum_storage(item, dialect), dialect) {
                (Some(stored), _) => read_type(&stored, dialect),
                (None, DialectKind::Postgres) => ColumnType::named(enum_name(item)),
                (None, DialectKind::Sqlite) => ColumnType::Other("TEXT".to_owned()),
            },
            FieldType::Newtype(item, inner) => newtype_column(item, inner.as_deref(), dialect, strict),
        }
    }

    /// Conditions that the type puts on a column that holds it directly.
    pub fn checks(&self, column: &Name, dialect: DialectKind) -> Vec<Expr> {
        match self {
            FieldType::Optional(inner) => inner.checks(column, dialect),
            FieldType::Enum(item) => {
                let stored = enum_storage(item, dialect).is_some() || dialect == DialectKind::Sqlite;
                stored.then(|| one_of(item, column, dialect)).into_iter().collect()
            }
            FieldType::Newtype(item, inner) => {
                let domain = dialect == DialectKind::Sqlite && domain_name(item).is_some();
                let own = domain_checks(item, dialect).filter(|_| domain);
                let own = own.map(|check| Expr::new(value_as(&check.expr, column, dialect)));
                let inner = inner.iter().flat_map(|inner| inner.checks(column, dialect));
                own.chain(inner.collect::<Vec<_>>()).collect()
            }
            FieldType::Scalar(_) | FieldType::Array(_) => Vec::new(),
        }
    }

    /// The enums and domains that the type needs, innermost first.
    pub fn parts(&self) -> Vec<&FieldType> {
        match self {
            FieldType::Scalar(_) => Vec::new(),
            FieldType::Optional(inner) | FieldType::Array(inner) => inner.parts(),
            FieldType::Enum(_) => vec![self],
            FieldType::Newtype(_, inner) => {
                let mut parts = inner.as_ref().map_or_else(Vec::new, |inner| inner.parts());
                parts.push(self);
                parts
            }
        }
    }

    /// Where there are no domains, their default and NOT NULL are the column's.
    pub fn domain_default(&self, dialect: DialectKind) -> Option<Expr> {
        let (FieldType::Newtype(item, _), DialectKind::Sqlite) = (self, dialect) else { return None };
        pick(&item.words, dialect, |word| match word {
            TypeWord::Default(default) => Some(Expr::new(default)),
            _ => None,
        })
        .map(|(expr, _)| expr)
    }
}

fn enum_storage(item: &EnumItem, dialect: DialectKind) -> Option<String> {
    let stored = pick(&item.words, dialect, |word| match word {
        EnumWord::Type(stored) => Some(stored.clone()),
        _ => None,
    });
    stored.map(|(stored, _)| stored)
}

fn enum_name(item: &EnumItem) -> ObjectName {
    let (mut name, mut schema) = (snake_case(&item.ident), None);
    for said in said(&item.words, DialectKind::Postgres) {
        match &said.word {
            EnumWord::Name(given) => name.clone_from(given),
            EnumWord::Schema(given) if given != "public" => schema = Some(Name::new(given)),
            _ => {}
        }
    }
    ObjectName { schema, name: Name::from(name) }
}

/// A variant's value.
pub fn enum_value(item: &EnumItem, variant: &Variant) -> String {
    if let Some(rename) = &variant.rename {
        return rename.clone();
    }
    let rule = item.words.iter().find_map(|said| match &said.word {
        EnumWord::RenameAll(rule) => Some(rule.as_str()),
        _ => None,
    });
    rename_all(rule.unwrap_or_default(), &variant.ident)
}

fn enum_values(item: &EnumItem) -> Vec<String> {
    item.variants.iter().map(|variant| enum_value(item, variant)).collect()
}

/// The enum type of a dialect that has them, unless it is stored as another type.
pub fn enum_type(item: &EnumItem, dialect: DialectKind) -> Option<EnumType> {
    if dialect == DialectKind::Sqlite || enum_storage(item, dialect).is_some() {
        return None;
    }
    let comment = item.words.iter().find_map(|said| match &said.word {
        EnumWord::Comment(comment) => Some(comment.clone()),
        _ => None,
    });
    let comment = comment.filter(|comment| !comment.is_empty());
    Some(EnumType { name: enum_name(item), values: enum_values(item), comment, origin: Default::default() })
}

fn one_of(item: &EnumItem, column: &Name, dialect: DialectKind) -> Expr {
    let values: Vec<String> =
        enum_values(item).iter().map(|value| ident::quote_string(value, dialect)).collect();
    Expr::new(format!("{} IN ({})", ident::quote(column, dialect), values.join(", ")))
}

fn newtype_column(
    item: &TypeItem,
    inner: Option<&FieldType>,
    dialect: DialectKind,
    strict: bool,
) -> ColumnType {
    let given = pick(&item.words, dialect, |word| match word {
        TypeWord::Type(text) => Some(text.as_str()),
        _ => None,
    });
    match (domain_name(item), dialect) {
        (Some(name), DialectKind::Postgres) => ColumnType::named(name),
        _ => match (given, inner) {
            (Some((text, _)), _) => read_type(text, dialect),
            (None, Some(inner)) => inner.column_type(dialect, strict),
            (None, None) => Scalar::Text.column_type(dialect, strict),
        },
    }
}

fn domain_name(item: &TypeItem) -> Option<ObjectName> {
    let (mut name, mut schema) = (None, None);
    for said in &item.words {
        match &said.word {
            TypeWord::Domain(given) => name = Some(Name::new(given)),
            TypeWord::Schema(given) if given != "public" => schema = Some(Name::new(given)),
            _ => {}
        }
    }
    name.map(|name| ObjectName { schema, name })
}

fn domain_checks(item: &TypeItem, dialect: DialectKind) -> impl Iterator<Item = &CheckWord> {
    said(&item.words, dialect).filter_map(|said| match &said.word {
        TypeWord::Check(check) => Some(check),
        _ => None,
    })
}

/// A domain as the catalog has it.
pub type Domain = catalog::Domain;

/// The domain that a newtype declares, in PostgreSQL.
pub fn lower_domain(item: &TypeItem, inner: Option<&FieldType>) -> Option<Domain> {
    let name = domain_name(item)?;
    let dialect = DialectKind::Postgres;
    let given = pick(&item.words, dialect, |word| match word {
        TypeWord::Type(text) => Some(text.as_str()),
        _ => None,
    });
    let base = match (given, inner) {
        (Some((text, _)), _) => read_type(text, dialect),
        (None, Some(inner)) => inner.column_type(dialect, false),
        (None, None) => ColumnType::Text,
    };
    let mut domain = Domain {
        base,
        nullable: true,
        default: None,
        collation: None,
        checks: Vec::new(),
        comment: None,
        origin: Default::default(),
        name,
    };
    let mut names = Names::default();
    for said in said(&item.words, dialect) {
        match &said.word {
            TypeWord::Default(default) => domain.default = Some(Expr::new(default)),
            TypeWord::NotNull => domain.nullable = false,
            TypeWord::Collation(collation) => domain.collation = Some(ObjectName::bare(collation.as_str())),
            TypeWord::Comment(comment) if !comment.is_empty() => domain.comment = Some(comment.clone()),
            TypeWord::Check(check) => {
                let name = check
                    .name
                    .clone()
                    .unwrap_or_else(|| names.choose(&None, domain.name.name.as_str(), "", "check"));
                let kind = ConstraintKind::Check(Check {
                    expr: Expr::new(&check.expr),
                    no_inherit: check.no_inherit,
                });
                domain.checks.push(Constraint::new(Some(Name::from(name)), kind));
            }
            _ => {}
        }
    }
    Some(domain)
}

/// A domain's condition about a column: `VALUE` is the column.
fn value_as(expr: &str, column: &Name, dialect: DialectKind) -> String {
    let mut out = String::new();
    let mut last = 0;
    for token in tokens(expr, dialect) {
        if token.kind == TokenKind::Word && token.text(expr).eq_ignore_ascii_case("value") {
            out.push_str(&expr[last..token.start as usize]);
            out.push_str(&ident::quote(column, dialect));
            last = token.end as usize;
        }
    }
    out.push_str(&expr[last..]);
    out
}
