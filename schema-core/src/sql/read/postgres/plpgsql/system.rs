//! `information_schema` and `pg_catalog` over the replayed catalog: the relations and columns that migrations ask about.

use schema_model::catalog::{
    Catalog, Column, ColumnType, Constraint, ConstraintKind, OpaqueKind, OpaqueObject, Table, TableKind,
};
use schema_model::type_text::write_type;
use schema_model::{DialectKind, Name, ObjectName};

use super::value::Value;

/// Extensions that come with PostgreSQL itself: those that every full installation offers.
const CONTRIB: [&str; 24] = [
    "plpgsql",
    "pgcrypto",
    "uuid-ossp",
    "citext",
    "hstore",
    "ltree",
    "pg_trgm",
    "btree_gin",
    "btree_gist",
    "unaccent",
    "fuzzystrmatch",
    "intarray",
    "tablefunc",
    "cube",
    "earthdistance",
    "dblink",
    "postgres_fdw",
    "file_fdw",
    "pg_stat_statements",
    "pgstattuple",
    "isn",
    "seg",
    "lo",
    "bloom",
];

/// A row: columns that are not listed are not known.
pub(super) type Row = Vec<(Name, Value)>;

macro_rules! row {
    ($($name:literal: $value:expr),* $(,)?) => { vec![$((Name::new($name), $value)),*] };
}

/// The rows of a system relation; `None` when it is none that is modelled.
pub(super) fn relation(catalog: &Catalog, schema: Option<&str>, name: &str) -> Option<Vec<Row>> {
    match schema {
        Some("information_schema") => information_schema(catalog, name),
        Some("pg_catalog") => pg_catalog(catalog, name),
        None if name.starts_with("pg_") => pg_catalog(catalog, name),
        _ => None,
    }
}

