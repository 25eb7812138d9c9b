//! A column that changes: type, default, identity, generation, nullability, comment.

use schema_model::catalog::{Catalog, Column, ConstraintKind, Identity, SequenceOptions, Storage, Table};
use schema_model::ident::{quote, quote_object, quote_string};
use schema_model::{Expr, Name, ObjectName};

use super::expand::retyped;
use super::nodes::{Frame, phase};
use super::relations::{altering, parents};
use super::{PG, casts, column, comment, deps, sequence};
use crate::change::Change;
use crate::dialect::SqlWriter;
use crate::plan::{Hazard, Key, Node, Step};

/// Rows that a batched statement changes at a time.
const BATCH: u32 = 10_000;

/// The nodes of a changed column: what lets go of the old, what takes up the new.
pub(super) fn alter_column(
    frame: &Frame<'_>,
    table: &ObjectName,
    old: &Column,
    new: &Column,
    out: &mut Vec<Node>,
) {
    let (Some(before), Some(after)) = (frame.old.tables.get(table), frame.new.tables.get(table)) else {
        return;
    };
    let converted = frame.work.converted.contains(&(table.clone(), new.name.clone()));
    let only = only(frame, after, new);
    let retypes = retyped(old, new);
    let identity_comes = old.identity.is_none() && new.identity.is_some();
    let identity_goes = old.identity.is_some() && new.identity.is_none();
    let default_differs = old.default != new.default && !converted;

    let mut leave = altering(phase::COLUMN, table, 1, []);
    let mut take = altering(phase::COLUMN, table, 2, []);
    let say = |action: &str| Step::new(column::alter(table, new, only, action));
    // A parent's change reaches its children by itself.
    let follows = |aspect: Aspect| follows(frame, after, old, new, aspect);
    let follows_default = follows(Aspect::Default) && (!retypes || follows(Aspect::Type));

    if old.generated.is_some() && new.generated.is_none() && !follows(Aspect::Expression) {
        leave.steps.push(say("DROP EXPRESSION"));
    }
    let drops_default = old.default.is_some()
        && !converted
        && (retypes || default_differs && (new.default.is_none() || identity_comes));
    if drops_default && !follows_default {
        leave.steps.push(say("DROP DEFAULT"));
    }
    if identity_goes {
        leave.steps.push(say("DROP IDENTITY"));
        leave.removes.extend(old.identity.iter().map(|identity| Key::Relation(identity.sequence.clone())));
    }
    if !old.nullable && new.nullable && !follows(Aspect::Nullability) {
        take.steps.push(say("DROP NOT NULL"));
        // Not before the primary key goes that asks for it.
        take.needs.extend(primary_key(before));
    }
    let using_old = keys(before, old);
    let using_new = keys(after, new);
    leave.lets_go.extend(using_old.iter().filter(|key| !using_new.contains(key)).cloned());
    if retypes {
        // The old type is let go only with the new one taken up.
        take.lets_go.extend(deps::of_type(&old.ty).filter(|key| !using_new.contains(key)));
    }
    take.needs.extend(using_new.iter().filter(|key| !using_old.contains(key)).cloned());
    take.needs.retain(|key| *key != Key::Column(table.clone(), new.name.clone()));

    if retypes && follows(Aspect::Type) {
        // What is the child's own is let go before the parent's type changes, and taken up after.
        let above = || parents(after).map(|parent| Key::Column(parent.clone(), new.name.clone()));
        leave.lets_go.extend(above());
        take.needs.extend(above());
    } else if retypes {
        take.steps.push(retype(frame, table, old, new));
    }
    if retypes {
        take.alters.push(Key::Column(table.clone(), new.name.clone()));
        take.alters.push(Key::Columns(table.clone()));
        take.locks = true;
    }
    let sets_default = new.default.is_some() && (default_differs || retypes && !converted);
    if sets_default && !follows_default {
        take.steps.push(say(&column::default_action(new)));
    }
    if old.nullable && !new.nullable && !follows(Aspect::Nullability) && !becomes_key(frame, table, new) {
        take.steps.extend(set_not_null(frame, table, new));
    }
    if identity_comes && let Some(identity) = &new.identity {
        take.steps.push(say(&format!("ADD {}", sequence::identity(table, &new.name, identity))));
        take.steps.push(Step::new(catch_up(table, &new.name, &identity.sequence, identity)));
        take.makes.push(Key::Relation(identity.sequence.clone()));
    }
    if let (Some(from), Some(to)) = (&old.identity, &new.identity) {
        if from.sequence != to.sequence {
            let change = Change::RenameSequence { from: from.sequence.clone(), to: to.sequence.clone() };
            take.steps.push(Step::new(super::rename::rename(&change)));
            take.removes.push(Key::Relation(from.sequence.clone()));
            take.makes.push(Key::Relation(to.sequence.clone()));
        }
        let from = if retypes { widened(from, to) } else { from.clone() };
        let actions = sequence::alter_identity(&from, to);
        if !actions.is_empty() {
            // In one statement: each limit is checked against the others.
            let restarts = sequence::leaves_range(&from.options, &to.options);
            let restart = if restarts { " RESTART" } else { "" };
            take.steps.push(say(&format!("{}{restart}", actions.join(" "))));
            if restarts {
                take.steps.push(Step::new(catch_up(table, &new.name, &to.sequence, to)));
            }
        }
    }
    if let Some(from) = old.identity.as_ref().filter(|_| identity_goes)
        && let Some(owned) = owned_sequence(frame, table, &new.name)
    {
        take.steps.push(Step::new(catch_up(table, &new.name, &owned, from)));
        take.needs.push(Key::Relation(owned));
    }
    // A type brings its own way of keeping values along.
    let kept = match retypes || converted {
        true => Storage { strategy: None, compression: None, ..old.storage.clone() },
        false => old.storage.clone(),
    };
    take.steps.extend(column::store(table, new, &kept).into_iter().map(Step::new));
    take.steps.extend(
        comment::changed(&comment::column(table, &new.name), old.comment.as_ref(), new.comment.as_ref())
            .map(Step::new),
    );
    // What is taken up comes after what is let go.
    let link = Key::Opaque(schema_model::catalog::OpaqueId {
        kind: schema_model::catalog::OpaqueKind::Statistics,
        name: table.sibling(format!("{} of {table}", new.name)),
        arguments: format!("{}", out.len()),
        on: Some(table.clone()),
    });
    if !leave.steps.is_empty() {
        leave.makes.push(link.clone());
        take.needs.push(link);
    } else {
        take.lets_go.append(&mut leave.lets_go);
    }
    if leave.steps.is_empty() {
        out.push(take);
    } else {
        out.extend([leave, take]);
    }
}

