//! A catalog as JSON. The format (version 1) is documented in `docs/catalog-json.md`: keys are sorted, what is null,
//! false or empty is left out, names are unquoted, and the default schema is left out of them.

use std::collections::BTreeMap;

use schema_model::DialectKind;
use schema_model::catalog::{
    Catalog, Column, CompositeType, Constraint, ConstraintKind, Deferrable, Domain, Exclude, ForeignKey,
    Index, IndexPart, IndexTerm, Key, ReferentialAction, Sequence, SequenceOptions, Settings, Storage, Table,
    TableKind, View,
};
use schema_model::type_text::write_type;
use serde_json::{Map, Value, json};

/// The whole catalog.
pub fn catalog(catalog: &Catalog, dialect: DialectKind) -> Value {
    let writer = Writer { dialect };
    let mut out = Object::new();
    out.set("format", 1);
    out.set("dialect", dialect.as_str());
    out.map(
        "schemas",
        catalog.schemas.values().map(|schema| {
            (schema.name.to_string(), Object::new().with("comment", schema.comment.clone()).value())
        }),
    );
    out.map(
        "extensions",
        catalog.extensions.values().map(|extension| {
            let value = Object::new()
                .with("schema", extension.schema.as_ref().map(ToString::to_string))
                .with("version", extension.version.clone())
                .with("comment", extension.comment.clone());
            (extension.name.to_string(), value.value())
        }),
    );
    out.map(
        "enums",
        catalog.enums.values().map(|ty| {
            let value = Object::new().with("values", ty.values.clone()).with("comment", ty.comment.clone());
            (ty.name.to_string(), value.value())
        }),
    );
    out.map(
        "domains",
        catalog.domains.values().map(|domain| (domain.name.to_string(), writer.domain(domain))),
    );
    out.map("composites", catalog.composites.values().map(|ty| (ty.name.to_string(), writer.composite(ty))));
    out.map(
        "sequences",
        catalog.sequences.values().map(|sequence| (sequence.name.to_string(), writer.sequence(sequence))),
    );
    out.map("tables", catalog.tables.values().map(|table| (table.name.to_string(), writer.table(table))));
    out.map("views", catalog.views.values().map(|view| (view.name.to_string(), writer.view(view))));
    out.map(
        "objects",
        catalog.opaque.values().map(|object| {
            let value = Object::new()
                .with("kind", object.id.kind.as_str())
                .with("on", object.id.on.as_ref().map(ToString::to_string))
                .with("definition", object.definition.clone())
                .with("amendments", object.amendments.clone())
                .with("comment", object.comment.clone());
            (object.id.to_string(), value.value())
        }),
    );
    out.list(
        "gaps",
        catalog.gaps.iter().map(|gap| {
            let touches: Vec<_> = gap.touches.iter().map(ToString::to_string).collect();
            json!({ "statement": gap.statement, "reason": gap.reason, "touches": touches })
        }),
    );
    out.value()
}

/// A JSON object that leaves out what says nothing.
struct Object(Map<String, Value>);

impl Object {
    fn new() -> Self {
        Object(Map::new())
    }

    fn set(&mut self, key: &str, value: impl Into<Value>) {
        let value = value.into();
        let silent = match &value {
            Value::Null | Value::Bool(false) => true,
            Value::Array(items) => items.is_empty(),
            Value::Object(map) => map.is_empty(),
            Value::String(_) | Value::Number(_) | Value::Bool(true) => false,
        };
        if !silent {
            self.0.insert(key.to_owned(), value);
        }
    }

    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.set(key, value);
        self
    }

    fn map(&mut self, key: &str, entries: impl Iterator<Item = (String, Value)>) {
        self.set(key, Value::Object(entries.collect()));
    }

    fn list(&mut self, key: &str, entries: impl Iterator<Item = Value>) {
        self.set(key, Value::Array(entries.collect()));
    }

    fn value(self) -> Value {
        Value::Object(self.0)
    }
}