fn information_schema(catalog: &Catalog, name: &str) -> Option<Vec<Row>> {
    let tables = || catalog.tables.values();
    let constraints = || tables().flat_map(|table| table.constraints.iter().map(move |each| (table, each)));
    Some(match name {
        "tables" => {
            let views = catalog.views.values().filter(|view| !view.materialized);
            let views = views.map(|view| relation_row(&view.name, "VIEW"));
            tables().map(|table| relation_row(&table.name, kind_of(table))).chain(views).collect()
        }
        "foreign_tables" => tables()
            .filter(|table| matches!(table.options.kind, TableKind::Foreign(_)))
            .map(|table| {
                row! {
                    "foreign_table_schema": Value::schema(table.name.schema.as_ref()),
                    "foreign_table_name": Value::text(table.name.name.as_str()),
                }
            })
            .collect(),
        "views" => {
            let views = catalog.views.values().filter(|view| !view.materialized);
            views.map(|view| relation_row(&view.name, "VIEW")).collect()
        }
        "columns" => {
            let of_tables = tables()
                .flat_map(|table| table.columns.iter().enumerate().map(move |each| column_row(table, each)));
            let of_views = catalog.views.values().filter(|view| !view.materialized).flat_map(|view| {
                view.columns.iter().map(|(name, _)| {
                    row! {
                        "table_schema": Value::schema(view.name.schema.as_ref()),
                        "table_name": Value::text(view.name.name.as_str()),
                        "column_name": Value::text(name.as_str()),
                    }
                })
            });
            of_tables.chain(of_views).collect()
        }
        "table_constraints" => constraints().map(|(table, each)| constraint_row(table, each)).collect(),
        "key_column_usage" => {
            constraints().flat_map(|(table, each)| usage_rows(table, each, own_columns(each))).collect()
        }
        "constraint_column_usage" => constraints().flat_map(|(table, each)| used_rows(table, each)).collect(),
        "referential_constraints" => {
            let keys = constraints().filter_map(|(table, each)| match &each.kind {
                ConstraintKind::ForeignKey(key) => Some(row! {
                    "constraint_schema": Value::schema(table.name.schema.as_ref()),
                    "constraint_name": constraint_name(each),
                    "delete_rule": Value::text(key.on_delete.as_sql()),
                    "update_rule": Value::text(key.on_update.as_sql()),
                }),
                _ => None,
            });
            keys.collect()
        }
        "check_constraints" => constraints()
            .filter(|(_, each)| matches!(each.kind, ConstraintKind::Check(_)))
            .map(|(table, each)| {
                row! {
                    "constraint_schema": Value::schema(table.name.schema.as_ref()),
                    "constraint_name": constraint_name(each),
                }
            })
            .collect(),
        "schemata" => {
            schemas(catalog).into_iter().map(|name| row! { "schema_name": Value::Text(name) }).collect()
        }
        "sequences" => catalog
            .sequences
            .keys()
            .map(|name| {
                row! {
                    "sequence_schema": Value::schema(name.schema.as_ref()),
                    "sequence_name": Value::text(name.name.as_str()),
                }
            })
            .collect(),
        "routines" => routines(catalog)
            .map(|object| {
                let procedure = object.id.kind == OpaqueKind::Procedure;
                row! {
                    "routine_schema": Value::schema(object.id.name.schema.as_ref()),
                    "specific_schema": Value::schema(object.id.name.schema.as_ref()),
                    "routine_name": Value::text(object.id.name.name.as_str()),
                    "routine_type": Value::text(if procedure { "PROCEDURE" } else { "FUNCTION" }),
                }
            })
            .collect(),
        "triggers" => on_tables(catalog, OpaqueKind::Trigger)
            .map(|(object, table)| {
                row! {
                    "trigger_schema": Value::schema(table.schema.as_ref()),
                    "trigger_name": Value::text(object.id.name.name.as_str()),
                    "event_object_schema": Value::schema(table.schema.as_ref()),
                    "event_object_table": Value::text(table.name.as_str()),
                }
            })
            .collect(),
        "domains" => catalog
            .domains
            .keys()
            .map(|name| {
                row! {
                    "domain_schema": Value::schema(name.schema.as_ref()),
                    "domain_name": Value::text(name.name.as_str()),
                }
            })
            .collect(),
        _ => return None,
    })
}

