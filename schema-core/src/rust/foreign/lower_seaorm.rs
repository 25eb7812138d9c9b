//! SeaORM's entities to tables.

use std::collections::BTreeMap;

use schema_model::catalog::{Column, ColumnType, EnumType, Identity, SequenceOptions};
use schema_model::item::{RustType, generated_name, rename_all, snake_case};
use schema_model::{DialectKind, Expr, Name, ObjectName, Origin, ident};

use super::super::files::NodeKind;
use super::super::resolve::Found;
use super::lower::{Made, Scope};
use super::relations::Relating;
use super::seaorm_types::{self, Typed};
use super::{ActiveEnum, Entity, EntityField, EntityPart, Foreign, Word, has, value};
use crate::diagnostic::Diagnostic;

pub(super) fn tables(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) -> Vec<Made> {
    let entities = entities(scope);
    let mut made: Vec<Made> = Vec::new();
    for (node, entity) in &entities {
        match table_name(scope, entity) {
            Some(name) => made.push(table(scope, *node, entity, name, found)),
            None => found.push(
                Diagnostic::warning("model/unseen", "this entity does not say the name of its table")
                    .at(scope.span(*node, entity.at), "its table is not known")
                    .help("say `#[sea_orm(table_name = \"…\")]`"),
            ),
        }
    }
    let by_node = made.iter().enumerate().map(|(at, made)| (made.node, at)).collect();
    let by_item = entities.iter().map(|(node, entity)| (*node, entity)).collect();
    let mut relations = Relating { scope, made: &mut made, by_node, entities: by_item, found };
    for (node, entity) in &entities {
        for field in &entity.fields {
            relations.field(*node, field);
        }
    }
    for (node, item) in scope.items() {
        if let Foreign::Relations(item) = item {
            let module = scope.tree.items[node].module;
            let own = entities.iter().find(|(entity, _)| scope.tree.items[*entity].module == module);
            for relation in &item.variants {
                if let Some((owner, _)) = own {
                    relations.variant(*owner, node, &relation.words, relation.at);
                }
            }
        }
    }
    made
}

/// Every entity, those in the expanded format put together.
fn entities(scope: &Scope<'_>) -> Vec<(usize, Entity)> {
    let mut all = Vec::new();
    let mut parts: BTreeMap<usize, Vec<(usize, &EntityPart)>> = BTreeMap::new();
    for (node, item) in scope.items() {
        match item {
            Foreign::Entity(entity) => all.push((node, entity.clone())),
            Foreign::Part(part) => {
                parts.entry(scope.tree.items[node].module).or_default().push((node, part));
            }
            _ => {}
        }
    }
    let whole: Vec<usize> = all.iter().map(|(node, _)| scope.tree.items[*node].module).collect();
    let expanded = parts.into_iter().filter(|(module, _)| !whole.contains(module));
    all.extend(expanded.filter_map(|(_, parts)| put_together(&parts)));
    all
}

/// `Column`, `PrimaryKey`, `impl ColumnTrait` and `impl EntityName` as one entity.
fn put_together(parts: &[(usize, &EntityPart)]) -> Option<(usize, Entity)> {
    let part = |kind: &str| parts.iter().find(|(_, part)| part.kind == kind).copied();
    let (node, columns) = part("columns")?;
    let definitions = part("definitions").map(|(_, part)| part.variants.as_slice()).unwrap_or_default();
    let key = part("key").map(|(_, part)| part.variants.as_slice()).unwrap_or_default();
    let names = parts.iter().filter(|(_, part)| part.kind == "name");
    let words = names.flat_map(|(_, part)| part.words.iter().cloned()).collect();
    let field = |column: &super::EntityVariant| {
        let mut words = column.words.clone();
        let definition = definitions.iter().find(|own| own.ident == column.ident);
        words.extend(definition.into_iter().flat_map(|own| own.words.iter().cloned()));
        let word = |key: &str| Word { key: key.to_owned(), value: None, quoted: false, at: column.at };
        if key.iter().any(|own| own.ident == column.ident) {
            words.push(word("primary_key"));
        }
        if definition.is_none() {
            words.push(word("open"));
        }
        EntityField {
            ident: snake_case(&column.ident),
            at: column.at,
            ty: RustType::Other(String::new()),
            ty_at: column.at,
            words,
        }
    };
    Some((node, Entity { at: columns.at, words, fields: columns.variants.iter().map(field).collect() }))
}