fn texts<T: ToString>(names: &[T]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn text<T: ToString>(value: &Option<T>) -> Option<String> {
    value.as_ref().map(ToString::to_string)
}

struct Writer {
    dialect: DialectKind,
}

impl Writer {
    fn table(&self, table: &Table) -> Value {
        let options = &table.options;
        let mut out = Object::new();
        let (kind, definition) = match &options.kind {
            TableKind::Plain => ("table", None),
            TableKind::Partitioned(key) => ("partitioned", Some(key)),
            TableKind::Foreign(text) => ("foreign", Some(text)),
            TableKind::Virtual(text) => ("virtual", Some(text)),
            TableKind::Shadow(_) => ("shadow", None),
        };
        out.set("kind", kind);
        out.set("definition", definition.cloned());
        out.list("columns", table.columns.iter().map(|column| self.column(column)));
        out.list("constraints", table.constraints.iter().map(constraint));
        out.map("indexes", table.indexes.iter().map(|index| (index.name.to_string(), self::index(index))));
        out.set("inherits", texts(&options.inherits));
        if let Some((parent, bound)) = &options.partition_of {
            out.set("partition_of", json!({ "table": parent.to_string(), "bound": bound }));
        }
        out.set("unlogged", options.unlogged);
        out.set("options", json!(settings(&options.with)));
        out.set("tablespace", text(&options.tablespace));
        out.set("row_security", options.row_security);
        out.set("force_row_security", options.force_row_security);
        out.set("clustered", text(&options.clustered));
        out.set("replica_identity", options.replica_identity.clone());
        out.set("strict", options.strict);
        out.set("without_rowid", options.without_rowid);
        out.set("autoincrement", options.autoincrement);
        out.set("comment", options.comment.clone());
        out.value()
    }

    fn column(&self, column: &Column) -> Value {
        let mut out = Object::new();
        out.set("name", column.name.as_str());
        out.set("type", write_type(&column.ty, self.dialect));
        out.set("not_null", !column.nullable);
        out.set("not_null_on_conflict", column.on_conflict.clone());
        out.set("default", text(&column.default));
        if let Some(generated) = &column.generated {
            out.set(
                "generated",
                json!({ "expression": generated.expr.as_str(), "stored": generated.stored }),
            );
        }
        if let Some(identity) = &column.identity {
            let kind = if identity.always { "always" } else { "by default" };
            let value = Object::new()
                .with("kind", kind)
                .with("sequence", identity.sequence.to_string())
                .with("options", options(&identity.options));
            out.set("identity", value.value());
        }
        out.set("collation", text(&column.collation));
        out.set("inherited", column.inherited);
        storage(&mut out, &column.storage);
        out.set("comment", column.comment.clone());
        out.value()
    }

    fn domain(&self, domain: &Domain) -> Value {
        Object::new()
            .with("type", write_type(&domain.base, self.dialect))
            .with("not_null", !domain.nullable)
            .with("default", text(&domain.default))
            .with("collation", text(&domain.collation))
            .with("checks", domain.checks.iter().map(constraint).collect::<Vec<_>>())
            .with("comment", domain.comment.clone())
            .value()
    }

    fn composite(&self, ty: &CompositeType) -> Value {
        let attribute = |attribute: &schema_model::catalog::Attribute| {
            Object::new()
                .with("name", attribute.name.as_str())
                .with("type", write_type(&attribute.ty, self.dialect))
                .with("collation", text(&attribute.collation))
                .with("comment", attribute.comment.clone())
                .value()
        };
        Object::new()
            .with("attributes", ty.attributes.iter().map(attribute).collect::<Vec<_>>())
            .with("comment", ty.comment.clone())
            .value()
    }

    fn sequence(&self, sequence: &Sequence) -> Value {
        Object::new()
            .with("options", options(&sequence.options))
            .with("owned_by", sequence.owned_by.as_ref().map(|(table, column)| format!("{table}.{column}")))
            .with("unlogged", sequence.unlogged)
            .with("comment", sequence.comment.clone())
            .value()
    }

    fn view(&self, view: &View) -> Value {
        let column = |(name, ty): &(schema_model::Name, Option<schema_model::catalog::ColumnType>)| {
            let mut out = Object::new()
                .with("name", name.as_str())
                .with("type", ty.as_ref().map(|ty| write_type(ty, self.dialect)));
            out.set("default", view.column_defaults.get(name).map(ToString::to_string));
            out.set("comment", view.column_comments.get(name).cloned());
            out.value()
        };
        let mut out = Object::new();
        out.set("materialized", view.materialized);
        out.set("query", view.query.clone());
        out.set("columns", view.columns.iter().map(column).collect::<Vec<_>>());
        out.set("options", json!(settings(&view.options)));
        out.set("check_option", view.check_option.clone());
        out.map("indexes", view.indexes.iter().map(|index| (index.name.to_string(), self::index(index))));
        out.set("comment", view.comment.clone());
        out.value()
    }
}

fn storage(out: &mut Object, storage: &Storage) {
    out.set("storage", storage.strategy.clone());
    out.set("compression", storage.compression.clone());
    out.set("statistics", storage.statistics);
    out.set("options", json!(settings(&storage.options)));
}

fn options(options: &SequenceOptions) -> Value {
    json!({
        "bits": options.bits, "start": options.start, "increment": options.increment, "min": options.min,
        "max": options.max, "cache": options.cache, "cycle": options.cycle,
    })
}

fn constraint(constraint: &Constraint) -> Value {
    let mut out = Object::new();
    out.set("name", text(&constraint.name));
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => self::key(&mut out, "primary_key", key),
        ConstraintKind::Unique(key) => self::key(&mut out, "unique", key),
        ConstraintKind::ForeignKey(key) => foreign_key(&mut out, key),
        ConstraintKind::Check(check) => {
            out.set("type", "check");
            out.set("expression", check.expr.as_str());
            out.set("no_inherit", check.no_inherit);
        }
        ConstraintKind::Exclude(exclude) => exclusion(&mut out, exclude),
    }
    out.set(
        "deferrable",
        match constraint.deferrable {
            Deferrable::No => None,
            Deferrable::Immediate => Some("initially immediate"),
            Deferrable::Deferred => Some("initially deferred"),
        },
    );
    out.set("not_valid", !constraint.validated);
    out.set("inherited", constraint.inherited);
    out.set("comment", constraint.comment.clone());
    out.value()
}

