//! A catalog of ours against what a PostgreSQL server printed. Names, types, flags and lists are compared as they are; only
//! free expressions go through the normal form that the caller gives.

use std::collections::{BTreeMap, BTreeSet};

use schema_core::model::catalog::{
    Catalog, Column, Constraint, ConstraintKind, Deferrable, Index, IndexPart, IndexTerm, Key, OpaqueKind,
    ReferentialAction, Table, TableKind, View,
};
use schema_core::model::type_text::write_type;
use schema_core::model::{DialectKind, Name, ObjectName};
use serde_json::{Map, Value};

use super::definition::{bare, index_part, list, parenthesised, plain};

/// One thing on which a catalog and the truth differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `tables`, `sequences` and so on.
    pub section: &'static str,
    /// The object, `schema.name`.
    pub object: String,
    /// What differs, with ours and the truth's.
    pub detail: String,
}

/// The result: how many objects there are in both together, and what differs.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Objects compared.
    pub objects: usize,
    /// Objects that are the same.
    pub exact: usize,
    /// What is not.
    pub differences: Vec<Difference>,
}

/// The text, and the type of the column that it is the default of (empty for any other expression).
type Normal<'a> = &'a dyn Fn(&str, &str) -> String;

/// Compares. `normal` brings an expression to the form in which two spellings of it are equal.
pub fn compare(catalog: &Catalog, truth: &Value, normal: Normal<'_>) -> Comparison {
    let mut result = Comparison::default();
    let empty = Map::new();
    let section = |name: &str| truth[name].as_object().unwrap_or(&empty);
    let ours = |names: BTreeMap<String, Vec<(String, String)>>| names;

    result.section(
        "tables",
        section("tables"),
        ours(
            catalog
                .tables
                .values()
                .map(|table| (full(&table.name), table_facts(table, catalog, normal)))
                .collect(),
        ),
        &|value| truth_table(value, normal),
    );
    result.section(
        "enums",
        section("enums"),
        ours(
            catalog
                .enums
                .values()
                .map(|ty| (full(&ty.name), vec![("values".into(), ty.values.join(", "))]))
                .collect(),
        ),
        &|value| {
            let labels = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
            vec![("values".into(), labels.join(", "))]
        },
    );
    result.section(
        "composites",
        section("composites"),
        ours(
            catalog
                .composites
                .values()
                .map(|ty| {
                    let columns = ty.attributes.iter().map(|attribute| {
                        (
                            format!("column {}", attribute.name),
                            plain(&write_type(&attribute.ty, DialectKind::Postgres)),
                        )
                    });
                    (full(&ty.name), columns.collect())
                })
                .collect(),
        ),
        &|value| {
            columns_of(value)
                .map(|column| (format!("column {}", text(column, "name")), plain(&text(column, "type"))))
                .collect()
        },
    );
    result.section("sequences", section("sequences"), ours(sequences(catalog)), &truth_sequence);
    for (name, materialized) in [("views", false), ("materialized_views", true)] {
        let views = catalog.views.values().filter(|view| view.materialized == materialized);
        result.section(
            name,
            section(name),
            ours(views.map(|view| (full(&view.name), view_facts(view, normal))).collect()),
            &|value| truth_view(value, normal),
        );
    }
    let names = |names: Vec<String>| names.into_iter().map(|name| (name, Vec::new())).collect();
    result.section("domains", section("domains"), names(catalog.domains.keys().map(full).collect()), &|_| {
        Vec::new()
    });
    result.section(
        "extensions",
        section("extensions"),
        names(catalog.extensions.keys().map(Name::to_string).collect()),
        &|_| Vec::new(),
    );
    let mut schemas = section("schemas").clone();
    schemas.remove("public");
    result.section(
        "schemas",
        &schemas,
        names(catalog.schemas.keys().map(Name::to_string).collect()),
        &|_| Vec::new(),
    );
    let routines =
        section("functions").iter().map(|(name, value)| (routine_name(name), value.clone())).collect();
    result.section("functions", &routines, names(routine_names(catalog)), &|_| Vec::new());
    result
}

