//! What a revision does in the end: its changes with those taken out that undo each other.
//!
//! A script may make a table anew, rename it twice, drop a view and create it again around a change. Applications see the
//! schema before and the schema after. So the objects that the changes touch are taken from the catalog, the changes are
//! applied to them, and the two states are compared. Both come from one reader, so equal values mean equal things, and no
//! canonical form is needed.

use std::collections::{BTreeMap, BTreeSet};

use schema_model::catalog::{Catalog, Column, ColumnType, Constraint, Domain, Index, Table};
use schema_model::{DialectKind, Name, ObjectName};

use crate::change::Change;

/// A change that remains.
pub(super) struct Judged {
    pub change: Change,
    /// The constraint that an added one stands in for.
    pub replaced: Option<Constraint>,
}

/// What rules want to know about the rest of the revision.
#[derive(Default)]
pub(crate) struct Context {
    /// Tables and views that were not there before.
    pub new_tables: BTreeSet<ObjectName>,
    /// Tables and views that are no longer there.
    pub dropped_tables: BTreeSet<ObjectName>,
    /// Columns that are no longer there, under their table's old name.
    pub dropped_columns: BTreeSet<(ObjectName, Name)>,
    /// Every known domain, for columns of one.
    pub domains: BTreeMap<ObjectName, Domain>,
    /// SQLite: columns that number the rows.
    pub row_ids: BTreeSet<(ObjectName, Name)>,
    new_columns: BTreeMap<(ObjectName, Name), Column>,
    old_columns: BTreeMap<ObjectName, BTreeSet<String>>,
}

impl Context {
    /// A column that was not there before, of a table that was.
    pub fn new_column(&self, table: &ObjectName, column: &Name) -> Option<&Column> {
        self.new_columns.get(&(table.clone(), column.clone()))
    }

    /// Whether the table had the column.
    pub fn had_column(&self, table: &ObjectName, column: &str) -> bool {
        self.old_columns.get(table).is_some_and(|columns| columns.contains(column))
    }
}

/// The changes that remain, and the context to judge them in.
pub(super) fn net(before: &Catalog, changes: &[Change], dialect: DialectKind) -> (Vec<Judged>, Context) {
    let old = touched(before, changes);
    let mut new = old.clone();
    let mut moves = Moves::default();
    let mut out = Vec::new();
    for change in changes {
        moves.follow(change);
        if change.apply(&mut new, dialect).is_err() {
            // It does not fit what is known of the schema; judge it as it stands.
            out.push(judged(change.clone()));
        }
    }
    let mut context = Context { domains: before.domains.clone(), ..Context::default() };
    context.domains.extend(new.domains.iter().map(|(name, domain)| (name.clone(), domain.clone())));
    let mut walk = Walk { dialect, moves: &moves, context, out };
    walk.namespaces(&old, &new);
    walk.types(&old, &new, changes);
    walk.tables(&old, &new);
    walk.others(&old, &new);
    (walk.out, walk.context)
}

fn judged(change: Change) -> Judged {
    Judged { change, replaced: None }
}