fn pg_catalog(catalog: &Catalog, name: &str) -> Option<Vec<Row>> {
    let tables = || catalog.tables.values();
    Some(match name {
        "pg_tables" => tables()
            .map(|table| {
                row! {
                    "schemaname": Value::schema(table.name.schema.as_ref()),
                    "tablename": Value::text(table.name.name.as_str()),
                    "rowsecurity": Value::Bool(table.options.row_security),
                }
            })
            .collect(),
        "pg_views" | "pg_matviews" => {
            let materialized = name == "pg_matviews";
            let views = catalog.views.values().filter(|view| view.materialized == materialized);
            let label = if materialized { "matviewname" } else { "viewname" };
            views
                .map(|view| {
                    vec![
                        (Name::new("schemaname"), Value::schema(view.name.schema.as_ref())),
                        (Name::new(label), Value::text(view.name.name.as_str())),
                    ]
                })
                .collect()
        }
        "pg_indexes" => indexes(catalog)
            .map(|(table, index, _, _)| {
                row! {
                    "schemaname": Value::schema(table.schema.as_ref()),
                    "tablename": Value::text(table.name.as_str()),
                    "indexname": Value::text(index.name.as_str()),
                }
            })
            .collect(),
        "pg_index" => indexes(catalog)
            .map(|(table, index, unique, primary)| {
                row! {
                    "indexrelid": Value::Oid("class", index),
                    "indrelid": Value::Oid("class", table),
                    "indisunique": Value::Bool(unique),
                    "indisprimary": Value::Bool(primary),
                    "indisvalid": Value::Bool(true),
                }
            })
            .collect(),
        "pg_class" => classes(catalog),
        "pg_namespace" => schemas(catalog)
            .into_iter()
            .map(|name| row! { "oid": Value::Oid("namespace", ObjectName::bare(name.as_str())), "nspname": Value::Text(name) })
            .collect(),
        "pg_attribute" => tables()
            .flat_map(|table| table.columns.iter().enumerate().map(move |each| attribute_row(table, each)))
            .collect(),
        "pg_constraint" => tables()
            .flat_map(|table| table.constraints.iter().map(move |each| pg_constraint_row(table, each)))
            .collect(),
        "pg_type" => types(catalog),
        "pg_enum" => catalog
            .enums
            .values()
            .flat_map(|ty| {
                ty.values.iter().enumerate().map(|(at, value)| {
                    row! {
                        "enumtypid": Value::Oid("type", ty.name.clone()),
                        "enumlabel": Value::text(value.as_str()),
                        "enumsortorder": Value::Int(at as i64 + 1),
                    }
                })
            })
            .collect(),
        "pg_available_extensions" => {
            CONTRIB.iter().map(|name| row! { "name": Value::text(*name) }).collect()
        }
        "pg_extension" => {
            catalog.extensions.keys().map(|name| row! { "extname": Value::text(name.as_str()) }).collect()
        }
        "pg_proc" => routines(catalog)
            .map(|object| {
                let kind = match object.id.kind {
                    OpaqueKind::Procedure => "p",
                    OpaqueKind::Aggregate => "a",
                    _ => "f",
                };
                row! {
                    "oid": Value::Oid("proc", object.id.name.clone()),
                    "proname": Value::text(object.id.name.name.as_str()),
                    "pronamespace": Value::namespace(object.id.name.schema.as_ref()),
                    "prokind": Value::text(kind),
                }
            })
            .collect(),
        "pg_trigger" => on_tables(catalog, OpaqueKind::Trigger)
            .map(|(object, table)| {
                row! {
                    "tgname": Value::text(object.id.name.name.as_str()),
                    "tgrelid": Value::Oid("class", table.clone()),
                    "tgisinternal": Value::Bool(false),
                }
            })
            .collect(),
        "pg_policies" | "pg_policy" => on_tables(catalog, OpaqueKind::Policy)
            .map(|(object, table)| {
                row! {
                    "schemaname": Value::schema(table.schema.as_ref()),
                    "tablename": Value::text(table.name.as_str()),
                    "policyname": Value::text(object.id.name.name.as_str()),
                    "polname": Value::text(object.id.name.name.as_str()),
                    "polrelid": Value::Oid("class", table.clone()),
                }
            })
            .collect(),
        "pg_sequences" => catalog
            .sequences
            .keys()
            .map(|name| {
                row! {
                    "schemaname": Value::schema(name.schema.as_ref()),
                    "sequencename": Value::text(name.name.as_str()),
                }
            })
            .collect(),
        "pg_publication" => catalog
            .opaque
            .keys()
            .filter(|id| id.kind == OpaqueKind::Publication)
            .map(|id| row! { "pubname": Value::text(id.name.name.as_str()) })
            .collect(),
        _ => return None,
    })
}

fn kind_of(table: &Table) -> &'static str {
    if matches!(table.options.kind, TableKind::Foreign(_)) { "FOREIGN" } else { "BASE TABLE" }
}

fn relation_row(name: &ObjectName, kind: &str) -> Row {
    row! {
        "table_schema": Value::schema(name.schema.as_ref()),
        "table_name": Value::text(name.name.as_str()),
        "table_type": Value::text(kind),
    }
}

fn schemas(catalog: &Catalog) -> Vec<String> {
    let own = catalog.schemas.keys().map(|name| name.to_string());
    ["public", "pg_catalog", "information_schema"].into_iter().map(str::to_owned).chain(own).collect()
}

fn routines(catalog: &Catalog) -> impl Iterator<Item = &OpaqueObject> {
    let routine = |object: &&OpaqueObject| {
        matches!(object.id.kind, OpaqueKind::Function | OpaqueKind::Procedure | OpaqueKind::Aggregate)
    };
    catalog.opaque.values().filter(routine)
}