impl Comparison {
    pub(super) fn section(
        &mut self,
        section: &'static str,
        truth: &Map<String, Value>,
        ours: BTreeMap<String, Vec<(String, String)>>,
        facts: &dyn Fn(&Value) -> Vec<(String, String)>,
    ) {
        let all: BTreeSet<&String> = truth.keys().chain(ours.keys()).collect();
        for name in all {
            self.objects += 1;
            let before = self.differences.len();
            let mut differ = |detail: String| {
                self.differences.push(Difference { section, object: name.clone(), detail });
            };
            match (ours.get(name), truth.get(name)) {
                (Some(_), None) => differ("ours alone".into()),
                (None, Some(_)) => differ("missing".into()),
                (Some(ours), Some(truth)) => facts_differ(ours, &facts(truth), &mut differ),
                (None, None) => {}
            }
            self.exact += usize::from(self.differences.len() == before);
        }
    }
}

fn facts_differ(ours: &[(String, String)], truth: &[(String, String)], differ: &mut dyn FnMut(String)) {
    let find = |facts: &[(String, String)], key: &str| {
        facts.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone())
    };
    for (key, value) in ours {
        match find(truth, key) {
            None => differ(format!("{key}: ours alone: {value}")),
            Some(other) if other != *value => differ(format!("{key}: ours {value} truth {other}")),
            Some(_) => {}
        }
    }
    for (key, value) in truth.iter().filter(|(key, _)| find(ours, key).is_none()) {
        differ(format!("{key}: missing: {value}"));
    }
    let columns = |facts: &[(String, String)]| -> Vec<String> {
        facts.iter().map(|(key, _)| key).filter(|key| key.starts_with("column ")).cloned().collect()
    };
    let (ours, truth) = (columns(ours), columns(truth));
    if ours != truth && ours.iter().collect::<BTreeSet<_>>() == truth.iter().collect::<BTreeSet<_>>() {
        differ(format!("column order: ours {ours:?} truth {truth:?}"));
    }
}

