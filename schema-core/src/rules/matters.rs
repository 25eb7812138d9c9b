//! Questions that several rules ask of a change.

use schema_model::catalog::{
    Attribute, Check, Column, ColumnType, CompositeType, Constraint, ConstraintKind, Domain, EnumType, Index,
    IndexTerm, OpaqueKind, OpaqueObject, ReferentialAction, Sequence, TableOptions, View,
};
use schema_model::token::{TokenKind, tokens};
use schema_model::{DialectKind, Name, ObjectName};

use super::Subject;
use crate::change::Change;

/// A column before and after.
pub(super) fn altered(change: &Change) -> Option<(&Column, &Column)> {
    match change {
        Change::AlterColumn { old, new, .. } => Some((old, new)),
        _ => None,
    }
}

/// A table's options before and after.
pub(super) fn options(change: &Change) -> Option<(&TableOptions, &TableOptions)> {
    match change {
        Change::AlterTable { old, new, .. } => Some((old, new)),
        _ => None,
    }
}

/// A constraint added to a table that was there before.
pub(super) fn added<'a>(subject: &Subject<'a>) -> Option<(&'a ObjectName, &'a Constraint)> {
    match subject.change {
        Change::AddConstraint { table, constraint } => Some((table, constraint)),
        _ => None,
    }
}

/// An object that acts by itself or is called, when what it does changes.
pub(super) fn changed_opaque(change: &Change) -> Option<&OpaqueObject> {
    match change {
        Change::CreateOpaque(object) | Change::DropOpaque(object) => Some(object),
        Change::ReplaceOpaque { old, new } => {
            let same =
                (&old.id, &old.definition, &old.amendments) == (&new.id, &new.definition, &new.amendments);
            (!same).then_some(&**new)
        }
        _ => None,
    }
}

/// Objects that act without being named in a statement.
pub(super) fn acts_by_itself(kind: OpaqueKind) -> bool {
    match kind {
        OpaqueKind::Trigger
        | OpaqueKind::EventTrigger
        | OpaqueKind::Rule
        | OpaqueKind::Policy
        | OpaqueKind::Publication => true,
        OpaqueKind::Collation
        | OpaqueKind::Type
        | OpaqueKind::Function
        | OpaqueKind::Procedure
        | OpaqueKind::Aggregate
        | OpaqueKind::Operator
        | OpaqueKind::OperatorClass
        | OpaqueKind::Cast
        | OpaqueKind::Statistics
        | OpaqueKind::TextSearch
        | OpaqueKind::Foreign => false,
    }
}

/// Whether the object belongs to a table or view that is new, or gone, in the same revision.
pub(super) fn on_new_table(object: &OpaqueObject, subject: &Subject<'_>) -> bool {
    let context = subject.context;
    object
        .id
        .on
        .as_ref()
        .is_some_and(|on| context.new_tables.contains(on) || context.dropped_tables.contains(on))
}

/// Whether the database fills a column in that an insert leaves out, other than with NULL.
pub(super) fn fills_itself(column: &Column) -> bool {
    column.default.is_some() || column.generated.is_some() || column.identity.is_some()
}

/// Whether inserts may leave the column out. SQLite numbers an INTEGER PRIMARY KEY by itself.
pub(super) fn may_be_left_out(table: &ObjectName, column: &Column, subject: &Subject<'_>) -> bool {
    let domain = column.ty.user_type().and_then(|name| subject.context.domains.get(name));
    let by_domain = domain.is_some_and(|domain| domain.default.is_some());
    let refused = !column.nullable || domain.is_some_and(|domain| !domain.nullable);
    !refused
        || fills_itself(column)
        || by_domain
        || subject.context.row_ids.contains(&(table.clone(), column.name.clone()))
}

/// What happens to texts in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextChange {
    /// Longer ones fit.
    Widened,
    /// Only shorter ones fit.
    Narrowed,
    /// The same ones fit.
    Respelled,
}

/// The change from one text type to another; `None` when nothing changes, or one is no text. In SQLite types of one
/// affinity hold the same values (datatype3.html, 3.1), so a change between them is one of words.
pub(super) fn text_change(old: &ColumnType, new: &ColumnType, dialect: DialectKind) -> Option<TextChange> {
    if old == new {
        return None;
    }
    let (from, to) = match (text_limit(old), text_limit(new)) {
        (Some(from), Some(to)) => (from, to),
        _ if dialect == DialectKind::Sqlite && affinity(old) == affinity(new) => {
            return Some(TextChange::Respelled);
        }
        _ => return None,
    };
    let limit = |limit: Option<u32>| limit.unwrap_or(u32::MAX);
    Some(match limit(to).cmp(&limit(from)) {
        std::cmp::Ordering::Greater => TextChange::Widened,
        std::cmp::Ordering::Less => TextChange::Narrowed,
        std::cmp::Ordering::Equal => TextChange::Respelled,
    })
}