/// The objects that the changes are about, as they are before.
fn touched(before: &Catalog, changes: &[Change]) -> Catalog {
    let mut sub = Catalog::default();
    for change in changes {
        let mut names: Vec<&ObjectName> = change.table().into_iter().collect();
        match change {
            Change::RenameSchema { .. } => return before.clone(),
            Change::CreateSchema(schema) | Change::DropSchema(schema) => {
                copy(&before.schemas, &mut sub.schemas, &schema.name)
            }
            Change::AlterSchema { old, .. } => copy(&before.schemas, &mut sub.schemas, &old.name),
            Change::CreateExtension(new) | Change::DropExtension(new) => {
                copy(&before.extensions, &mut sub.extensions, &new.name);
            }
            Change::AlterExtension { old, .. } => copy(&before.extensions, &mut sub.extensions, &old.name),
            Change::RenameTable { from, to }
            | Change::RenameView { from, to }
            | Change::RenameType { from, to }
            | Change::RenameSequence { from, to } => names.extend([from, to]),
            Change::CreateEnum(ty) | Change::DropEnum(ty) => names.push(&ty.name),
            Change::AddEnumValue { name, .. }
            | Change::RemoveEnumValue { name, .. }
            | Change::RenameEnumValue { name, .. } => names.push(name),
            Change::ReplaceEnum { old, .. } => names.push(&old.name),
            Change::CreateDomain(domain) | Change::DropDomain(domain) => names.push(&domain.name),
            Change::AlterDomain { old, .. } => names.push(&old.name),
            Change::CreateComposite(ty) | Change::DropComposite(ty) => names.push(&ty.name),
            Change::AlterComposite { old, .. } => names.push(&old.name),
            Change::CreateSequence(sequence) | Change::DropSequence(sequence) => names.push(&sequence.name),
            Change::AlterSequence { old, .. } => names.push(&old.name),
            Change::CreateOpaque(object) | Change::DropOpaque(object) => {
                copy(&before.opaque, &mut sub.opaque, &object.id)
            }
            Change::ReplaceOpaque { old, new } => {
                copy(&before.opaque, &mut sub.opaque, &old.id);
                copy(&before.opaque, &mut sub.opaque, &new.id);
            }
            Change::CreateTable(_)
            | Change::DropTable(_)
            | Change::AlterTable { .. }
            | Change::AddColumn { .. }
            | Change::DropColumn { .. }
            | Change::AlterColumn { .. }
            | Change::RenameColumn { .. }
            | Change::AddConstraint { .. }
            | Change::DropConstraint { .. }
            | Change::AlterConstraint { .. }
            | Change::RenameConstraint { .. }
            | Change::CreateIndex { .. }
            | Change::DropIndex { .. }
            | Change::AlterIndex { .. }
            | Change::RenameIndex { .. }
            | Change::CreateView(_)
            | Change::DropView(_)
            | Change::ReplaceView { .. } => {}
        }
        for name in names {
            copy(&before.tables, &mut sub.tables, name);
            copy(&before.views, &mut sub.views, name);
            copy(&before.enums, &mut sub.enums, name);
            copy(&before.domains, &mut sub.domains, name);
            copy(&before.composites, &mut sub.composites, name);
            copy(&before.sequences, &mut sub.sequences, name);
        }
    }
    sub
}

fn copy<K: Ord + Clone, V: Clone>(from: &BTreeMap<K, V>, to: &mut BTreeMap<K, V>, key: &K) {
    if let Some(value) = from.get(key)
        && !to.contains_key(key)
    {
        to.insert(key.clone(), value.clone());
    }
}

/// What had another name before.
#[derive(Default)]
struct Moves {
    tables: BTreeMap<ObjectName, ObjectName>,
    views: BTreeMap<ObjectName, ObjectName>,
    types: BTreeMap<ObjectName, ObjectName>,
    sequences: BTreeMap<ObjectName, ObjectName>,
    /// By table's and column's present names: the column's old name.
    columns: BTreeMap<(ObjectName, Name), Name>,
    schemas: Vec<(Name, Name)>,
}

impl Moves {
    fn follow(&mut self, change: &Change) {
        match change {
            Change::RenameTable { from, to } => {
                renamed(&mut self.tables, from, to);
                let own: Vec<_> = self.columns.keys().filter(|(table, _)| table == from).cloned().collect();
                for key in own {
                    if let Some(old) = self.columns.remove(&key) {
                        self.columns.insert((to.clone(), key.1), old);
                    }
                }
            }
            Change::RenameView { from, to } => renamed(&mut self.views, from, to),
            Change::RenameType { from, to } => renamed(&mut self.types, from, to),
            Change::RenameSequence { from, to } => renamed(&mut self.sequences, from, to),
            Change::RenameColumn { table, from, to } => {
                let old = self.columns.remove(&(table.clone(), from.clone())).unwrap_or_else(|| from.clone());
                self.columns.insert((table.clone(), to.clone()), old);
            }
            Change::DropColumn { table, column } => {
                self.columns.remove(&(table.clone(), column.name.clone()));
            }
            Change::DropTable(table) => {
                self.tables.remove(&table.name);
                self.columns.retain(|(own, _), _| *own != table.name);
            }
            Change::RenameSchema { from, to } => self.schemas.push((from.clone(), to.clone())),
            _ => {}
        }
    }

