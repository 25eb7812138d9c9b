//! The bits of SQL that stand in attributes: references, index terms, exclusion terms. Read by tokens.

use std::collections::BTreeMap;

use super::super::naming::expression_name;
use super::written;
use crate::catalog::{ExcludePart, IndexPart, IndexTerm};
use crate::token::{Token, TokenKind, tokens};
use crate::{DialectKind, Expr, Name, ObjectName};

/// A text and its tokens without comments.
struct Reader<'a> {
    text: &'a str,
    all: Vec<Token>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, dialect: DialectKind) -> Self {
        let all = tokens(text, dialect).into_iter().filter(|token| !token.is_comment()).collect();
        Reader { text, all, at: 0 }
    }

    fn peek(&self) -> &'a str {
        self.all.get(self.at).map_or("", |token| token.text(self.text))
    }

    fn kind(&self) -> Option<TokenKind> {
        self.all.get(self.at).map(|token| token.kind)
    }

    fn done(&self) -> bool {
        self.at >= self.all.len()
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.peek().eq_ignore_ascii_case(word);
        self.at += usize::from(found);
        found
    }

    fn name(&mut self) -> Option<Name> {
        if !matches!(self.kind(), Some(TokenKind::Word | TokenKind::Quoted)) {
            return None;
        }
        let name = written(self.peek());
        self.at += 1;
        Some(name)
    }

    fn object(&mut self) -> Option<ObjectName> {
        let first = self.name()?;
        if self.eat(".") {
            let second = self.name()?;
            return Some(ObjectName { schema: Some(first), name: second });
        }
        Some(ObjectName { schema: None, name: first })
    }

    /// Passes over a group in parentheses; the text inside.
    fn group(&mut self) -> Option<&'a str> {
        let start = self.all.get(self.at)?.end as usize;
        let mut depth = 0usize;
        while let Some(token) = self.all.get(self.at) {
            match token.text(self.text) {
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.checked_sub(1)?,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return self.text.get(start..token.start as usize);
            }
        }
        None
    }
}

/// `users(id)`, `app.users (a, b)`, `users`.
pub fn references(text: &str, dialect: DialectKind) -> Option<(ObjectName, Vec<Name>)> {
    let mut reader = Reader::new(text, dialect);
    let table = reader.object()?;
    let mut columns = Vec::new();
    if reader.eat("(") {
        loop {
            columns.push(reader.name()?);
            if !reader.eat(",") {
                break;
            }
        }
        if !reader.eat(")") {
            return None;
        }
    }
    reader.done().then_some((table, columns))
}

/// `name` or `schema.name`.
pub fn object_name(text: &str) -> Option<ObjectName> {
    let mut reader = Reader::new(text, DialectKind::Postgres);
    let name = reader.object()?;
    let catalog = name.schema.as_ref().is_some_and(|schema| *schema == *"pg_catalog");
    reader.done().then_some(if catalog { ObjectName::bare(name.name) } else { name })
}

/// Splits at the commas that stand in no parentheses.
fn split_commas(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0i32, 0usize);
    for token in tokens(text, DialectKind::Postgres) {
        match token.text(text) {
            "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            "," if depth == 0 => {
                parts.push(text[start..token.start as usize].trim());
                start = token.end as usize;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// The terms of an index as SQL writes them: `slug gin_trgm_ops`, `lower(email) DESC`, `(a || b), c`.
pub fn index_parts(text: &str, known: &BTreeMap<String, Name>) -> Vec<IndexPart> {
    let parts = split_commas(text).into_iter();
    parts
        .map(|part| {
            let mut reader = Reader::new(part, DialectKind::Postgres);
            let found = index_part(&mut reader, known).filter(|_| reader.done());
            found.unwrap_or_else(|| IndexPart::of(IndexTerm::Expr(Expr::new(part))))
        })
        .collect()
}

fn index_part(reader: &mut Reader<'_>, known: &BTreeMap<String, Name>) -> Option<IndexPart> {
    let mut part = IndexPart::of(term(reader, known)?);
    if reader.eat("collate") {
        part.collation = Some(reader.object()?);
    }
    let order =
        |word: &str| ["asc", "desc", "nulls", "with"].iter().any(|own| word.eq_ignore_ascii_case(own));
    if !reader.done() && !order(reader.peek()) {
        part.opclass = Some(opclass(reader)?);
    }
    part.descending = reader.eat("desc");
    if !part.descending {
        reader.eat("asc");
    }
    part.nulls_first = part.descending;
    if reader.eat("nulls") {
        part.nulls_first = reader.eat("first");
        if !part.nulls_first && !reader.eat("last") {
            return None;
        }
    }
    Some(part)
}

fn opclass(reader: &mut Reader<'_>) -> Option<String> {
    let mut class = reader.object()?.to_string();
    if reader.peek() == "(" {
        class = format!("{class}({})", reader.group()?.trim());
    }
    Some(class)
}

fn term(reader: &mut Reader<'_>, known: &BTreeMap<String, Name>) -> Option<IndexTerm> {
    if reader.peek() == "(" {
        return Some(IndexTerm::Expr(Expr::new(reader.group()?)));
    }
    let start = reader.all.get(reader.at)?.start as usize;
    let name = reader.object()?;
    if reader.peek() == "(" {
        reader.group()?;
        let end = reader.all.get(reader.at - 1)?.end as usize;
        return Some(IndexTerm::Expr(Expr::new(reader.text.get(start..end)?)));
    }
    Some(match (name.schema, known.get(name.name.as_str())) {
        (None, Some(column)) => IndexTerm::Column(column.clone()),
        (None, None) => IndexTerm::Column(name.name),
        (Some(_), _) => return None,
    })
}

/// `room WITH =, during WITH &&`.
pub fn exclusion(text: &str, known: &BTreeMap<String, Name>) -> Option<Vec<ExcludePart>> {
    let mut parts = Vec::new();
    for one in split_commas(text) {
        let mut reader = Reader::new(one, DialectKind::Postgres);
        let part = index_part(&mut reader, known)?;
        if !reader.eat("with") {
            return None;
        }
        let start = reader.all.get(reader.at)?.start as usize;
        parts.push(ExcludePart { part, operator: one.get(start..)?.trim().to_owned() });
    }
    Some(parts)
}

/// What a term is called in a generated name.
pub fn term_name(part: &IndexPart) -> Name {
    match &part.term {
        IndexTerm::Column(name) => name.clone(),
        IndexTerm::Expr(expr) => Name::from(expression_name(expr.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_without_folding() {
        let (table, columns) = references("app.members (org_id, \"Id\")", DialectKind::Postgres).unwrap();
        assert_eq!(table, ObjectName::in_schema("app", "members"));
        assert_eq!(columns, [Name::new("org_id"), Name::new("Id")]);
        assert!(references("members(", DialectKind::Postgres).is_none());
    }

    #[test]
    fn index_terms_carry_class_and_order() {
        let known = BTreeMap::from([("slug".to_owned(), Name::new("slug"))]);
        let parts = index_parts("slug gin_trgm_ops, lower(slug) DESC NULLS LAST, (a || b)", &known);
        assert_eq!(parts[0].opclass.as_deref(), Some("gin_trgm_ops"));
        assert_eq!(parts[0].term, IndexTerm::Column(Name::new("slug")));
        assert!(parts[1].descending && !parts[1].nulls_first);
        assert_eq!(parts[2].term, IndexTerm::Expr(Expr::new("a || b")));
        let odd = index_parts("a || b", &known);
        assert_eq!(odd[0].term, IndexTerm::Expr(Expr::new("a || b")));
    }
}