/// How many characters a text type holds; the outer `None` is no text.
fn text_limit(ty: &ColumnType) -> Option<Option<u32>> {
    match ty {
        ColumnType::Text => Some(None),
        ColumnType::Varchar { length } => Some(*length),
        ColumnType::Other(declared) if affinity(ty) == Affinity::Text => {
            let inner = declared.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
            Some(inner.and_then(|(length, _)| length.trim().parse().ok()))
        }
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Affinity {
    Integer,
    Text,
    Blob,
    Real,
    Numeric,
}

/// SQLite's rules, in their order (datatype3.html, 3.1).
fn affinity(ty: &ColumnType) -> Affinity {
    let ColumnType::Other(declared) = ty else { return Affinity::Numeric };
    let upper = declared.to_ascii_uppercase();
    let has = |word: &str| upper.contains(word);
    if has("INT") {
        Affinity::Integer
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        Affinity::Text
    } else if has("BLOB") || upper.is_empty() {
        Affinity::Blob
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        Affinity::Real
    } else {
        Affinity::Numeric
    }
}

/// Whether the released application's rows pass the constraint because they leave its new columns out.
pub(super) fn on_new_columns(table: &ObjectName, constraint: &Constraint, subject: &Subject<'_>) -> bool {
    let new = |name: &Name| subject.context.new_column(table, name);
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => {
            !key.columns.is_empty() && key.columns.iter().all(|name| new(name).is_some_and(differs_by_itself))
        }
        ConstraintKind::Unique(key) => passes_unique(key.columns.iter(), key.nulls_not_distinct, &new),
        ConstraintKind::ForeignKey(key) => {
            let empty = |name: &Name| new(name).is_some_and(left_null);
            if key.match_full { key.columns.iter().all(empty) } else { key.columns.iter().any(empty) }
        }
        ConstraintKind::Exclude(exclude) => exclude.parts.iter().any(|part| match &part.part.term {
            IndexTerm::Column(name) => new(name).is_some_and(left_null),
            IndexTerm::Expr(_) => false,
        }),
        ConstraintKind::Check(check) => {
            let names = words(check, subject.dialect);
            let known = |name: &String| new(&Name::new(name)).is_some();
            let old = |name: &String| subject.context.had_column(table, name);
            names.iter().any(known) && !names.iter().any(old)
        }
    }
}

/// The same for a unique index.
pub(super) fn index_on_new_columns(table: &ObjectName, index: &Index, subject: &Subject<'_>) -> bool {
    let new = |name: &Name| subject.context.new_column(table, name);
    let columns = index.parts.iter().filter_map(|part| match &part.term {
        IndexTerm::Column(name) => Some(name),
        IndexTerm::Expr(_) => None,
    });
    passes_unique(columns, index.nulls_not_distinct, &new)
}

/// One NULL, or one value that never repeats, keeps a row apart from all others.
fn passes_unique<'a, 'b>(
    mut columns: impl Iterator<Item = &'a Name>,
    nulls_not_distinct: bool,
    new: &dyn Fn(&Name) -> Option<&'b Column>,
) -> bool {
    columns.any(|name| {
        new(name)
            .is_some_and(|column| differs_by_itself(column) || (left_null(column) && !nulls_not_distinct))
    })
}

fn left_null(column: &Column) -> bool {
    column.nullable && !fills_itself(column)
}

/// Numbers and random identifiers that the database gives.
fn differs_by_itself(column: &Column) -> bool {
    let calls = ["nextval(", "gen_random_uuid(", "uuid_generate_v", "uuidv"];
    let default = column.default.as_ref().map(|default| default.as_str().to_lowercase());
    column.identity.is_some()
        || default.is_some_and(|default| calls.iter().any(|call| default.contains(call)))
}

/// The identifiers of a condition, folded.
fn words(check: &Check, dialect: DialectKind) -> Vec<String> {
    let text = check.expr.as_str();
    let names = tokens(text, dialect)
        .into_iter()
        .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted));
    names.map(|token| schema_model::ident::fold(token.text(text), dialect)).collect()
}

/// Whether a list of values got longer and nothing else changed.
pub(super) fn check_widened(old: &Constraint, new: &Constraint, dialect: DialectKind) -> bool {
    let (ConstraintKind::Check(old), ConstraintKind::Check(new)) = (&old.kind, &new.kind) else {
        return false;
    };
    let (old_frame, old_values) = frame(old, dialect);
    let (new_frame, new_values) = frame(new, dialect);
    !old_values.is_empty()
        && old_frame == new_frame
        && new_values.len() > old_values.len()
        && old_values.iter().all(|value| new_values.contains(value))
}