    /// The old name of something in a schema that was renamed.
    fn by_schema(&self, name: &ObjectName) -> Option<ObjectName> {
        let schema = name.schema.as_ref()?;
        let (from, _) = self.schemas.iter().rev().find(|(_, to)| to == schema)?;
        Some(ObjectName::in_schema(from.clone(), name.name.clone()))
    }
}

fn renamed(moves: &mut BTreeMap<ObjectName, ObjectName>, from: &ObjectName, to: &ObjectName) {
    let old = moves.remove(from).unwrap_or_else(|| from.clone());
    moves.insert(to.clone(), old);
}

/// An object before and after.
enum Fate<'a, K, V> {
    Created(&'a V),
    Dropped(&'a V),
    Kept { from: &'a K, old: &'a V, to: &'a K, new: &'a V },
}

/// Objects of one kind, paired: by name, else by the name that they had.
fn fates<'a, K: Ord, V>(
    old: &'a BTreeMap<K, V>,
    new: &'a BTreeMap<K, V>,
    former: impl Fn(&K) -> Option<K>,
) -> Vec<Fate<'a, K, V>> {
    let mut used = BTreeSet::new();
    let mut fates = Vec::new();
    for (to, value) in new {
        let former = former(to).filter(|from| !new.contains_key(from));
        let own = old.get_key_value(to).or_else(|| former.and_then(|from| old.get_key_value(&from)));
        match own {
            Some((from, before)) => {
                used.insert(from);
                fates.push(Fate::Kept { from, old: before, to, new: value });
            }
            None => fates.push(Fate::Created(value)),
        }
    }
    fates.extend(old.iter().filter(|(name, _)| !used.contains(name)).map(|(_, value)| Fate::Dropped(value)));
    fates
}

struct Walk<'a> {
    dialect: DialectKind,
    moves: &'a Moves,
    context: Context,
    out: Vec<Judged>,
}

