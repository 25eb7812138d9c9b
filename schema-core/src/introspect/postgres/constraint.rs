//! Constraints of tables.

use schema_model::catalog::{
    Catalog, Check, Constraint, ConstraintKind, Deferrable, Exclude, ExcludePart, ForeignKey, Gap, Key,
    ReferentialAction,
};
use schema_model::{Name, Origin};

use super::index::{Parts, PartsOf};
use super::names::quoted_name;
use super::query::{Reader, Row, USER_SCHEMA, comment, no_extension};
use super::relation::{Relation, Relations};
use super::text;
use crate::introspect::IntrospectError;

pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    relations: &Relations,
    parts: &Parts,
    catalog: &mut Catalog,
) -> Result<(), IntrospectError> {
    for row in reader.rows("constraints", &sql(reader))? {
        let Some(relation) = relations.get(&row.oid("conrelid")?) else { continue };
        let Some(table) = catalog.tables.get_mut(&relation.name) else { continue };
        let Some(kind) = kind(&row, relation, relations, parts.get(&row.oid("conindid")?))? else {
            continue;
        };
        if let Some(reason) = unknown_part(&row)? {
            catalog.gaps.push(Gap {
                statement: format!(
                    "{} on {}: {}",
                    row.text("conname")?,
                    relation.name,
                    row.text("definition")?
                ),
                reason: reason.to_owned(),
                touches: [relation.name.clone()].into(),
                origin: Origin::NONE,
            });
        }
        table.constraints.push(Constraint {
            name: Some(Name::new(row.text("conname")?)),
            kind,
            deferrable: match (row.flag("condeferrable")?, row.flag("condeferred")?) {
                (true, true) => Deferrable::Deferred,
                (true, false) => Deferrable::Immediate,
                (false, _) => Deferrable::No,
            },
            validated: row.flag("convalidated")?,
            inherited: row.flag("from_parent")? && (relation.is_partition || !row.flag("conislocal")?),
            attached: match (row.maybe("attached_schema")?, row.maybe("attached_to")?) {
                (Some(schema), Some(index)) => Some(reader.names.object(&schema, &index)),
                _ => None,
            },
            comment: row.maybe("description")?,
            origin: Origin::NONE,
        });
    }
    Ok(())
}

fn sql(reader: &Reader<'_, '_>) -> String {
    format!(
        "SELECT k.conname, k.conrelid, k.contype::text AS kind, k.condeferrable, k.condeferred, k.convalidated,
                k.conislocal, k.coninhcount > 0 AS from_parent, k.conindid, k.conkey, k.confkey, k.confrelid,
                k.confupdtype::text AS on_update, k.confdeltype::text AS on_delete, k.confmatchtype::text AS match_type,
                k.connoinherit, pg_get_expr(k.conbin, k.conrelid) AS condition, comment.description,
                {set_columns} AS set_columns, {nulls} AS nulls_not_distinct, {period} AS temporal,
                {enforced} AS enforced, i.reloptions, space.spcname,
                upper_space.nspname AS attached_schema, upper_index.relname AS attached_to,
                pg_get_expr(x.indpred, x.indrelid) AS predicate, am.amname,
                CASE WHEN k.contype = 'x' THEN ARRAY(
                    SELECT CASE WHEN pg_operator_is_visible(o.oid) THEN o.oprname::text
                           ELSE 'OPERATOR(' || quote_ident(opn.nspname) || '.' || o.oprname || ')' END
                    FROM unnest(k.conexclop) WITH ORDINALITY AS u (oid, position)
                    JOIN pg_operator o ON o.oid = u.oid JOIN pg_namespace opn ON opn.oid = o.oprnamespace
                    ORDER BY u.position) END AS operators,
                CASE WHEN {period} OR NOT {enforced} THEN pg_get_constraintdef(k.oid) ELSE '' END AS definition
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_index x ON x.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
         LEFT JOIN pg_class i ON i.oid = x.indexrelid
         LEFT JOIN pg_am am ON am.oid = i.relam
         LEFT JOIN pg_tablespace space ON space.oid = i.reltablespace
         LEFT JOIN pg_constraint parent ON parent.oid = k.conparentid
         LEFT JOIN pg_inherits up ON up.inhrelid = x.indexrelid AND k.conparentid = 0
         LEFT JOIN pg_class upper_index ON upper_index.oid = up.inhparent
         LEFT JOIN pg_namespace upper_space ON upper_space.oid = upper_index.relnamespace {comment}
         WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND {USER_SCHEMA} AND {own}
           -- A reference to a partitioned table has a row for each partition beside its own.
           AND (k.contype <> 'f' OR k.conparentid = 0 OR parent.conrelid <> k.conrelid)
         ORDER BY k.oid",
        set_columns = reader.since(15, "k.confdelsetcols", "NULL::int2[]"),
        nulls = reader.since(15, "coalesce(x.indnullsnotdistinct, false)", "false"),
        period = reader.since(18, "k.conperiod", "false"),
        enforced = reader.since(18, "k.conenforced", "true"),
        comment = comment("pg_constraint", "k.oid", "0"),
        own = no_extension("pg_class", "c.oid"),
    )
}