fn on_tables(catalog: &Catalog, kind: OpaqueKind) -> impl Iterator<Item = (&OpaqueObject, &ObjectName)> {
    let objects = catalog.opaque.values().filter(move |object| object.id.kind == kind);
    objects.filter_map(|object| object.id.on.as_ref().map(|table| (object, table)))
}

fn column_row(table: &Table, (at, column): (usize, &Column)) -> Row {
    let text = write_type(&column.ty, DialectKind::Postgres);
    let yes = |value: bool| Value::text(if value { "YES" } else { "NO" });
    let data_type = match &column.ty {
        ColumnType::Array(_) => "ARRAY".to_owned(),
        ColumnType::Named { .. } => "USER-DEFINED".to_owned(),
        _ => {
            text.split('(').next().unwrap_or(&text).trim().to_owned()
                + text.split_once(')').map_or("", |(_, rest)| rest)
        }
    };
    let length = match &column.ty {
        ColumnType::Varchar { length: Some(length) } | ColumnType::Char { length: Some(length) } => {
            Value::Int(i64::from(*length))
        }
        _ => Value::Null,
    };
    let (precision, scale) = match &column.ty {
        ColumnType::Decimal { precision: Some((precision, scale)) } => {
            (Value::Int(i64::from(*precision)), Value::Int(i64::from(*scale)))
        }
        ColumnType::Integer { bits } => (Value::Int(i64::from(*bits)), Value::Int(0)),
        _ => (Value::Null, Value::Null),
    };
    let default = column.default.as_ref().map_or(Value::Null, |default| Value::text(default.as_str()));
    let mut row = row! {
        "table_schema": Value::schema(table.name.schema.as_ref()),
        "table_name": Value::text(table.name.name.as_str()),
        "column_name": Value::text(column.name.as_str()),
        "ordinal_position": Value::Int(at as i64 + 1),
        "column_default": default,
        "is_nullable": yes(column.nullable),
        "data_type": Value::Text(data_type),
        "udt_name": Value::Text(udt_name(&column.ty)),
        "character_maximum_length": length,
        "is_identity": yes(column.identity.is_some()),
    };
    if !matches!(column.ty, ColumnType::Float { .. }) {
        row.extend(row! { "numeric_precision": precision, "numeric_scale": scale });
    }
    row
}

/// The type's name in `pg_type`.
fn udt_name(ty: &ColumnType) -> String {
    match ty {
        ColumnType::Array(element) => format!("_{}", udt_name(element)),
        other => super::super::query::internal_name(other),
    }
}

fn attribute_row(table: &Table, (at, column): (usize, &Column)) -> Row {
    row! {
        "attrelid": Value::Oid("class", table.name.clone()),
        "attname": Value::text(column.name.as_str()),
        "attnum": Value::Int(at as i64 + 1),
        "attnotnull": Value::Bool(!column.nullable),
        "attisdropped": Value::Bool(false),
        "atthasdef": Value::Bool(column.default.is_some() || column.generated.is_some()),
        "atttypid": Value::Oid("type", ObjectName::bare(write_type(&column.ty, DialectKind::Postgres))),
    }
}

fn constraint_name(constraint: &Constraint) -> Value {
    constraint.name.as_ref().map_or(Value::Null, |name| Value::text(name.as_str()))
}

fn constraint_row(table: &Table, constraint: &Constraint) -> Row {
    let kind = match constraint.kind {
        ConstraintKind::PrimaryKey(_) => "PRIMARY KEY",
        ConstraintKind::Unique(_) => "UNIQUE",
        ConstraintKind::ForeignKey(_) => "FOREIGN KEY",
        ConstraintKind::Check(_) => "CHECK",
        ConstraintKind::Exclude(_) => "EXCLUDE",
    };
    let schema = || Value::schema(table.name.schema.as_ref());
    row! {
        "constraint_schema": schema(),
        "constraint_name": constraint_name(constraint),
        "table_schema": schema(),
        "table_name": Value::text(table.name.name.as_str()),
        "constraint_type": Value::text(kind),
    }
}

