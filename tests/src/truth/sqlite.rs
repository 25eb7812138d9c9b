//! A catalog of ours against what SQLite's PRAGMAs said. Names, types, flags and lists are compared as they are; of free
//! text only the white space is folded.

use std::collections::BTreeMap;

use schema_core::model::catalog::{
    Catalog, Column, ColumnType, Constraint, ConstraintKind, ForeignKey, Index, IndexTerm, OpaqueKind, Table,
    TableKind,
};
use schema_core::model::{Name, ObjectName};
use serde_json::{Map, Value};

use super::compare::Comparison;
use crate::sqlite::normal::text as folded;

type Facts = Vec<(String, String)>;

/// Compares.
pub fn compare_sqlite(catalog: &Catalog, truth: &Value) -> Comparison {
    let mut result = Comparison::default();
    let empty = Map::new();
    let section = |name: &str| truth[name].as_object().unwrap_or(&empty);
    let tables = catalog.tables.iter().map(|(name, table)| (shown(name), table_facts(table)));
    result.section("tables", section("tables"), tables.collect(), &truth_table);
    let views = catalog.views.keys().map(|name| (shown(name), Vec::new()));
    result.section("views", section("views"), views.collect(), &|_| Vec::new());
    let triggers = catalog.opaque.iter().filter(|(id, _)| id.kind == OpaqueKind::Trigger).map(|(id, _)| {
        let on = id.on.as_ref().map(shown).unwrap_or_default();
        (shown(&id.name), vec![("table".to_owned(), on)])
    });
    result.section("triggers", section("triggers"), triggers.collect(), &|value| {
        vec![("table".to_owned(), text(&value["table"]))]
    });
    result
}

fn shown(name: &ObjectName) -> String {
    name.to_string()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(names: &[Name]) -> String {
    names.iter().map(Name::as_str).collect::<Vec<_>>().join(",")
}

fn table_facts(table: &Table) -> Facts {
    let mut facts: Facts = table
        .columns
        .iter()
        .map(|column| (format!("column {}", column.name), column_fact(column, table)))
        .collect();
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for constraint in &table.constraints {
        if let ConstraintKind::ForeignKey(key) = &constraint.kind {
            *counted.entry(format!("foreign key {}", key_fact(key))).or_default() += 1;
        }
    }
    facts.extend(counted.into_iter().map(|(key, count)| (key, count.to_string())));
    let implicit: std::collections::BTreeSet<String> = table
        .constraints
        .iter()
        .filter(|constraint| !is_rowid(constraint, table))
        .filter_map(|constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => Some(list(&key.columns)),
            _ => None,
        })
        .collect();
    facts.extend(implicit.into_iter().map(|columns| (format!("unique ({columns})"), String::new())));
    facts.extend(
        table.indexes.iter().map(|index| (format!("index {}", index.name), index_fact(index, table))),
    );
    let kind = match &table.options.kind {
        TableKind::Virtual(_) => "virtual",
        TableKind::Shadow(_) => "shadow",
        TableKind::Plain | TableKind::Partitioned(_) | TableKind::Foreign(_) => "table",
    };
    facts.push(("kind".to_owned(), kind.to_owned()));
    let options = &table.options;
    for (flag, set) in [
        ("autoincrement", options.autoincrement),
        ("strict", options.strict),
        ("without_rowid", options.without_rowid),
    ] {
        if set {
            facts.push((flag.to_owned(), "true".to_owned()));
        }
    }
    facts
}

fn column_fact(column: &Column, table: &Table) -> String {
    let ty = match &column.ty {
        ColumnType::Other(text) => text.clone(),
        other => format!("{other:?}"),
    };
    let position =
        table.primary_key().and_then(|key| key.columns.iter().position(|name| *name == column.name));
    let default = column.default.as_ref().map(|default| folded(default.as_str())).unwrap_or_default();
    let generated = column.generated.is_some();
    fact(&ty, !column.nullable, &default, position.map_or(0, |at| at as u64 + 1), generated)
}

fn fact(ty: &str, not_null: bool, default: &str, key: u64, generated: bool) -> String {
    format!("{ty}|not null {not_null}|default {default}|key {key}|generated {generated}")
}

