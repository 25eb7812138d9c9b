//! The columns that a query gives: names always by PostgreSQL's rules, types where they follow from what is known.

use schema_model::catalog::{Column, ColumnType};
use schema_model::{DialectKind, Name, Span};
use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, JoinConstraint, JoinOperator,
    ObjectName as Path, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, Statement,
    TableAlias, TableFactor, Value,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;
mod wildcard;

use std::borrow::Cow;

use crate::sql::cursor::Spelled;
use crate::sql::replay::Replayer;

/// Columns with their types where known.
pub(super) type Columns = Vec<(Name, Option<ColumnType>)>;

/// How far queries may be nested.
const DEPTH: usize = 24;

/// The columns that a query gives (`CREATE TABLE AS`), where all of them can be known.
pub(super) fn query_columns(replayer: &Replayer, query: &str) -> Option<Vec<Column>> {
    let query = table_as_select(without_data(query));
    let columns = Scope::outer(replayer).query(&parse(&query)?, 0)?;
    columns.into_iter().map(|(name, ty)| Some(Column::new(name, ty?))).collect()
}

/// `TABLE name` as the `SELECT * FROM name` that it is short for (manual, SELECT).
pub(super) fn table_as_select(query: &str) -> Cow<'_, str> {
    let name = query.get(..5).filter(|word| word.eq_ignore_ascii_case("table")).and(query.get(5..));
    match name.filter(|name| name.starts_with(char::is_whitespace)) {
        Some(name) => format!("SELECT * FROM{name}").into(),
        None => query.into(),
    }
}

/// The query without `WITH [NO] DATA` behind it.
fn without_data(query: &str) -> &str {
    let lower = query.to_ascii_lowercase();
    let ends = [" with no data", " with data"].iter().find(|end| lower.trim_end().ends_with(*end));
    ends.and_then(|end| query.get(..lower.trim_end().len() - end.len())).unwrap_or(query)
}

/// The columns of a view; empty when they cannot be known.
pub(super) fn view_columns(replayer: &Replayer, query: &str) -> Columns {
    parse(query).and_then(|query| Scope::outer(replayer).query(&query, 0)).unwrap_or_default()
}

/// The query as a tree. What is too long to be walked by recursion is refused.
pub(super) fn parse(text: &str) -> Option<Query> {
    let operators = text.bytes().filter(|byte| b"+-*/|=<>,:[".contains(byte)).count();
    let words = text
        .split_ascii_whitespace()
        .filter(|word| matches!(word.to_ascii_lowercase().as_str(), "or" | "and" | "union"))
        .count();
    if text.len() > 200_000 || operators > 4_000 || words > 800 {
        return None;
    }
    let mut statements = match may_nest_deeply(text) {
        // The parser counts its depth, but its frames are large: it is given a stack that is large enough for the count.
        true => std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(64 << 20);
            let parser = builder.spawn_scoped(scope, || Parser::parse_sql(&PostgreSqlDialect {}, text));
            parser.ok()?.join().ok()?.ok()
        })?,
        false => Parser::parse_sql(&PostgreSqlDialect {}, text).ok()?,
    };
    match (statements.pop(), statements.is_empty()) {
        (Some(Statement::Query(query)), true) => Some(*query),
        _ => None,
    }
}

/// Whether a text has many of the tokens that a parser descends at.
fn may_nest_deeply(text: &str) -> bool {
    let opens = text.bytes().filter(|byte| b"([".contains(byte)).count();
    let prefixes = text.split_ascii_whitespace().filter(|word| {
        ["not", "case", "select", "-", "+", "~"].iter().any(|known| word.eq_ignore_ascii_case(known))
    });
    opens + prefixes.count() > 24
}

pub(super) use wildcard::with_columns_spelled_out;

pub(super) fn folded(name: &Ident) -> Name {
    match name.quote_style {
        Some(_) => Name::new(&name.value),
        None => Name::from(name.value.to_lowercase()),
    }
}