/// A condition without its string constants (and the commas and casts between them), and the constants.
fn frame(check: &Check, dialect: DialectKind) -> (Vec<String>, Vec<String>) {
    let text = check.expr.as_str();
    let (mut frame, mut values) = (Vec::new(), Vec::new());
    let all = tokens(text, dialect);
    let mut at = 0;
    while let Some(token) = all.get(at) {
        let word = token.text(text);
        at += 1;
        match token.kind {
            TokenKind::Str => {
                values.push(word.to_owned());
                while all.get(at).is_some_and(|next| next.text(text) == "::") {
                    at += 2;
                }
            }
            _ if word == "," => {}
            _ => frame.push(word.to_lowercase()),
        }
    }
    (frame, values)
}

/// Whether both are the same foreign key but for what it does.
pub(super) fn foreign_key_again(old: &Constraint, new: &Constraint) -> bool {
    match (&old.kind, &new.kind) {
        (ConstraintKind::ForeignKey(old), ConstraintKind::ForeignKey(new)) => {
            (&old.columns, &old.table, &old.referenced) == (&new.columns, &new.table, &new.referenced)
        }
        _ => false,
    }
}

/// Whether nothing is refused that was allowed.
pub(super) fn loosened(old: &Constraint, new: &Constraint) -> bool {
    let (ConstraintKind::ForeignKey(old), ConstraintKind::ForeignKey(new)) = (&old.kind, &new.kind) else {
        return false;
    };
    let refuses = |action| matches!(action, ReferentialAction::NoAction | ReferentialAction::Restrict);
    let looser = |old, new| old == new || refuses(old) || !refuses(new);
    looser(old.on_delete, new.on_delete)
        && looser(old.on_update, new.on_update)
        && (old.match_full || !new.match_full)
}

/// Whether the old values are all there, in their order.
pub(super) fn keeps_values(old: &EnumType, new: &EnumType) -> bool {
    let mut kept = new.values.iter().filter(|value| old.values.contains(value));
    old.values.iter().all(|value| kept.next() == Some(value))
}

/// Whether a domain refuses something that it took, or holds something else.
pub(super) fn tightened(old: &Domain, new: &Domain) -> bool {
    let known = |check: &Constraint| old.checks.iter().any(|own| own.kind == check.kind);
    old.base != new.base
        || old.collation != new.collation
        || (old.nullable && !new.nullable)
        || !new.checks.iter().all(known)
}

/// Whether a view has its old columns still, in their places and of their types. Columns that nobody could tell are
/// taken to be kept when the query has the same beginning.
pub(super) fn keeps_columns(old: &View, new: &View) -> bool {
    let same = |at: usize| match (&old.columns[at], &new.columns[at]) {
        ((old, Some(from)), (new, Some(to))) => old == new && from == to,
        ((old, _), (new, _)) => old == new,
    };
    new.columns.len() >= old.columns.len() && (0..old.columns.len()).all(same)
}

/// Whether the sequence goes because its column does.
pub(super) fn owner_dropped(sequence: &Sequence, subject: &Subject<'_>) -> bool {
    let context = subject.context;
    sequence.owned_by.as_ref().is_some_and(|(table, column)| {
        context.dropped_tables.contains(table)
            || context.dropped_columns.contains(&(table.clone(), column.clone()))
    })
}

/// Whether two composite types hold the same.
pub(super) fn same_parts(old: &CompositeType, new: &CompositeType) -> bool {
    let parts = |ty: &CompositeType| -> Vec<Attribute> {
        ty.attributes.iter().map(|part| Attribute { comment: None, ..part.clone() }).collect()
    };
    parts(old) == parts(new)
}

/// Whether a comment is another one.
pub(super) fn comment_differs(change: &Change) -> bool {
    match change {
        Change::AlterSchema { old, new } => old.comment != new.comment,
        Change::AlterExtension { old, new } => old.comment != new.comment,
        Change::AlterTable { old, new, .. } => old.comment != new.comment,
        Change::AlterColumn { old, new, .. } => old.comment != new.comment,
        Change::AlterConstraint { old, new, .. } => old.comment != new.comment,
        Change::AlterIndex { old, new, .. } => old.comment != new.comment,
        Change::ReplaceEnum { old, new } => old.comment != new.comment,
        Change::AlterDomain { old, new } => old.comment != new.comment,
        Change::AlterComposite { old, new } => {
            let comments = |ty: &CompositeType| -> Vec<(Name, Option<String>)> {
                ty.attributes.iter().map(|part| (part.name.clone(), part.comment.clone())).collect()
            };
            old.comment != new.comment || comments(old) != comments(new) && same_parts(old, new)
        }
        Change::AlterSequence { old, new } => old.comment != new.comment,
        Change::ReplaceView { old, new } => {
            old.comment != new.comment || old.column_comments != new.column_comments
        }
        Change::ReplaceOpaque { old, new } => old.comment != new.comment,
        _ => false,
    }
}
