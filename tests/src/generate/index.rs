//! Indexes.

use super::pick::{Pick, q, qn};

fn part(pick: &mut Pick<'_>, column: &schema_core::model::catalog::Column) -> String {
    use schema_core::model::catalog::ColumnType as Type;
    let name = qn(&column.name);
    let text = matches!(column.ty, Type::Text | Type::Varchar { .. });
    let term = match pick.number(8) {
        0 if text => format!("lower({name})"),
        1 if text => format!("({name} || 'x')"),
        2 => format!("({name} IS NULL)"),
        3 if matches!(column.ty, Type::Integer { .. }) => format!("({name} + 1)"),
        4 => format!("coalesce({name}, NULL)"),
        _ => name,
    };
    let collation = if text { pick.maybe(6, " COLLATE \"C\"") } else { "" };
    let class = if text { pick.maybe(8, " text_pattern_ops") } else { "" };
    format!(
        "{term}{collation}{class}{}",
        pick.word(&["", "", "", " DESC", " ASC", " NULLS FIRST", " DESC NULLS LAST"])
    )
}

pub(super) fn create(pick: &mut Pick<'_>) -> Option<String> {
    let table = pick.table()?;
    let columns = pick.columns(table);
    let method = pick.word(&[
        "",
        "",
        "",
        "",
        " USING btree",
        " USING hash",
        " USING gin",
        " USING gist",
        " USING brin",
    ]);
    let parts: Vec<_> = match method {
        "" | " USING btree" => columns.iter().map(|column| part(pick, column)).collect(),
        _ => columns.iter().take(1).map(|column| qn(&column.name)).collect(),
    };
    let name = if pick.once_in(2) { String::new() } else { qn(&pick.new_name("ix").name) };
    let exists = if name.is_empty() { "" } else { pick.maybe(6, "IF NOT EXISTS ") };
    let include = match pick.once_in(6) {
        true => pick.column(table).map(|column| format!(" INCLUDE ({})", qn(&column.name))),
        false => None,
    };
    let nulls = pick.maybe(10, " NULLS NOT DISTINCT");
    let with = pick.maybe(10, " WITH (fillfactor = 60)");
    let predicate = match pick.once_in(4) {
        true => pick.column(table).map(|column| format!(" WHERE {}", pick.condition(column))),
        false => None,
    };
    Some(format!(
        "CREATE {}INDEX {exists}{name}{}ON {}{}{method} ({}){}{nulls}{with}{}",
        pick.maybe(4, "UNIQUE "),
        if name.is_empty() { "" } else { " " },
        pick.maybe(10, "ONLY "),
        q(&table.name),
        parts.join(", "),
        include.unwrap_or_default(),
        predicate.unwrap_or_default()
    ))
}

fn some_index(
    pick: &mut Pick<'_>,
) -> Option<(schema_core::model::ObjectName, schema_core::model::ObjectName)> {
    let all: Vec<_> = pick
        .catalog
        .tables
        .values()
        .flat_map(|table| table.indexes.iter().map(move |index| (table, index)))
        .collect();
    let (table, index) = pick.of(&all)?;
    Some((table.name.clone(), table.name.sibling(index.name.clone())))
}

pub(super) fn using_index(pick: &mut Pick<'_>) -> Option<String> {
    let (table, index) = some_index(pick)?;
    let name = pick.word(&["", "CONSTRAINT by_index "]);
    let kind = pick.word(&["UNIQUE", "PRIMARY KEY"]);
    Some(format!("ALTER TABLE {} ADD {name}{kind} USING INDEX {}", q(&table), qn(&index.name)))
}

pub(super) fn drop(pick: &mut Pick<'_>) -> Option<String> {
    let (_, index) = some_index(pick)?;
    Some(format!("DROP INDEX {}{}{}", pick.maybe(2, "IF EXISTS "), q(&index), pick.maybe(2, " CASCADE")))
}

pub(super) fn alter(pick: &mut Pick<'_>) -> Option<String> {
    let (_, index) = some_index(pick)?;
    let (_, other) = some_index(pick)?;
    let to = pick.new_name("moved");
    Some(match pick.number(4) {
        0 => format!("ALTER INDEX {} SET (fillfactor = 55)", q(&index)),
        1 => format!("ALTER INDEX {} ATTACH PARTITION {}", q(&index), q(&other)),
        2 => format!("ALTER INDEX {} RESET (fillfactor)", q(&index)),
        _ => format!("ALTER INDEX {}{} RENAME TO {}", pick.maybe(4, "IF EXISTS "), q(&index), qn(&to.name)),
    })
}
