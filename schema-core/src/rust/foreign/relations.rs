//! SeaORM's relations to foreign keys: those that say `belongs_to`, as SeaORM itself makes tables of entities.

use std::collections::HashMap;

use schema_model::catalog::{ForeignKey, ReferentialAction};
use schema_model::item::{At, RustType};
use schema_model::{Name, Span};

use super::super::resolve::Found;
use super::lower::{Made, Scope, unknown_column};
use super::lower_seaorm::{column_name, columns, is_relation, pascal, unwrapped};
use super::{Entity, EntityField, KeySaid, Word, has, value};
use crate::diagnostic::Diagnostic;

/// The entities that relations lead between.
pub(super) struct Relating<'s, 'a> {
    pub scope: &'s Scope<'a>,
    pub made: &'s mut Vec<Made>,
    /// Positions in `made`, by item.
    pub by_node: HashMap<usize, usize>,
    /// Entities, by item.
    pub entities: HashMap<usize, &'s Entity>,
    pub found: &'s mut Vec<Diagnostic>,
}

impl Relating<'_, '_> {
    /// `#[sea_orm(belongs_to, from = "user_id", to = "id")] pub author: HasOne<super::user::Entity>`.
    pub fn field(&mut self, node: usize, field: &EntityField) {
        let owns = has(&field.words, "belongs_to") || has(&field.words, "self_ref");
        if !owns || !is_relation(field) || value(&field.words, "from").is_none() {
            return;
        }
        let RustType::Path { args, .. } = &field.ty else { return };
        let Some(target) = args.first().map(|ty| unwrapped(ty).1) else { return };
        let RustType::Path { segments, .. } = target else { return };
        let at = self.scope.span(node, field.at);
        self.key(node, segments, &field.words, Some(&field.ident), at);
    }

    /// `#[sea_orm(belongs_to = "super::user::Entity", from = "Column::UserId", to = "super::user::Column::Id")]`.
    pub fn variant(&mut self, owner: usize, node: usize, words: &[Word], at: At) {
        let Some(target) = value(words, "belongs_to") else { return };
        let path: Vec<String> = target.split("::").map(|word| word.trim().to_owned()).collect();
        let at = self.scope.span(node, at);
        self.key(owner, &path, words, None, at);
    }

    fn key(&mut self, node: usize, target: &[String], words: &[Word], field: Option<&str>, span: Span) {
        if has(words, "skip_fk") {
            return;
        }
        let Some(&own) = self.by_node.get(&node) else { return };
        // An entity that is not among the sources says nothing that could be compared.
        let Some(target) = self.entity(node, target) else { return };
        let Some(&other) = self.by_node.get(&target) else { return };
        let (Some(entity), Some(referenced)) = (self.entities.get(&node), self.entities.get(&target)) else {
            return;
        };
        let (entity, referenced) = (*entity, *referenced);
        let columns = self.named(entity, value(words, "from").unwrap_or_default(), span);
        let referenced = self.named(referenced, value(words, "to").unwrap_or_default(), span);
        if columns.is_empty() || columns.len() != referenced.len() {
            return;
        }
        let table = self.made[other].table.name.clone();
        let known = &self.made[own].partial.keys;
        if known.iter().any(|known| known.columns == columns && known.table == table) {
            return;
        }
        let action = |word: &str| value(words, word).and_then(action);
        let (on_delete, on_update) = (action("on_delete"), action("on_update"));
        let name = value(words, "fk_name");
        let said = KeySaid {
            columns: columns.clone(),
            table: table.clone(),
            name: name.is_some(),
            on_delete: on_delete.is_some(),
            on_update: on_update.is_some(),
            join: false,
        };
        let key = ForeignKey {
            columns,
            table,
            referenced,
            on_delete: on_delete.unwrap_or_default(),
            on_update: on_update.unwrap_or_default(),
            on_delete_columns: Vec::new(),
            match_full: false,
        };
        self.made[own].foreign_key(name, key, said, field, span);
    }

    /// The entity that a path means: `super::user::Entity`, `Entity`, else by its module's name.
    fn entity(&self, node: usize, path: &[String]) -> Option<usize> {
        let module = self.scope.tree.items[node].module;
        if path.len() == 1 && path[0] == "Entity" {
            return Some(node);
        }
        if let Some(Found::Item(index)) = self.scope.tree.resolve(module, false, path)
            && self.entities.contains_key(&index)
        {
            return Some(index);
        }
        let word = path.iter().rev().nth(1)?;
        let mut all = self.entities.keys().filter(|index| {
            let module = self.scope.tree.items[**index].module;
            self.scope.tree.modules[module].path.rsplit("::").next() == Some(word)
        });
        all.next().copied().filter(|_| all.next().is_none())
    }

    /// `Column::UserId`, `(Column::A, Column::B)`, `user_id`, `(a, b)` as column names.
    fn named(&mut self, entity: &Entity, text: &str, span: Span) -> Vec<Name> {
        let mut names = Vec::new();
        for part in text.trim().trim_start_matches('(').trim_end_matches(')').split(',') {
            let word = part.rsplit("::").next().unwrap_or_default().trim();
            let matches = |field: &&EntityField| {
                let said = value(&field.words, "enum_name").map(str::to_owned);
                field.ident == word || said.unwrap_or_else(|| pascal(&field.ident)) == word
            };
            match columns(entity).find(matches) {
                Some(field) => names.push(column_name(entity, field)),
                None if word.is_empty() => {}
                None => self.found.push(unknown_column("Model", word, span)),
            }
        }
        names
    }
}

fn action(word: &str) -> Option<ReferentialAction> {
    Some(match word {
        "NoAction" => ReferentialAction::NoAction,
        "Restrict" => ReferentialAction::Restrict,
        "Cascade" => ReferentialAction::Cascade,
        "SetNull" => ReferentialAction::SetNull,
        "SetDefault" => ReferentialAction::SetDefault,
        _ => return None,
    })
}
