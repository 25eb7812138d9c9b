//! What hangs on a table or view and is followed by name and text: triggers, rules, policies.

use schema_model::catalog::{Catalog, OpaqueId, OpaqueKind, OpaqueObject};
use schema_model::{ObjectName, Origin};

use super::names::{quoted, quoted_name};
use super::query::{Reader, comment, no_extension};
use super::relation::Relations;
use super::text;
use super::touches::Touches;
use crate::introspect::IntrospectError;

pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    relations: &Relations,
    touches: &Touches,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    triggers(reader, relations, touches, catalog)?;
    rules(reader, relations, touches, catalog)?;
    policies(reader, relations, touches, catalog)
}

/// An object that belongs to a table.
fn owned(kind: OpaqueKind, name: &str, table: &ObjectName, definition: String) -> OpaqueObject {
    OpaqueObject {
        id: OpaqueId { kind, name: table.sibling(name), arguments: String::new(), on: Some(table.clone()) },
        definition: definition.trim().trim_end_matches(';').to_owned(),
        amendments: Vec::new(),
        touches: std::collections::BTreeSet::new(),
        comment: None,
        origin: Origin::NONE,
    }
}

/// `ALTER TABLE … DISABLE TRIGGER …`, when not simply enabled.
fn enablement(letter: &str, word: &str, name: &str, table: &ObjectName) -> Vec<String> {
    let how = match letter {
        "D" => "DISABLE",
        "R" => "ENABLE REPLICA",
        "A" => "ENABLE ALWAYS",
        _ => return Vec::new(),
    };
    vec![format!("ALTER TABLE {} {how} {word} {}", quoted(table), quoted_name(name))]
}

fn triggers(
    reader: &mut Reader<'_, '_>,
    relations: &Relations,
    touches: &Touches,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    // A partition's copy of its parent's trigger has a parent.
    let sql = format!(
        "SELECT g.oid, g.tgrelid, g.tgname, g.tgenabled::text AS enabled, pg_get_triggerdef(g.oid, true) AS definition,
                comment.description
         FROM pg_trigger g {} WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND {}",
        comment("pg_trigger", "g.oid", "0"),
        no_extension("pg_trigger", "g.oid"),
    );
    for row in reader.rows("triggers", &sql)? {
        let Some(relation) = relations.get(&row.oid("tgrelid")?) else { continue };
        let (name, table) = (row.text("tgname")?, &relation.name);
        let mut object = owned(OpaqueKind::Trigger, &name, table, row.text("definition")?);
        object.amendments = enablement(&row.text("enabled")?, "TRIGGER", &name, table);
        object.touches = touches.of("pg_trigger", row.oid("oid")?, table);
        object.comment = row.maybe("description")?;
        catalog.opaque.insert(object.id.clone(), object);
    }
    Ok(())
}

fn rules(
    reader: &mut Reader<'_, '_>,
    relations: &Relations,
    touches: &Touches,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT r.oid, r.ev_class, r.rulename, r.ev_enabled::text AS enabled, pg_get_ruledef(r.oid, true) AS definition,
                comment.description
         FROM pg_rewrite r {} WHERE r.rulename <> '_RETURN' AND r.oid >= 16384 AND {}",
        comment("pg_rewrite", "r.oid", "0"),
        no_extension("pg_rewrite", "r.oid"),
    );
    for row in reader.rows("rules", &sql)? {
        let Some(relation) = relations.get(&row.oid("ev_class")?) else { continue };
        let (name, table) = (row.text("rulename")?, &relation.name);
        let mut object = owned(OpaqueKind::Rule, &name, table, row.text("definition")?);
        object.amendments = enablement(&row.text("enabled")?, "RULE", &name, table);
        object.touches = touches.of("pg_rewrite", row.oid("oid")?, table);
        object.comment = row.maybe("description")?;
        catalog.opaque.insert(object.id.clone(), object);
    }
    Ok(())
}

fn policies(
    reader: &mut Reader<'_, '_>,
    relations: &Relations,
    touches: &Touches,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT y.oid, y.polrelid, y.polname, y.polpermissive,
                CASE y.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                              WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
                ARRAY(SELECT CASE WHEN u.oid = 0 THEN 'public' ELSE u.oid::regrole::text END
                      FROM unnest(y.polroles) AS u (oid)) AS roles,
                pg_get_expr(y.polqual, y.polrelid) AS using_expr,
                pg_get_expr(y.polwithcheck, y.polrelid) AS check_expr, comment.description
         FROM pg_policy y {} WHERE {}",
        comment("pg_policy", "y.oid", "0"),
        no_extension("pg_policy", "y.oid"),
    );
    for row in reader.rows("policies", &sql)? {
        let Some(relation) = relations.get(&row.oid("polrelid")?) else { continue };
        let (name, table) = (row.text("polname")?, &relation.name);
        let mut definition = format!("CREATE POLICY {} ON {}", quoted_name(&name), quoted(table));
        if !row.flag("polpermissive")? {
            definition.push_str(" AS RESTRICTIVE");
        }
        let command = row.text("command")?;
        if command != "ALL" {
            definition.push_str(&format!(" FOR {command}"));
        }
        let roles = row.at::<Vec<String>>("roles")?.join(", ");
        if roles != "public" {
            definition.push_str(&format!(" TO {roles}"));
        }
        for (word, column) in [("USING", "using_expr"), ("WITH CHECK", "check_expr")] {
            if let Some(condition) = row.maybe(column)? {
                definition.push_str(&format!(" {word} ({})", text::expr(&condition)));
            }
        }
        let mut object = owned(OpaqueKind::Policy, &name, table, definition);
        object.touches = touches.of("pg_policy", row.oid("oid")?, table);
        object.comment = row.maybe("description")?;
        catalog.opaque.insert(object.id.clone(), object);
    }
    Ok(())
}
