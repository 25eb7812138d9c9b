//! Functions, procedures and aggregates.

use schema_model::catalog::{Catalog, OpaqueId, OpaqueKind, OpaqueObject};
use schema_model::{ObjectName, Origin};

use super::names::quoted;
use super::query::{Reader, Row, USER_SCHEMA, comment, no_extension};
use super::touches::Touches;
use crate::introspect::IntrospectError;

pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    touches: &Touches,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    let sql = format!(
        "SELECT p.oid, n.nspname, p.proname, p.prokind::text AS kind,
                ARRAY(SELECT format_type(u.oid, NULL) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS u (oid, position)
                      ORDER BY u.position) AS arguments,
                CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END AS definition,
                quote_ident(n.nspname) || '.' || quote_ident(p.proname) AS qualified,
                pg_get_function_arguments(p.oid) AS argument_list, {aggregate} AS aggregate, comment.description
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid {comment}
         WHERE {USER_SCHEMA} AND {own}
         -- The constructors of a range type are the type's own.
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                           AND d.deptype = 'i')",
        aggregate = AGGREGATE,
        comment = comment("pg_proc", "p.oid", "0"),
        own = no_extension("pg_proc", "p.oid"),
    );
    for row in reader.rows("functions", &sql)? {
        let name = reader.names.object(&row.text("nspname")?, &row.text("proname")?);
        let arguments = reader.names.arguments(&row.at::<Vec<String>>("arguments")?);
        let (kind, definition) = definition(&row, &name)?;
        let id = OpaqueId { kind, name: name.clone(), arguments, on: None };
        let object = OpaqueObject {
            id: id.clone(),
            definition,
            amendments: Vec::new(),
            touches: touches.of("pg_proc", row.oid("oid")?, &name),
            comment: row.maybe("description")?,
            origin: Origin::NONE,
        };
        catalog.opaque.insert(id, object);
    }
    Ok(())
}

/// What an aggregate is made of, in `CREATE AGGREGATE`'s words.
const AGGREGATE: &str = "concat_ws(', ', 'SFUNC = ' || a.aggtransfn::regproc,
    'STYPE = ' || format_type(a.aggtranstype, NULL),
    CASE WHEN a.aggtransspace <> 0 THEN 'SSPACE = ' || a.aggtransspace END,
    CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC = ' || a.aggfinalfn::regproc END,
    CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
    CASE WHEN a.aggcombinefn <> 0 THEN 'COMBINEFUNC = ' || a.aggcombinefn::regproc END,
    CASE WHEN a.aggserialfn <> 0 THEN 'SERIALFUNC = ' || a.aggserialfn::regproc END,
    CASE WHEN a.aggdeserialfn <> 0 THEN 'DESERIALFUNC = ' || a.aggdeserialfn::regproc END,
    'INITCOND = ' || quote_literal(a.agginitval),
    CASE WHEN a.aggmtransfn <> 0 THEN 'MSFUNC = ' || a.aggmtransfn::regproc || ', MINVFUNC = ' || a.aggminvtransfn::regproc
         || ', MSTYPE = ' || format_type(a.aggmtranstype, NULL) END,
    CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC = ' || a.aggmfinalfn::regproc END,
    'MINITCOND = ' || quote_literal(a.aggminitval),
    CASE WHEN a.aggsortop <> 0 THEN 'SORTOP = ' || a.aggsortop::regoper END,
    CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END,
    CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END)";

fn definition(row: &Row, name: &ObjectName) -> Result<(OpaqueKind, String), IntrospectError> {
    let (kind, word) = match row.text("kind")?.as_str() {
        "a" => {
            let arguments = row.text("argument_list")?;
            let arguments = if arguments.is_empty() { "*" } else { &arguments };
            let text = format!("CREATE AGGREGATE {}({arguments}) ({})", quoted(name), row.text("aggregate")?);
            return Ok((OpaqueKind::Aggregate, text));
        }
        "p" => (OpaqueKind::Procedure, "PROCEDURE"),
        _ => (OpaqueKind::Function, "FUNCTION"),
    };
    let text = row.maybe("definition")?.unwrap_or_default();
    let head = format!("CREATE OR REPLACE {word} {}(", row.text("qualified")?);
    let text = match text.strip_prefix(&head) {
        Some(rest) => format!("CREATE {word} {}({rest}", quoted(name)),
        None => text,
    };
    Ok((kind, text.trim_end().to_owned()))
}
