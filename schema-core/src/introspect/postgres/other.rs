//! The rest of what is followed by name and text: statistics, collations, operators, casts, event triggers, publications,
//! foreign servers.

use schema_model::catalog::{Catalog, OpaqueId, OpaqueKind, OpaqueObject};
use schema_model::{ObjectName, Origin};

use super::names::{quoted, quoted_name};
use super::query::{Reader, USER_SCHEMA, comment, no_extension};
use super::relation::foreign_options;
use super::touches::Touches;
use crate::introspect::IntrospectError;

pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    touches: &Touches,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    statistics(reader, touches, catalog)?;
    event_triggers(reader, touches, catalog)?;
    collations(reader, catalog)?;
    operators(reader, touches, catalog)?;
    casts(reader, touches, catalog)?;
    publications(reader, catalog)?;
    servers(reader, catalog)
}

fn object(kind: OpaqueKind, name: ObjectName, definition: String) -> OpaqueObject {
    OpaqueObject {
        id: OpaqueId { kind, name, arguments: String::new(), on: None },
        definition,
        amendments: Vec::new(),
        touches: std::collections::BTreeSet::new(),
        comment: None,
        origin: Origin::NONE,
    }
}

fn keep(catalog: &mut Catalog, object: OpaqueObject) {
    catalog.opaque.insert(object.id.clone(), object);
}

fn statistics(
    reader: &mut Reader<'_, '_>,
    touches: &Touches,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT s.oid, n.nspname, s.stxname, pg_get_statisticsobjdef(s.oid) AS definition,
                quote_ident(n.nspname) || '.' || quote_ident(s.stxname) AS qualified, comment.description
         FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace {comment}
         WHERE {USER_SCHEMA} AND {own}",
        comment = comment("pg_statistic_ext", "s.oid", "0"),
        own = no_extension("pg_statistic_ext", "s.oid"),
    );
    for row in reader.rows("statistics", &sql)? {
        let name = reader.names.object(&row.text("nspname")?, &row.text("stxname")?);
        let definition = row.text("definition")?.replacen(&row.text("qualified")?, &quoted(&name), 1);
        let mut new = object(OpaqueKind::Statistics, name.clone(), definition);
        new.touches = touches.of("pg_statistic_ext", row.oid("oid")?, &name);
        new.comment = row.maybe("description")?;
        keep(catalog, new);
    }
    Ok(())
}

fn event_triggers(
    reader: &mut Reader<'_, '_>,
    touches: &Touches,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT e.oid, e.evtname, e.evtevent, e.evttags, e.evtfoid::regproc::text AS function,
                e.evtenabled::text AS enabled, comment.description
         FROM pg_event_trigger e {} WHERE {}",
        comment("pg_event_trigger", "e.oid", "0"),
        no_extension("pg_event_trigger", "e.oid"),
    );
    for row in reader.rows("event triggers", &sql)? {
        let name = ObjectName::bare(row.text("evtname")?);
        let tags = row.at::<Option<Vec<String>>>("evttags")?.unwrap_or_default();
        let tags: Vec<_> = tags.iter().map(|tag| format!("'{}'", tag.replace('\'', "''"))).collect();
        let filter =
            if tags.is_empty() { String::new() } else { format!(" WHEN TAG IN ({})", tags.join(", ")) };
        let definition = format!(
            "CREATE EVENT TRIGGER {} ON {}{filter} EXECUTE FUNCTION {}()",
            quoted(&name),
            row.text("evtevent")?,
            row.text("function")?
        );
        let how = match row.text("enabled")?.as_str() {
            "D" => Some("DISABLE"),
            "R" => Some("ENABLE REPLICA"),
            "A" => Some("ENABLE ALWAYS"),
            _ => None,
        };
        let mut new = object(OpaqueKind::EventTrigger, name.clone(), definition);
        new.amendments =
            how.map(|how| format!("ALTER EVENT TRIGGER {} {how}", quoted(&name))).into_iter().collect();
        new.touches = touches.of("pg_event_trigger", row.oid("oid")?, &name);
        new.comment = row.maybe("description")?;
        keep(catalog, new);
    }
    Ok(())
}

fn collations(reader: &mut Reader<'_, '_>, catalog: &mut Catalog) -> Result<(), IntrospectError> {
    let locale = match reader.names.version {
        170_000.. => "l.colllocale",
        150_000.. => "l.colliculocale",
        _ => "NULL::text",
    };
    let sql = format!(
        "SELECT n.nspname, l.collname, comment.description,
                concat_ws(', ', CASE l.collprovider WHEN 'i' THEN 'provider = icu' WHEN 'c' THEN 'provider = libc'
                                                    WHEN 'b' THEN 'provider = builtin' END,
                    'locale = ' || quote_literal({locale}),
                    CASE WHEN l.collcollate = l.collctype THEN 'locale = ' || quote_literal(l.collcollate)
                         ELSE 'lc_collate = ' || quote_literal(l.collcollate) || ', lc_ctype = ' || quote_literal(l.collctype)
                         END,
                    CASE WHEN NOT l.collisdeterministic THEN 'deterministic = false' END) AS definition
         FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace {comment}
         WHERE {USER_SCHEMA} AND {own}",
        comment = comment("pg_collation", "l.oid", "0"),
        own = no_extension("pg_collation", "l.oid"),
    );
    for row in reader.rows("collations", &sql)? {
        let name = reader.names.object(&row.text("nspname")?, &row.text("collname")?);
        let definition = format!("CREATE COLLATION {} ({})", quoted(&name), row.text("definition")?);
        let mut new = object(OpaqueKind::Collation, name, definition);
        new.comment = row.maybe("description")?;
        keep(catalog, new);
    }
    Ok(())
}

