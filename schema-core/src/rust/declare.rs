//! Structs to catalogs, one for each dialect.

use std::collections::BTreeMap;

use schema_model::catalog::{Catalog, Schema};
use schema_model::item::{
    At, ColumnWord, EnumWord, FieldItem, FieldSource, FieldType, Lowered, SaidAt, TableItem, TableSource,
    TableWord, enum_type, enum_value, lower_domain, lower_table, pick, references_of,
};
use schema_model::{DialectKind, Name, ObjectName, Origin, SourceMap, Span, keywords, lines};

use super::ScanOptions;
use super::declared::{Backfill, Declaration, Declared, FieldPlace, TablePlace, Using};
use super::files::{Node, NodeKind, Tree};
use super::foreign::{self, ModelKind};
use super::links;
use super::resolve::{Found, TypeProblem, opaque_type};
use crate::diagnostic::{Diagnostic, Severity};

/// The crates whose derives are ours.
const OURS: &[&str] = &["schema_core", "schema_macros"];

pub(super) fn declare(options: &ScanOptions, mut tree: Tree, sources: &SourceMap) -> Declared {
    let mut out = Declared {
        unmanaged: options.unmanaged.clone(),
        naming: options.naming.clone(),
        diagnostics: std::mem::take(&mut tree.diagnostics),
        files: std::mem::take(&mut tree.files),
        missing: std::mem::take(&mut tree.missing),
        ..Declared::default()
    };
    let mut declarer = Declarer { options, tree: &tree, sources, out: &mut out };
    declarer.run();
    foreign::declare(options, &tree, &mut out);
    for found in links::check(&mut out) {
        push_new(&mut out.diagnostics, found);
    }
    out
}

/// Two dialects say the same thing once.
pub(super) fn push_new(all: &mut Vec<Diagnostic>, found: Diagnostic) {
    if !all.contains(&found) {
        all.push(found);
    }
}

struct Declarer<'a> {
    options: &'a ScanOptions,
    tree: &'a Tree,
    sources: &'a SourceMap,
    out: &'a mut Declared,
}

/// A column's field, wherever its struct is.
struct Field<'a> {
    item: &'a FieldItem,
    /// The struct it is written in.
    node: usize,
    /// The field of the table's own struct that stands for it.
    own: &'a FieldItem,
    ty: Option<FieldType>,
}

impl<'a> Declarer<'a> {
    fn run(&mut self) {
        for dialect in &self.options.dialects {
            self.out.dialects.insert(*dialect, Declaration::default());
        }
        for (index, node) in self.tree.items.iter().enumerate() {
            let root = self.options.roots.get(self.tree.root_of(node.module));
            if root.is_some_and(|root| root.kind != ModelKind::Derive) {
                continue;
            }
            match &node.kind {
                NodeKind::Table { item, derive, errors } => {
                    if self.tree.is_ours(node.module, derive, OURS) {
                        self.item_errors(node, errors);
                        if !item.is_fragment() {
                            self.table(index, item);
                        }
                    }
                }
                NodeKind::Enum { derive, errors, .. } | NodeKind::Type { derive, errors, .. } => {
                    if self.tree.is_ours(node.module, derive, OURS) {
                        self.item_errors(node, errors);
                    }
                }
                NodeKind::Alias { .. } | NodeKind::Plain { .. } | NodeKind::Foreign(_) => {}
            }
        }
    }

    fn item_errors(&mut self, node: &Node, errors: &[schema_model::item::ItemError]) {
        for error in errors {
            let span = node.source.span(error.at);
            let found = Diagnostic::error("model/attribute", error.message.clone()).at(span, "here");
            push_new(&mut self.out.diagnostics, found);
        }
    }

    fn error(&mut self, code: &'static str, message: String, span: Span, text: &str) {
        push_new(&mut self.out.diagnostics, Diagnostic::error(code, message).at(span, text));
    }

    fn span(&self, node: usize, at: At) -> Span {
        self.tree.items[node].source.span(at)
    }

    fn table(&mut self, node: usize, item: &'a TableItem) {
        if item.is_unmanaged() {
            for dialect in &self.options.dialects {
                let name = schema_model::item::table_name(item, *dialect);
                self.out.unmanaged.add(name.to_string());
            }
            return;
        }
        let mut fields = Vec::new();
        self.fields(node, item, None, &mut fields, 0);
        for field in &mut fields {
            self.field_type(field, item);
        }
        for dialect in &self.options.dialects {
            self.table_in(node, item, &fields, *dialect);
        }
    }

