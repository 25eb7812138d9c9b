//! Indexes.

use super::super::ast::{ColumnWord, IndexPartWord, IndexWord, TableWord, said};
use super::super::naming::join_columns;
use super::{Lower, SaidAt, terms};
use crate::catalog::{Index, IndexPart, IndexTerm};
use crate::{Expr, Name};

impl Lower<'_> {
    pub(super) fn indexes(&mut self) {
        for index in 0..self.source.fields.len() {
            let field = self.source.fields[index].item;
            let column = Name::new(field.column(self.dialect));
            for word in said(&field.words, self.dialect) {
                if let ColumnWord::Index(word_index) = &word.word {
                    self.index(word_index, Some(&column), SaidAt { field: Some(index), at: word.at });
                }
            }
        }
        for word in said(&self.source.item.words, self.dialect) {
            if let TableWord::Index(index) = &word.word {
                self.index(index, None, SaidAt { field: None, at: word.at });
            }
        }
    }

    fn index(&mut self, word: &IndexWord, own: Option<&Name>, place: SaidAt) {
        let mut parts = Vec::new();
        for part in &word.parts {
            parts.extend(self.parts(part, own, place));
        }
        if parts.is_empty() {
            return;
        }
        let name = match &word.name {
            Some(name) => name.clone(),
            None => self.index_name(&parts),
        };
        let postgres = self.postgres();
        let mut index = Index::over(Name::from(name), []);
        index.parts = parts;
        index.unique = word.unique;
        index.predicate = word.predicate.as_deref().map(Expr::new);
        if postgres {
            let method = word.using.as_deref().unwrap_or("btree").to_lowercase();
            index.method = Name::from(method);
            index.include = self.resolve_all(&word.include, place.field);
            index.nulls_not_distinct = word.nulls_not_distinct;
            index.options.extend(word.with.iter().cloned());
            index.tablespace = word.tablespace.as_deref().map(Name::new);
            index.comment = word.comment.clone().filter(|comment| !comment.is_empty());
        }
        self.out.table.indexes.push(index);
        self.out.indexes.push(place);
    }

    /// `<table>_<columns>_idx`.
    fn index_name(&mut self, parts: &[IndexPart]) -> String {
        let table = self.out.table.name.name.clone();
        let joined = index_columns(parts);
        self.names.choose(&self.source.naming.index, table.as_str(), &joined, "idx")
    }

    fn parts(&mut self, word: &IndexPartWord, own: Option<&Name>, place: SaidAt) -> Vec<IndexPart> {
        if let Some(expr) = &word.expr {
            let found = terms::index_parts(expr, &self.known);
            return found.into_iter().map(|part| self.for_dialect(part)).collect();
        }
        let column = match (&word.column, own) {
            (Some(column), _) => self.resolve(column, place.field),
            (None, own) => own.cloned(),
        };
        let Some(column) = column else { return Vec::new() };
        let part = IndexPart {
            term: IndexTerm::Column(column),
            collation: word.collate.as_deref().and_then(terms::object_name),
            opclass: word.opclass.clone(),
            descending: word.descending,
            nulls_first: word.nulls_first.unwrap_or(word.descending),
        };
        vec![self.for_dialect(part)]
    }

    fn for_dialect(&self, mut part: IndexPart) -> IndexPart {
        if !self.postgres() {
            part.opclass = None;
            part.nulls_first = part.descending;
        }
        part
    }
}

/// What an index's columns are called in its name; a second one of the same name is numbered
/// (`ChooseIndexColumnNames`).
pub fn index_columns(parts: &[IndexPart]) -> String {
    let mut columns: Vec<String> = Vec::new();
    for part in parts {
        let base = terms::term_name(part).to_string();
        let mut name = base.clone();
        let mut number = 1;
        while columns.contains(&name) {
            name = format!("{base}{number}");
            number += 1;
        }
        columns.push(name);
    }
    join_columns(columns.iter().map(String::as_str))
}
