//! For a user's tests: the compiler and the scan see the same tables.

use schema_model::catalog::{Column, ColumnType};
use schema_model::type_text::{read_type, write_type};
use schema_model::{DialectKind, Name, ObjectName, SourceMap};

use crate::diagnostic::Severity;
use crate::gate::Environment;
use crate::lock;
use crate::meta::{ColumnMeta, Table, TypeMeta};
use crate::rust::{self, Cfgs, Declared, ScanOptions, Unmanaged};

/// Fails when the models cannot be read whole: a mistake in them, or a struct that only macro expansion, or a function's
/// body, would show. To be called from a test of the crate that holds the models:
///
/// ```no_run
/// // #[test]
/// fn models_are_seen() {
///     schema_core::testing::assert_scanned();
/// }
/// ```
#[track_caller]
pub fn assert_scanned() {
    let (declared, sources) = scan();
    let found: Vec<String> = declared
        .diagnostics
        .iter()
        .filter(|found| found.severity != Severity::Note)
        .map(|found| {
            let place = found.labels.first().map_or(String::new(), |label| sources.describe(label.span));
            format!("{}\n  --> {place}", found.message)
        })
        .collect();
    assert!(found.is_empty(), "the scan does not see the models whole:\n{}", found.join("\n"));
}

/// Fails when the compiled `TABLE` of a struct is not what the scan saw: a struct that it has not seen, another column,
/// type or nullability.
#[track_caller]
pub fn assert_table<T: Table>() {
    let (declared, _) = scan();
    if let Err(difference) = compare::<T>(&declared) {
        panic!("{difference}");
    }
}

fn scan() -> (Declared, SourceMap) {
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| ".".to_owned());
    let environment = Environment::at(package.into());
    let lock = std::fs::read_to_string(environment.migrations.join(lock::FILE)).ok();
    let config = lock.and_then(|text| lock::read(&text).ok()).map(|lock| lock.config).unwrap_or_default();
    let mut roots = config.model_roots(&environment.package);
    if roots.is_empty() {
        roots.extend(environment.default_root());
    }
    let dialects = if config.dialects.is_empty() { vec![DialectKind::Postgres] } else { config.dialects };
    let options = ScanOptions {
        roots,
        cfgs: Cfgs::host().features(config.features.iter().map(String::as_str)),
        dialects,
        naming: config.naming,
        unmanaged: Unmanaged::new(config.unmanaged),
        base: environment.package,
    };
    let mut sources = SourceMap::default();
    (rust::scan(&options, &mut sources), sources)
}

fn compare<T: Table>(declared: &Declared) -> Result<(), String> {
    let table = T::TABLE;
    let name = ObjectName { schema: table.schema.map(Name::new), name: Name::new(table.name) };
    for (dialect, own) in &declared.dialects {
        let name = match dialect {
            DialectKind::Postgres => name.clone(),
            DialectKind::Sqlite => ObjectName::bare(table.name),
        };
        let seen = own.tables.get(&name).filter(|place| place.struct_name == table.struct_name);
        let (Some(_), Some(scanned)) = (seen, own.catalog.tables.get(&name)) else {
            return Err(format!(
                "`{}` in `{}` is the table `{name}`, which the scan has not seen: only macro expansion shows it",
                table.struct_name, table.module
            ));
        };
        let compiled = table.columns();
        for column in &compiled {
            match scanned.column(column.name) {
                Some(own) => column_agrees(&name, column, own, *dialect)?,
                None => {
                    return Err(format!(
                        "column {name}.{} is compiled, but the scan has not seen it",
                        column.name
                    ));
                }
            }
        }
        if let Some(other) =
            scanned.columns.iter().find(|own| compiled.iter().all(|column| own.name != *column.name))
        {
            return Err(format!("column {name}.{} is seen by the scan, but it is not compiled", other.name));
        }
    }
    Ok(())
}

fn column_agrees(
    table: &ObjectName,
    column: &ColumnMeta,
    own: &Column,
    dialect: DialectKind,
) -> Result<(), String> {
    let place = format!("column {table}.{}", column.name);
    if dialect == DialectKind::Postgres && column.nullable() != own.nullable {
        let say = |nullable| if nullable { "nullable" } else { "not null" };
        return Err(format!(
            "{place} is compiled as {}, scanned as {}",
            say(column.nullable()),
            say(own.nullable)
        ));
    }
    match column_type(&column.ty, dialect) {
        Some(ty) if ty != own.ty => Err(format!(
            "{place} is compiled as `{}`, scanned as `{}`",
            write_type(&ty, dialect),
            write_type(&own.ty, dialect)
        )),
        _ => Ok(()),
    }
}

/// The compiled type in a dialect; `None` where it depends on more than the type.
fn column_type(ty: &TypeMeta, dialect: DialectKind) -> Option<ColumnType> {
    let postgres = dialect == DialectKind::Postgres;
    match ty {
        TypeMeta::Scalar { postgres, .. } if dialect == DialectKind::Postgres => {
            Some(read_type(postgres, dialect))
        }
        // A STRICT table knows fewer types.
        TypeMeta::Scalar { .. } => None,
        TypeMeta::Optional(inner) => column_type(inner, dialect),
        TypeMeta::Array(inner) if postgres => {
            column_type(inner, dialect).map(|inner| ColumnType::Array(Box::new(inner)))
        }
        TypeMeta::Enum { schema, name, .. } | TypeMeta::Domain { schema, name, .. } if postgres => {
            let schema = schema.map(Name::new);
            Some(ColumnType::named(ObjectName { schema, name: Name::new(name) }))
        }
        TypeMeta::Said { postgres: Some(text), .. }
            if postgres && !text.to_lowercase().contains("serial") =>
        {
            Some(read_type(text, dialect))
        }
        TypeMeta::Said { .. } | TypeMeta::Array(_) | TypeMeta::Enum { .. } | TypeMeta::Domain { .. } => None,
    }
}
