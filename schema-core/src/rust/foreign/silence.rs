//! What diesel's and SeaORM's models do not say, taken from the recorded schema: a default, an index, a check, a name, a
//! length is no drift where the source has no word for it.

use schema_model::catalog::{
    Catalog, Column, Constraint, ConstraintKind, EnumType, ForeignKey, Index, IndexTerm, Key, Table,
};
use schema_model::item::columns_in;
use schema_model::{DialectKind, Expr, Name, ObjectName};

use super::super::Unmanaged;
use super::super::declared::Declaration;
use super::Partial;
use super::alike::{alike, base, same_default};

/// The declared catalog with the rest of every partial table filled in.
pub fn fill(own: &Declaration, recorded: &Catalog, unmanaged: &Unmanaged, dialect: DialectKind) -> Catalog {
    let mut out = own.catalog.clone();
    let partial = || own.tables.iter().filter_map(|(name, place)| Some((name, place.partial.as_ref()?)));
    for (name, partial) in partial() {
        // diesel and SeaORM read views as tables.
        if recorded.views.contains_key(name) && !recorded.tables.contains_key(name) {
            out.tables.remove(name);
            continue;
        }
        let Some(known) = recorded.tables.get(name) else { continue };
        let Some(table) = out.tables.get_mut(name) else { continue };
        let filling = Filling { partial, known, recorded, declared: &own.catalog, unmanaged, dialect };
        filling.table(table);
        let counted = |owner: &Option<(ObjectName, Name)>| match owner {
            Some((table, column)) => table == name && known.column(column.as_str()).is_some(),
            None => false,
        };
        out.sequences.retain(|_, sequence| !counted(&sequence.owned_by));
    }
    if partial().next().is_some() {
        for own in out.enums.values_mut() {
            if let Some(known) = recorded.enums.get(&own.name) {
                in_known_order(own, known);
            }
        }
    }
    out
}

/// Whether a recorded table is one that such a source cannot hold: without a primary key there is no `table!` and no
/// entity.
pub fn is_beyond(own: &Declaration, table: &Table) -> bool {
    let foreign = own.tables.values().any(|place| place.partial.is_some());
    foreign && table.primary_key().is_none()
}

/// Sort order is not said: known values stay where they are, new ones come last.
fn in_known_order(own: &mut EnumType, known: &EnumType) {
    let place = |value: &String| known.values.iter().position(|other| other == value);
    own.values.sort_by_key(|value| place(value).unwrap_or(usize::MAX));
}

struct Filling<'a> {
    partial: &'a Partial,
    known: &'a Table,
    recorded: &'a Catalog,
    declared: &'a Catalog,
    unmanaged: &'a Unmanaged,
    dialect: DialectKind,
}