    /// The struct's fields, a flattened one replaced by those of its struct.
    fn fields(
        &mut self,
        node: usize,
        item: &'a TableItem,
        own: Option<&'a FieldItem>,
        out: &mut Vec<Field<'a>>,
        depth: usize,
    ) {
        for field in &item.fields {
            let own = own.unwrap_or(field);
            if !field.is_flatten() {
                out.push(Field { item: field, node, own, ty: None });
                continue;
            }
            let module = self.tree.items[node].module;
            let found = match &field.ty {
                schema_model::item::RustType::Path { global, segments, .. } => {
                    self.tree.resolve(module, *global, segments)
                }
                _ => None,
            };
            let inner = match found {
                Some(Found::Item(index)) => match &self.tree.items[index].kind {
                    NodeKind::Table { item, .. } => Some((index, item)),
                    _ => None,
                },
                _ => None,
            };
            match inner {
                Some((index, inner)) if depth < 8 => self.fields(index, inner, Some(own), out, depth + 1),
                _ => {
                    let message = format!(
                        "`{}` cannot be flattened: `{}` is no struct with `#[derive(Table)] #[table(fragment)]`",
                        field.ident, field.ty
                    );
                    self.error("model/flatten", message, self.span(node, field.ty_at), "this type");
                }
            }
        }
    }

    fn field_type(&mut self, field: &mut Field<'a>, table: &TableItem) {
        let module = self.tree.items[field.node].module;
        let problem = match self.tree.field_type(module, &field.item.ty) {
            Ok(ty) => {
                field.ty = Some(ty);
                return;
            }
            Err(problem) => problem,
        };
        // A type said for every dialect asked for needs no Rust type that is known.
        let said = |dialect: &DialectKind| {
            let found =
                pick(&field.item.words, *dialect, |word| matches!(word, ColumnWord::Type(_)).then_some(()));
            found.is_some()
        };
        if self.options.dialects.iter().all(said) {
            field.ty = Some(opaque_type(self.tree.is_optional(module, &field.item.ty)));
            return;
        }
        let span = self.span(field.node, field.item.ty_at);
        let name = &field.item.ident;
        let ty = &field.item.ty;
        let found = match problem {
            TypeProblem::Table(_) => Diagnostic::error(
                "model/unknown-type",
                format!("field `{name}`: `{ty}` is a table, not a column's type"),
            )
            .at(span, "this type")
            .help("keep its key with `references = \"…\"`, or leave the field out with `#[column(skip)]`"),
            TypeProblem::Cycle => Diagnostic::error(
                "model/unknown-type",
                format!("field `{name}`: the type alias `{ty}` leads back to itself"),
            )
            .at(span, "this type"),
            TypeProblem::Plain(item) => {
                let node = &self.tree.items[item];
                let declared = match node.kind {
                    NodeKind::Plain { at } => Some(node.source.span(at)),
                    NodeKind::Foreign(ref item) => Some(node.source.span(item.name().1)),
                    _ => None,
                };
                unknown_type(name, ty, span).see(declared, "declared here, without `SqlType` or `SqlEnum`")
            }
            TypeProblem::Unknown(_) if table.generics.contains(&ty.to_string()) => Diagnostic::error(
                "model/unknown-type",
                format!("field `{name}`: the type parameter `{ty}` is no column type"),
            )
            .at(span, "this type")
            .help("say `#[column(type = \"…\")]`, or leave the field out with `#[column(skip)]`"),
            TypeProblem::Unknown(_) => unknown_type(name, ty, span),
        };
        push_new(&mut self.out.diagnostics, found);
    }