/// What the column stands on.
fn keys(table: &Table, column: &Column) -> Vec<Key> {
    deps::of_column(table, column)
}

fn primary_key(table: &Table) -> Option<Key> {
    let key = table.constraints.iter().find(|one| matches!(one.kind, ConstraintKind::PrimaryKey(_)))?;
    Some(Key::Constraint(table.name.clone(), key.name.clone()?))
}

/// Whether a primary key that the plan adds makes the column NOT NULL by itself.
fn becomes_key(frame: &Frame<'_>, table: &ObjectName, column: &Column) -> bool {
    let parents =
        |catalog: &Catalog| catalog.tables.get(table).map(|table| table.options.partition_of.clone());
    // What is attached has to be like its parent before it gets the parent's key.
    let attached = parents(frame.old) != parents(frame.new);
    frame.work.changes.iter().any(|change| match change {
        Change::AddConstraint { constraint, .. } if constraint.inherited && attached => false,
        Change::AddConstraint { table: of, constraint } => match &constraint.kind {
            ConstraintKind::PrimaryKey(key) => {
                of == table && key.columns.contains(&column.name) && !frame.options.online
            }
            _ => false,
        },
        _ => false,
    })
}

/// What of a column a parent hands down.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aspect {
    Type,
    Default,
    Nullability,
    Expression,
}

impl Aspect {
    fn same(self, one: &Column, other: &Column) -> bool {
        match self {
            Aspect::Type => one.ty == other.ty && one.collation == other.collation,
            Aspect::Default => one.default == other.default,
            Aspect::Nullability => one.nullable == other.nullable,
            Aspect::Expression => one.generated == other.generated,
        }
    }
}

/// Whether the same change is made to a parent's column, from where it comes down. A type always does (manual, ALTER
/// TABLE); anything else unless the parent's statement leaves the children out.
fn follows(frame: &Frame<'_>, table: &Table, old: &Column, new: &Column, aspect: Aspect) -> bool {
    let comes_down = |parent: &ObjectName, to: &Column| {
        aspect == Aspect::Type || frame.new.tables.get(parent).is_some_and(|parent| !only(frame, parent, to))
    };
    // A default steps aside for a type, though it stay the same.
    let said =
        |from: &Column, to: &Column| !aspect.same(from, to) || aspect == Aspect::Default && retyped(from, to);
    new.inherited
        && parents(table).any(|parent| {
            frame.work.changes.iter().any(|change| match change {
                Change::AlterColumn { table, old: from, new: to } => {
                    table == parent
                        && to.name == new.name
                        && said(from, to)
                        && aspect.same(from, old)
                        && aspect.same(to, new)
                        && comes_down(parent, to)
                }
                _ => false,
            })
        })
}