impl Filling<'_> {
    fn table(&self, own: &mut Table) {
        let comment = own.options.comment.take();
        own.options.clone_from(&self.known.options);
        if comment.is_some() {
            own.options.comment = comment;
        }
        let key = own.primary_key().cloned();
        for column in &mut own.columns {
            if let Some(known) = self.known.column(column.name.as_str()) {
                let in_key = key.as_ref().is_some_and(|key| key.columns.contains(&column.name));
                self.column(column, known, in_key);
            }
        }
        own.constraints = std::mem::take(&mut own.constraints)
            .into_iter()
            .filter_map(|constraint| self.constraint(constraint))
            .collect();
        let said: Vec<Index> = std::mem::take(&mut own.indexes);
        own.indexes = said.into_iter().filter(|index| !self.has_index(index)).collect();
        self.rest(own);
    }

    fn column(&self, own: &mut Column, known: &Column, in_key: bool) {
        let exact = self.partial.exact.contains(&own.name);
        let open = self.partial.open.contains(&own.name);
        let known_base = base(&known.ty, self.recorded);
        let same = if exact { own.ty == *known_base } else { alike(&own.ty, known_base, self.dialect) };
        if open || same {
            own.ty.clone_from(&known.ty);
        }
        // A key is said of tables that have none too, and SQLite's may be NULL whatever is said.
        let no_key = self.known.primary_key().is_none() || self.dialect == DialectKind::Sqlite;
        let by_domain = known.ty.user_type().and_then(|name| self.recorded.domains.get(name));
        if in_key && no_key || by_domain.is_some_and(|domain| !domain.nullable) {
            own.nullable = known.nullable;
        }
        let said = self.partial.defaults.contains(&own.name);
        let same_default = match (&own.default, &known.default) {
            (Some(own), Some(known)) => same_default(own, known),
            _ => false,
        };
        if !said || same_default {
            own.default.clone_from(&known.default);
        }
        own.generated.clone_from(&known.generated);
        own.identity.clone_from(&known.identity);
        own.collation.clone_from(&known.collation);
        own.on_conflict.clone_from(&known.on_conflict);
        own.inherited = known.inherited;
        if own.comment.is_none() {
            own.comment.clone_from(&known.comment);
        }
    }

    /// What becomes of a constraint that is said: the recorded one stands for it where there is one.
    fn constraint(&self, own: Constraint) -> Option<Constraint> {
        match &own.kind {
            ConstraintKind::PrimaryKey(key) => self.primary_key(&own, key),
            ConstraintKind::Unique(key) => (!self.has_unique(key)).then_some(own),
            ConstraintKind::ForeignKey(key) => self.foreign_key(&own, key),
            ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => Some(own),
        }
    }

    fn primary_key(&self, own: &Constraint, key: &Key) -> Option<Constraint> {
        let is_key = |other: &&Constraint| matches!(other.kind, ConstraintKind::PrimaryKey(_));
        let known = self.known.constraints.iter().find(is_key)?;
        let ConstraintKind::PrimaryKey(known_key) = &known.kind else { return None };
        match same_set(&key.columns, &known_key.columns) {
            true => Some(known.clone()),
            false => Some(Constraint { name: known.name.clone(), ..own.clone() }),
        }
    }

    fn has_unique(&self, key: &Key) -> bool {
        let by_constraint = self.known.constraints.iter().any(|known| match &known.kind {
            ConstraintKind::Unique(other) | ConstraintKind::PrimaryKey(other) => {
                same_set(&other.columns, &key.columns)
            }
            _ => false,
        });
        let by_index = self.known.indexes.iter().filter(|index| index.unique).any(|index| {
            let columns: Vec<Name> = index.parts.iter().filter_map(|part| column_of(&part.term)).collect();
            columns.len() == index.parts.len() && same_set(&columns, &key.columns)
        });
        by_constraint || by_index
    }

    fn foreign_key(&self, own: &Constraint, key: &ForeignKey) -> Option<Constraint> {
        let said =
            self.partial.keys.iter().find(|said| said.columns == key.columns && said.table == key.table)?;
        let same = |known: &&Constraint| match &known.kind {
            ConstraintKind::ForeignKey(other) => {
                other.columns == key.columns
                    && other.table == key.table
                    && (other.referenced.is_empty() || other.referenced == key.referenced)
            }
            _ => false,
        };
        let Some(known) = self.known.constraints.iter().find(same) else {
            let column_is_known = key.columns.iter().all(|name| self.known.column(name.as_str()).is_some());
            return (!(said.join && column_is_known)).then(|| own.clone());
        };
        let mut out = Constraint { origin: own.origin, ..known.clone() };
        if said.name {
            out.name.clone_from(&own.name);
        }
        if let ConstraintKind::ForeignKey(kept) = &mut out.kind {
            if said.on_delete {
                kept.on_delete = key.on_delete;
            }
            if said.on_update {
                kept.on_update = key.on_update;
            }
        }
        Some(out)
    }

    /// Whether an index, or a key, begins with the column that an index is said for.
    fn has_index(&self, own: &Index) -> bool {
        let Some(column) = own.parts.first().and_then(|part| column_of(&part.term)) else { return false };
        let by_index = self.known.indexes.iter().any(|index| {
            index.parts.first().and_then(|part| column_of(&part.term)).as_ref() == Some(&column)
        });
        by_index
            || self.known.constraints.iter().any(|known| match &known.kind {
                ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                    key.columns.first() == Some(&column)
                }
                _ => false,
            })
    }

    /// Constraints and indexes that the source has no word for, those over a column that has gone left out.
    fn rest(&self, own: &mut Table) {
        for known in &self.known.constraints {
            let said = own.constraints.iter().any(|constraint| match (&constraint.kind, &known.kind) {
                (ConstraintKind::ForeignKey(one), ConstraintKind::ForeignKey(other)) => {
                    one.columns == other.columns && one.table == other.table
                }
                (ConstraintKind::PrimaryKey(_), ConstraintKind::PrimaryKey(_)) => true,
                _ => constraint.name.is_some() && constraint.name == known.name,
            });
            if !said && self.stands(&known.kind, own) {
                own.constraints.push(known.clone());
            }
        }
        for known in &self.known.indexes {
            if own.index(&known.name).is_none() && self.index_stands(known, own) {
                own.indexes.push(known.clone());
            }
        }
    }

    fn stands(&self, kind: &ConstraintKind, own: &Table) -> bool {
        let all = |names: &[Name]| names.iter().all(|name| own.column(name.as_str()).is_some());
        match kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => {
                all(&key.columns) && all(&key.include)
            }
            ConstraintKind::ForeignKey(key) => all(&key.columns) && self.target_stands(key),
            ConstraintKind::Check(check) => self.expr_stands(&check.expr, own),
            ConstraintKind::Exclude(exclude) => {
                let parts = exclude.parts.iter().all(|part| self.term_stands(&part.part.term, own));
                parts && exclude.predicate.as_ref().is_none_or(|expr| self.expr_stands(expr, own))
            }
        }
    }

    fn target_stands(&self, key: &ForeignKey) -> bool {
        match self.declared.tables.get(&key.table) {
            Some(target) => {
                let known = self.recorded.tables.get(&key.table);
                let had = |name: &Name| known.is_some_and(|table| table.column(name.as_str()).is_some());
                key.referenced.iter().all(|name| target.column(name.as_str()).is_some() || !had(name))
            }
            None => {
                let known = self.recorded.tables.get(&key.table);
                self.unmanaged.object(&key.table) || known.is_some_and(|table| table.primary_key().is_none())
            }
        }
    }

    fn index_stands(&self, index: &Index, own: &Table) -> bool {
        index.parts.iter().all(|part| self.term_stands(&part.term, own))
            && index.include.iter().all(|name| own.column(name.as_str()).is_some())
            && index.predicate.as_ref().is_none_or(|expr| self.expr_stands(expr, own))
    }

    fn term_stands(&self, term: &IndexTerm, own: &Table) -> bool {
        match term {
            IndexTerm::Column(name) => own.column(name.as_str()).is_some(),
            IndexTerm::Expr(expr) => self.expr_stands(expr, own),
        }
    }

    /// Whether every column that an expression names is still there.
    fn expr_stands(&self, expr: &Expr, own: &Table) -> bool {
        let columns = self.known.columns.iter().map(|column| column.name.as_str());
        let named = columns_in(expr.as_str(), columns, self.dialect);
        named.iter().all(|name| own.column(name.as_str()).is_some())
    }
}

fn column_of(term: &IndexTerm) -> Option<Name> {
    match term {
        IndexTerm::Column(name) => Some(name.clone()),
        IndexTerm::Expr(_) => None,
    }
}

fn same_set(one: &[Name], other: &[Name]) -> bool {
    one.len() == other.len() && one.iter().all(|name| other.contains(name))
}
