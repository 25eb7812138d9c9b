//! `*` as the columns that it stands for.

use std::ops::Range;

use schema_model::{DialectKind, Name, ident};
use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, JoinConstraint, JoinOperator, Query,
    Select, SelectItem, SetExpr, Spanned, TableFactor, TableWithJoins,
};
use sqlparser::tokenizer::Location;

use super::super::splice::Splices;
use super::{DEPTH, Scope, folded, parse, renamed};
use crate::sql::replay::Replayer;

/// The query with every `*` of its SELECTs as the columns that it stands for: the database keeps those, and a column
/// added later is no part of the view. `None` when there is none. One whose columns cannot be known stays.
pub(in super::super) fn with_columns_spelled_out(replayer: &Replayer, text: &str) -> Option<String> {
    if !text.contains('*') {
        return None;
    }
    let query = parse(text)?;
    let mut found = Found { lines: line_starts(text), text, splices: Splices::default() };
    found.query(&Scope::outer(replayer), &query, 0);
    Some(found.splices.apply(text, 0..text.len()))
}

struct Found<'t> {
    text: &'t str,
    lines: Vec<usize>,
    splices: Splices,
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

impl Found<'_> {
    /// The byte of a place that the parser names by line and character.
    fn byte(&self, place: Location) -> Option<usize> {
        let start = *self.lines.get(usize::try_from(place.line.checked_sub(1)?).ok()?)?;
        let ahead = usize::try_from(place.column.checked_sub(1)?).ok()?;
        let rest = self.text.get(start..)?;
        Some(start + rest.char_indices().nth(ahead).map_or(rest.len(), |(at, _)| at))
    }

    fn query(&mut self, scope: &Scope<'_>, query: &Query, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let mut inner = scope.inner();
        for common in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.query(&inner, &common.query, depth + 1);
            let columns =
                inner.query(&common.query, depth + 1).map(|columns| renamed(columns, &common.alias));
            inner.common.push((folded(&common.alias.name), columns));
        }
        self.set(&inner, &query.body, depth);
    }

    fn set(&mut self, scope: &Scope<'_>, body: &SetExpr, depth: usize) {
        if depth > DEPTH {
            return;
        }
        match body {
            SetExpr::Select(select) => self.select(scope, select, depth),
            SetExpr::Query(query) => self.query(scope, query, depth + 1),
            SetExpr::SetOperation { left, right, .. } => {
                self.set(scope, left, depth + 1);
                self.set(scope, right, depth + 1);
            }
            _ => {}
        }
    }

    fn select(&mut self, scope: &Scope<'_>, select: &Select, depth: usize) {
        let inside = scope.with_from(select, depth);
        for item in &select.projection {
            match item {
                SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => self.wildcard(&inside, item),
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
                    self.expr(&inside, expr, depth + 1)
                }
                SelectItem::ExprWithAliases { .. } => {}
            }
        }
        select.from.iter().for_each(|table| self.tables(&inside, table, depth + 1));
        for condition in select.selection.iter().chain(&select.having) {
            self.expr(&inside, condition, depth + 1);
        }
    }

    fn tables(&mut self, scope: &Scope<'_>, tables: &TableWithJoins, depth: usize) {
        self.factor(scope, &tables.relation, depth);
        for join in &tables.joins {
            self.factor(scope, &join.relation, depth);
            let constraint = match &join.join_operator {
                JoinOperator::Join(constraint)
                | JoinOperator::Inner(constraint)
                | JoinOperator::Left(constraint)
                | JoinOperator::LeftOuter(constraint)
                | JoinOperator::Right(constraint)
                | JoinOperator::RightOuter(constraint)
                | JoinOperator::FullOuter(constraint) => constraint,
                _ => continue,
            };
            if let JoinConstraint::On(condition) = constraint {
                self.expr(scope, condition, depth + 1);
            }
        }
    }

    fn factor(&mut self, scope: &Scope<'_>, factor: &TableFactor, depth: usize) {
        match factor {
            TableFactor::Derived { subquery, .. } => self.query(scope, subquery, depth + 1),
            TableFactor::NestedJoin { table_with_joins, .. } if depth <= DEPTH => {
                self.tables(scope, table_with_joins, depth + 1)
            }
            _ => {}
        }
    }

    /// The subqueries in an expression.
    fn expr(&mut self, scope: &Scope<'_>, expr: &Expr, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let mut inner = |expr: &Expr| self.expr(scope, expr, depth + 1);
        match expr {
            Expr::Exists { subquery, .. } | Expr::Subquery(subquery) => {
                self.query(scope, subquery, depth + 1)
            }
            Expr::InSubquery { expr, subquery, .. } => {
                inner(expr);
                self.query(scope, subquery, depth + 1);
            }
            Expr::BinaryOp { left, right, .. }
            | Expr::AnyOp { left, right, .. }
            | Expr::AllOp { left, right, .. } => {
                inner(left);
                inner(right);
            }
            Expr::Nested(of)
            | Expr::UnaryOp { expr: of, .. }
            | Expr::Cast { expr: of, .. }
            | Expr::IsNull(of)
            | Expr::IsNotNull(of)
            | Expr::IsTrue(of)
            | Expr::IsNotTrue(of)
            | Expr::IsFalse(of)
            | Expr::IsNotFalse(of) => inner(of),
            Expr::Case { operand, conditions, else_result, .. } => {
                operand.iter().chain(else_result).for_each(|expr| inner(expr));
                for arm in conditions {
                    inner(&arm.condition);
                    inner(&arm.result);
                }
            }
            Expr::Function(function) => self.function(scope, function, depth),
            _ => {}
        }
    }

    fn function(&mut self, scope: &Scope<'_>, function: &Function, depth: usize) {
        match &function.args {
            FunctionArguments::Subquery(query) => self.query(scope, query, depth + 1),
            FunctionArguments::List(list) => {
                for argument in &list.args {
                    if let FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) = argument {
                        self.expr(scope, expr, depth + 1);
                    }
                }
            }
            FunctionArguments::None => {}
        }
    }

    fn wildcard(&mut self, scope: &Scope<'_>, item: &SelectItem) {
        let Some((columns, range)) = scope.wildcard(item).zip(self.range(item)) else { return };
        let quote = |name: &Name| ident::quote(name, DialectKind::Postgres);
        let column = |(alias, name, _): &(Name, Name, _)| match alias.as_str() {
            "" => quote(name),
            _ => format!("{}.{}", quote(alias), quote(name)),
        };
        self.splices.put(range, columns.iter().map(column).collect::<Vec<_>>().join(", "));
    }

    /// The bytes of `*` or `t.*`.
    fn range(&self, item: &SelectItem) -> Option<Range<usize>> {
        let start = self.byte(item.span().start)?;
        let star = start + self.text.get(start..)?.find('*')?;
        Some(start..star + 1)
    }
}