fn table_name(scope: &Scope<'_>, entity: &Entity) -> Option<ObjectName> {
    let name = value(&entity.words, "table_name").filter(|name| !name.is_empty())?;
    Some(scope.table_name(value(&entity.words, "schema_name"), name))
}

/// The fields that are columns: neither left out nor relations.
pub(super) fn columns(entity: &Entity) -> impl Iterator<Item = &EntityField> {
    entity.fields.iter().filter(|field| !has(&field.words, "ignore") && !is_relation(field))
}

pub(super) fn is_relation(field: &EntityField) -> bool {
    let said = ["belongs_to", "has_one", "has_many", "self_ref"].iter().any(|word| has(&field.words, word));
    let typed = match &field.ty {
        RustType::Path { segments, .. } => {
            segments.last().is_some_and(|last| ["HasOne", "HasMany", "BelongsTo"].contains(&last.as_str()))
        }
        _ => false,
    };
    said || typed
}

pub(super) fn column_name(entity: &Entity, field: &EntityField) -> Name {
    if let Some(name) = value(&field.words, "column_name") {
        return Name::new(name);
    }
    match value(&entity.words, "rename_all") {
        Some(rule) => Name::from(renamed(rule, &field.ident)),
        None => Name::new(&field.ident),
    }
}

pub(super) fn pascal(ident: &str) -> String {
    let mut out = String::new();
    for word in ident.split('_') {
        let mut letters = word.chars();
        out.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        out.push_str(letters.as_str());
    }
    out
}

fn renamed(rule: &str, ident: &str) -> String {
    let name = pascal(ident);
    match rule {
        "mixed_case" => rename_all("camelCase", &name),
        "title_case" => {
            let snake = snake_case(&name);
            snake.split('_').map(pascal).collect::<Vec<_>>().join(" ")
        }
        rule => rename_all(rule, &name),
    }
}

fn table(
    scope: &Scope<'_>,
    node: usize,
    entity: &Entity,
    name: ObjectName,
    found: &mut Vec<Diagnostic>,
) -> Made {
    let mut made = Made::new(scope, node, "Model", entity.at, name);
    made.table.options.comment =
        value(&entity.words, "comment").filter(|_| made.postgres()).map(str::to_owned);
    for field in columns(entity) {
        column(scope, node, entity, field, &mut made, found);
    }
    let key: Vec<&EntityField> = columns(entity).filter(|field| has(&field.words, "primary_key")).collect();
    if let Some(first) = key.first() {
        let names = key.iter().map(|field| column_name(entity, field)).collect();
        made.primary_key(names, scope.span(node, first.at));
        let auto = value(&first.words, "auto_increment") != Some("false");
        if let ([only], true) = (key.as_slice(), auto) {
            auto_increment(&column_name(entity, only), &mut made);
        }
    }
    let mut together: BTreeMap<&str, Vec<&EntityField>> = BTreeMap::new();
    for field in columns(entity) {
        let own = column_name(entity, field);
        let span = scope.span(node, field.at);
        if let Some(key) = value(&field.words, "unique_key") {
            together.entry(key).or_default().push(field);
        }
        if has(&field.words, "unique") {
            made.unique(vec![own.clone()], Some(&field.ident), span);
        }
        if has(&field.words, "indexed") {
            let index = format!("idx-{}-{own}", made.table.name.name);
            made.index(index, &own, &field.ident, span);
        }
    }
    for fields in together.values() {
        let names = fields.iter().map(|field| column_name(entity, field)).collect();
        made.unique(names, Some(&fields[0].ident), scope.span(node, fields[0].at));
    }
    made
}