fn full(name: &ObjectName) -> String {
    format!("{}.{}", name.schema.as_ref().map_or("public", Name::as_str), name.name)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn columns_of(value: &Value) -> impl Iterator<Item = &Value> {
    value["columns"].as_array().into_iter().flatten()
}

fn free(text: &str, normal: Normal<'_>) -> String {
    plain(&normal(bare(text), ""))
}

/// A default or generating expression of a column of this type.
fn assigned(text: &str, ty: &str, normal: Normal<'_>) -> String {
    plain(&normal(bare(text), ty))
}

fn table_facts(table: &Table, catalog: &Catalog, normal: Normal<'_>) -> Vec<(String, String)> {
    let mut facts: Vec<_> = table
        .columns
        .iter()
        .map(|column| (format!("column {}", column.name), column_fact(column, normal)))
        .collect();
    for constraint in &table.constraints {
        let name = constraint.name.as_ref().map_or("(unnamed)", Name::as_str);
        facts.push((format!("constraint {name}"), constraint_fact(constraint, normal)));
    }
    facts.extend(
        table.indexes.iter().map(|index| (format!("index {}", index.name), index_fact(index, normal))),
    );
    let options = &table.options;
    let kind = match &options.kind {
        TableKind::Partitioned(key) => {
            facts.push(("partition key".into(), free(key, normal)));
            "partitioned"
        }
        TableKind::Foreign(_) => "foreign",
        TableKind::Plain | TableKind::Virtual(_) | TableKind::Shadow(_) => "table",
    };
    facts.push(("kind".into(), kind.into()));
    if let Some((parent, bound)) = &options.partition_of {
        facts.push(("inherits".into(), full(parent)));
        facts.push(("partition bound".into(), plain(bound).to_uppercase()));
    }
    if !options.inherits.is_empty() {
        facts.push(("inherits".into(), options.inherits.iter().map(full).collect::<Vec<_>>().join(", ")));
    }
    let with = options.with.iter().filter(|(name, _)| !name.starts_with("toast."));
    let with: BTreeSet<_> = with.map(|(name, value)| format!("{name}={value}")).collect();
    flag(&mut facts, "options", &with.into_iter().collect::<Vec<_>>().join(","));
    flag(&mut facts, "unlogged", if options.unlogged { "true" } else { "" });
    flag(&mut facts, "row security", if options.row_security { "true" } else { "" });
    flag(&mut facts, "comment", options.comment.as_deref().unwrap_or_default());
    for object in catalog.opaque.values().filter(|object| object.id.on.as_ref() == Some(&table.name)) {
        facts.push((format!("{} {}", object.id.kind, object.id.name.name), String::new()));
    }
    facts
}

fn flag(facts: &mut Vec<(String, String)>, key: &str, value: &str) {
    if !value.is_empty() {
        facts.push((key.into(), value.into()));
    }
}

fn truth_table(table: &Value, normal: Normal<'_>) -> Vec<(String, String)> {
    let mut facts: Vec<_> = columns_of(table)
        .map(|column| (format!("column {}", text(column, "name")), truth_column(column, normal)))
        .collect();
    for (name, constraint) in table["constraints"].as_object().into_iter().flatten() {
        facts.push((format!("constraint {name}"), truth_constraint(&text(constraint, "def"), normal)));
    }
    for (name, index) in table["indexes"].as_object().into_iter().flatten() {
        if index["constraint"] != Value::Bool(true) {
            let invalid = if index["invalid"] == Value::Bool(true) { " INVALID" } else { "" };
            facts.push((format!("index {name}"), truth_index(&text(index, "def"), normal) + invalid));
        }
    }
    facts.push(("kind".into(), text(table, "kind")));
    flag(&mut facts, "partition key", &free(&text(table, "partition_key"), normal));
    let inherits = match &table["inherits"] {
        Value::String(parent) => parent.clone(),
        Value::Array(parents) => parents.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    };
    flag(&mut facts, "inherits", &inherits);
    flag(&mut facts, "partition bound", &plain(&text(table, "partition_bound")).to_uppercase());
    let options = match &table["options"] {
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(all) => all.split(',').map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    };
    flag(
        &mut facts,
        "options",
        &options.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(","),
    );
    for (key, words) in [("unlogged", "unlogged"), ("row_security", "row security")] {
        flag(
            &mut facts,
            words,
            if matches!(table[key], Value::Null | Value::Bool(false)) { "" } else { "true" },
        );
    }
    flag(&mut facts, "comment", &text(table, "comment"));
    for (key, kind) in [("triggers", "trigger"), ("policies", "policy"), ("rules", "rule")] {
        let names = table[key].as_object().into_iter().flatten().map(|(name, _)| name);
        facts.extend(names.map(|name| (format!("{kind} {name}"), String::new())));
    }
    facts
}

fn column_fact(column: &Column, normal: Normal<'_>) -> String {
    let ty = write_type(&column.ty, DialectKind::Postgres);
    let mut fact = plain(&ty);
    let mut say = |words: &str, value: &str| fact.push_str(&format!(" {words}{value}"));
    if !column.nullable {
        say("NOT NULL", "");
    }
    if let Some(default) = &column.default {
        say("DEFAULT ", &assigned(default.as_str(), &ty, normal));
    }
    if let Some(generated) = &column.generated {
        say("GENERATED ", &assigned(generated.expr.as_str(), &ty, normal));
    }
    if let Some(identity) = &column.identity {
        say("IDENTITY ", if identity.always { "always" } else { "by default" });
    }
    if let Some(collation) = &column.collation {
        say("COLLATE ", collation.name.as_str());
    }
    if let Some(comment) = &column.comment {
        say("COMMENT ", comment);
    }
    fact
}

fn truth_column(column: &Value, normal: Normal<'_>) -> String {
    let mut fact = plain(&text(column, "type"));
    let mut say = |words: &str, value: &str| fact.push_str(&format!(" {words}{value}"));
    if column["not_null"] == Value::Bool(true) {
        say("NOT NULL", "");
    }
    for (key, words) in [("default", "DEFAULT "), ("generated", "GENERATED ")] {
        if let Some(expr) = column[key].as_str() {
            say(words, &assigned(expr, &text(column, "type"), normal));
        }
    }
    if let Some(identity) = column["identity"].as_str() {
        say("IDENTITY ", identity);
    }
    if let Some(collation) = column["collation"].as_str() {
        let name = collation.rsplit('.').next().unwrap_or(collation).trim_matches('"');
        say("COLLATE ", name);
    }
    if let Some(comment) = column["comment"].as_str() {
        say("COMMENT ", comment);
    }
    fact
}

fn constraint_fact(constraint: &Constraint, normal: Normal<'_>) -> String {
    let mut fact = match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => key_fact("PRIMARY KEY", key),
        ConstraintKind::Unique(key) => key_fact("UNIQUE", key),
        ConstraintKind::ForeignKey(key) => {
            let mut fact = format!(
                "FOREIGN KEY ({}) REFERENCES {} ({})",
                joined(&key.columns),
                full(&key.table).trim_start_matches("public."),
                joined(&key.referenced)
            );
            let mut say = |words: &str| fact.push_str(&format!(" {words}"));
            if key.match_full {
                say("MATCH FULL");
            }
            for (word, action) in [("UPDATE", key.on_update), ("DELETE", key.on_delete)] {
                if action != ReferentialAction::NoAction {
                    say(&format!("ON {word} {}", action.as_sql()));
                }
            }
            if !key.on_delete_columns.is_empty() {
                say(&format!("({})", joined(&key.on_delete_columns)));
            }
            fact
        }
        ConstraintKind::Check(check) => {
            let inherit = if check.no_inherit { " NO INHERIT" } else { "" };
            return format!(
                "CHECK {}{}",
                free(check.expr.as_str(), normal),
                plain(&format!("{inherit}{}", ending(constraint)))
                    .split(' ')
                    .fold(String::new(), |all, word| {
                        if word.is_empty() { all } else { all + " " + word }
                    })
            );
        }
        ConstraintKind::Exclude(exclude) => {
            let parts = exclude
                .parts
                .iter()
                .map(|part| format!("{} WITH {}", part_fact(&part.part, normal), part.operator));
            let parts = parts.collect::<Vec<_>>().join(", ");
            let predicate =
                exclude.predicate.as_ref().map(|expr| format!(" WHERE {}", free(expr.as_str(), normal)));
            let fact = format!("EXCLUDE USING {} {parts}{}", exclude.method, predicate.unwrap_or_default());
            return fact + &ending(constraint);
        }
    };
    fact.push_str(&ending(constraint));
    plain(&fact)
}