fn key(out: &mut Object, kind: &str, key: &Key) {
    out.set("type", kind);
    out.set("columns", texts(&key.columns));
    out.set("include", texts(&key.include));
    out.set("nulls_not_distinct", key.nulls_not_distinct);
    out.set("suffix", key.suffix.clone());
    out.set("column_suffixes", key.column_suffixes.clone());
}

fn foreign_key(out: &mut Object, key: &ForeignKey) {
    let action = |action: ReferentialAction| (action != ReferentialAction::NoAction).then(|| action.as_sql());
    out.set("type", "foreign_key");
    out.set("columns", texts(&key.columns));
    out.set("references", json!({ "table": key.table.to_string(), "columns": texts(&key.referenced) }));
    out.set("on_delete", action(key.on_delete));
    out.set("on_delete_columns", texts(&key.on_delete_columns));
    out.set("on_update", action(key.on_update));
    out.set("match_full", key.match_full);
}

fn exclusion(out: &mut Object, exclude: &Exclude) {
    out.set("type", "exclude");
    out.set("method", exclude.method.as_str());
    let element = |element: &schema_model::catalog::ExcludePart| json!({ "part": part(&element.part), "operator": element.operator });
    out.set("parts", exclude.parts.iter().map(element).collect::<Vec<_>>());
    out.set("include", texts(&exclude.include));
    out.set("where", text(&exclude.predicate));
}

fn index(index: &Index) -> Value {
    Object::new()
        .with("unique", index.unique)
        .with("method", index.method.as_str())
        .with("parts", index.parts.iter().map(part).collect::<Vec<_>>())
        .with("include", texts(&index.include))
        .with("nulls_not_distinct", index.nulls_not_distinct)
        .with("where", text(&index.predicate))
        .with("options", json!(settings(&index.options)))
        .with("tablespace", text(&index.tablespace))
        .with("statistics", json!(index.statistics))
        .with("invalid", !index.valid)
        .with("parent", text(&index.parent))
        .with("comment", index.comment.clone())
        .value()
}

fn part(part: &IndexPart) -> Value {
    let mut out = Object::new();
    match &part.term {
        IndexTerm::Column(name) => out.set("column", name.as_str()),
        IndexTerm::Expr(expr) => out.set("expression", expr.as_str()),
    }
    out.set("collation", text(&part.collation));
    out.set("opclass", part.opclass.clone());
    out.set("descending", part.descending);
    // Said only where it differs from the default, which is last when ascending and first when descending.
    if part.nulls_first != part.descending {
        out.set("nulls", if part.nulls_first { "first" } else { "last" });
    }
    out.value()
}

fn settings(settings: &Settings) -> BTreeMap<&str, &str> {
    settings.sorted().into_iter().collect()
}