/// What the catalog has no word for.
fn unknown_part(row: &Row) -> Result<Option<&'static str>, IntrospectError> {
    if row.flag("temporal")? && row.text("kind")? == "f" {
        return Ok(Some("a foreign key over a period is not understood"));
    }
    Ok((!row.flag("enforced")?).then_some("a constraint that is not enforced is not understood"))
}

fn kind(
    row: &Row,
    relation: &Relation,
    relations: &Relations,
    parts: Option<&PartsOf>,
) -> Result<Option<ConstraintKind>, IntrospectError> {
    Ok(match row.text("kind")?.as_str() {
        "p" => Some(ConstraintKind::PrimaryKey(key(row, relation, parts)?)),
        "u" => Some(ConstraintKind::Unique(key(row, relation, parts)?)),
        "f" => foreign_key(row, relation, relations)?.map(ConstraintKind::ForeignKey),
        "c" => {
            let condition = row.maybe("condition")?.unwrap_or_default();
            let check = Check { expr: text::expr(&condition), no_inherit: row.flag("connoinherit")? };
            Some(ConstraintKind::Check(check))
        }
        _ => Some(ConstraintKind::Exclude(exclude(row, parts)?)),
    })
}

fn key(row: &Row, relation: &Relation, parts: Option<&PartsOf>) -> Result<Key, IntrospectError> {
    let columns = relation.column_names(&numbers(row, "conkey")?);
    let with = text::with_clause(&text::options(row.at("reloptions")?));
    let space = row.maybe("spcname")?.map(|name| format!("USING INDEX TABLESPACE {}", quoted_name(&name)));
    let suffix: Vec<_> = with.into_iter().chain(space).collect();
    let mut column_suffixes = Vec::new();
    if row.flag("temporal")? {
        column_suffixes = vec![String::new(); columns.len().saturating_sub(1)];
        column_suffixes.push("WITHOUT OVERLAPS".to_owned());
    }
    Ok(Key {
        columns,
        include: parts.map(|parts| parts.include.clone()).unwrap_or_default(),
        nulls_not_distinct: row.flag("nulls_not_distinct")?,
        suffix: (!suffix.is_empty()).then(|| suffix.join(" ")),
        column_suffixes,
    })
}

fn foreign_key(
    row: &Row,
    relation: &Relation,
    relations: &Relations,
) -> Result<Option<ForeignKey>, IntrospectError> {
    let Some(other) = relations.get(&row.oid("confrelid")?) else { return Ok(None) };
    Ok(Some(ForeignKey {
        columns: relation.column_names(&numbers(row, "conkey")?),
        table: other.name.clone(),
        referenced: other.column_names(&numbers(row, "confkey")?),
        on_delete: action(&row.text("on_delete")?),
        on_update: action(&row.text("on_update")?),
        on_delete_columns: relation.column_names(&numbers(row, "set_columns")?),
        match_full: row.text("match_type")? == "f",
    }))
}

fn action(letter: &str) -> ReferentialAction {
    match letter {
        "r" => ReferentialAction::Restrict,
        "c" => ReferentialAction::Cascade,
        "n" => ReferentialAction::SetNull,
        "d" => ReferentialAction::SetDefault,
        _ => ReferentialAction::NoAction,
    }
}

fn exclude(row: &Row, parts: Option<&PartsOf>) -> Result<Exclude, IntrospectError> {
    let operators: Vec<String> = row.at::<Option<Vec<String>>>("operators")?.unwrap_or_default();
    let terms = parts.map(|parts| parts.key.clone()).unwrap_or_default();
    let parts_with = terms.into_iter().zip(operators).map(|(part, operator)| ExcludePart { part, operator });
    Ok(Exclude {
        method: Name::new(row.maybe("amname")?.unwrap_or_else(|| "btree".to_owned())),
        parts: parts_with.collect(),
        include: parts.map(|parts| parts.include.clone()).unwrap_or_default(),
        predicate: row.maybe("predicate")?.map(|predicate| text::expr(&predicate)),
    })
}

fn numbers(row: &Row, column: &str) -> Result<Vec<i16>, IntrospectError> {
    Ok(row.at::<Option<Vec<i16>>>(column)?.unwrap_or_default())
}