fn ending(constraint: &Constraint) -> String {
    let deferrable = match constraint.deferrable {
        Deferrable::No => "",
        Deferrable::Immediate => " DEFERRABLE",
        Deferrable::Deferred => " DEFERRABLE INITIALLY DEFERRED",
    };
    format!("{deferrable}{}", if constraint.validated { "" } else { " NOT VALID" })
}

fn key_fact(words: &str, key: &Key) -> String {
    let nulls = if key.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
    let include =
        if key.include.is_empty() { String::new() } else { format!(" INCLUDE ({})", joined(&key.include)) };
    let suffix = key.suffix.as_ref().map(|suffix| format!(" {suffix}")).unwrap_or_default();
    format!("{words}{nulls} ({}){include}{suffix}", joined(&key.columns))
}

fn joined(names: &[Name]) -> String {
    names
        .iter()
        .map(|name| format!("\"{}\"", name.as_str().replace('"', "\"\"")))
        .collect::<Vec<_>>()
        .join(", ")
}

fn truth_constraint(definition: &str, normal: Normal<'_>) -> String {
    let Some((head, inside, rest)) = parenthesised(definition) else { return plain(definition) };
    if head.trim() == "CHECK" {
        let rest = plain(rest);
        return format!("CHECK {}{}{rest}", free(inside, normal), if rest.is_empty() { "" } else { " " });
    }
    if head.starts_with("EXCLUDE") {
        let parts = list(inside).into_iter().map(|part| match part.rsplit_once(" WITH ") {
            Some((part, operator)) => format!("{} WITH {operator}", truth_part(part, normal)),
            None => part.to_owned(),
        });
        let parts = parts.collect::<Vec<_>>().join(", ");
        let (predicate, rest) = match rest.trim_start().strip_prefix("WHERE").and_then(parenthesised) {
            Some((_, predicate, rest)) => (format!(" WHERE {}", free(predicate, normal)), rest),
            None => (String::new(), rest),
        };
        return format!("{} {parts}{predicate}{rest}", plain(head));
    }
    // `WITH (fillfactor='70')`
    plain(&definition.replace("='", "=").replace("')", ")").replace("',", ","))
}