fn operators(
    reader: &mut Reader<'_, '_>,
    touches: &Touches,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT o.oid, n.nspname, o.oprname, comment.description,
                array_remove(ARRAY[CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END,
                             format_type(o.oprright, NULL)], NULL) AS operands,
                concat_ws(', ', 'FUNCTION = ' || o.oprcode::regproc,
                    CASE WHEN o.oprleft <> 0 THEN 'LEFTARG = ' || format_type(o.oprleft, NULL) END,
                    'RIGHTARG = ' || format_type(o.oprright, NULL),
                    CASE WHEN o.oprcom <> 0 THEN 'COMMUTATOR = OPERATOR(' || o.oprcom::regoper || ')' END,
                    CASE WHEN o.oprnegate <> 0 THEN 'NEGATOR = OPERATOR(' || o.oprnegate::regoper || ')' END,
                    CASE WHEN o.oprrest <> 0 THEN 'RESTRICT = ' || o.oprrest::regproc END,
                    CASE WHEN o.oprjoin <> 0 THEN 'JOIN = ' || o.oprjoin::regproc END,
                    CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END) AS definition
         FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace {comment}
         WHERE o.oprcode <> 0 AND {USER_SCHEMA} AND {own}",
        comment = comment("pg_operator", "o.oid", "0"),
        own = no_extension("pg_operator", "o.oid"),
    );
    for row in reader.rows("operators", &sql)? {
        let name = reader.names.object(&row.text("nspname")?, &row.text("oprname")?);
        // An operator's own name is never quoted.
        let schema = name.schema.as_ref().map(|schema| format!("{}.", quoted_name(schema.as_str())));
        let definition = format!(
            "CREATE OPERATOR {}{} ({})",
            schema.unwrap_or_default(),
            name.name,
            row.text("definition")?
        );
        let mut new = object(OpaqueKind::Operator, name.clone(), definition);
        new.id.arguments = reader.names.arguments(&row.at::<Vec<String>>("operands")?);
        new.touches = touches.of("pg_operator", row.oid("oid")?, &name);
        new.comment = row.maybe("description")?;
        keep(catalog, new);
    }
    Ok(())
}

fn casts(
    reader: &mut Reader<'_, '_>,
    touches: &Touches,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT k.oid, format_type(k.castsource, NULL) AS source, format_type(k.casttarget, NULL) AS target,
                CASE k.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || k.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT'
                                  ELSE 'WITHOUT FUNCTION' END ||
                CASE k.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END AS how,
                comment.description
         FROM pg_cast k {} WHERE k.oid >= 16384 AND {}
         -- From a range to its multirange: the type's own.
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = k.oid
                           AND d.deptype = 'i')",
        comment("pg_cast", "k.oid", "0"),
        no_extension("pg_cast", "k.oid"),
    );
    for row in reader.rows("casts", &sql)? {
        let types = format!("{} AS {}", row.text("source")?, row.text("target")?);
        let name = ObjectName::bare(types.as_str());
        let mut new =
            object(OpaqueKind::Cast, name.clone(), format!("CREATE CAST ({types}) {}", row.text("how")?));
        new.touches = touches.of("pg_cast", row.oid("oid")?, &name);
        new.comment = row.maybe("description")?;
        keep(catalog, new);
    }
    Ok(())
}

fn publications(reader: &mut Reader<'_, '_>, catalog: &mut Catalog) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT p.pubname, p.puballtables, comment.description,
                ARRAY(SELECT r.prrelid::regclass::text FROM pg_publication_rel r WHERE r.prpubid = p.oid ORDER BY r.oid)
                    AS tables
         FROM pg_publication p {}",
        comment("pg_publication", "p.oid", "0"),
    );
    for row in reader.rows("publications", &sql)? {
        let name = ObjectName::bare(row.text("pubname")?);
        let tables = row.at::<Vec<String>>("tables")?;
        let target = match (row.flag("puballtables")?, tables.is_empty()) {
            (true, _) => " FOR ALL TABLES".to_owned(),
            (false, false) => format!(" FOR TABLE {}", tables.join(", ")),
            (false, true) => String::new(),
        };
        let definition = format!("CREATE PUBLICATION {}{target}", quoted(&name));
        let mut new = object(OpaqueKind::Publication, name, definition);
        new.comment = row.maybe("description")?;
        keep(catalog, new);
    }
    Ok(())
}

fn servers(reader: &mut Reader<'_, '_>, catalog: &mut Catalog) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT s.srvname, w.fdwname, s.srvoptions, comment.description
         FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw {} WHERE {}",
        comment("pg_foreign_server", "s.oid", "0"),
        no_extension("pg_foreign_server", "s.oid"),
    );
    for row in reader.rows("foreign servers", &sql)? {
        let name = ObjectName::bare(row.text("srvname")?);
        let definition = format!(
            "CREATE SERVER {} FOREIGN DATA WRAPPER {}{}",
            quoted(&name),
            quoted_name(&row.text("fdwname")?),
            foreign_options(row.at("srvoptions")?)
        );
        let mut new = object(OpaqueKind::Foreign, name, definition);
        new.comment = row.maybe("description")?;
        keep(catalog, new);
    }
    Ok(())
}