fn own_columns(constraint: &Constraint) -> &[Name] {
    match &constraint.kind {
        ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) => &key.columns,
        ConstraintKind::ForeignKey(key) => &key.columns,
        ConstraintKind::Check(_) | ConstraintKind::Exclude(_) => &[],
    }
}

fn usage_rows(table: &Table, constraint: &Constraint, columns: &[Name]) -> Vec<Row> {
    let row = |(at, column): (usize, &Name)| {
        let mut row = constraint_row(table, constraint);
        row.extend(row! { "column_name": Value::text(column.as_str()), "ordinal_position": Value::Int(at as i64 + 1) });
        row
    };
    columns.iter().enumerate().map(row).collect()
}

fn used_rows(table: &Table, constraint: &Constraint) -> Vec<Row> {
    let (owner, columns) = match &constraint.kind {
        ConstraintKind::ForeignKey(key) => (&key.table, key.referenced.as_slice()),
        _ => (&table.name, own_columns(constraint)),
    };
    let row = |column: &Name| {
        row! {
            "table_schema": Value::schema(owner.schema.as_ref()),
            "table_name": Value::text(owner.name.as_str()),
            "column_name": Value::text(column.as_str()),
            "constraint_schema": Value::schema(table.name.schema.as_ref()),
            "constraint_name": constraint_name(constraint),
        }
    };
    columns.iter().map(row).collect()
}

fn pg_constraint_row(table: &Table, constraint: &Constraint) -> Row {
    let kind = match constraint.kind {
        ConstraintKind::PrimaryKey(_) => "p",
        ConstraintKind::Unique(_) => "u",
        ConstraintKind::ForeignKey(_) => "f",
        ConstraintKind::Check(_) => "c",
        ConstraintKind::Exclude(_) => "x",
    };
    let number = |name: &Name| table.columns.iter().position(|column| column.name == *name);
    let numbers =
        own_columns(constraint).iter().filter_map(number).map(|at| Value::Int(at as i64 + 1)).collect();
    let referenced = match &constraint.kind {
        ConstraintKind::ForeignKey(key) => Value::Oid("class", key.table.clone()),
        _ => Value::Int(0),
    };
    let own = constraint.name.as_ref().map_or("", |name| name.as_str());
    let mut row = row! {
        // Names of constraints are unique in a table only: the identity carries both.
        "oid": Value::Oid("constraint", table.name.sibling(format!("{}\u{1}{own}", table.name.name))),
        "conname": constraint_name(constraint),
        "connamespace": Value::namespace(table.name.schema.as_ref()),
        "conrelid": Value::Oid("class", table.name.clone()),
        "confrelid": referenced,
        "contype": Value::text(kind),
        "convalidated": Value::Bool(constraint.validated),
    };
    if !matches!(constraint.kind, ConstraintKind::Check(_) | ConstraintKind::Exclude(_)) {
        row.extend(row! { "conkey": Value::List(numbers) });
    }
    row
}

/// What `pg_get_constraintdef` prints, near enough to be searched for the names in it.
pub(super) fn constraint_definition(catalog: &Catalog, identity: &ObjectName) -> Option<String> {
    let (table, name) = identity.name.as_str().split_once('\u{1}')?;
    let constraint = catalog.tables.get(&identity.sibling(table))?.constraint(name)?;
    let list = |names: &[Name]| names.iter().map(Name::as_str).collect::<Vec<_>>().join(", ");
    Some(match &constraint.kind {
        ConstraintKind::PrimaryKey(key) => format!("PRIMARY KEY ({})", list(&key.columns)),
        ConstraintKind::Unique(key) => format!("UNIQUE ({})", list(&key.columns)),
        ConstraintKind::ForeignKey(key) => {
            let actions = [("ON UPDATE", key.on_update), ("ON DELETE", key.on_delete)];
            let actions = actions.iter().filter(|(_, action)| *action != Default::default());
            let actions: String =
                actions.map(|(word, action)| format!(" {word} {}", action.as_sql())).collect();
            format!(
                "FOREIGN KEY ({}) REFERENCES {}({}){actions}",
                list(&key.columns),
                key.table,
                list(&key.referenced)
            )
        }
        ConstraintKind::Check(check) => format!("CHECK (({}))", check.expr),
        ConstraintKind::Exclude(_) => return None,
    })
}