pub(super) fn spelled(path: &Path) -> Option<Spelled> {
    let mut parts: Vec<Name> =
        path.0.iter().map(|part| part.as_ident().map(folded)).collect::<Option<_>>()?;
    let name = parts.pop()?;
    Some(Spelled { schema: parts.pop(), name, span: Span::new(schema_model::FileId(0), 0, 0) })
}

/// One item of a FROM clause.
#[derive(Clone, Debug)]
struct Item {
    alias: Name,
    /// `None` when they cannot be known.
    columns: Option<Columns>,
}

/// What names mean in a query.
struct Scope<'r> {
    replayer: &'r Replayer,
    common: Vec<(Name, Option<Columns>)>,
    items: Vec<Item>,
    /// Columns that USING or NATURAL merges.
    merged: Vec<Name>,
    natural: bool,
}

impl<'r> Scope<'r> {
    fn outer(replayer: &'r Replayer) -> Self {
        Scope { replayer, common: Vec::new(), items: Vec::new(), merged: Vec::new(), natural: false }
    }

    fn inner(&self) -> Self {
        Scope { common: self.common.clone(), items: self.items.clone(), ..Scope::outer(self.replayer) }
    }

    fn query(&self, query: &Query, depth: usize) -> Option<Columns> {
        if depth > DEPTH {
            return None;
        }
        let mut scope = self.inner();
        for common in query.with.iter().flat_map(|with| &with.cte_tables) {
            let columns = scope.query(&common.query, depth + 1);
            let columns = columns.map(|columns| renamed(columns, &common.alias));
            scope.common.push((folded(&common.alias.name), columns));
        }
        scope.set(&query.body, depth)
    }

    fn set(&self, body: &SetExpr, depth: usize) -> Option<Columns> {
        if depth > DEPTH {
            return None;
        }
        match body {
            SetExpr::Select(select) => self.select(select, depth),
            SetExpr::Query(query) => self.query(query, depth + 1),
            SetExpr::SetOperation { left, right, .. } => {
                let left = self.set(left, depth + 1)?;
                let right = self.set(right, depth + 1).unwrap_or_default();
                let pick = |(at, (name, ty)): (usize, (Name, Option<ColumnType>))| {
                    let other = right.get(at).and_then(|(_, ty)| ty.clone());
                    (name, ty.filter(|ty| other.as_ref() == Some(ty)))
                };
                Some(left.into_iter().enumerate().map(pick).collect())
            }
            SetExpr::Values(values) => {
                let row = values.rows.first()?;
                let column = |(at, expr): (usize, &Expr)| {
                    (Name::from(format!("column{}", at + 1)), self.ty(expr, depth))
                };
                Some(row.iter().enumerate().map(column).collect())
            }
            _ => None,
        }
    }