impl Walk<'_> {
    fn push(&mut self, change: Change) {
        self.out.push(judged(change));
    }

    fn namespaces(&mut self, old: &Catalog, new: &Catalog) {
        let former = |name: &Name| {
            self.moves.schemas.iter().rev().find(|(_, to)| to == name).map(|(from, _)| from.clone())
        };
        for fate in fates(&old.schemas, &new.schemas, former) {
            match fate {
                Fate::Created(schema) => self.push(Change::CreateSchema(schema.clone())),
                Fate::Dropped(schema) => self.push(Change::DropSchema(schema.clone())),
                Fate::Kept { from, old, to, new } => {
                    if from != to {
                        self.push(Change::RenameSchema { from: from.clone(), to: to.clone() });
                    }
                    if old.comment != new.comment {
                        self.push(Change::AlterSchema { old: old.clone(), new: new.clone() });
                    }
                }
            }
        }
        for fate in fates(&old.extensions, &new.extensions, |_| None) {
            match fate {
                Fate::Created(extension) => self.push(Change::CreateExtension(extension.clone())),
                Fate::Dropped(extension) => self.push(Change::DropExtension(extension.clone())),
                Fate::Kept { old, new, .. } if old != new => {
                    self.push(Change::AlterExtension { old: old.clone(), new: new.clone() });
                }
                Fate::Kept { .. } => {}
            }
        }
    }

    fn types(&mut self, old: &Catalog, new: &Catalog, changes: &[Change]) {
        let former =
            |name: &ObjectName| self.moves.types.get(name).cloned().or_else(|| self.moves.by_schema(name));
        let mut out = Vec::new();
        for fate in fates(&old.enums, &new.enums, former) {
            match fate {
                Fate::Created(ty) => out.push(Change::CreateEnum(ty.clone())),
                Fate::Dropped(ty) => out.push(Change::DropEnum(ty.clone())),
                Fate::Kept { from, old, to, new } => {
                    self.renamed_type(from, to, &mut out);
                    if old.values != new.values || old.comment != new.comment {
                        out.extend(enum_changes(from, old, new, changes));
                    }
                }
            }
        }
        for fate in fates(&old.domains, &new.domains, former) {
            match fate {
                Fate::Created(ty) => out.push(Change::CreateDomain(Box::new(ty.clone()))),
                Fate::Dropped(ty) => out.push(Change::DropDomain(Box::new(ty.clone()))),
                Fate::Kept { from, old, to, new } => {
                    self.renamed_type(from, to, &mut out);
                    if (Domain { name: new.name.clone(), ..old.clone() }) != *new {
                        out.push(Change::AlterDomain {
                            old: Box::new(old.clone()),
                            new: Box::new(new.clone()),
                        });
                    }
                }
            }
        }
        for fate in fates(&old.composites, &new.composites, former) {
            match fate {
                Fate::Created(ty) => out.push(Change::CreateComposite(ty.clone())),
                Fate::Dropped(ty) => out.push(Change::DropComposite(ty.clone())),
                Fate::Kept { from, old, to, new } => {
                    self.renamed_type(from, to, &mut out);
                    if old.attributes != new.attributes || old.comment != new.comment {
                        out.push(Change::AlterComposite { old: old.clone(), new: new.clone() });
                    }
                }
            }
        }
        self.out.extend(out.into_iter().map(judged));
    }

    /// A schema's rename is judged once, not for all that is in it.
    fn renamed_type(&self, from: &ObjectName, to: &ObjectName, out: &mut Vec<Change>) {
        if from != to && self.moves.by_schema(to).as_ref() != Some(from) {
            out.push(Change::RenameType { from: from.clone(), to: to.clone() });
        }
    }

    fn tables(&mut self, old: &Catalog, new: &Catalog) {
        let moves = self.moves;
        let former = |name: &ObjectName| moves.tables.get(name).cloned().or_else(|| moves.by_schema(name));
        let fates = fates(&old.tables, &new.tables, former);
        for fate in &fates {
            match fate {
                Fate::Created(table) => {
                    self.context.new_tables.insert(table.name.clone());
                }
                Fate::Dropped(table) => {
                    self.context.dropped_tables.insert(table.name.clone());
                }
                Fate::Kept { old, new, to, .. } => self.note_columns(old, new, to),
            }
        }
        for fate in fates {
            match fate {
                Fate::Created(table) => self.push(Change::CreateTable(Box::new(table.clone()))),
                Fate::Dropped(table) => self.push(Change::DropTable(Box::new(table.clone()))),
                Fate::Kept { from, old, to, new } => {
                    if from != to && moves.by_schema(to).as_ref() != Some(from) {
                        self.push(Change::RenameTable { from: from.clone(), to: to.clone() });
                    }
                    if old.options != new.options {
                        let (old, new) = (Box::new(old.options.clone()), Box::new(new.options.clone()));
                        self.push(Change::AlterTable { table: to.clone(), old, new });
                    }
                    self.columns(old, new, to);
                    self.constraints(old, new, to);
                    self.indexes(&old.indexes, &new.indexes, to);
                }
            }
        }
    }

    /// The old column that a new one is.
    fn former_column<'t>(&self, old: &'t Table, table: &ObjectName, column: &Column) -> Option<&'t Column> {
        let name = self.moves.columns.get(&(table.clone(), column.name.clone())).unwrap_or(&column.name);
        let same = |own: &&Column| match self.dialect {
            DialectKind::Postgres => own.name == *name,
            DialectKind::Sqlite => own.name.as_str().eq_ignore_ascii_case(name.as_str()),
        };
        old.columns.iter().find(same)
    }

    fn note_columns(&mut self, old: &Table, new: &Table, table: &ObjectName) {
        let names = old.columns.iter().map(|column| column.name.to_string()).collect();
        self.context.old_columns.insert(table.clone(), names);
        let mut kept = BTreeSet::new();
        for column in &new.columns {
            match self.former_column(old, table, column) {
                Some(before) => {
                    kept.insert(before.name.clone());
                }
                None => {
                    let key = (table.clone(), column.name.clone());
                    if self.dialect == DialectKind::Sqlite && is_row_id(new, column) {
                        self.context.row_ids.insert(key.clone());
                    }
                    self.context.new_columns.insert(key, column.clone());
                }
            }
        }
        let gone = old.columns.iter().filter(|column| !kept.contains(&column.name));
        self.context.dropped_columns.extend(gone.map(|column| (old.name.clone(), column.name.clone())));
    }

    fn columns(&mut self, old: &Table, new: &Table, table: &ObjectName) {
        let mut kept = BTreeSet::new();
        for column in new.columns.iter().filter(|column| !column.inherited) {
            let Some(before) = self.former_column(old, table, column) else {
                let column = Box::new(column.clone());
                self.push(Change::AddColumn { table: table.clone(), column, position: None });
                continue;
            };
            kept.insert(before.name.clone());
            if before.name != column.name
                && self.moves.columns.contains_key(&(table.clone(), column.name.clone()))
            {
                let (from, to) = (before.name.clone(), column.name.clone());
                self.push(Change::RenameColumn { table: table.clone(), from, to });
            }
            let same = Column { name: column.name.clone(), inherited: false, ..before.clone() };
            if same != *column && !self.only_type_moved(&same, column) {
                let (old, new) = (Box::new(before.clone()), Box::new(column.clone()));
                self.push(Change::AlterColumn { table: table.clone(), old, new });
            }
        }
        let gone = old.columns.iter().filter(|column| !column.inherited && !kept.contains(&column.name));
        let inherited: BTreeSet<&Name> =
            new.columns.iter().filter(|column| column.inherited).map(|column| &column.name).collect();
        for column in gone.filter(|column| !inherited.contains(&column.name)) {
            self.push(Change::DropColumn { table: table.clone(), column: Box::new(column.clone()) });
        }
    }

    /// Whether nothing changed but the name of the column's type, which the type's rename says.
    fn only_type_moved(&self, old: &Column, new: &Column) -> bool {
        let moved = |name: &ObjectName| {
            self.moves
                .types
                .get(name)
                .cloned()
                .or_else(|| self.moves.by_schema(name))
                .unwrap_or_else(|| name.clone())
        };
        let mut back = new.clone();
        if let Some(name) = back.ty.user_type_mut() {
            *name = moved(name);
        }
        back == *old
    }

    fn constraints(&mut self, old: &Table, new: &Table, table: &ObjectName) {
        let mut rest: Vec<&Constraint> = old.constraints.iter().collect();
        let mut added = Vec::new();
        for constraint in &new.constraints {
            let named = |own: &&&Constraint| own.kind == constraint.kind && own.name == constraint.name;
            let equal = |own: &&&Constraint| own.kind == constraint.kind;
            let found = rest.iter().find(named).or_else(|| rest.iter().find(equal)).copied();
            let Some(before) = found else {
                added.push(constraint);
                continue;
            };
            take(&mut rest, before);
            if let (Some(from), Some(to)) = (&before.name, &constraint.name)
                && from != to
                && !constraint.inherited
            {
                self.push(Change::RenameConstraint {
                    table: table.clone(),
                    from: from.clone(),
                    to: to.clone(),
                });
            }
            let same = Constraint {
                name: constraint.name.clone(),
                inherited: constraint.inherited,
                attached: constraint.attached.clone(),
                ..before.clone()
            };
            if same != *constraint {
                let (old, new) = (Box::new(before.clone()), Box::new(constraint.clone()));
                self.push(Change::AlterConstraint { table: table.clone(), old, new });
            }
        }
        for constraint in added.into_iter().filter(|constraint| !constraint.inherited) {
            let replaced = rest.iter().find(|own| stands_for(own, constraint)).copied();
            if let Some(before) = replaced {
                take(&mut rest, before);
            }
            let change =
                Change::AddConstraint { table: table.clone(), constraint: Box::new(constraint.clone()) };
            self.out.push(Judged { change, replaced: replaced.cloned() });
        }
        for constraint in rest.into_iter().filter(|constraint| !constraint.inherited) {
            if self.goes_with_column(old, constraint) {
                continue;
            }
            self.push(Change::DropConstraint {
                table: table.clone(),
                constraint: Box::new(constraint.clone()),
            });
        }
    }

    /// A constraint over a dropped column goes with it: the drop says all there is to say.
    fn goes_with_column(&self, table: &Table, constraint: &Constraint) -> bool {
        use schema_model::catalog::ConstraintKind::*;
        let gone = |name: &Name| self.context.dropped_columns.contains(&(table.name.clone(), name.clone()));
        match &constraint.kind {
            PrimaryKey(key) | Unique(key) => key.columns.iter().any(gone),
            ForeignKey(key) => key.columns.iter().any(gone),
            Check(_) | Exclude(_) => false,
        }
    }

    fn indexes(&mut self, old: &[Index], new: &[Index], table: &ObjectName) {
        let mut rest: Vec<&Index> = old.iter().collect();
        let mut added = Vec::new();
        for index in new {
            let shape = |own: &Index| Index {
                name: index.name.clone(),
                options: index.options.clone(),
                tablespace: index.tablespace.clone(),
                valid: index.valid,
                parent: index.parent.clone(),
                comment: index.comment.clone(),
                ..own.clone()
            };
            let same = |own: &&&Index| shape(own) == *index;
            let named = rest.iter().filter(same).find(|own| own.name == index.name);
            let Some(before) = named.or_else(|| rest.iter().find(same)).copied() else {
                added.push(index);
                continue;
            };
            take(&mut rest, before);
            if before.name != index.name {
                let (from, to) = (before.name.clone(), index.name.clone());
                self.push(Change::RenameIndex { table: table.clone(), from, to });
            }
            if (Index { name: index.name.clone(), ..before.clone() }) != *index {
                let (old, new) = (Box::new(before.clone()), Box::new(index.clone()));
                self.push(Change::AlterIndex { table: table.clone(), old, new });
            }
        }
        for index in added {
            self.push(Change::CreateIndex { table: table.clone(), index: Box::new(index.clone()) });
        }
        for index in rest {
            self.push(Change::DropIndex { table: table.clone(), index: Box::new(index.clone()) });
        }
    }

    fn others(&mut self, old: &Catalog, new: &Catalog) {
        let moves = self.moves;
        let former = |name: &ObjectName| moves.sequences.get(name).cloned().or_else(|| moves.by_schema(name));
        for fate in fates(&old.sequences, &new.sequences, former) {
            match fate {
                Fate::Created(sequence) => self.push(Change::CreateSequence(Box::new(sequence.clone()))),
                Fate::Dropped(sequence) => self.push(Change::DropSequence(Box::new(sequence.clone()))),
                Fate::Kept { from, old, to, new } => {
                    if from != to && moves.by_schema(to).as_ref() != Some(from) {
                        self.push(Change::RenameSequence { from: from.clone(), to: to.clone() });
                    }
                    let mut same = old.clone();
                    same.name = new.name.clone();
                    if same != *new {
                        self.push(Change::AlterSequence {
                            old: Box::new(old.clone()),
                            new: Box::new(new.clone()),
                        });
                    }
                }
            }
        }
        let former = |name: &ObjectName| moves.views.get(name).cloned().or_else(|| moves.by_schema(name));
        for fate in fates(&old.views, &new.views, former) {
            match fate {
                Fate::Created(view) => {
                    self.context.new_tables.insert(view.name.clone());
                    self.push(Change::CreateView(Box::new(view.clone())));
                }
                Fate::Dropped(view) => {
                    self.context.dropped_tables.insert(view.name.clone());
                    self.push(Change::DropView(Box::new(view.clone())));
                }
                Fate::Kept { from, old, to, new } => {
                    if from != to && moves.by_schema(to).as_ref() != Some(from) {
                        self.push(Change::RenameView { from: from.clone(), to: to.clone() });
                    }
                    let mut same = old.clone();
                    same.name = new.name.clone();
                    same.indexes.clone_from(&new.indexes);
                    if same != *new {
                        self.push(Change::ReplaceView {
                            old: Box::new(old.clone()),
                            new: Box::new(new.clone()),
                        });
                    }
                    self.indexes(&old.indexes, &new.indexes, to);
                }
            }
        }
        for fate in fates(&old.opaque, &new.opaque, |_| None) {
            match fate {
                Fate::Created(object) => self.push(Change::CreateOpaque(Box::new(object.clone()))),
                Fate::Dropped(object) => self.push(Change::DropOpaque(Box::new(object.clone()))),
                Fate::Kept { old, new, .. } if old != new => {
                    self.push(Change::ReplaceOpaque {
                        old: Box::new(old.clone()),
                        new: Box::new(new.clone()),
                    });
                }
                Fate::Kept { .. } => {}
            }
        }
    }
}