/// An INTEGER PRIMARY KEY needs no index.
fn is_rowid(constraint: &Constraint, table: &Table) -> bool {
    let ConstraintKind::PrimaryKey(key) = &constraint.kind else { return false };
    let [column] = key.columns.as_slice() else { return false };
    let ty = table.column(column.as_str()).map(|column| &column.ty);
    !table.options.without_rowid
        && key.column_suffixes.is_empty()
        && ty.is_some_and(|ty| *ty == ColumnType::Other("INTEGER".to_owned()))
}

fn key_fact(key: &ForeignKey) -> String {
    let (update, delete) = (key.on_update.as_sql(), key.on_delete.as_sql());
    format!("({}) to {} ({}) {update} {delete}", list(&key.columns), key.table, list(&key.referenced))
}

fn index_fact(index: &Index, table: &Table) -> String {
    let parts = index.parts.iter().map(|part| {
        let (term, own) = match &part.term {
            IndexTerm::Column(name) => {
                let own = table.column(name.as_str()).and_then(|column| column.collation.as_ref());
                (name.to_string(), own.map(|own| own.name.to_string()))
            }
            IndexTerm::Expr(_) => ("(expression)".to_owned(), None),
        };
        let collation = part.collation.as_ref().map(|collation| collation.name.to_string()).or(own);
        part_fact(&term, part.descending, collation.as_deref().unwrap_or("BINARY"))
    });
    let parts = parts.collect::<Vec<_>>().join(",");
    format!("unique {}|{parts}|partial {}", index.unique, index.predicate.is_some())
}

fn part_fact(term: &str, descending: bool, collation: &str) -> String {
    format!("{term} {descending} {collation}")
}

fn truth_table(table: &Value) -> Facts {
    let items = |name: &str| table[name].as_array().cloned().unwrap_or_default();
    let is = |value: &Value| value.as_bool().unwrap_or(false);
    let mut facts: Facts = items("columns")
        .iter()
        .map(|column| {
            let generated = !matches!(column["generated"], Value::Null);
            let default = folded(&text(&column["default"]));
            let key = column["pk"].as_u64().unwrap_or_default();
            let fact = fact(&text(&column["type"]), is(&column["not_null"]), &default, key, generated);
            (format!("column {}", text(&column["name"])), fact)
        })
        .collect();
    let names = |value: &Value| {
        let all = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        all.collect::<Vec<_>>().join(",")
    };
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for key in items("foreign_keys") {
        let fact = format!(
            "foreign key ({}) to {} ({}) {} {}",
            names(&key["columns"]),
            text(&key["to"]),
            names(&key["to_columns"]),
            text(&key["on_update"]),
            text(&key["on_delete"])
        );
        *counted.entry(fact).or_default() += 1;
    }
    facts.extend(counted.into_iter().map(|(key, count)| (key, count.to_string())));
    let columns = |index: &Value| -> Vec<Value> { index["columns"].as_array().cloned().unwrap_or_default() };
    let implicit: std::collections::BTreeSet<String> = items("implicit_indexes")
        .iter()
        .map(|index| columns(index).iter().map(|column| text(&column["name"])).collect::<Vec<_>>().join(","))
        .collect();
    facts.extend(implicit.into_iter().map(|columns| (format!("unique ({columns})"), String::new())));
    for (name, index) in table["indexes"].as_object().into_iter().flatten() {
        let parts = columns(index)
            .iter()
            .map(|column| {
                let term = column["name"].as_str().unwrap_or("(expression)").to_owned();
                let term = if column["expression"].is_null() { term } else { "(expression)".to_owned() };
                part_fact(&term, is(&column["desc"]), column["collation"].as_str().unwrap_or("BINARY"))
            })
            .collect::<Vec<_>>()
            .join(",");
        let partial = !matches!(index["partial"], Value::Null | Value::Bool(false));
        facts.push((
            format!("index {name}"),
            format!("unique {}|{parts}|partial {partial}", is(&index["unique"])),
        ));
    }
    facts.push(("kind".to_owned(), table["kind"].as_str().unwrap_or("table").to_owned()));
    for flag in ["autoincrement", "strict", "without_rowid"] {
        if is(&table[flag]) {
            facts.push((flag.to_owned(), "true".to_owned()));
        }
    }
    facts
}