/// A lone integer key counts by itself; how is the migration's choice, an identity where there is none.
fn auto_increment(column: &Name, made: &mut Made) {
    if !made.postgres() {
        return;
    }
    let table = made.table.name.clone();
    let Some(column) = made.table.column_mut(column.as_str()) else { return };
    let ColumnType::Integer { bits } = column.ty else { return };
    let sequence = table.sibling(generated_name(table.name.as_str(), column.name.as_str(), "seq"));
    column.identity = Some(Identity { always: false, sequence, options: SequenceOptions::ascending(bits) });
}

fn column(
    scope: &Scope<'_>,
    node: usize,
    entity: &Entity,
    field: &EntityField,
    made: &mut Made,
    found: &mut Vec<Diagnostic>,
) {
    let name = column_name(entity, field);
    let (optional, bare) = unwrapped(&field.ty);
    let Some((ty, typed)) = column_type(scope, node, field, bare, made) else {
        let message = format!(
            "field `{}`: the type `{}` does not show its SQL type; it is taken from the migrations",
            field.ident, field.ty
        );
        let mut note = Diagnostic::warning("model/unknown-type", message)
            .at(scope.span(node, field.ty_at), "this type")
            .help("say it with `#[sea_orm(column_type = \"…\")]`");
        note.severity = crate::diagnostic::Severity::Note;
        found.push(note);
        made.partial.open.insert(name.clone());
        return push_column(scope, node, field, Column::new(name, ColumnType::Text), optional, made);
    };
    if typed.open || has(&field.words, "select_as") || has(&field.words, "save_as") {
        made.partial.open.insert(name.clone());
    } else if typed.exact {
        made.partial.exact.insert(name.clone());
    }
    let mut column = Column::new(name.clone(), ty);
    column.default = default(&field.words, scope.dialect);
    if column.default.is_some() {
        made.partial.defaults.insert(name.clone());
    }
    if made.postgres() {
        column.comment = value(&field.words, "comment").map(str::to_owned);
    }
    if let Some(from) = value(&field.words, "renamed_from") {
        made.renames.push((Name::new(from), name));
    }
    push_column(scope, node, field, column, optional, made);
}

fn push_column(
    scope: &Scope<'_>,
    node: usize,
    field: &EntityField,
    mut column: Column,
    optional: bool,
    made: &mut Made,
) {
    column.nullable = optional || has(&field.words, "nullable");
    let span = scope.span(node, field.at);
    column.origin = Origin(Some(span));
    made.column_at(&column.name.clone(), &field.ident, span);
    made.table.columns.push(column);
}

pub(super) fn unwrapped(ty: &RustType) -> (bool, &RustType) {
    match ty {
        RustType::Path { segments, args, .. } if segments.last().is_some_and(|last| last == "Option") => {
            (true, args.first().unwrap_or(ty))
        }
        _ => (false, ty),
    }
}

/// The type, with how much of it is said; `None` when nothing shows it.
fn column_type(
    scope: &Scope<'_>,
    node: usize,
    field: &EntityField,
    ty: &RustType,
    made: &mut Made,
) -> Option<(ColumnType, Typed)> {
    let dialect = scope.dialect;
    if has(&field.words, "open") {
        return None;
    }
    if let Some(text) = value(&field.words, "column_type") {
        let typed = seaorm_types::of_text(text, dialect);
        return Some((typed.column_type(dialect), typed));
    }
    let module = scope.tree.items[node].module;
    if let Some(item) = active_enum(scope, module, ty) {
        return Some(enum_type(item, dialect, made));
    }
    let element = match ty {
        RustType::Path { segments, args, .. } if segments.last().is_some_and(|last| last == "Vec") => {
            args.first()
        }
        _ => None,
    };
    if let Some(item) = element.and_then(|element| active_enum(scope, module, element)) {
        let (ty, typed) = enum_type(item, dialect, made);
        let postgres = dialect == DialectKind::Postgres;
        return Some((if postgres { ColumnType::Array(Box::new(ty)) } else { ty }, typed));
    }
    let typed = seaorm_types::of_field(ty, dialect)?;
    Some((typed.column_type(dialect), typed))
}

