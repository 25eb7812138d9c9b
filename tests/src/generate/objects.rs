//! Sequences, comments, views, and what is followed by name.

use schema_core::model::catalog::{OpaqueKind, View};

use super::pick::{Pick, names, q, qn};

pub(super) fn sequence(pick: &mut Pick<'_>) -> Option<String> {
    let all: Vec<_> = pick.catalog.sequences.keys().collect();
    let new = pick.new_name("seq");
    let options = pick.word(&[
        "",
        " START 5",
        " INCREMENT BY -1",
        " AS smallint MAXVALUE 100 CYCLE",
        " MINVALUE 10 NO MAXVALUE CACHE 4",
        " OWNED BY NONE",
        " INCREMENT 2 START WITH 3 NO CYCLE",
    ]);
    let Some(known) = pick.of(&all).filter(|_| !pick.once_in(3)) else {
        return Some(format!("CREATE SEQUENCE {}{}{options}", pick.maybe(4, "IF NOT EXISTS "), q(&new)));
    };
    let owner =
        pick.table().and_then(|table| Some(format!("{}.{}", q(&table.name), qn(&pick.column(table)?.name))));
    Some(match pick.number(6) {
        0 => format!("DROP SEQUENCE {}{}", q(known), pick.maybe(2, " CASCADE")),
        1 => format!("ALTER SEQUENCE {} RENAME TO {}", q(known), qn(&new.name)),
        2 => format!("ALTER SEQUENCE {} OWNED BY {}", q(known), owner?),
        3 => format!("ALTER SEQUENCE {} RESTART WITH 4", q(known)),
        4 => format!("ALTER SEQUENCE {} SET SCHEMA {}", q(known), pick.word(&["app", "public"])),
        _ => format!(
            "ALTER SEQUENCE {} {}",
            q(known),
            pick.word(&[
                "AS bigint",
                "INCREMENT 7",
                "MAXVALUE 5000",
                "NO MINVALUE",
                "CYCLE",
                "OWNED BY NONE"
            ])
        ),
    })
}

pub(super) fn comment(pick: &mut Pick<'_>) -> Option<String> {
    let table = pick.table()?;
    let column = pick.column(table)?;
    let constraints: Vec<_> =
        table.constraints.iter().filter_map(|constraint| constraint.name.as_ref()).collect();
    let views: Vec<_> = pick.catalog.views.values().collect();
    let types: Vec<_> = pick.catalog.enums.keys().chain(pick.catalog.composites.keys()).collect();
    let on = match pick.number(7) {
        0 => format!("CONSTRAINT {} ON {}", qn(pick.of(&constraints)?), q(&table.name)),
        1 => format!("INDEX {}", q(&table.name.sibling(table.indexes.first()?.name.clone()))),
        2 => {
            let view = pick.of(&views)?;
            format!("{} {}", if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" }, q(&view.name))
        }
        3 => format!("TYPE {}", q(pick.of(&types)?)),
        4 => format!("COLUMN {}.{}", q(&table.name), qn(&column.name)),
        _ => format!("TABLE {}", q(&table.name)),
    };
    Some(format!("COMMENT ON {on} IS {}", pick.word(&["'said'", "'it''s'", "NULL", "''", "E'two\\nlines'"])))
}

pub(super) fn view(pick: &mut Pick<'_>) -> Option<String> {
    let name = pick.new_name("view");
    let table = pick.table()?;
    let columns = pick.columns(table);
    let kind = pick.word(&["VIEW", "VIEW", "OR REPLACE VIEW", "MATERIALIZED VIEW"]);
    let condition = pick.condition(columns.first()?);
    let select = match pick.number(4) {
        0 => format!("SELECT * FROM {}", q(&table.name)),
        1 => format!(
            "SELECT t.{} AS first, count(*) AS n FROM {} t GROUP BY 1",
            qn(&columns[0].name),
            q(&table.name)
        ),
        2 => format!("SELECT {} FROM {} WHERE {condition}", names(&columns), q(&table.name)),
        _ => format!("SELECT {} FROM {}", names(&columns), q(&table.name)),
    };
    Some(format!("CREATE {kind} {} AS {select}", q(&name)))
}

fn kind_of(view: &View) -> &'static str {
    if view.materialized { "MATERIALIZED VIEW" } else { "VIEW" }
}

pub(super) fn drop_view(pick: &mut Pick<'_>) -> Option<String> {
    let all: Vec<_> = pick.catalog.views.values().collect();
    let view = pick.of(&all)?;
    let to = pick.new_name("view");
    Some(match pick.number(4) {
        0 => format!("ALTER {} {} RENAME TO {}", kind_of(view), q(&view.name), qn(&to.name)),
        1 if view.materialized => {
            format!("CREATE INDEX ON {} ({})", q(&view.name), qn(&view.columns.first()?.0))
        }
        2 => format!(
            "ALTER {} {} RENAME COLUMN {} TO shown",
            kind_of(view),
            q(&view.name),
            qn(&view.columns.first()?.0)
        ),
        _ => format!("DROP {} {}{}", kind_of(view), q(&view.name), pick.maybe(2, " CASCADE")),
    })
}