    fn select(&self, select: &Select, depth: usize) -> Option<Columns> {
        let scope = self.with_from(select, depth);
        let mut columns = Columns::new();
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) => columns.push((figure(expr), scope.ty(expr, depth))),
                SelectItem::ExprWithAlias { expr, alias } => {
                    columns.push((folded(alias), scope.ty(expr, depth)))
                }
                SelectItem::ExprWithAliases { .. } => return None,
                wildcard => {
                    columns.extend(scope.wildcard(wildcard)?.into_iter().map(|(_, name, ty)| (name, ty)))
                }
            }
        }
        Some(columns)
    }

    fn with_from(&self, select: &Select, depth: usize) -> Scope<'r> {
        let mut scope = Scope { common: self.common.clone(), ..Scope::outer(self.replayer) };
        let outer = self.items.clone();
        for table in &select.from {
            scope.add(&table.relation, depth, &outer);
            for join in &table.joins {
                scope.add(&join.relation, depth, &outer);
                scope.note_join(&join.join_operator);
            }
        }
        scope.items.extend(
            outer.into_iter().map(|item| Item { alias: Name::from(format!("{} ", item.alias)), ..item }),
        );
        scope
    }

    fn note_join(&mut self, operator: &JoinOperator) {
        let constraint = match operator {
            JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::Left(constraint)
            | JoinOperator::LeftOuter(constraint)
            | JoinOperator::Right(constraint)
            | JoinOperator::RightOuter(constraint)
            | JoinOperator::FullOuter(constraint) => constraint,
            _ => return,
        };
        match constraint {
            JoinConstraint::Using(columns) => {
                self.merged
                    .extend(columns.iter().filter_map(|path| spelled(path).map(|spelled| spelled.name)));
            }
            JoinConstraint::Natural => self.note_natural(),
            JoinConstraint::On(_) | JoinConstraint::None => {}
        }
    }

    /// The columns that both sides of a natural join have: the last item is its right side.
    fn note_natural(&mut self) {
        let Some((right, left)) = self.items.split_last() else { return };
        let known = left.iter().chain([right]).all(|item| item.columns.is_some());
        let has = |item: &Item, name: &Name| item.columns.iter().flatten().any(|(own, _)| own == name);
        let both = right.columns.iter().flatten().map(|(name, _)| name);
        let both: Vec<Name> = both.filter(|name| left.iter().any(|item| has(item, name))).cloned().collect();
        self.natural |= !known;
        self.merged.extend(both);
    }

    fn add(&mut self, factor: &TableFactor, depth: usize, outer: &[Item]) {
        let (alias, columns) = match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let Some(path) = spelled(name) else { return };
                let columns = self.relation(&path);
                (
                    alias.as_ref().map_or(path.name, |alias| folded(&alias.name)),
                    aliased(columns, alias.as_ref()),
                )
            }
            TableFactor::Derived { subquery, alias, .. } => {
                let mut scope = Scope { common: self.common.clone(), ..Scope::outer(self.replayer) };
                scope.items = outer.iter().chain(&self.items).cloned().collect();
                let columns = scope.query(subquery, depth + 1);
                let name = alias.as_ref().map_or_else(|| Name::new(""), |alias| folded(&alias.name));
                (name, aliased(columns, alias.as_ref()))
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                if depth > DEPTH {
                    return;
                }
                self.add(&table_with_joins.relation, depth + 1, outer);
                for join in &table_with_joins.joins {
                    self.add(&join.relation, depth + 1, outer);
                    self.note_join(&join.join_operator);
                }
                return;
            }
            TableFactor::Table { name, alias, .. } | TableFactor::Function { name, alias, .. } => {
                // A function's only column has the alias's name unless it gives a row.
                let Some(path) = spelled(name) else { return };
                let alias_name = alias.as_ref().map_or(path.name.clone(), |alias| folded(&alias.name));
                let scalar =
                    matches!(path.name.as_str(), "generate_series" | "unnest" | "regexp_split_to_table");
                let columns = scalar.then(|| vec![(alias_name.clone(), None)]);
                (alias_name, returned(columns, alias.as_ref()))
            }
            TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } => {
                let name = alias.as_ref().map_or_else(|| Name::new("unnest"), |alias| folded(&alias.name));
                let each = array_exprs.iter().map(|_| (name.clone(), None));
                let ordinality = with_ordinality.then(|| (Name::new("ordinality"), None));
                let columns = each.chain(ordinality).collect();
                (name, aliased(Some(columns), alias.as_ref()))
            }
            _ => (Name::new(""), None),
        };
        self.items.push(Item { alias, columns });
    }

    fn relation(&self, path: &Spelled) -> Option<Columns> {
        if path.schema.is_none()
            && let Some((_, columns)) = self.common.iter().rev().find(|(name, _)| *name == path.name)
        {
            return columns.clone();
        }
        let relation = self.replayer.find_relation(path)?;
        if let Some(table) = self.replayer.catalog().tables.get(&relation.name) {
            return Some(
                table.columns.iter().map(|column| (column.name.clone(), Some(column.ty.clone()))).collect(),
            );
        }
        let view = self.replayer.catalog().views.get(&relation.name)?;
        (!view.columns.is_empty()).then(|| view.columns.clone())
    }

    /// The columns that `*` or `t.*` stands for, each with its item's alias.
    fn wildcard(&self, item: &SelectItem) -> Option<Vec<(Name, Name, Option<ColumnType>)>> {
        let only = match item {
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(path), _) => {
                Some(spelled(path)?.name)
            }
            SelectItem::Wildcard(_) => None,
            _ => return None,
        };
        if self.natural {
            return None;
        }
        let mut found = Vec::new();
        let merged = |name: &Name| only.is_none() && self.merged.contains(name);
        for name in self.merged.iter().filter(|_| only.is_none()) {
            found.push((Name::new(""), name.clone(), self.column(None, name)));
        }
        let own = self.items.iter().filter(|item| !item.alias.as_str().ends_with(' '));
        for item in own.filter(|item| only.as_ref().is_none_or(|only| *only == item.alias)) {
            for (name, ty) in item.columns.as_ref()?.iter().filter(|(name, _)| !merged(name)) {
                found.push((item.alias.clone(), name.clone(), ty.clone()));
            }
        }
        Some(found)
    }

    /// The type of a column.
    fn column(&self, alias: Option<&Name>, name: &Name) -> Option<ColumnType> {
        let items = self
            .items
            .iter()
            .filter(|item| alias.is_none_or(|alias| item.alias.as_str().trim_end() == alias.as_str()));
        let mut columns = items.flat_map(|item| item.columns.iter().flatten());
        columns.find(|(own, _)| own == name).and_then(|(_, ty)| ty.clone())
    }

    /// The type of an expression, where it is plain to see.
    fn ty(&self, expr: &Expr, depth: usize) -> Option<ColumnType> {
        if depth > DEPTH {
            return None;
        }
        match expr {
            Expr::Identifier(name) => self.column(None, &folded(name)),
            Expr::CompoundIdentifier(path) => {
                let [.., alias, name] = path.as_slice() else { return None };
                self.column(Some(&folded(alias)), &folded(name))
            }
            Expr::Nested(inner) => self.ty(inner, depth + 1),
            Expr::Cast { data_type, .. } => {
                Some(super::routine::type_of(self.replayer, &data_type.to_string()))
            }
            Expr::Value(value) => match &value.value {
                Value::Boolean(_) => Some(ColumnType::Boolean),
                Value::SingleQuotedString(_) | Value::EscapedStringLiteral(_) => Some(ColumnType::Text),
                Value::Number(text, _) if text.contains(['.', 'e', 'E']) => {
                    Some(ColumnType::Decimal { precision: None })
                }
                Value::Number(text, _) => {
                    Some(ColumnType::Integer { bits: if text.parse::<i32>().is_ok() { 32 } else { 64 } })
                }
                _ => None,
            },
            Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::InList { .. }
            | Expr::Exists { .. }
            | Expr::Between { .. } => Some(ColumnType::Boolean),
            Expr::Function(function) => {
                let name = spelled(&function.name)?.name;
                let first = || self.ty(first_argument(&function.args)?, depth + 1);
                match name.as_str() {
                    "count" | "row_number" | "rank" | "dense_rank" => Some(ColumnType::Integer { bits: 64 }),
                    "now" | "current_timestamp" => {
                        Some(ColumnType::Timestamp { zoned: true, precision: None })
                    }
                    "lower" | "upper" | "concat" | "string_agg" | "replace" | "btrim" => {
                        Some(ColumnType::Text)
                    }
                    "max" | "min" | "coalesce" => first(),
                    "array_agg" => first().map(|ty| ColumnType::Array(Box::new(ty))),
                    "sum" => match first()? {
                        ColumnType::Integer { bits: 16 | 32 } => Some(ColumnType::Integer { bits: 64 }),
                        ColumnType::Integer { .. } | ColumnType::Decimal { .. } => {
                            Some(ColumnType::Decimal { precision: None })
                        }
                        other => Some(other),
                    },
                    "gen_random_uuid" | "uuid_generate_v4" => Some(ColumnType::Uuid),
                    _ => None,
                }
            }
            Expr::Subquery(query) => match self.query(query, depth + 1)?.as_slice() {
                [(_, ty)] => ty.clone(),
                _ => None,
            },
            _ => None,
        }
    }
}

