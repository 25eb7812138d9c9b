//! What is known around an expression: the columns' types, so that a cast that says nothing can be told from one that does.

use schema_model::catalog::{Catalog, ColumnType, Table};

use super::tree::Tree;

/// The surroundings of an expression. With nothing known, a cast of a column to `text` counts as PostgreSQL's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    table: Option<&'a Table>,
    catalog: Option<&'a Catalog>,
    value: Option<&'a ColumnType>,
}

impl<'a> Scope<'a> {
    /// Expressions over a table's columns.
    pub fn table(table: &'a Table) -> Self {
        Scope { table: Some(table), ..Scope::default() }
    }

    /// The same, with the catalog at hand to see through domains.
    pub fn in_catalog(self, catalog: &'a Catalog) -> Self {
        Scope { catalog: Some(catalog), ..self }
    }

    /// A domain's checks: the type behind `VALUE`.
    pub fn value(ty: &'a ColumnType) -> Self {
        Scope { value: Some(ty), ..Scope::default() }
    }

    /// The type of a column, seen through domains.
    pub(super) fn column(&self, name: &str) -> Option<&'a ColumnType> {
        let own = self.table.and_then(|table| table.column(name)).map(|column| &column.ty);
        let ty = own.or(self.value.filter(|_| name == "value"))?;
        Some(self.base(ty))
    }

    /// The table's own spelling of a column that is named without regard to case.
    pub(super) fn spelled(&self, name: &str) -> Option<&'a str> {
        let columns = self.table.map(|table| &table.columns)?;
        let same = columns.iter().find(|column| column.name.as_str().to_lowercase() == name.to_lowercase());
        same.map(|column| column.name.as_str())
    }

    /// The type behind a domain.
    fn base(&self, mut ty: &'a ColumnType) -> &'a ColumnType {
        for _ in 0..16 {
            let ColumnType::Named { name, .. } = ty else { break };
            match self.catalog.and_then(|catalog| catalog.domains.get(name)) {
                Some(domain) => ty = &domain.base,
                None => break,
            }
        }
        ty
    }

    /// The type of an expression, as far as casts are concerned.
    pub(super) fn class(&self, tree: &Tree) -> Class {
        match tree {
            Tree::Column(name) => self.column(name).map_or(Class::Column, Class::of),
            Tree::Cast(_, ty) => Class::of(ty),
            Tree::Number(text) => number_class(text),
            Tree::Bool(_) | Tree::Not(_) | Tree::And(_) | Tree::Or(_) | Tree::Is(..) => Class::Other,
            Tree::Distinct(..) | Tree::Any { .. } => Class::Other,
            Tree::Infix(operator, left, right) => self.infix_class(operator, left, right),
            Tree::Prefix(operator, inner) if matches!(operator.as_str(), "+" | "-" | "@") => {
                self.class(inner)
            }
            Tree::Collate(inner, _) => self.class(inner),
            Tree::Call(name, arguments) => self.call_class(name, arguments),
            Tree::Case(_, arms, otherwise) => {
                let results = arms.iter().map(|(_, then)| then).chain(otherwise.as_deref());
                self.common(results)
            }
            Tree::Keyword(word) if word.ends_with("_USER") || word.ends_with("_ROLE") => Class::Other,
            _ => Class::Unknown,
        }
    }

    fn common<'t>(&self, trees: impl Iterator<Item = &'t Tree>) -> Class {
        let mut classes =
            trees.filter(|tree| !matches!(tree, Tree::Str(_) | Tree::Null)).map(|tree| self.class(tree));
        let Some(first) = classes.next() else { return Class::Text };
        if classes.all(|class| class == first) { first } else { Class::Unknown }
    }

    fn infix_class(&self, operator: &str, left: &Tree, right: &Tree) -> Class {
        match operator {
            "->>" | "#>>" => Class::Text,
            "||" => {
                let text = |tree: &Tree| matches!(self.class(tree), Class::Text);
                if text(left) || text(right) { Class::Text } else { self.common([left, right].into_iter()) }
            }
            "+" | "-" | "*" | "/" | "%" => match (self.class(left), self.class(right)) {
                (Class::Number(one), Class::Number(other)) => Class::Number(one.max(other)),
                _ => Class::Unknown,
            },
            _ => Class::Unknown,
        }
    }

    fn call_class(&self, name: &str, arguments: &[Tree]) -> Class {
        match name {
            "lower"
            | "upper"
            | "btrim"
            | "ltrim"
            | "rtrim"
            | "concat"
            | "concat_ws"
            | "replace"
            | "initcap"
            | "left"
            | "right"
            | "substring"
            | "substr"
            | "to_char"
            | "md5"
            | "encode"
            | "regexp_replace"
            | "split_part"
            | "reverse"
            | "lpad"
            | "rpad"
            | "repeat"
            | "format"
            | "translate"
            | "string_agg"
            | "to_hex"
            | "jsonb_extract_path_text"
            | "json_extract_path_text"
            | "jsonb_typeof"
            | "json_typeof"
            | "chr"
            | "quote_ident"
            | "quote_literal"
            | "overlay" => Class::Text,
            "length" | "char_length" | "character_length" | "octet_length" | "array_length"
            | "cardinality" | "\"position\"" | "strpos" | "ascii" | "jsonb_array_length"
            | "json_array_length" | "bit_length" => Class::Number(Width::Integer(32)),
            "coalesce" | "nullif" | "greatest" | "least" => self.common(arguments.iter()),
            _ => Class::Unknown,
        }
    }

    /// The literal as a constant of the type that the other side has, where that is known.
    pub(super) fn coerced(&self, literal: Tree, other: &Tree) -> Tree {
        let ty = match other {
            Tree::Column(name) => self.column(name),
            Tree::Cast(_, ty) => Some(ty),
            _ => None,
        };
        match (literal, ty) {
            (Tree::Str(text), Some(ty)) if !matches!(ty, ColumnType::Varchar { .. }) => {
                super::literal::coerced(text, ty)
            }
            (literal, _) => literal,
        }
    }
}

fn number_class(text: &str) -> Class {
    Class::Number(if text.contains('.') || text.len() > 19 {
        Width::Decimal
    } else if text.parse::<i32>().is_ok() {
        Width::Integer(32)
    } else {
        Width::Integer(64)
    })
}

/// Kinds of types between which PostgreSQL casts on its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Class {
    /// `text`, `character varying`, `character`, `name`.
    Text,
    /// A number.
    Number(Width),
    /// A type that is neither.
    Other,
    /// A column of which nothing is known.
    Column,
    /// Not known.
    Unknown,
}

/// Numbers in the order in which PostgreSQL widens them.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) enum Width {
    /// Bits.
    Integer(u8),
    /// `numeric`.
    Decimal,
    /// Bits.
    Float(u8),
}

impl Width {
    fn max(self, other: Width) -> Width {
        if other > self { other } else { self }
    }
}

impl Class {
    pub(super) fn of(ty: &ColumnType) -> Class {
        match ty {
            ColumnType::Text | ColumnType::Varchar { .. } | ColumnType::Char { .. } => Class::Text,
            ColumnType::Other(name) if name == "name" => Class::Text,
            ColumnType::Integer { bits } => Class::Number(Width::Integer(*bits)),
            ColumnType::Decimal { .. } => Class::Number(Width::Decimal),
            ColumnType::Float { bits } => Class::Number(Width::Float(*bits)),
            ColumnType::Named { .. } => Class::Other,
            _ => Class::Other,
        }
    }
}