fn part_fact(part: &IndexPart, normal: Normal<'_>) -> String {
    let mut fact = match &part.term {
        IndexTerm::Column(name) => name.to_string(),
        IndexTerm::Expr(expr) => free(expr.as_str(), normal),
    };
    let mut say = |words: &str| fact.push_str(&format!(" {words}"));
    if let Some(collation) = &part.collation {
        say(&format!("COLLATE {}", collation.name));
    }
    if let Some(opclass) = &part.opclass {
        say(&plain(opclass));
    }
    match (part.descending, part.nulls_first) {
        (false, false) => {}
        (false, true) => say("NULLS FIRST"),
        (true, true) => say("DESC"),
        (true, false) => say("DESC NULLS LAST"),
    }
    fact
}

fn truth_part(part: &str, normal: Normal<'_>) -> String {
    let (term, rest) = index_part(part);
    let term = free(term, normal);
    let rest = plain(rest).replace("pg_catalog . ", "");
    if rest.is_empty() { term } else { format!("{term} {rest}") }
}

fn index_fact(index: &Index, normal: Normal<'_>) -> String {
    let mut fact = if index.unique { "UNIQUE " } else { "" }.to_owned();
    let parts = index.parts.iter().map(|part| part_fact(part, normal)).collect::<Vec<_>>();
    fact.push_str(&format!("{} {}", index.method, parts.join(", ")));
    let mut say = |words: String| fact.push_str(&format!(" {words}"));
    if !index.include.is_empty() {
        say(format!("INCLUDE {}", plain(&joined(&index.include))));
    }
    if index.nulls_not_distinct {
        say("NULLS NOT DISTINCT".into());
    }
    if !index.options.is_empty() {
        let options = index.options.iter().map(|(name, value)| format!("{name}={value}"));
        say(format!("WITH {}", options.collect::<Vec<_>>().join(", ")));
    }
    if let Some(predicate) = &index.predicate {
        say(format!("WHERE {}", free(predicate.as_str(), normal)));
    }
    if !index.valid {
        say("INVALID".into());
    }
    fact
}

fn truth_index(definition: &str, normal: Normal<'_>) -> String {
    let Some((head, using)) = definition.split_once(" USING ") else { return plain(definition) };
    let Some((method, inside, mut rest)) = parenthesised(using) else { return plain(definition) };
    let parts = list(inside).into_iter().map(|part| truth_part(part, normal)).collect::<Vec<_>>();
    let unique = if head.starts_with("CREATE UNIQUE") { "UNIQUE " } else { "" };
    let mut fact = format!("{unique}{} {}", plain(method), parts.join(", "));
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("NULLS NOT DISTINCT") {
            fact.push_str(" NULLS NOT DISTINCT");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("WHERE") {
            return format!("{fact} WHERE {}", free(after, normal));
        } else if let Some((word, inside, after)) = parenthesised(rest) {
            let inside = if word.trim() == "WITH" { inside.replace('\'', "") } else { plain(inside) };
            fact.push_str(&format!(" {} {inside}", word.trim()));
            rest = after;
        } else {
            return fact;
        }
    }
}

