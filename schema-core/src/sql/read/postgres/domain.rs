//! Domains.

use schema_model::catalog::{Check, Constraint, ConstraintKind, Domain};
use schema_model::{Name, ObjectName, Origin};

use super::names::{Taken, constraint_name};
use super::{column, enum_type};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::replay::Replayer;

/// `CREATE DOMAIN`, from after these words on.
pub(super) fn create(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let spelled = cursor.object()?;
    let name = replayer.for_new(&spelled);
    if replayer.has_type(&name) {
        return replayer.exists_already(&spelled, &name, false);
    }
    cursor.accept("as");
    let base = column::any_type(replayer, cursor)?;
    let mut domain = Domain {
        name,
        base,
        nullable: true,
        default: None,
        collation: None,
        checks: Vec::new(),
        comment: None,
        origin: Origin::from(replayer.here()),
    };
    let mut taken = Taken::default();
    while !cursor.is_done() {
        option(replayer, cursor, &mut domain, &mut taken)?;
    }
    replayer.emit(Change::CreateDomain(Box::new(domain)))
}

fn option(replayer: &Replayer, cursor: &mut Cursor<'_>, domain: &mut Domain, taken: &mut Taken) -> Read<()> {
    if cursor.accept("default") {
        domain.default = column::default_value(replayer, cursor, &domain.base)?;
    } else if cursor.accept("collate") {
        domain.collation = column::collation(replayer, cursor)?;
    } else if cursor.accept("not null") {
        domain.nullable = false;
    } else if !cursor.accept("null") {
        let check = check(replayer, cursor, domain, taken)?;
        domain.checks.push(check);
    }
    Ok(())
}

/// `[CONSTRAINT name] CHECK (…)`; `CONSTRAINT name NOT NULL` is the flag.
fn check(
    replayer: &Replayer,
    cursor: &mut Cursor<'_>,
    domain: &mut Domain,
    taken: &mut Taken,
) -> Read<Constraint> {
    let start = cursor.position();
    let given = if cursor.accept("constraint") { Some(cursor.name()?) } else { None };
    cursor.expect("check")?;
    let expr = cursor.expr_group()?;
    let validated = !cursor.accept("not valid");
    let name =
        given.unwrap_or_else(|| constraint_name(replayer.relations(), taken, &domain.name, None, "check"));
    taken.constraint(domain.name.sibling(name.clone()));
    let kind = ConstraintKind::Check(Check { expr, no_inherit: false });
    let origin = Origin::from(cursor.span_since(start));
    Ok(Constraint { validated, origin, ..Constraint::new(Some(name), kind) })
}

/// `ALTER DOMAIN`, from after these words on.
pub(super) fn alter(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let spelled = cursor.object()?;
    let known =
        replayer.candidates(&spelled).into_iter().find(|name| replayer.catalog().domains.contains_key(name));
    match known {
        Some(name) => alter_known(replayer, cursor, &name),
        None => Err(replayer.no_such(&spelled, "domain")),
    }
}

/// From after the name on.
pub(super) fn alter_known(replayer: &mut Replayer, cursor: &mut Cursor<'_>, name: &ObjectName) -> Read<()> {
    if cursor.accept("rename to") {
        let to = name.sibling(cursor.name()?);
        return enum_type::rename(replayer, name, to);
    }
    if cursor.accept("set schema") {
        let schema = replayer.existing_schema(&cursor.name()?)?;
        let to = ObjectName { schema, name: name.name.clone() };
        return enum_type::rename(replayer, name, to);
    }
    if cursor.accept("owner to") {
        cursor.finish();
        return Ok(());
    }
    let Some(old) = replayer.catalog().domains.get(name).cloned() else { return Ok(()) };
    let mut new = old.clone();
    edit(replayer, cursor, &mut new)?;
    cursor.expect_done()?;
    if new == old {
        return Ok(());
    }
    new.origin = Origin::from(replayer.here());
    replayer.emit(Change::AlterDomain { old: Box::new(old), new: Box::new(new) })
}

fn edit(replayer: &Replayer, cursor: &mut Cursor<'_>, domain: &mut Domain) -> Read<()> {
    let position = |domain: &Domain, name: &Name| {
        domain.checks.iter().position(|check| check.name.as_ref() == Some(name))
    };
    let missing = |name: &Name| replayer.refused(format!("constraint `{name}` of the domain does not exist"));
    if cursor.accept("set default") {
        let value = cursor.expr_rest()?;
        domain.default = (!replayer.catalog().is_no_default(&value, &domain.base)).then_some(value);
    } else if cursor.accept("drop default") {
        domain.default = None;
    } else if cursor.accept("set not null") {
        domain.nullable = false;
    } else if cursor.accept("drop not null") {
        domain.nullable = true;
    } else if cursor.accept("add not null") {
        domain.nullable = false;
    } else if cursor.accept("add") {
        let check = check(replayer, cursor, domain, &mut Taken::default())?;
        domain.checks.push(check);
    } else if cursor.accept("drop constraint") {
        let if_exists = cursor.accept("if exists");
        let name = cursor.name()?;
        cursor.accept_any(&["cascade", "restrict"]);
        match position(domain, &name) {
            Some(at) => drop(domain.checks.remove(at)),
            None if if_exists => {}
            None => return Err(missing(&name)),
        }
    } else if cursor.accept("rename constraint") {
        let from = cursor.name()?;
        cursor.expect("to")?;
        let to = cursor.name()?;
        let at = position(domain, &from).ok_or_else(|| missing(&from))?;
        domain.checks[at].name = Some(to);
    } else if cursor.accept("validate constraint") {
        let name = cursor.name()?;
        let at = position(domain, &name).ok_or_else(|| missing(&name))?;
        domain.checks[at].validated = true;
    } else {
        return Err(cursor.unknown("not an action of ALTER DOMAIN that is known"));
    }
    Ok(())
}