fn first_argument(arguments: &FunctionArguments) -> Option<&Expr> {
    match arguments {
        FunctionArguments::List(list) => match list.args.first()? {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        },
        _ => None,
    }
}

fn renamed(mut columns: Columns, alias: &TableAlias) -> Columns {
    for (column, alias) in columns.iter_mut().zip(&alias.columns) {
        column.0 = folded(&alias.name);
    }
    columns
}

fn aliased(columns: Option<Columns>, alias: Option<&TableAlias>) -> Option<Columns> {
    match alias {
        Some(alias) if columns.is_none() && !alias.columns.is_empty() => {
            Some(alias.columns.iter().map(|column| (folded(&column.name), None)).collect())
        }
        Some(alias) => columns.map(|columns| renamed(columns, alias)),
        None => columns,
    }
}

/// What a function in FROM gives: a list of names behind the alias is as long as what it gives, as a rule.
fn returned(columns: Option<Columns>, alias: Option<&TableAlias>) -> Option<Columns> {
    let named = alias.filter(|alias| !alias.columns.is_empty());
    aliased(columns.filter(|_| named.is_none()), alias)
}

/// The name of a column without an alias (`FigureColname`).
fn figure(expr: &Expr) -> Name {
    let unknown = || Name::new("?column?");
    match expr {
        Expr::Identifier(name) => folded(name),
        Expr::CompoundIdentifier(path) => path.last().map_or_else(unknown, folded),
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => figure(inner),
        Expr::Cast { expr, data_type, .. } => {
            let inner = figure(expr);
            if inner != "?column?" {
                return inner;
            }
            let ty = schema_model::type_text::read_type(&data_type.to_string(), DialectKind::Postgres);
            Name::from(internal_name(&ty))
        }
        Expr::Function(function) => {
            let name = spelled(&function.name).map(|spelled| spelled.name);
            name.unwrap_or_else(unknown)
        }
        Expr::Case { else_result, .. } => {
            let otherwise = else_result.as_ref().map(|expr| figure(expr)).filter(|name| *name != "?column?");
            otherwise.unwrap_or_else(|| Name::new("case"))
        }
        Expr::Exists { .. } => Name::new("exists"),
        Expr::Array(_) => Name::new("array"),
        Expr::Extract { .. } => Name::new("extract"),
        Expr::Substring { .. } => Name::new("substring"),
        Expr::Trim { .. } => Name::new("btrim"),
        Expr::Position { .. } => Name::new("position"),
        Expr::AtTimeZone { .. } => Name::new("timezone"),
        Expr::Ceil { .. } => Name::new("ceil"),
        Expr::Floor { .. } => Name::new("floor"),
        Expr::Tuple(_) => Name::new("row"),
        Expr::Value(value) if matches!(value.value, Value::Boolean(_)) => Name::new("bool"),
        Expr::Interval(_) => Name::new("interval"),
        Expr::Subquery(query) => match query.body.as_ref() {
            SetExpr::Select(select) => match select.projection.first() {
                Some(SelectItem::UnnamedExpr(expr)) => figure(expr),
                Some(SelectItem::ExprWithAlias { alias, .. }) => folded(alias),
                _ => unknown(),
            },
            _ => unknown(),
        },
        _ => unknown(),
    }
}

/// A type's name in `pg_type`.
pub(super) fn internal_name(ty: &ColumnType) -> String {
    let text = match ty {
        ColumnType::Boolean => "bool",
        ColumnType::Integer { bits: 16 } => "int2",
        ColumnType::Integer { bits: 64 } => "int8",
        ColumnType::Integer { .. } => "int4",
        ColumnType::Float { bits: 32 } => "float4",
        ColumnType::Float { .. } => "float8",
        ColumnType::Decimal { .. } => "numeric",
        ColumnType::Varchar { .. } => "varchar",
        ColumnType::Char { .. } => "bpchar",
        ColumnType::Timestamp { zoned: true, .. } => "timestamptz",
        ColumnType::Timestamp { .. } => "timestamp",
        ColumnType::Time { zoned: true, .. } => "timetz",
        ColumnType::Time { .. } => "time",
        ColumnType::Array(element) => return internal_name(element),
        ColumnType::Named { name, .. } => return name.name.to_string(),
        other => return schema_model::type_text::write_type(other, DialectKind::Postgres),
    };
    text.to_owned()
}