pub(super) fn function_or_trigger(pick: &mut Pick<'_>) -> Option<String> {
    let name = q(&pick.new_name("fn"));
    let replace = pick.maybe(2, "OR REPLACE ");
    if pick.once_in(2) {
        let arguments = pick.word(&[
            "",
            "a int",
            "a integer, b text DEFAULT 'x'",
            "VARIADIC list text[]",
            "INOUT a numeric(5,2), OUT b varchar",
        ]);
        if arguments.contains("OUT") {
            return Some(format!(
                "CREATE {replace}FUNCTION {name}({arguments}) LANGUAGE plpgsql AS $$ BEGIN END $$"
            ));
        }
        return Some(format!(
            "CREATE {replace}FUNCTION {name}({arguments}) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'"
        ));
    }
    let table = pick.table()?;
    let triggers: Vec<_> = pick
        .catalog
        .opaque
        .values()
        .filter(|object| {
            object.id.kind == OpaqueKind::Function
                && object.definition.to_lowercase().contains("returns trigger")
        })
        .collect();
    let Some(function) = pick.of(&triggers) else {
        return Some(format!(
            "CREATE {replace}FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RETURN NEW; END; $f$"
        ));
    };
    let event = pick.word(&["BEFORE INSERT", "AFTER UPDATE OR DELETE", "BEFORE INSERT OR UPDATE"]);
    let trigger = qn(&pick.new_name("tr").name);
    let each = pick.word(&["FOR EACH ROW", "FOR EACH STATEMENT"]);
    Some(format!(
        "CREATE {replace}TRIGGER {trigger} {event} ON {} {each} EXECUTE FUNCTION {}()",
        q(&table.name),
        q(&function.id.name)
    ))
}

pub(super) fn policy_or_rule(pick: &mut Pick<'_>) -> Option<String> {
    let table = pick.table()?;
    let column = pick.column(table)?;
    let condition = pick.condition(column);
    let name = qn(&pick.new_name("pol").name);
    let command = pick.word(&["", " FOR SELECT", " FOR UPDATE", " AS RESTRICTIVE", " TO PUBLIC"]);
    Some(match pick.number(3) {
        0 => format!("CREATE RULE {name} AS ON DELETE TO {} DO INSTEAD NOTHING", q(&table.name)),
        1 => {
            let columns = pick.columns(table);
            format!("CREATE STATISTICS {name} ON {} FROM {}", names(&columns), q(&table.name))
        }
        _ => format!("CREATE POLICY {name} ON {}{command} USING ({condition})", q(&table.name)),
    })
}

pub(super) fn drop_opaque(pick: &mut Pick<'_>) -> Option<String> {
    let all: Vec<_> = pick.catalog.opaque.keys().collect();
    let id = pick.of(&all)?;
    let word = id.kind.as_str().to_uppercase();
    let rename = pick.once_in(3).then(|| qn(&pick.new_name("other").name));
    let target = match (&id.on, id.kind) {
        (Some(table), _) => format!("{word} {} ON {}", qn(&id.name.name), q(table)),
        (None, OpaqueKind::Function) => format!("{word} {}({})", q(&id.name), id.arguments),
        _ => format!("{word} {}", q(&id.name)),
    };
    Some(match rename {
        Some(to) => format!("ALTER {target} RENAME TO {to}"),
        None => format!("DROP {target}{}", pick.maybe(2, " CASCADE")),
    })
}

pub(super) fn schema(pick: &mut Pick<'_>) -> Option<String> {
    Some(
        pick.word(&[
            "CREATE SCHEMA IF NOT EXISTS app",
            "CREATE SCHEMA app",
            "CREATE SCHEMA \"Other\"",
            "DROP SCHEMA IF EXISTS app CASCADE",
            "DROP SCHEMA app",
            "ALTER SCHEMA app RENAME TO app2",
            "COMMENT ON SCHEMA app IS 'ours'",
        ])
        .to_owned(),
    )
}

/// DDL in a DO block, guarded by a question to the catalogs or by an exception handler.
pub(super) fn guarded(pick: &mut Pick<'_>) -> Option<String> {
    let table = pick.table()?;
    let column = pick.new_column();
    let body = format!("ALTER TABLE {} ADD COLUMN {} int", q(&table.name), qn(&column));
    let schema = table.name.schema.as_ref().map_or("public", |schema| schema.as_str());
    Some(match pick.number(3) {
        0 => format!(
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = '{schema}' AND table_name = '{}' \
             AND column_name = '{column}') THEN {body}; END IF; END $$",
            table.name.name
        ),
        1 => format!("DO $$ BEGIN {body}; EXCEPTION WHEN duplicate_column THEN NULL; END $$"),
        _ => format!("DO $$ BEGIN {body}; END $$"),
    })
}
