//! Keys, foreign keys, checks and exclusions.

use super::super::ast::{CheckWord, ColumnWord, ExcludeWord, ForeignKeyWord, KeyWord, TableWord, pick, said};
use super::{Lower, SaidAt, terms};
use crate::catalog::{
    Check, Constraint, ConstraintKind, Deferrable, Exclude, ExcludePart, ForeignKey, Key, ReferentialAction,
};
use crate::token::{TokenKind, tokens};
use crate::{DialectKind, Expr, Name, ObjectName};

impl Lower<'_> {
    pub(super) fn constraints(&mut self) {
        self.take_given_names();
        let words = &self.source.item.words;
        for word in said(words, self.dialect) {
            let place = SaidAt { field: None, at: word.at };
            match &word.word {
                TableWord::PrimaryKey(key) => self.key(key, None, place, true),
                TableWord::Unique(key) => self.key(key, None, place, false),
                _ => {}
            }
        }
        self.field_constraints();
        for word in said(words, self.dialect) {
            let place = SaidAt { field: None, at: word.at };
            match &word.word {
                TableWord::ForeignKey(key) => self.foreign_key(key, None, place),
                TableWord::Check(check) => self.check(check, place),
                TableWord::Exclude(exclude) => self.exclude(exclude, place),
                _ => {}
            }
        }
    }

    fn field_constraints(&mut self) {
        for index in 0..self.source.fields.len() {
            let source = &self.source.fields[index];
            let column = Name::new(source.item.column(self.dialect));
            for word in said(&source.item.words, self.dialect) {
                let place = SaidAt { field: Some(index), at: word.at };
                match &word.word {
                    ColumnWord::PrimaryKey(key) => self.key(key, Some(&column), place, true),
                    ColumnWord::Unique(key) => self.key(key, Some(&column), place, false),
                    ColumnWord::References(key) => self.foreign_key(key, Some(&column), place),
                    ColumnWord::Check(check) => self.check(check, place),
                    _ => {}
                }
            }
            let Some(ty) = &source.ty else { continue };
            let typed = pick(&source.item.words, self.dialect, |word| {
                matches!(word, ColumnWord::Type(_)).then_some(())
            });
            if typed.is_none() {
                let place = SaidAt { field: Some(index), at: source.item.at };
                for expr in ty.checks(&column, self.dialect) {
                    let check = CheckWord { expr: expr.as_str().to_owned(), ..CheckWord::default() };
                    self.check(&check, place);
                }
            }
        }
    }

    /// Names that were given are taken before any is generated.
    fn take_given_names(&mut self) {
        let on_table = said(&self.source.item.words, self.dialect).filter_map(|said| match &said.word {
            TableWord::PrimaryKey(key) | TableWord::Unique(key) => key.name.as_ref(),
            TableWord::ForeignKey(key) => key.name.as_ref(),
            TableWord::Check(check) => check.name.as_ref(),
            TableWord::Exclude(exclude) => exclude.name.as_ref(),
            TableWord::Index(index) => index.name.as_ref(),
            _ => None,
        });
        let dialect = self.dialect;
        let on_fields = self.source.fields.iter().flat_map(move |field| {
            said(&field.item.words, dialect).filter_map(|said| match &said.word {
                ColumnWord::PrimaryKey(key) | ColumnWord::Unique(key) => key.name.as_ref(),
                ColumnWord::References(key) => key.name.as_ref(),
                ColumnWord::Check(check) => check.name.as_ref(),
                ColumnWord::Index(index) => index.name.as_ref(),
                _ => None,
            })
        });
        for name in on_table.chain(on_fields) {
            self.names.take(name);
        }
    }

    fn push(&mut self, constraint: Constraint, place: SaidAt) {
        self.out.table.constraints.push(constraint);
        self.out.constraints.push(place);
    }

    fn comment(&self, comment: &Option<String>) -> Option<String> {
        comment.clone().filter(|comment| self.postgres() && !comment.is_empty())
    }

    fn key(&mut self, word: &KeyWord, own: Option<&Name>, place: SaidAt, primary: bool) {
        let columns = match own {
            Some(own) => vec![own.clone()],
            None => self.resolve_all(&word.columns, place.field),
        };
        if columns.is_empty() {
            return;
        }
        let naming = self.source.naming;
        let name = match primary {
            // PostgreSQL's primary key is named after the table alone.
            true if naming.primary_key.is_none() => self.constraint_name(&word.name, &None, &[], "pkey"),
            true => self.constraint_name(&word.name, &naming.primary_key, &columns.clone(), "pkey"),
            false => {
                let all: Vec<Name> = columns.clone();
                self.constraint_name(&word.name, &naming.unique, &all, "key")
            }
        };
        let postgres = self.postgres();
        let include = self.resolve_all(&word.include, place.field);
        let suffixed = !postgres && word.columns.iter().any(|column| !column.suffix.is_empty());
        let key = Key {
            columns,
            include: if postgres { include } else { Vec::new() },
            nulls_not_distinct: word.nulls_not_distinct && postgres && !primary,
            suffix: word.suffix.clone().filter(|suffix| suffix.starts_with("WITH") == postgres),
            column_suffixes: match suffixed {
                true => word.columns.iter().map(|column| column.suffix.clone()).collect(),
                false => Vec::new(),
            },
        };
        let kind = if primary { ConstraintKind::PrimaryKey(key) } else { ConstraintKind::Unique(key) };
        let mut constraint = Constraint::new(name, kind);
        constraint.deferrable = if postgres { word.deferrable } else { Deferrable::No };
        constraint.comment = self.comment(&word.comment);
        self.push(constraint, place);
    }

    fn foreign_key(&mut self, word: &ForeignKeyWord, own: Option<&Name>, place: SaidAt) {
        let Some((table, referenced)) = terms::references(&word.references, self.dialect) else {
            let message = format!("`{}` is no reference; expected `table(column, …)`", word.references);
            self.problem(place.field, word.references_at, message);
            return;
        };
        let columns = match own {
            Some(own) => vec![own.clone()],
            None => self.resolve_all(&word.columns, place.field),
        };
        if columns.is_empty() {
            return;
        }
        if !referenced.is_empty() && referenced.len() != columns.len() {
            let message = format!("{} columns refer to {}", columns.len(), referenced.len());
            self.problem(place.field, word.references_at, message);
        }
        let (on_delete, on_update, deferrable) = self.field_actions(word, place.field);
        let template = self.source.naming.foreign_key(table.name.as_str());
        let name = self.constraint_name(&word.name, &template, &columns, "fkey");
        let key = ForeignKey {
            columns,
            table: self.without_schema(table),
            referenced,
            on_delete,
            on_update,
            on_delete_columns: self.resolve_all(&word.on_delete_columns, place.field),
            match_full: word.match_full,
        };
        let mut constraint = Constraint::new(name, ConstraintKind::ForeignKey(key));
        constraint.deferrable = deferrable;
        constraint.comment = self.comment(&word.comment);
        self.push(constraint, place);
    }

    fn without_schema(&self, table: ObjectName) -> ObjectName {
        let schema = table.schema.filter(|schema| self.postgres() && *schema != *"public");
        ObjectName { schema, name: table.name }
    }

    /// What the reference says itself, else the words beside it on the field.
    fn field_actions(
        &self,
        word: &ForeignKeyWord,
        field: Option<usize>,
    ) -> (ReferentialAction, ReferentialAction, Deferrable) {
        let words = field.map(|field| self.source.fields[field].item.words.as_slice()).unwrap_or_default();
        let on_delete = pick(words, self.dialect, |word| match word {
            ColumnWord::OnDelete(action) => Some(*action),
            _ => None,
        });
        let on_update = pick(words, self.dialect, |word| match word {
            ColumnWord::OnUpdate(action) => Some(*action),
            _ => None,
        });
        let deferrable = pick(words, self.dialect, |word| match word {
            ColumnWord::Deferrable(deferrable) => Some(*deferrable),
            _ => None,
        });
        (
            word.on_delete.or(on_delete.map(|(action, _)| action)).unwrap_or_default(),
            word.on_update.or(on_update.map(|(action, _)| action)).unwrap_or_default(),
            word.deferrable.or(deferrable.map(|(deferrable, _)| deferrable)).unwrap_or_default(),
        )
    }

    fn check(&mut self, word: &CheckWord, place: SaidAt) {
        // PostgreSQL names a check after its column when it reads exactly one (`AddRelationNewConstraints`).
        let known = self.source.fields.iter().map(|field| field.item.column(self.dialect));
        let columns = columns_in(&word.expr, known, self.dialect);
        let columns = if columns.len() == 1 { columns } else { Vec::new() };
        let naming = self.source.naming;
        let name = self.constraint_name(&word.name, &naming.check, &columns, "check");
        let check = Check { expr: Expr::new(&word.expr), no_inherit: word.no_inherit && self.postgres() };
        let mut constraint = Constraint::new(name, ConstraintKind::Check(check));
        constraint.comment = self.comment(&word.comment);
        self.push(constraint, place);
    }

    fn exclude(&mut self, word: &ExcludeWord, place: SaidAt) {
        if !self.postgres() {
            return;
        }
        let mut parts = Vec::new();
        for term in &word.terms {
            match terms::exclusion(term, &self.known) {
                Some(found) => parts.extend(found),
                None => {
                    let message = format!("`{term}` is no exclusion term; expected `column WITH operator`");
                    self.problem(place.field, place.at, message);
                }
            }
        }
        let columns: Vec<Name> =
            parts.iter().map(|part: &ExcludePart| terms::term_name(&part.part)).collect();
        let naming = self.source.naming;
        let name = self.constraint_name(&word.name, &naming.exclude, &columns, "excl");
        let exclude = Exclude {
            method: Name::new(word.using.as_deref().unwrap_or("gist").to_lowercase()),
            parts,
            include: self.resolve_all(&word.include, place.field),
            predicate: word.predicate.as_deref().map(Expr::new),
        };
        let mut constraint = Constraint::new(name, ConstraintKind::Exclude(exclude));
        constraint.deferrable = word.deferrable;
        constraint.comment = self.comment(&word.comment);
        self.push(constraint, place);
    }
}

/// Which of these columns an expression names.
pub fn columns_in<'a>(expr: &str, columns: impl Iterator<Item = &'a str>, dialect: DialectKind) -> Vec<Name> {
    let columns: Vec<&str> = columns.collect();
    let all = tokens(expr, dialect);
    let mut found: Vec<Name> = Vec::new();
    for (index, token) in all.iter().enumerate() {
        if !matches!(token.kind, TokenKind::Word | TokenKind::Quoted) {
            continue;
        }
        let next = all.get(index + 1).map_or("", |token| token.text(expr));
        let before = index.checked_sub(1).and_then(|index| all.get(index));
        if next == "(" || next == "." || before.is_some_and(|token| token.text(expr) == "::") {
            continue;
        }
        let name = crate::ident::fold(token.text(expr), dialect);
        if columns.contains(&name.as_str()) && !found.iter().any(|own| *own == *name.as_str()) {
            found.push(Name::from(name));
        }
    }
    found
}
