//! Types that no `ALTER TYPE` brings to their new form: the old one steps aside, the new one is made, every column is
//! brought over, the old one goes.

use schema_model::catalog::{Column, ColumnType, CompositeType, TableKind};
use schema_model::ident::quote;
use schema_model::type_text::write_type;
use schema_model::{Name, ObjectName};

use super::nodes::{Frame, phase, plain};
use super::{PG, column, comment, deps, types};
use crate::dialect::SqlWriter;
use crate::plan::{Key, Node, PlanError, Step};

/// One node for all of them, since they may be built on each other.
pub(super) fn node(frame: &Frame<'_>) -> Result<Option<Node>, PlanError> {
    let names = &frame.work.rebuilt;
    if names.is_empty() {
        return Ok(None);
    }
    let mut node = plain(phase::COLUMN, "", []);
    for name in names {
        let aside = aside(name);
        let word = if frame.old.domains.contains_key(name) { "DOMAIN" } else { "TYPE" };
        let sql = SqlWriter::start(PG, "ALTER").sql(word).object(name).sql("RENAME TO").name(&aside.name);
        node.steps.push(Step::new(sql.finish()));
    }
    for name in names {
        create(frame, name, &mut node);
        node.alters.push(Key::Type(name.clone()));
    }
    for (table, column) in &frame.work.converted {
        convert(frame, table, column, &mut node)?;
    }
    for name in names.iter().rev() {
        let word = if frame.old.domains.contains_key(name) { "DOMAIN" } else { "TYPE" };
        node.steps.push(Step::new(SqlWriter::start(PG, "DROP").sql(word).object(&aside(name)).finish()));
    }
    let own = |key: &Key| matches!(key, Key::Type(name) if names.contains(name));
    node.needs.retain(|key| !own(key));
    let stood_on = names.iter().filter_map(|name| frame.old.domains.get(name)).flat_map(deps::of_domain);
    let (needs, lets_go) = (&node.needs, stood_on.filter(|key| !own(key)));
    node.lets_go = lets_go.filter(|key| !needs.contains(key)).collect();
    node.locks = true;
    Ok(Some(node))
}

fn aside(name: &ObjectName) -> ObjectName {
    let kept = schema_model::ident::truncate(name.name.as_str(), PG);
    let cut = &kept[..kept.floor_char_boundary(58)];
    name.sibling(format!("{cut}__old"))
}

fn create(frame: &Frame<'_>, name: &ObjectName, node: &mut Node) {
    if let Some(ty) = frame.new.composites.get(name) {
        node.needs.extend(ty.attributes.iter().filter_map(|attribute| deps::of_type(&attribute.ty)));
        node.steps.push(Step::new(types::create_composite(ty)));
        node.steps.extend(comment::of_composite(None, ty).into_iter().map(Step::new));
        return;
    }
    let (sql, text) = if let Some(ty) = frame.new.enums.get(name) {
        (types::create_enum(ty), ty.comment.as_ref())
    } else if let Some(domain) = frame.new.domains.get(name) {
        node.needs.extend(deps::of_domain(domain));
        node.steps.extend(types::created_domain(domain).into_iter().map(Step::new));
        return;
    } else {
        return;
    };
    node.steps.push(Step::new(sql));
    node.steps.extend(comment::changed(&comment::object("TYPE", name), None, text).map(Step::new));
}

/// A column to the new type: its default steps aside, since it is of the old one.
fn convert(frame: &Frame<'_>, table: &ObjectName, name: &Name, node: &mut Node) -> Result<(), PlanError> {
    let find = |catalog: &'_ schema_model::catalog::Catalog| {
        catalog.tables.get(table).and_then(|table| table.column(name.as_str())).cloned()
    };
    let (Some(old), Some(new)) = (find(frame.old), find(frame.new)) else { return Ok(()) };
    if let Some(TableKind::Partitioned(key)) = frame.new.tables.get(table).map(|table| &table.options.kind)
        && super::expr::Mentions::of(key).word(name)
    {
        return Err(PlanError::unsupported(
            format!("{table}.{name}"),
            "the type of a column in a partition key cannot change; make a new table and copy the rows",
        ));
    }
    node.alters.extend([Key::Column(table.clone(), name.clone()), Key::Columns(table.clone())]);
    if new.inherited {
        return Ok(());
    }
    let mut push = |action: &str| node.steps.push(Step::new(column::alter(table, &new, false, action)));
    if old.default.is_some() {
        push("DROP DEFAULT");
    }
    push(&column::type_action(&new, Some(&using(frame, &old, &new))));
    if new.default.is_some() {
        push(&column::default_action(&new));
        node.needs.extend(new.default.iter().flat_map(deps::of_expr));
    }
    Ok(())
}

/// Through text, attribute by attribute for a composite, through the base type for a domain.
fn using(frame: &Frame<'_>, old: &Column, new: &Column) -> String {
    let name = quote(&old.name, PG);
    let target = write_type(&new.ty, PG);
    let array = matches!(new.ty, ColumnType::Array(_));
    let Some(user) = new.ty.user_type() else { return format!("{name}::text::{target}") };
    if let (Some(from), Some(to), false) =
        (frame.old.composites.get(user), frame.new.composites.get(user), array)
    {
        return row(frame, &name, from, to, &target);
    }
    let through = frame.new.domains.get(user).filter(|domain| domain.base.user_type().is_none());
    match (through, array) {
        (Some(domain), false) => format!("{name}::{}::{target}", write_type(&domain.base, PG)),
        (_, true) => format!("{name}::text[]::{target}"),
        (None, false) => format!("{name}::text::{target}"),
    }
}

fn row(frame: &Frame<'_>, name: &str, from: &CompositeType, to: &CompositeType, target: &str) -> String {
    // The old value's attribute is still of the type that stepped aside.
    let rebuilt = |ty: &ColumnType| ty.user_type().is_some_and(|name| frame.work.rebuilt.contains(name));
    let value = |attribute: &schema_model::catalog::Attribute| {
        let known = from.attributes.iter().find(|old| old.name == attribute.name);
        let ty = write_type(&attribute.ty, PG);
        let through = if matches!(attribute.ty, ColumnType::Array(_)) { "text[]" } else { "text" };
        let value = format!("({name}).{}", quote(&attribute.name, PG));
        match known {
            Some(old) if old.ty == attribute.ty && !rebuilt(&old.ty) => value,
            Some(_) => format!("{value}::{through}::{ty}"),
            None => format!("NULL::{ty}"),
        }
    };
    let values: Vec<_> = to.attributes.iter().map(value).collect();
    format!("CASE WHEN {name} IS NULL THEN NULL ELSE ROW({})::{target} END", values.join(", "))
}