fn sequences(catalog: &Catalog) -> BTreeMap<String, Vec<(String, String)>> {
    let fact = |bits: u8, options: &schema_core::model::catalog::SequenceOptions, owner: String| {
        let ty = match bits {
            16 => "smallint",
            32 => "integer",
            _ => "bigint",
        };
        let numbers =
            [options.start, options.increment, options.min, options.max].map(|number| number.to_string());
        vec![
            ("counts".to_owned(), format!("{ty} {} cycle {}", numbers.join(" "), options.cycle)),
            ("owner".to_owned(), owner),
        ]
    };
    let mut all: BTreeMap<_, _> = catalog
        .sequences
        .values()
        .map(|sequence| {
            let owner = sequence.owned_by.as_ref().map(|(table, column)| format!("{}.{column}", full(table)));
            (full(&sequence.name), fact(sequence.options.bits, &sequence.options, owner.unwrap_or_default()))
        })
        .collect();
    for table in catalog.tables.values() {
        for column in &table.columns {
            if let Some(identity) = &column.identity {
                let owner = format!("{}.{} (identity)", full(&table.name), column.name);
                all.insert(full(&identity.sequence), fact(identity.options.bits, &identity.options, owner));
            }
        }
    }
    all
}

fn truth_sequence(value: &Value) -> Vec<(String, String)> {
    let numbers = ["start", "increment", "min", "max"].map(|key| value[key].to_string());
    let cycle = value["cycle"] == Value::Bool(true);
    vec![
        ("counts".into(), format!("{} {} cycle {cycle}", text(value, "type"), numbers.join(" "))),
        ("owner".into(), text(value, "owned_by")),
    ]
}

fn view_facts(view: &View, normal: Normal<'_>) -> Vec<(String, String)> {
    let indexes =
        view.indexes.iter().map(|index| (format!("index {}", index.name), index_fact(index, normal)));
    let columns = view.columns.iter().map(|(name, _)| (format!("column {name}"), String::new()));
    columns.chain(indexes).collect()
}

fn truth_view(value: &Value, normal: Normal<'_>) -> Vec<(String, String)> {
    let columns = columns_of(value).map(|column| (format!("column {}", text(column, "name")), String::new()));
    let indexes = value["indexes"].as_object().into_iter().flatten();
    let indexes =
        indexes.map(|(name, index)| (format!("index {name}"), truth_index(&text(index, "def"), normal)));
    columns.chain(indexes).collect()
}

/// `schema.name/arguments`: the truth's argument list has names and modes too, so only their number is told.
fn routine_name(identity: &str) -> String {
    match identity.split_once('(') {
        Some((name, rest)) => {
            let inside = rest.trim_end_matches(')');
            let count = if inside.is_empty() { 0 } else { list(inside).len() };
            format!("{name}/{count}/{}", last_words(inside))
        }
        None => identity.to_owned(),
    }
}

/// The last word of each argument.
fn last_words(arguments: &str) -> String {
    let word = |argument: &&str| plain(argument).rsplit(' ').next().unwrap_or_default().to_owned();
    list(arguments).iter().map(word).collect::<Vec<_>>().join(",")
}

fn routine_names(catalog: &Catalog) -> Vec<String> {
    let routines = catalog
        .opaque
        .keys()
        .filter(|id| matches!(id.kind, OpaqueKind::Function | OpaqueKind::Procedure | OpaqueKind::Aggregate));
    routines.map(|id| routine_name(&format!("{}({})", full(&id.name), id.arguments))).collect()
}