/// The enum that a field's type names.
fn active_enum<'a>(scope: &Scope<'a>, module: usize, ty: &RustType) -> Option<&'a ActiveEnum> {
    let RustType::Path { global, segments, args } = ty else { return None };
    if !args.is_empty() {
        return None;
    }
    if let Some(Found::Item(index)) = scope.tree.resolve(module, *global, segments)
        && let NodeKind::Foreign(Foreign::ActiveEnum(item)) = &scope.tree.items[index].kind
    {
        return Some(item);
    }
    let mut all = scope.items().filter_map(|(_, item)| match item {
        Foreign::ActiveEnum(item) if Some(&item.ident) == segments.last() => Some(item),
        _ => None,
    });
    all.next().filter(|_| all.next().is_none())
}

fn enum_type(item: &ActiveEnum, dialect: DialectKind, made: &mut Made) -> (ColumnType, Typed) {
    let stored = value(&item.words, "db_type").unwrap_or("Enum");
    if stored != "Enum" {
        let typed = seaorm_types::of_text(stored, dialect);
        return (typed.column_type(dialect), typed);
    }
    let unsaid = |text: &str| Typed { text: text.to_owned(), exact: false, open: false };
    if dialect == DialectKind::Sqlite {
        return (ColumnType::Other("text".to_owned()), unsaid("text"));
    }
    // SeaORM's own name for it is the enum's, in camel case.
    let name = value(&item.words, "enum_name").unwrap_or(&item.ident);
    let name = ObjectName::bare(name);
    let rule = value(&item.words, "rename_all");
    let values = item.variants.iter().map(|variant| {
        let said = value(&variant.words, "string_value").map(str::to_owned);
        let by_rule = value(&variant.words, "rename").or(rule);
        said.unwrap_or_else(|| {
            by_rule.map_or_else(|| variant.ident.clone(), |rule| renamed(rule, &snake_case(&variant.ident)))
        })
    });
    made.enums.push(EnumType {
        name: name.clone(),
        values: values.collect(),
        comment: None,
        origin: made.table.origin,
    });
    (ColumnType::named(name), unsaid(""))
}

/// A default, when it is one that SQL shows: a literal, the time, or the text of `Expr::cust`.
fn default(words: &[Word], dialect: DialectKind) -> Option<Expr> {
    if let Some(word) = words.iter().find(|word| word.key == "default_value") {
        let text = word.value.as_deref()?;
        if word.quoted {
            return Some(Expr::new(ident::quote_string(text, dialect)));
        }
        let plain = text == "true" || text == "false" || text.parse::<f64>().is_ok();
        return plain.then(|| Expr::new(text));
    }
    let text = value(words, "default_expr")?;
    match syn::parse_str::<syn::Expr>(text).ok()? {
        syn::Expr::Call(call) => {
            let syn::Expr::Path(path) = &*call.func else { return None };
            match path.path.segments.last()?.ident.to_string().as_str() {
                "current_timestamp" => Some(Expr::new("CURRENT_TIMESTAMP")),
                "current_date" => Some(Expr::new("CURRENT_DATE")),
                "current_time" => Some(Expr::new("CURRENT_TIME")),
                "cust" => seaorm_types::literal(call.args.first()?).map(Expr::new),
                _ => None,
            }
        }
        _ => None,
    }
}