/// Whether children have to be left out, because theirs differ.
fn only(frame: &Frame<'_>, table: &Table, new: &Column) -> bool {
    let children =
        frame.new.tables.values().filter(|child| parents(child).any(|parent| *parent == table.name));
    let differs = |child: &Table| {
        child
            .column(new.name.as_str())
            .is_some_and(|own| own.default != new.default || own.nullable != new.nullable)
    };
    children.into_iter().any(differs)
}

fn retype(frame: &Frame<'_>, table: &ObjectName, old: &Column, new: &Column) -> Step {
    let cast = casts::cast(old, new, frame.old, frame.new);
    let said = frame.options.using.get(&(table.clone(), new.name.clone())).map(Expr::to_string);
    let using = said.or(cast.using);
    let mut step = Step::new(column::alter(table, new, false, &column::type_action(new, using.as_deref())));
    step.hazards.push(Hazard::TableRewrite);
    if let Some(loss) = cast.loss {
        step.data_loss = Some(format!("`{table}.{}`: {loss}", new.name));
        step.hazards.push(Hazard::DataLoss);
    }
    step
}

/// `SET NOT NULL`; on a live table through a check that is validated apart, so that the rows are read without the lock
/// (manual, ALTER TABLE: an existing check spares the scan).
pub(super) fn set_not_null(frame: &Frame<'_>, table: &ObjectName, new: &Column) -> Vec<Step> {
    let set = column::alter(table, new, false, "SET NOT NULL");
    if !frame.options.online || frame.made.contains(table) {
        let mut step = Step::new(set);
        step.hazards.extend([Hazard::LongLock, Hazard::MayFail]);
        return vec![step];
    }
    let name = spare_name(table, &new.name);
    let alter = |words: &str| SqlWriter::start(PG, "ALTER TABLE").object(table).sql(words);
    let check = format!("CHECK ({} IS NOT NULL) NOT VALID", quote(&new.name, PG));
    let add = alter("ADD CONSTRAINT").name(&name).sql(check).finish();
    let validate = alter("VALIDATE CONSTRAINT").name(&name).finish();
    let mut validate = Step::new(validate).committed();
    validate.hazards.push(Hazard::MayFail);
    let drop = alter("DROP CONSTRAINT").name(&name).finish();
    vec![Step::new(add).committed(), validate, Step::new(set), Step::new(drop)]
}

fn spare_name(table: &ObjectName, column: &Name) -> Name {
    let full = format!("{}_{column}_not_null", table.name);
    Name::new(schema_model::ident::truncate(&full, PG))
}

/// Fills a new column, some rows at a time.
pub(super) fn backfill(table: &ObjectName, new: &Column, value: &Expr) -> Step {
    let (name, column) = (quote_object(table, PG), quote(&new.name, PG));
    let sql = format!(
        "UPDATE {name} SET {column} = {value} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {name} WHERE {column} IS NULL LIMIT {BATCH}))"
    );
    let mut step = Step::new(sql).outside();
    step.repeat = Some(BATCH);
    step
}

/// Sets a sequence behind the greatest value there is.
fn catch_up(table: &ObjectName, column: &Name, sequence: &ObjectName, identity: &Identity) -> String {
    let down = identity.options.increment < 0;
    let (extreme, limit) = if down { ("min", "least") } else { ("max", "greatest") };
    let next = if down { identity.options.max } else { identity.options.min };
    let (table, column) = (quote_object(table, PG), quote(column, PG));
    let sequence = quote_string(&quote_object(sequence, PG), PG);
    let step = identity.options.increment;
    format!(
        "SELECT setval({sequence}, {limit}(coalesce({extreme}({column}) + {step}, {next}), {next}), false) FROM {table}"
    )
}

/// The sequence that the column's new default takes its values from.
fn owned_sequence(frame: &Frame<'_>, table: &ObjectName, column: &Name) -> Option<ObjectName> {
    let owned = frame.new.sequences.values().find(|sequence| {
        sequence.owned_by.as_ref().is_some_and(|(of, name)| of == table && name == column)
    })?;
    Some(owned.name.clone())
}

/// What an identity's sequence counts like after its column's type has changed: PostgreSQL moves the limits along.
fn widened(from: &Identity, to: &Identity) -> Identity {
    let mut options = from.options.clone();
    let bits = to.options.bits;
    if options.max == SequenceOptions::type_max(options.bits) {
        options.max = SequenceOptions::type_max(bits);
    }
    if options.min == SequenceOptions::type_min(options.bits) {
        options.min = SequenceOptions::type_min(bits);
    }
    options.bits = bits;
    Identity { options, ..from.clone() }
}