/// Table, index, whether unique, whether the primary key's.
fn indexes(catalog: &Catalog) -> impl Iterator<Item = (ObjectName, ObjectName, bool, bool)> {
    let of_table = |table: &Table| {
        let owned =
            table.constraints.iter().filter(|constraint| constraint.owns_index()).filter_map(|constraint| {
                let primary = matches!(constraint.kind, ConstraintKind::PrimaryKey(_));
                let unique = !matches!(constraint.kind, ConstraintKind::Exclude(_));
                let name = constraint.name.clone()?;
                Some((table.name.clone(), table.name.sibling(name), unique, primary))
            });
        let own = table
            .indexes
            .iter()
            .map(|index| (table.name.clone(), table.name.sibling(index.name.clone()), index.unique, false));
        owned.chain(own).collect::<Vec<_>>()
    };
    let of_views = catalog.views.values().flat_map(|view| {
        view.indexes
            .iter()
            .map(|index| (view.name.clone(), view.name.sibling(index.name.clone()), index.unique, false))
    });
    catalog.tables.values().flat_map(of_table).chain(of_views.collect::<Vec<_>>())
}

fn classes(catalog: &Catalog) -> Vec<Row> {
    let row = |name: &ObjectName, kind: &str| {
        row! {
            "oid": Value::Oid("class", name.clone()),
            "relname": Value::text(name.name.as_str()),
            "relnamespace": Value::namespace(name.schema.as_ref()),
            "relkind": Value::text(kind),
        }
    };
    let tables = catalog.tables.values().map(|table| {
        let kind = match table.options.kind {
            TableKind::Partitioned(_) => "p",
            TableKind::Foreign(_) => "f",
            _ => "r",
        };
        let mut row = row(&table.name, kind);
        row.extend(row! {
            "relrowsecurity": Value::Bool(table.options.row_security),
            "relispartition": Value::Bool(table.options.partition_of.is_some()),
        });
        row
    });
    let views = catalog.views.values().map(|view| row(&view.name, if view.materialized { "m" } else { "v" }));
    let sequences = catalog.sequences.keys().map(|name| row(name, "S"));
    let composites = catalog.composites.keys().map(|name| row(name, "c"));
    let indexes = indexes(catalog).map(|(_, index, ..)| row(&index, "i"));
    tables.chain(views).chain(sequences).chain(composites).chain(indexes).collect()
}

fn types(catalog: &Catalog) -> Vec<Row> {
    let row = |name: &ObjectName, kind: &str| {
        row! {
            "oid": Value::Oid("type", name.clone()),
            "typname": Value::text(name.name.as_str()),
            "typnamespace": Value::namespace(name.schema.as_ref()),
            "typtype": Value::text(kind),
        }
    };
    let enums = catalog.enums.keys().map(|name| row(name, "e"));
    let domains = catalog.domains.keys().map(|name| row(name, "d"));
    let composites = catalog.composites.keys().map(|name| row(name, "c"));
    let tables = catalog.tables.keys().chain(catalog.views.keys()).map(|name| row(name, "c"));
    let opaque = catalog.opaque.keys().filter(|id| id.kind == OpaqueKind::Type).map(|id| row(&id.name, "r"));
    enums.chain(domains).chain(composites).chain(tables).chain(opaque).collect()
}