fn take<T: PartialEq>(rest: &mut Vec<&T>, item: &T) {
    if let Some(at) = rest.iter().position(|own| std::ptr::eq(*own, item)) {
        rest.remove(at);
    }
}

/// Whether an added constraint is a dropped one in another form: its name, or its columns.
fn stands_for(old: &Constraint, new: &Constraint) -> bool {
    use schema_model::catalog::ConstraintKind::*;
    match (&old.kind, &new.kind) {
        (PrimaryKey(_), PrimaryKey(_)) => true,
        (Unique(_), Unique(_)) | (Check(_), Check(_)) | (Exclude(_), Exclude(_)) => {
            old.name.is_some() && old.name == new.name
        }
        (ForeignKey(old), ForeignKey(new)) => old.columns == new.columns && old.table == new.table,
        _ => false,
    }
}

/// SQLite: `INTEGER PRIMARY KEY` is the row's number.
fn is_row_id(table: &Table, column: &Column) -> bool {
    let integer =
        matches!(&column.ty, ColumnType::Other(declared) if declared.eq_ignore_ascii_case("integer"));
    let key = table.primary_key().is_some_and(|key| key.columns == [column.name.clone()]);
    integer && key && !table.options.without_rowid
}

/// An enum's changes one by one, when the script makes them so; else the whole.
fn enum_changes(
    name: &ObjectName,
    old: &schema_model::catalog::EnumType,
    new: &schema_model::catalog::EnumType,
    changes: &[Change],
) -> Vec<Change> {
    let own = |change: &&Change| match change {
        Change::AddEnumValue { name: own, .. }
        | Change::RemoveEnumValue { name: own, .. }
        | Change::RenameEnumValue { name: own, .. } => own == name,
        _ => false,
    };
    let anew = changes.iter().any(|change| match change {
        Change::CreateEnum(ty) | Change::DropEnum(ty) => ty.name == *name,
        Change::ReplaceEnum { old, .. } => old.name == *name,
        Change::RenameType { from, to } => from == name || to == name,
        _ => false,
    });
    let single: Vec<Change> = changes.iter().filter(own).cloned().collect();
    if anew || single.is_empty() || old.comment != new.comment {
        return vec![Change::ReplaceEnum { old: old.clone(), new: new.clone() }];
    }
    single
}