    fn table_in(&mut self, node: usize, item: &'a TableItem, fields: &[Field<'a>], dialect: DialectKind) {
        let source = TableSource {
            item,
            fields: fields
                .iter()
                .map(|field| FieldSource { item: field.item, ty: field.ty.clone() })
                .collect(),
            dialect,
            naming: &self.options.naming,
        };
        let lowered = lower_table(&source);
        for problem in &lowered.problems {
            let owner = problem.field.map_or(node, |field| fields[field].node);
            let span = self.span(owner, problem.at);
            self.error("model/attribute", problem.message.clone(), span, "here");
        }
        let span = self.span(node, item.at);
        let name = lowered.table.name.clone();
        let Some(own) = self.out.dialects.get(&dialect) else { return };
        if let Some(found) = duplicate_table(own, &name, &item.ident, span) {
            push_new(&mut self.out.diagnostics, found);
            return;
        }
        self.types(fields, dialect);
        self.reserved(&name, span, dialect);
        self.place(node, item, fields, lowered, dialect);
    }

    /// Worth knowing, never more: everything that is written quotes such a name.
    fn reserved(&mut self, name: &ObjectName, span: Span, dialect: DialectKind) {
        if keywords::is_reserved(name.name.as_str(), dialect) {
            let message =
                format!("the table name `{name}` is a reserved word of {dialect}: SQL has to quote it");
            let mut found = Diagnostic::warning("model/reserved-word", message).at(span, "this table");
            found.severity = Severity::Note;
            push_new(&mut self.out.diagnostics, found);
        }
    }

    /// The enums, domains and schemas that the table's columns need.
    fn types(&mut self, fields: &[Field<'a>], dialect: DialectKind) {
        for field in fields {
            let typed =
                pick(&field.item.words, dialect, |word| matches!(word, ColumnWord::Type(_)).then_some(()));
            let Some(ty) = field.ty.as_ref().filter(|_| typed.is_none()) else { continue };
            for part in ty.parts() {
                self.part(part, field, dialect);
            }
        }
    }

    fn part(&mut self, part: &FieldType, field: &Field<'a>, dialect: DialectKind) {
        let fallback = self.span(field.node, field.item.ty_at);
        let Some(declaration) = self.out.dialects.get_mut(&dialect) else { return };
        let catalog = &mut declaration.catalog;
        match part {
            FieldType::Enum(item) => {
                let Some(mut enumeration) = enum_type(item, dialect) else { return };
                let span = self.tree.place_of_enum(item).unwrap_or(fallback);
                enumeration.origin = Origin(Some(span));
                let name = enumeration.name.clone();
                let other = catalog.enums.get(&name).filter(|other| **other != enumeration);
                if let Some(other) = other {
                    let message = format!("two enums declare the type `{name}` with different values");
                    let found = Diagnostic::error("model/duplicate-type", message)
                        .at(span, "declared again")
                        .see(other.origin.0, "declared here");
                    push_new(&mut self.out.diagnostics, found);
                    return;
                }
                if catalog.enums.contains_key(&name) {
                    return;
                }
                add_schema(catalog, &name);
                for said in &item.words {
                    if let EnumWord::RenamedFrom(from) = &said.word
                        && let Some((from, _)) = references_of(from, dialect)
                    {
                        declaration.renames.types.push((same_schema(from, &name), name.clone()));
                    }
                }
                for variant in &item.variants {
                    if let Some(from) = &variant.renamed_from {
                        let to = enum_value(item, variant);
                        declaration.renames.values.push((name.clone(), from.clone(), to));
                    }
                }
                declaration.catalog.enums.insert(name, enumeration);
            }
            FieldType::Newtype(item, inner) if dialect == DialectKind::Postgres => {
                let Some(mut domain) = lower_domain(item, inner.as_deref()) else { return };
                let span = self.tree.place_of_type(item).unwrap_or(fallback);
                domain.origin = Origin(Some(span));
                add_schema(catalog, &domain.name);
                let other = catalog.domains.get(&domain.name).filter(|other| **other != domain);
                if let Some(other) = other {
                    let message = format!("two newtypes declare the domain `{}` differently", domain.name);
                    let found = Diagnostic::error("model/duplicate-type", message)
                        .at(span, "declared again")
                        .see(other.origin.0, "declared here");
                    push_new(&mut self.out.diagnostics, found);
                    return;
                }
                catalog.domains.entry(domain.name.clone()).or_insert(domain);
            }
            _ => {}
        }
    }

    fn place(
        &mut self,
        node: usize,
        item: &'a TableItem,
        fields: &[Field<'a>],
        mut lowered: Lowered,
        dialect: DialectKind,
    ) {
        let name = lowered.table.name.clone();
        let module = self.tree.items[node].module;
        let mut place = TablePlace {
            struct_name: item.ident.clone(),
            module: self.tree.modules[module].path.clone(),
            root: self.tree.root_of(module),
            span: self.span(node, item.at),
            fields: BTreeMap::new(),
            parts: BTreeMap::new(),
            partial: None,
        };
        let said_at = |said: &SaidAt| FieldPlace {
            field: said.field.map(|field| fields[field].own.ident.clone()),
            span: self.span(said.field.map_or(node, |field| fields[field].node), said.at),
        };
        lowered.table.origin = Origin(Some(place.span));
        for (column, own) in lowered.table.columns.iter_mut().zip(&lowered.columns) {
            let field = &fields[own.field];
            let span = self.span(field.node, field.item.at);
            column.origin = Origin(Some(span));
            let found = FieldPlace { field: Some(field.own.ident.clone()), span };
            place.fields.insert(column.name.clone(), found);
        }
        for (constraint, said) in lowered.table.constraints.iter_mut().zip(&lowered.constraints) {
            let found = said_at(said);
            constraint.origin = Origin(Some(found.span));
            place.parts.insert(lines::constraint_key(&name, constraint, dialect), found);
        }
        for (index, said) in lowered.table.indexes.iter_mut().zip(&lowered.indexes) {
            let found = said_at(said);
            index.origin = Origin(Some(found.span));
            place.parts.insert(lines::index_key(&name, index), found);
        }
        let Some(declaration) = self.out.dialects.get_mut(&dialect) else { return };
        answers(declaration, &name, &lowered, item, dialect);
        add_schema(&mut declaration.catalog, &name);
        for sequence in lowered.sequences {
            declaration.catalog.sequences.insert(sequence.name.clone(), sequence);
        }
        declaration.catalog.tables.insert(name.clone(), lowered.table);
        declaration.tables.insert(name, place);
        let _ = self.sources;
    }
}

/// `renamed_from`, `backfill`, `using`.
fn answers(
    declaration: &mut Declaration,
    table: &ObjectName,
    lowered: &Lowered,
    item: &TableItem,
    dialect: DialectKind,
) {
    let renamed = pick(&item.words, dialect, |word| match word {
        TableWord::RenamedFrom(from) => Some(from.as_str()),
        _ => None,
    });
    if let Some((from, _)) = renamed.and_then(|(from, _)| references_of(from, dialect)) {
        declaration.renames.tables.push((same_schema(from, table), table.clone()));
    }
    for (column, own) in lowered.table.columns.iter().zip(&lowered.columns) {
        let name = column.name.clone();
        if let Some(from) = &own.renamed_from {
            declaration.renames.columns.push((table.clone(), Name::new(from), name.clone()));
        }
        if let Some(expr) = &own.backfill {
            let (table, column, expr) = (table.clone(), name.clone(), expr.clone());
            declaration.backfills.push(Backfill { table, column, expr });
        }
        if let Some(expr) = &own.using {
            let (table, column, expr) = (table.clone(), name.clone(), expr.clone());
            declaration.usings.push(Using { table, column, expr });
        }
    }
}

/// A name said without a schema is of the same one.
fn same_schema(from: ObjectName, like: &ObjectName) -> ObjectName {
    match from.schema {
        Some(schema) if schema == *"public" => ObjectName { schema: None, name: from.name },
        Some(_) => from,
        None => like.sibling(from.name),
    }
}

/// Two models of one table.
pub(super) fn duplicate_table(
    own: &Declaration,
    name: &ObjectName,
    struct_name: &str,
    span: Span,
) -> Option<Diagnostic> {
    let other = own.tables.get(name)?;
    let message =
        format!("two structs declare the table `{name}`: `{}` and `{struct_name}`", other.struct_name);
    Some(
        Diagnostic::error("model/duplicate-table", message)
            .at(span, "declared again")
            .see(other.span, "declared here")
            .help("give one of them another `#[table(name = \"…\")]`"),
    )
}

pub(super) fn add_schema(catalog: &mut Catalog, object: &ObjectName) {
    if let Some(schema) = &object.schema {
        let own = Schema { name: schema.clone(), comment: None, origin: Origin::NONE };
        catalog.schemas.entry(schema.clone()).or_insert(own);
    }
}

fn unknown_type(field: &str, ty: &schema_model::item::RustType, span: Span) -> Diagnostic {
    Diagnostic::error("model/unknown-type", format!("field `{field}`: the type `{ty}` is no column type"))
        .at(span, "this type")
        .help(format!(
            "derive `SqlType` (a newtype) or `SqlEnum` (an enum) for `{ty}`, or say `#[column(type = \"…\")]`"
        ))
}

impl Tree {
    fn place_of_enum(&self, item: &std::sync::Arc<schema_model::item::EnumItem>) -> Option<Span> {
        self.items.iter().find_map(|node| match &node.kind {
            NodeKind::Enum { item: own, .. } if std::sync::Arc::ptr_eq(own, item) => {
                Some(node.source.span(own.at))
            }
            _ => None,
        })
    }

    fn place_of_type(&self, item: &std::sync::Arc<schema_model::item::TypeItem>) -> Option<Span> {
        self.items.iter().find_map(|node| match &node.kind {
            NodeKind::Type { item: own, .. } if std::sync::Arc::ptr_eq(own, item) => {
                Some(node.source.span(own.at))
            }
            _ => None,
        })
    }
}
